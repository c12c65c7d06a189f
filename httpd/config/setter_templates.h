// What the setters of directives are made of. A setter checks one value and stores it; it returns
// nullptr, or the message that stops httpd, which says what would be right.
//
//   const char* setter(cmd_parms* cmd, void* dir, const char* value)
//
// `dir` is the DirConfig of the section that the directive stands in. A value that is kept lives in
// cmd->pool, the pool of the configuration.
#pragma once

#include <exception>
#include <limits>
#include <optional>
#include <string_view>

#include "engine/base/text.h"
#include "httpd/apr/pool_resource.h"
#include "httpd/config/config.h"
#include "httpd/config/tenant_budget.h"
#include "httpd/config/values.h"

namespace iip {

inline constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t kMebibyte = std::int64_t{1} << 20;

// The one form of message: directive, value (the front of a long one), and what would be right.
inline const char* complain(cmd_parms* cmd, const char* value, const char* legal) {
  constexpr std::size_t kShown = 200;
  const char* rest = std::string_view(value).size() > kShown ? "..." : "";
  return apr_psprintf(cmd->pool, "%s: '%.*s%s' is not %s", cmd->cmd->name, static_cast<int>(kShown),
                      value, rest, legal);
}

// nullptr where the value is short enough. `cmd` may be that of a tenant, see tenant_budget.h,
// whose texts are read, compared and sent with every request.
inline const char* complain_if_longer(cmd_parms* cmd, std::string_view value, std::size_t longest) {
  if (value.size() <= longest) return nullptr;
  return apr_psprintf(cmd->pool, "%s: the value is longer than %d bytes", cmd->cmd->name,
                      static_cast<int>(longest));
}

inline const char* complain_of_range(cmd_parms* cmd, const char* value, std::int64_t least,
                                     std::int64_t most) {
  const char* legal =
      most == kNoLimit
          ? apr_psprintf(cmd->pool, "an integer of at least %" APR_INT64_T_FMT, least)
          : apr_psprintf(cmd->pool, "an integer from %" APR_INT64_T_FMT " to %" APR_INT64_T_FMT,
                         least, most);
  return complain(cmd, value, legal);
}

// ---- Where a value goes: the per-directory or the per-server record ----

template <class Config>
Config& target(cmd_parms* cmd, void* dir) {
  if constexpr (std::is_same_v<Config, DirConfig>) {
    return *static_cast<DirConfig*>(dir);
  } else {
    return server_config(cmd->server);
  }
}

template <class Member>
struct MemberOf;
template <class Config, class T>
struct MemberOf<T Config::*> {
  using Owner = Config;
};
template <auto Member>
auto& target_member(cmd_parms* cmd, void* dir) {
  return target<typename MemberOf<decltype(Member)>::Owner>(cmd, dir).*Member;
}

// ---- Setters for values of one kind ----

template <auto Member, std::int64_t Least, std::int64_t Most, std::int64_t Unit = 1>
const char* set_integer(cmd_parms* cmd, void* dir, const char* value) {
  const auto number = read_integer(value);
  if (!number || *number < Least || *number > Most) {
    return complain_of_range(cmd, value, Least, Most);
  }
  auto& member = target_member<Member>(cmd, dir);
  using Number = typename std::remove_reference_t<decltype(member)>::value_type;
  member = static_cast<Number>(*number * Unit);
  return nullptr;
}

// As set_integer; -1 lifts the limit.
template <auto Member, std::int64_t Least, std::int64_t Most>
const char* set_limit(cmd_parms* cmd, void* dir, const char* value) {
  const auto number = read_integer(value);
  const bool legal = number && (*number == -1 || (*number >= Least && *number <= Most));
  if (!legal) {
    return complain(cmd, value,
                    apr_psprintf(cmd->pool,
                                 "an integer from %" APR_INT64_T_FMT " to %" APR_INT64_T_FMT
                                 ", or -1 for no limit",
                                 Least, Most));
  }
  auto& member = target_member<Member>(cmd, dir);
  using Number = typename std::remove_reference_t<decltype(member)>::value_type;
  member = static_cast<Number>(*number == -1 ? Most : *number);
  return nullptr;
}

// As Setter, where it stands in the configuration of the server. In a .htaccess it only narrows
// what that allows: Narrow takes the value from a record, and it is put with the tenant's limits.
template <auto Setter, auto Narrow>
const char* set_operators_limit(cmd_parms* cmd, void* dir, const char* value) {
  if (!is_in_htaccess(cmd)) return Setter(cmd, dir, value);
  DirConfig said;
  if (const char* wrong = Setter(cmd, &said, value)) return wrong;
  TenantLimits& limits = static_cast<DirConfig*>(dir)->tenant;
  limits = limits.narrowed_by(Narrow(said));
  return nullptr;
}

template <auto Member>
const char* set_switch(cmd_parms* cmd, void* dir, const char* value) {
  const auto on = read_switch(value);
  if (!on) return complain(cmd, value, "On or Off");
  target_member<Member>(cmd, dir) = on;
  return nullptr;
}

template <auto Member>
const char* set_fraction(cmd_parms* cmd, void* dir, const char* value) {
  const auto number = read_number(value);
  if (!number || !(*number >= 0 && *number <= 1)) {
    return complain(cmd, value, "a number from 0 to 1");
  }
  target_member<Member>(cmd, dir) = number;
  return nullptr;
}

// httpd takes no empty values; `none` takes back what an outer section has set.
inline const char* unless_none(const char* value) {
  return equal_ignoring_case(value, "none") ? "" : value;
}

// Text of at most so many bytes that ends up in headers, documents or log lines.
template <auto Member, std::size_t Longest>
const char* set_text(cmd_parms* cmd, void* dir, const char* value) {
  if (const char* too_long = complain_if_longer(cmd, value, Longest)) return too_long;
  if (!is_plain_text(value)) return complain(cmd, value, "text without control characters");
  target_member<Member>(cmd, dir) = unless_none(value);
  return nullptr;
}

// ---- Names for values ----

template <class Choice>
struct NamedChoice {
  std::string_view name;
  Choice choice;
};

template <class Choice, std::size_t N>
std::optional<Choice> choose(const NamedChoice<Choice> (&choices)[N], std::string_view value) {
  for (const auto& [name, choice] : choices) {
    if (equal_ignoring_case(name, value)) return choice;
  }
  return std::nullopt;
}

// ---- For the table ----

// Nothing may be thrown into httpd. Scopes that httpd's flags can not tell are checked here.
template <auto Setter, unsigned Forbidden = 0>
const char* take_one(cmd_parms* cmd, void* dir, const char* value) noexcept {
  try {
    if (const char* wrong_place = ap_check_cmd_context(cmd, Forbidden)) return wrong_place;
    if (const char* too_much = charge_tenant(cmd, std::string_view(value).size())) return too_much;
    return Setter(cmd, dir, value);
  } catch (const std::exception& exception) {
    return apr_psprintf(cmd->pool, "%s: %s", cmd->cmd->name, exception.what());
  }
}

template <auto Setter>
const char* take_many(cmd_parms* cmd, void* dir, int count, char* const values[]) noexcept {
  try {
    std::size_t bytes = 0;
    for (int i = 0; i < count; ++i) bytes += std::string_view(values[i]).size();
    if (const char* too_much = charge_tenant(cmd, bytes)) return too_much;
    return Setter(cmd, dir, count, values);
  } catch (const std::exception& exception) {
    return apr_psprintf(cmd->pool, "%s: %s", cmd->cmd->name, exception.what());
  }
}

}  // namespace iip
