#include "httpd/config/directives.h"

#include <cstdio>
#include <string>
#include <utility>

#include "httpd/config/directive_table.h"

namespace iip {

namespace {

// ---- What httpd calls where it meets a directive. Nothing may be thrown into it. ----

template <class Config>
Config& target(cmd_parms* cmd, void* dir) {
  if constexpr (std::is_same_v<Config, DirConfig>) {
    return *static_cast<DirConfig*>(dir);
  } else {
    return server_config(cmd->server);
  }
}

// `texts` is what the setter takes: one value, or the number of values and all of them.
template <std::size_t Index, class... Texts>
const char* take(cmd_parms* cmd, void* dir, std::size_t bytes, Texts... texts) noexcept {
  constexpr const auto& entry = std::get<Index>(kDirectives);
  using Owner = typename std::remove_cvref_t<decltype(entry.value)>::Owner;
  try {
    // httpd's flags can not tell the main configuration from a virtual host.
    if (entry.scope == Scope::global) {
      if (const char* wrong_place = ap_check_cmd_context(cmd, GLOBAL_ONLY)) return wrong_place;
    }
    if (const char* too_much = charge_tenant(cmd, bytes)) return too_much;
    return entry.value.set(cmd, target<Owner>(cmd, dir), texts...);
  } catch (const std::exception& exception) {
    return apr_psprintf(cmd->pool, "%s: %s", cmd->cmd->name, exception.what());
  }
}

template <std::size_t Index>
const char* take_one(cmd_parms* cmd, void* dir, const char* value) noexcept {
  return take<Index>(cmd, dir, std::string_view(value).size(), value);
}

template <std::size_t Index>
const char* take_list(cmd_parms* cmd, void* dir, int count, char* const values[]) noexcept {
  std::size_t bytes = 0;
  for (int i = 0; i < count; ++i) bytes += std::string_view(values[i]).size();
  return take<Index>(cmd, dir, bytes, count, values);
}

// ---- The records that httpd reads configurations by ----

constexpr int where(Scope scope) {
  switch (scope) {
    case Scope::section:
      return ACCESS_CONF;
    case Scope::directory:
      return RSRC_CONF | ACCESS_CONF;
    case Scope::htaccess:
      return OR_FILEINFO;
    default:
      return RSRC_CONF;
  }
}

template <class Value>
struct TakesList : std::false_type {};
template <class Config, class Stored, class Place>
struct TakesList<Own<Config, Stored, ListSetter<Config>, Place>> : std::true_type {};

// In C++ httpd declares one function type for setters of every shape.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-function-type"
template <std::size_t Index>
command_rec command() {
  constexpr const auto& entry = std::get<Index>(kDirectives);
  if constexpr (TakesList<std::remove_cvref_t<decltype(entry.value)>>::value) {
    return AP_INIT_TAKE_ARGV(entry.name, reinterpret_cast<cmd_func>(take_list<Index>), nullptr,
                             where(entry.scope), entry.help);
  } else {
    return AP_INIT_TAKE1(entry.name, reinterpret_cast<cmd_func>(take_one<Index>), nullptr,
                         where(entry.scope), entry.help);
  }
}
#pragma GCC diagnostic pop

constexpr std::size_t kCount = std::tuple_size_v<decltype(kDirectives)>;

template <std::size_t... Index>
std::array<command_rec, kCount + 1> commands(std::index_sequence<Index...> /*all*/) {
  return {{command<Index>()..., command_rec{}}};
}

const std::array<command_rec, kCount + 1> kCommands = commands(std::make_index_sequence<kCount>());

// ---- The listing ----

const char* name_of(Scope scope) {
  switch (scope) {
    case Scope::global:
      return "global";
    case Scope::server:
      return "server";
    case Scope::section:
      return "directory";
    case Scope::directory:
      return "server, directory";
    case Scope::htaccess:
      return "server, directory, .htaccess";
  }
  return "";
}

template <class Value>
std::string line_of(const Directive<Value>& entry) {
  std::string line = entry.name;
  const std::string usual = entry.usual != nullptr ? entry.usual : entry.value.usual();
  for (const std::string& column :
       {std::string(name_of(entry.scope)), usual, entry.value.syntax(), entry.value.range()}) {
    line.append("\t").append(column);
  }
  return line + "\n";
}

}  // namespace

const command_rec* directives() noexcept { return kCommands.data(); }

void list_directives() {
  std::string list;
  std::apply([&](const auto&... entry) { ((list += line_of(entry)), ...); }, kDirectives);
  std::fwrite(list.data(), 1, list.size(), stdout);
}

}  // namespace iip
