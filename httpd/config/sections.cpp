#include "httpd/config/sections.h"

#include <algorithm>

namespace iip {

const core_dir_config& core_config(const ap_conf_vector_t* section) {
  return *static_cast<const core_dir_config*>(ap_get_core_module_config(section));
}

const core_server_config& core_config(const server_rec* server) {
  return *static_cast<const core_server_config*>(ap_get_core_module_config(server->module_config));
}

std::span<ap_conf_vector_t* const> url_sections(const server_rec* server) {
  const apr_array_header_t& sections = *core_config(server).sec_url;
  return {reinterpret_cast<ap_conf_vector_t* const*>(sections.elts),
          static_cast<std::size_t>(sections.nelts)};
}

std::size_t count_segments(std::string_view path) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '/' && (i == 0 || path[i - 1] == '/')) ++count;
  }
  return count;
}

std::size_t front_of(std::string_view path, std::size_t count) {
  std::size_t at = 0;
  for (; count > 0 && at < path.size(); --count) {
    at = path.find_first_not_of('/', at);
    if (at == std::string_view::npos) return path.size();
    at = std::min(path.find('/', at), path.size());
  }
  return at;
}

std::optional<std::size_t> covered(const core_dir_config& section, const char* uri) {
  const std::string_view text(uri);
  if (section.r) {
    ap_regmatch_t match;
    if (ap_regexec(section.r, uri, 1, &match, 0) != 0) return std::nullopt;
    const auto end = static_cast<std::size_t>(match.rm_eo);
    const bool whole_segments = match.rm_so == 0 && (end == text.size() || text[end] == '/' ||
                                                     (end > 0 && text[end - 1] == '/'));
    return whole_segments ? end : 0;
  }
  const std::string_view path(section.d ? section.d : "");
  if (section.d_is_fnmatch) {
    if (apr_fnmatch(section.d, uri, APR_FNM_PATHNAME) != APR_SUCCESS) return std::nullopt;
    return front_of(text, count_segments(path));
  }
  if (!text.starts_with(path)) return std::nullopt;
  const bool ends_segment =
      path.empty() || path.ends_with('/') || text.size() == path.size() || text[path.size()] == '/';
  if (!ends_segment) return std::nullopt;
  return path.size();
}

}  // namespace iip
