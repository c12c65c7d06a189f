#include "httpd/directives.h"

#include <exception>
#include <limits>

#include "engine/base/text.h"
#include "httpd/config.h"
#include "httpd/pool_resource.h"
#include "httpd/values.h"

namespace iip {

namespace {

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMebibyte = std::int64_t{1} << 20;

// The one form of message: directive, value, and what would be right.
const char* complain(cmd_parms* cmd, const char* value, const char* legal) {
  return apr_psprintf(cmd->pool, "%s: '%s' is not %s", cmd->cmd->name, value, legal);
}

const char* complain_of_range(cmd_parms* cmd, const char* value, std::int64_t least,
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

// ---- Setters. `dir` is the DirConfig of the section that the directive stands in ----

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

template <auto Member>
const char* set_switch(cmd_parms* cmd, void* dir, const char* value) {
  const auto on = read_switch(value);
  if (!on) return complain(cmd, value, "On or Off");
  target_member<Member>(cmd, dir) = on;
  return nullptr;
}

// httpd takes no empty values; `none` takes back what an outer section has set.
const char* unless_none(const char* value) {
  return equal_ignoring_case(value, "none") ? "" : value;
}

// Text that ends up in headers, documents or log lines.
template <auto Member>
const char* set_text(cmd_parms* cmd, void* dir, const char* value) {
  if (!is_plain_text(value)) return complain(cmd, value, "text without control characters");
  target_member<Member>(cmd, dir) = unless_none(value);
  return nullptr;
}

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

const char* set_suffix(cmd_parms* cmd, void* dir, const char* value) {
  if (!is_plain_text(value) || std::string_view(value).find('/') != std::string_view::npos) {
    return complain(cmd, value, "the end of a file name, without '/'");
  }
  static_cast<DirConfig*>(dir)->suffix = unless_none(value);
  return nullptr;
}

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

const char* set_interpolation(cmd_parms* cmd, void* dir, const char* value) {
  constexpr NamedChoice<Interpolation> kKernels[] = {{"nearest", Interpolation::nearest},
                                                     {"bilinear", Interpolation::bilinear},
                                                     {"bicubic", Interpolation::bicubic},
                                                     {"lanczos", Interpolation::lanczos}};
  const auto kernel = choose(kKernels, value);
  if (!kernel) return complain(cmd, value, "one of nearest, bilinear, bicubic, lanczos");
  static_cast<DirConfig*>(dir)->interpolation = kernel;
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
  const char* url = unless_none(value);
  if (url[0] != '\0' && !is_base_url(url)) {
    return complain(cmd, value, "an http:// or https:// URL, or none");
  }
  static_cast<DirConfig*>(dir)->base_url = url;
  return nullptr;
}

const char* set_iiif_extra_info(cmd_parms* cmd, void* dir, const char* value) {
  const auto members = read_json_members(unless_none(value));
  if (!members) return complain(cmd, value, "a JSON object, the members of one, or none");
  static_cast<DirConfig*>(dir)->iiif_extra_info = apr_pstrdup(cmd->pool, members->c_str());
  return nullptr;
}

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

// ---- The table ----

// Nothing may be thrown into httpd. Scopes that httpd's flags can not tell are checked here.
template <auto Setter, unsigned Forbidden = 0>
const char* take_one(cmd_parms* cmd, void* dir, const char* value) noexcept {
  try {
    if (const char* wrong_place = ap_check_cmd_context(cmd, Forbidden)) return wrong_place;
    return Setter(cmd, dir, value);
  } catch (const std::exception& exception) {
    return apr_psprintf(cmd->pool, "%s: %s", cmd->cmd->name, exception.what());
  }
}

template <auto Setter>
const char* take_many(cmd_parms* cmd, void* dir, int count, char* const values[]) noexcept {
  try {
    return Setter(cmd, dir, count, values);
  } catch (const std::exception& exception) {
    return apr_psprintf(cmd->pool, "%s: %s", cmd->cmd->name, exception.what());
  }
}

// In C++ httpd declares one function type for setters of every shape.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-function-type"
command_rec one(const char* name, const char* (*setter)(cmd_parms*, void*, const char*), int where,
                const char* help) {
  return AP_INIT_TAKE1(name, reinterpret_cast<cmd_func>(setter), nullptr, where, help);
}
command_rec many(const char* name, const char* (*setter)(cmd_parms*, void*, int, char* const[]),
                 int where, const char* help) {
  return AP_INIT_TAKE_ARGV(name, reinterpret_cast<cmd_func>(setter), nullptr, where, help);
}
#pragma GCC diagnostic pop

constexpr int kServer = RSRC_CONF;              // server or virtual host
constexpr int kSite = RSRC_CONF | ACCESS_CONF;  // sections too, but never .htaccess
constexpr int kLook = OR_FILEINFO;              // .htaccess too

using D = DirConfig;
using S = ServerConfig;

const command_rec kDirectives[] = {
    one("IIPFilesystemPrefix", take_one<set_prefix>, kSite,
        "the directory that holds the images of a service"),
    one("IIPFilesystemSuffix", take_one<set_suffix>, kSite,
        "text appended to the image's name to get the name of its file, or none"),
    one("IIPProtocol", take_one<set_protocol>, kLook, "auto, IIP, IIIF, DeepZoom or Zoomify"),
    one("IIPServerTiming", take_one<set_switch<&D::server_timing>>, kLook,
        "whether answers say how long they took, in Server-Timing, On or Off"),
    one("IIPStatusPurge", take_one<set_switch<&D::status_purge>>, ACCESS_CONF,
        "whether a POST to the status page may have pictures forgotten, On or Off"),
    one("IIPJPEGQuality", take_one<set_integer<&D::jpeg_quality, 1, 100>>, kLook,
        "quality of JPEG, 1 to 100"),
    one("IIPPNGQuality", take_one<set_integer<&D::png_quality, 0, 9>>, kLook,
        "compression level of PNG, 0 to 9"),
    one("IIPMaxCVT", take_one<set_limit<&D::max_cvt, 1, INT32_MAX>>, kSite,
        "longest side of a picture that is made, in pixels; -1 for no limit"),
    one("IIPAllowUpscaling", take_one<set_switch<&D::allow_upscaling>>, kLook,
        "whether pictures may be larger than their source, On or Off"),
    one("IIPInterpolation", take_one<set_interpolation>, kLook,
        "nearest, bilinear, bicubic or lanczos"),
    many("IIPCORS", take_many<set_cors>, kLook,
         "web origins that may read the answers: off, *, or a list of origins"),
    one("IIPBaseURL", take_one<set_base_url>, kLook,
        "public URL of the service, where httpd can not know it, or none"),
    one("IIPCacheControl", take_one<set_text<&D::cache_control>>, kLook,
        "value of the Cache-Control header, or none"),
    one("IIPMaxICC", take_one<set_limit<&D::max_icc, 0, kNoLimit>>, kLook,
        "largest colour profile to embed, in bytes; -1 for any, 0 for none"),
    one("IIPCodecPassthrough", take_one<set_switch<&D::codec_passthrough>>, kLook,
        "whether stored tiles go out as they are where they fit, On or Off"),
    one("IIPIIIFVersion", take_one<set_integer<&D::iiif_version, 2, 3>>, kLook,
        "version of the IIIF Image API that is spoken by default, 2 or 3"),
    one("IIPIIIFExtraInfo", take_one<set_iiif_extra_info>, kLook,
        "members added to every info.json, as JSON, or none"),
    one("IIPCopyright", take_one<set_text<&D::copyright>>, kLook,
        "rights statement for images without one of their own, or none"),
    one("IIPLogFile", take_one<set_log_file>, kServer,
        "a log of the module's own: a path, or '|' and a program"),
    one("IIPVerbosity", take_one<set_integer<&S::verbosity, 0, 5>>, kServer,
        "what goes to IIPLogFile: 0 nothing, 1 errors, 2 warnings, 3 refused requests, 4, 5 more"),
    one("IIPMaxSourcePixels", take_one<set_integer<&S::max_source_pixels, 1, kNoLimit>>, kServer,
        "largest image that is served, in pixels of its full size"),
    one("IIPMaxImageCacheSize",
        take_one<set_integer<&S::image_cache, 0, 1 << 20, kMebibyte>, GLOBAL_ONLY>, kServer,
        "memory in which all processes keep finished pictures, in MB; 0 for none"),
    many("IIPMemcachedServers", take_many<set_memcached_servers>, kServer,
         "the memcached servers of the cluster, HOST[:PORT] ..., or none"),
    one("IIPMemcachedTimeout", take_one<set_integer<&S::memcached_timeout, 0, 2'592'000>>, kServer,
        "how long memcached keeps a picture, in seconds; 0 for as long as there is room"),
    one("IIPMemcachedDeadline", take_one<set_integer<&S::memcached_deadline, 1, 10'000>>, kServer,
        "the longest time that a request waits for memcached, in milliseconds"),
    one("IIPMemcachedSecret", take_one<set_memcached_secret>, kServer,
        "what the machines of the cluster sign their pictures with, or none"),
    one("IIPMemcachedNamespace", take_one<set_text<&S::memcached_namespace>>, kServer,
        "the site's name in memcached, where machines have different ServerNames, or none"),
    one("IIPMaxMetadataCacheSize",
        take_one<set_integer<&S::open_images, 0, 10'000'000>, GLOBAL_ONLY>, kServer,
        "how many images a child process keeps in mind"),
    one("IIPMaxRequestMemory",
        take_one<set_integer<&S::request_memory, 1, 1 << 20, kMebibyte>, GLOBAL_ONLY>, kServer,
        "most memory for the pixels of one request, in MB"),
    one("IIPMaxRenderMemory",
        take_one<set_integer<&S::render_memory, 1, 1 << 20, kMebibyte>, GLOBAL_ONLY>, kServer,
        "most memory for the pixels of all requests of the server, in MB"),
    one("IIPMaxRenders", take_one<set_integer<&S::renders, 0, 1000>, GLOBAL_ONLY>, kServer,
        "how many pictures the server makes at a time; 0 for three for every two processors"),
    one("IIPRenderTimeout", take_one<set_integer<&S::render_timeout, 0, 86'400>>, kServer,
        "the longest time for one picture, in seconds; 0 for no limit"),
    {},
};

}  // namespace

const command_rec* directives() noexcept { return kDirectives; }

}  // namespace iip
