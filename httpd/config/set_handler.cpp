#include "httpd/config/set_handler.h"

#include <algorithm>

#include "engine/base/text.h"
#include "httpd/config/sections.h"

namespace iip {

namespace {

// One of the two decides; httpd's core looks at them in this order.
const void* said_by(const core_dir_config& core) {
  return core.expr_handler ? static_cast<const void*>(core.expr_handler) : core.handler;
}

}  // namespace

const char* set_handler(request_rec* r, const core_dir_config& core) {
  if (!core.expr_handler) return core.handler;
  const char* error = nullptr;
  const char* handler = ap_expr_str_exec(r, core.expr_handler, &error);
  return error ? nullptr : handler;
}

OperatorHandlers::OperatorHandlers(const server_rec* servers) {
  for (const server_rec* server = servers; server; server = server->next) {
    add(server->lookup_defaults);
    add_sections(core_config(server).sec_dir);
    add_sections(core_config(server).sec_url);
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
  const core_dir_config& core = core_config(section);
  if (const void* said = said_by(core)) said_.push_back(said);
  add_sections(core.sec_file);
  add_sections(core.sec_if);
}

bool OperatorHandlers::has(const core_dir_config& core) const {
  const void* said = said_by(core);
  return said && std::ranges::binary_search(said_, said);
}

bool OperatorHandlers::decide(request_rec* r) const {
  const core_dir_config& core = core_config(r->per_dir_config);
  if (!r->handler || !has(core)) return false;
  const char* handler = set_handler(r, core);
  return handler && equal_ignoring_case(handler, r->handler);
}

}  // namespace iip
