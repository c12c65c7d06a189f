#include "httpd/set_handler.h"

#include <algorithm>

#include "engine/base/text.h"

namespace iip {

namespace {

const core_server_config& core_config(const server_rec& server) {
  return *static_cast<const core_server_config*>(ap_get_core_module_config(server.module_config));
}

// One of the two decides; httpd's core looks at them in this order.
const void* said_by(const core_dir_config& core) {
  return core.expr_handler ? static_cast<const void*>(core.expr_handler) : core.handler;
}

}  // namespace

const core_dir_config& core_config(const ap_conf_vector_t* section) {
  return *static_cast<const core_dir_config*>(ap_get_core_module_config(section));
}

const char* set_handler(request_rec* r, const core_dir_config& core) {
  if (!core.expr_handler) return core.handler;
  const char* error = nullptr;
  const char* handler = ap_expr_str_exec(r, core.expr_handler, &error);
  return error ? nullptr : handler;
}

OperatorHandlers::OperatorHandlers(const server_rec* servers) {
  for (const server_rec* server = servers; server; server = server->next) {
    add(server->lookup_defaults);
    add_sections(core_config(*server).sec_dir);
    add_sections(core_config(*server).sec_url);
  }
  std::ranges::sort(said_);
}

void OperatorHandlers::add_sections(const apr_array_header_t* sections) {
  if (!sections) return;
  auto* const* first = reinterpret_cast<ap_conf_vector_t* const*>(sections->elts);
  std::for_each_n(first, sections->nelts, [this](const auto* section) { add(section); });
}

// <Files> and <If> stand within other sections.
void OperatorHandlers::add(const ap_conf_vector_t* section) {
  const core_dir_config& core = iip::core_config(section);
  if (const void* said = said_by(core)) said_.push_back(said);
  add_sections(core.sec_file);
  add_sections(core.sec_if);
}

bool OperatorHandlers::has(const core_dir_config& core) const {
  const void* said = said_by(core);
  return said && std::ranges::binary_search(said_, said);
}

bool OperatorHandlers::decide(request_rec* r) const {
  const core_dir_config& core = iip::core_config(r->per_dir_config);
  if (!r->handler || !has(core)) return false;
  const char* handler = set_handler(r, core);
  return handler && equal_ignoring_case(handler, r->handler);
}

}  // namespace iip
