#include "httpd/service_setters.h"

#include "httpd/setter.h"

namespace iip {

namespace {

constexpr std::size_t kLongestNamePart = 128;  // of a file's name, which has at most 255
constexpr std::size_t kLongestOrigin = 512;
constexpr std::size_t kLongestUrl = 2048;
constexpr std::size_t kLongestExtraInfo = std::size_t{16} << 10U;
// Writing JSON recurses once a level, and each member is compared with those before it.
constexpr JsonLimits kExtraInfoLimits{.depth = 64, .values = 500};

}  // namespace

const char* set_prefix(cmd_parms* cmd, void* dir, const char* value) {
  const char* path = value[0] != '\0' ? ap_server_root_relative(cmd->pool, value) : nullptr;
  apr_finfo_t info;
  if (!path || apr_stat(&info, path, APR_FINFO_TYPE, cmd->temp_pool) != APR_SUCCESS ||
      info.filetype != APR_DIR) {
    return complain(cmd, value, "a directory that exists");
  }
  const bool slash = std::string_view(path).ends_with('/');
  static_cast<DirConfig*>(dir)->prefix = slash ? path : apr_pstrcat(cmd->pool, path, "/", nullptr);
  return nullptr;
}

const char* set_filename_pattern(cmd_parms* cmd, void* dir, const char* value) {
  if (const char* too_long = complain_if_longer(cmd, value, kLongestNamePart)) return too_long;
  if (!is_plain_text(value) || std::string_view(value).find('/') != std::string_view::npos) {
    return complain(cmd, value, "a part of a file name, without '/'");
  }
  static_cast<DirConfig*>(dir)->filename_pattern = unless_none(value);
  return nullptr;
}

const char* set_suffix(cmd_parms* cmd, void* dir, const char* value) {
  if (const char* too_long = complain_if_longer(cmd, value, kLongestNamePart)) return too_long;
  if (!is_plain_text(value) || std::string_view(value).find('/') != std::string_view::npos) {
    return complain(cmd, value, "the end of a file name, without '/'");
  }
  static_cast<DirConfig*>(dir)->suffix = unless_none(value);
  return nullptr;
}

const char* set_protocol(cmd_parms* cmd, void* dir, const char* value) {
  constexpr NamedChoice<Protocol> kProtocols[] = {{"auto", Protocol::automatic},
                                                  {"IIP", Protocol::iip},
                                                  {"IIIF", Protocol::iiif},
                                                  {"DeepZoom", Protocol::deepzoom},
                                                  {"Zoomify", Protocol::zoomify}};
  const auto protocol = choose(kProtocols, value);
  if (!protocol) return complain(cmd, value, "one of auto, IIP, IIIF, DeepZoom, Zoomify");
  static_cast<DirConfig*>(dir)->protocol = protocol;
  return nullptr;
}

const char* set_cors(cmd_parms* cmd, void* dir, int count, char* const values[]) {
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
  static_cast<DirConfig*>(dir)->cors = policy;
  return nullptr;
}

const char* set_base_url(cmd_parms* cmd, void* dir, const char* value) {
  if (const char* too_long = complain_if_longer(cmd, value, kLongestUrl)) return too_long;
  const char* url = unless_none(value);
  if (url[0] != '\0' && !is_base_url(url)) {
    return complain(cmd, value, "an http:// or https:// URL, or none");
  }
  static_cast<DirConfig*>(dir)->base_url = url;
  return nullptr;
}

const char* set_iiif_extra_info(cmd_parms* cmd, void* dir, const char* value) {
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
  static_cast<DirConfig*>(dir)->iiif_extra_info = apr_pstrdup(cmd->pool, members->c_str());
  return nullptr;
}

}  // namespace iip
