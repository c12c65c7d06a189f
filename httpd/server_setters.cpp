#include "httpd/server_setters.h"

#include "httpd/setter.h"

namespace iip {

const char* set_log_file(cmd_parms* cmd, void*, const char* value) {
  const char* name = value[0] == '|' ? value : ap_server_root_relative(cmd->pool, value);
  if (!name || name[0] == '\0' || std::string_view(name) == "|") {
    return complain(cmd, value, "a path, or '|' and a program");
  }
  auto* log = pool_new<LogFile>(cmd->pool);
  log->name = name;
  server_config(cmd->server).log_file = log;
  return nullptr;
}

const char* set_memcached_servers(cmd_parms* cmd, void*, int count, char* const values[]) {
  constexpr const char* kLegal =
      "a list of different servers, each HOST, HOST:PORT, [IPV6]:PORT or /SOCKET, or none";
  if (count == 0) return complain(cmd, "", kLegal);
  auto* list = pool_new<MemcachedList>(cmd->pool);
  const bool none = count == 1 && equal_ignoring_case(values[0], "none");
  for (int i = 0; i < count && !none; ++i) {
    auto name = parse_server_name(values[i], kMemcachedPort);
    if (!name) return complain(cmd, values[i], kLegal);
    for (const MemcachedList::Server& other : list->servers) {
      if (other.name.text() == name->text()) return complain(cmd, values[i], kLegal);
    }
    list->servers.push_back({std::move(*name), {}});
  }
  server_config(cmd->server).memcached_servers = list;
  return nullptr;
}

// The message leaves it out.
const char* set_memcached_secret(cmd_parms* cmd, void*, const char* value) {
  constexpr std::size_t kShortest = 16;
  const char* secret = unless_none(value);
  const std::size_t length = std::string_view(secret).size();
  if (length != 0 && (length < kShortest || !is_plain_text(secret))) {
    return complain(cmd, "...", "at least 16 characters without control characters, or none");
  }
  server_config(cmd->server).memcached_secret = secret;
  return nullptr;
}

}  // namespace iip
