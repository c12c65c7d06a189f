#include "httpd/config/tenant_budget.h"

#include "httpd/apr/pool_resource.h"

namespace iip {

namespace {

struct Spent {
  std::size_t directives = 0;
  std::size_t bytes = 0;
};

// The pool of a .htaccess is that of the request.
Spent& spent_in(apr_pool_t* pool) {
  constexpr const char* kKey = "mod_iip .htaccess";
  void* known = nullptr;
  apr_pool_userdata_get(&known, kKey, pool);
  if (known) return *static_cast<Spent*>(known);
  auto* spent = pool_new<Spent>(pool);
  apr_pool_userdata_setn(spent, kKey, nullptr, pool);
  return *spent;
}

}  // namespace

bool is_in_htaccess(cmd_parms* cmd) {
  return ap_check_cmd_context(cmd, NOT_IN_HTACCESS) != nullptr;
}

const char* charge_tenant(cmd_parms* cmd, std::size_t bytes) {
  if (!is_in_htaccess(cmd)) return nullptr;
  Spent& spent = spent_in(cmd->pool);
  ++spent.directives;
  spent.bytes += bytes;
  if (spent.directives > kMostTenantDirectives) {
    return apr_psprintf(cmd->pool, "%s: more than %d directives of mod_iip in .htaccess",
                        cmd->cmd->name, static_cast<int>(kMostTenantDirectives));
  }
  if (spent.bytes > kMostTenantBytes) {
    return apr_psprintf(cmd->pool,
                        "%s: more than %d bytes in the directives of mod_iip in .htaccess",
                        cmd->cmd->name, static_cast<int>(kMostTenantBytes));
  }
  return nullptr;
}

}  // namespace iip
