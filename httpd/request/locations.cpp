#include "httpd/request/locations.h"

#include <algorithm>
#include <array>
#include <string>

#include "engine/base/text.h"
#include "engine/protocol/query.h"
#include "httpd/config/config.h"
#include "httpd/config/sections.h"
#include "httpd/request/file_lookup.h"
#include "httpd/server/log.h"

namespace iip {

namespace {

// Conditions see the path of the request, so it is exchanged for a moment.
bool holds_under(request_rec* r, const core_dir_config& section, const char* url) {
  char* const own_url = r->uri;
  r->uri = apr_pstrdup(r->pool, url);
  const char* error = nullptr;
  const bool holds = ap_expr_exec(r, section.condition, &error) > 0;
  r->uri = own_url;
  return holds;
}

bool is_section_of_url_alone(request_rec* r, const char* url) {
  const auto sections = url_sections(r->server);
  return std::any_of(sections.begin(), sections.end(), [&](const ap_conf_vector_t* section) {
    const core_dir_config& core = core_config(section);
    return covered(core, url) && !covered(core, r->uri);
  });
}

bool is_condition_of_url_alone(request_rec* r, const char* url) {
  const apr_array_header_t* conditions = core_config(r->per_dir_config).sec_if;
  if (!conditions) return false;
  // What a condition reads of the request is said in Vary already.
  const char* vary = apr_table_get(r->headers_out, "Vary");
  bool differs = false;
  for (int i = 0; i < conditions->nelts && !differs; ++i) {
    const core_dir_config& core =
        core_config(reinterpret_cast<ap_conf_vector_t* const*>(conditions->elts)[i]);
    differs = core.condition && holds_under(r, core, url) != holds_under(r, core, r->uri);
  }
  if (vary) {
    apr_table_setn(r->headers_out, "Vary", vary);
  } else {
    apr_table_unset(r->headers_out, "Vary");
  }
  return differs;
}

std::string_view name_of(const DirConfig& dir, const RequestState& state) {
  std::string_view name(state.image_file);
  const std::string_view suffix(dir.suffix ? dir.suffix : "");
  if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  return name;
}

// What the query says behind the name of a protocol whose requests could be paths as well.
std::string_view path_in(std::string_view query) {
  while (const QueryItem item = take_query_item(query)) {
    for (const std::string_view protocol : {"IIIF", "DeepZoom", "Zoomify"}) {
      if (equal_ignoring_case(item.name, protocol)) return item.value;
    }
  }
  return {};
}

// The path of the request, or of the same request in a path, all of it decoded; nullptr where that
// says nothing new.
const char* decoded_url(request_rec* r, RequestState& state) {
  if (const std::string_view value = path_in(r->args ? r->args : ""); !value.empty()) {
    const auto path = percent_decode(value, &state.memory);
    return path ? image_url(r, state, *path) : nullptr;
  }
  const bool is_own = state.encoded_path && std::string_view(state.decoded_path) == r->uri;
  const std::string_view path(is_own ? state.encoded_path : r->uri);
  if (path.find('%') == std::string_view::npos) return nullptr;
  const auto decoded = percent_decode(path, &state.memory);
  return decoded ? apr_pstrdup(r->pool, decoded->c_str()) : nullptr;
}

int check_as(request_rec* r, RequestState& state, const char* url) {
  request_rec* found = look_up_file(r, {state.filename, url});
  const int status = found->status == HTTP_OK ? OK : found->status;
  if (found->user) r->user = apr_pstrdup(r->pool, found->user);
  if (status != OK) {
    state.denied_url = url;
    // These say how to log in, or where.
    r->err_headers_out = apr_table_overlay(r->pool, found->err_headers_out, r->err_headers_out);
    if (const char* location = apr_table_get(found->headers_out, "Location")) {
      apr_table_set(r->err_headers_out, "Location", location);
    }
  }
  ap_destroy_sub_req(found);
  return status;
}

// What is wrong with a section's path, in the words of the log; nullptr: nothing.
const char* doubt_about(const core_dir_config& section) {
  const std::string_view path(section.d ? section.d : "");
  if (path.find("%2F") != std::string_view::npos || path.find("%2f") != std::string_view::npos) {
    return "has an escaped slash: it holds only for URLs that are written so. Write a slash; it "
           "holds "
           "for both";
  }
  const std::size_t query = path.find('?');
  const bool names_query = query != std::string_view::npos &&
                           (!section.r || (query > 0 && path[query - 1] == '\\')) &&
                           path.find('=', query) != std::string_view::npos;
  if (names_query) {
    return "has a query, which httpd does not compare. Write the name of the image behind the URL "
           "of "
           "the service";
  }
  return nullptr;
}

}  // namespace

const char* image_url(request_rec* r, const RequestState& state, std::string_view name) {
  return apr_pstrcat(r->pool, state.service_path, "/",
                     apr_pstrmemdup(r->pool, name.data(), name.size()), nullptr);
}

bool has_rules_of_its_own(request_rec* r, const char* url) {
  return std::string_view(url) != r->uri &&
         (is_section_of_url_alone(r, url) || is_condition_of_url_alone(r, url));
}

int check_locations(request_rec* r, RequestState& state) {
  // What is known was found where no section held for another URL; conditions may have changed.
  if (state.known && !core_config(r->per_dir_config).sec_if) return OK;
  const std::string_view name = name_of(*state.dir, state);
  const std::string_view file(state.image_file);
  const std::array<const char*, 3> urls = {
      image_url(r, state, name),
      name.size() < file.size() ? image_url(r, state, file) : nullptr,
      decoded_url(r, state),
  };
  for (const char* url : urls) {
    if (!url || !has_rules_of_its_own(r, url)) continue;
    state.question = {};  // not to be known: each time access is to be checked
    if (const int status = check_as(r, state, url); status != OK) return status;
  }
  return OK;
}

void warn_of_sections(const server_rec* servers) {
  for (const server_rec* host = servers; host; host = host->next) {
    const auto sections = url_sections(host);
    const auto is_service = [](const ap_conf_vector_t* section) {
      const core_dir_config& core = core_config(section);
      return core.expr_handler || (core.handler && std::string_view(core.handler) == "iip");
    };
    if (std::none_of(sections.begin(), sections.end(), is_service)) continue;
    for (const ap_conf_vector_t* section : sections) {
      const core_dir_config& core = core_config(section);
      if (const char* doubt = doubt_about(core)) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, host, "IIP: <Location%s \"%s\"> %s",
                     core.r ? "Match" : "", core.d, doubt);
      }
    }
  }
}

}  // namespace iip
