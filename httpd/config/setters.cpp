#include "httpd/config/setters.h"

#include <map>
#include <string>

#include "engine/base/log.h"
#include "httpd/apr/pool_resource.h"
#include "httpd/config/complain.h"
#include "httpd/config/values.h"

namespace iip {

namespace {

// Writing JSON recurses once a level, and each member is compared with those before it.
constexpr JsonLimits kExtraInfoLimits{.depth = 64, .values = 500};

using Marks = std::map<std::string, const WatermarkFile*>;

Marks& marks_of(apr_pool_t* pool) {
  constexpr const char* kKey = "mod_iip watermarks";
  void* known = nullptr;
  apr_pool_userdata_get(&known, kKey, pool);
  if (known) return *static_cast<Marks*>(known);
  auto* marks = pool_new<Marks>(pool);
  apr_pool_userdata_set(marks, kKey, nullptr, pool);
  return *marks;
}

}  // namespace

const char* set_prefix(cmd_parms* cmd, DirConfig& config, const char* value) {
  const char* path = value[0] != '\0' ? ap_server_root_relative(cmd->pool, value) : nullptr;
  apr_finfo_t info;
  if (!path || apr_stat(&info, path, APR_FINFO_TYPE, cmd->temp_pool) != APR_SUCCESS ||
      info.filetype != APR_DIR) {
    return complain(cmd, value, "a directory that exists");
  }
  const bool slash = std::string_view(path).ends_with('/');
  config.prefix = slash ? path : apr_pstrcat(cmd->pool, path, "/", nullptr);
  return nullptr;
}

const char* set_filename_pattern(cmd_parms* cmd, DirConfig& config, const char* value) {
  if (const char* too_long = complain_if_longer(cmd, value, kLongestNamePart)) return too_long;
  if (!is_plain_text(value) || std::string_view(value).find('/') != std::string_view::npos) {
    return complain(cmd, value, "a part of a file name, without '/'");
  }
  config.filename_pattern = unless_none(value);
  return nullptr;
}

const char* set_suffix(cmd_parms* cmd, DirConfig& config, const char* value) {
  if (const char* too_long = complain_if_longer(cmd, value, kLongestNamePart)) return too_long;
  if (!is_plain_text(value) || std::string_view(value).find('/') != std::string_view::npos) {
    return complain(cmd, value, "the end of a file name, without '/'");
  }
  config.suffix = unless_none(value);
  return nullptr;
}

const char* set_cors(cmd_parms* cmd, DirConfig& config, int count, char* const* values) {
  constexpr const char* kLegal = "off, *, or origins of the form scheme://host[:port]";
  if (count == 0) return complain(cmd, "", kLegal);
  auto* policy = pool_new<CorsPolicy>(cmd->pool);
  if (count == 1 && equal_ignoring_case(values[0], "off")) {
    policy->allow = CorsPolicy::Allow::nobody;
  } else if (count == 1 && std::string_view(values[0]) == "*") {
    policy->allow = CorsPolicy::Allow::everybody;
  } else {
    for (int i = 0; i < count; ++i) {
      if (const char* too_long = complain_if_longer(cmd, values[i], kLongestOrigin))
        return too_long;
      if (!is_origin(values[i])) return complain(cmd, values[i], kLegal);
    }
    policy->allow = CorsPolicy::Allow::listed;
    policy->origins = static_cast<const char* const*>(
        apr_pmemdup(cmd->pool, values, static_cast<std::size_t>(count) * sizeof *values));
    policy->count = count;
  }
  config.cors = policy;
  return nullptr;
}

const char* set_base_url(cmd_parms* cmd, DirConfig& config, const char* value) {
  if (const char* too_long = complain_if_longer(cmd, value, kLongestUrl)) return too_long;
  const char* url = unless_none(value);
  if (url[0] != '\0' && !is_base_url(url)) {
    return complain(cmd, value, "an http:// or https:// URL, or none");
  }
  config.base_url = url;
  return nullptr;
}

const char* set_iiif_extra_info(cmd_parms* cmd, DirConfig& config, const char* value) {
  if (const char* too_long = complain_if_longer(cmd, value, kLongestExtraInfo)) return too_long;
  const auto members = read_json_members(unless_none(value), kExtraInfoLimits);
  if (!members) {
    return complain(
        cmd, value,
        apr_psprintf(cmd->pool,
                     "a JSON object, the members of one, or none, with at most %d values "
                     "nested at most %d deep",
                     static_cast<int>(kExtraInfoLimits.values),
                     static_cast<int>(kExtraInfoLimits.depth)));
  }
  config.iiif_extra_info = apr_pstrdup(cmd->pool, members->c_str());
  return nullptr;
}

const char* set_watermark(cmd_parms* cmd, DirConfig& config, const char* value) {
  if (equal_ignoring_case(value, "none")) {
    config.watermark = pool_new<WatermarkChoice>(cmd->pool);
    return nullptr;
  }
  const char* path = ap_server_root_relative(cmd->pool, value);
  if (!path) return complain(cmd, value, "a path, or none");
  const WatermarkFile*& file = marks_of(cmd->pool)[path];
  if (!file) {
    NoLog log;  // for what is odd about the file but does not keep it from being read
    auto read = read_watermark(path, log);
    if (!read) {
      const Error& error = read.error();
      return complain(cmd, value,
                      apr_pstrcat(cmd->pool, "a picture that can be read: ", error.message.c_str(),
                                  error.detail.empty() ? "" : ": ", error.detail.c_str(), nullptr));
    }
    file = pool_new<WatermarkFile>(cmd->pool, std::move(*read));
  }
  config.watermark = pool_new<WatermarkChoice>(cmd->pool, file);
  return nullptr;
}

const char* set_log_file(cmd_parms* cmd, ServerConfig& config, const char* value) {
  const char* name = value[0] == '|' ? value : ap_server_root_relative(cmd->pool, value);
  if (!name || name[0] == '\0' || std::string_view(name) == "|") {
    return complain(cmd, value, "a path, or '|' and a program");
  }
  auto* log = pool_new<LogFile>(cmd->pool);
  log->name = name;
  config.log_file = log;
  return nullptr;
}

const char* set_memcached_servers(cmd_parms* cmd, ServerConfig& config, int count,
                                  char* const* values) {
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
  config.memcached_servers = list;
  return nullptr;
}

// The message does not show the secret.
const char* set_memcached_secret(cmd_parms* cmd, ServerConfig& config, const char* value) {
  constexpr std::size_t kShortest = 16;
  const char* secret = unless_none(value);
  const std::size_t length = std::string_view(secret).size();
  if (length != 0 && (length < kShortest || !is_plain_text(secret))) {
    return complain(cmd, "...", "at least 16 characters without control characters, or none");
  }
  config.memcached_secret = secret;
  return nullptr;
}

}  // namespace iip
