// mod_iip: an image server inside httpd. The module record and its hooks; what each hook does is
// in httpd/.
#include "httpd/apr/rim.h"
#include "httpd/config/config.h"
#include "httpd/config/directives.h"
#include "httpd/request/cors.h"
#include "httpd/request/locations.h"
#include "httpd/request/translate.h"
#include "httpd/request/walked_path.h"
#include "httpd/response/handler.h"
#include "httpd/server/child.h"
#include "httpd/server/confined.h"
#include "httpd/server/log.h"
#include "httpd/server/memcached.h"
#include "httpd/server/shared_memory.h"
#include "httpd/status/status.h"

#include <apr_optional_hooks.h>
#include <mod_status.h>

namespace {

int open_logs(apr_pool_t* pconf, apr_pool_t*, apr_pool_t*, server_rec* servers) noexcept {
  return iip::open_log_files(pconf, servers);
}

// httpd reads its configuration twice when it starts, the first time to check it.
bool is_rehearsal() { return ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG; }

// `httpd -t -D DUMP_IIP_DIRECTIVES`, as with the DUMP_ words of httpd's own modules.
void test_config(apr_pool_t*, server_rec*) noexcept {
  if (ap_exists_config_define("DUMP_IIP_DIRECTIVES")) iip::list_directives();
}

int post_config(apr_pool_t* pconf, apr_pool_t*, apr_pool_t*, server_rec* servers) noexcept {
  try {
    if (is_rehearsal()) return OK;
    iip::warn_of_sections(servers);
    iip::part_server_configs(pconf, servers);
    iip::note_operator_handlers(pconf, servers);
    iip::look_up_memcached(servers);
    iip::derive_cluster_keys(servers);
    iip::look_at_confinement(servers);
    return iip::share_memory(pconf, servers);
  } catch (const std::exception& exception) {
    ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_EMERG, 0, servers,
                 "IIP: httpd can not start: %s", exception.what());
    return HTTP_INTERNAL_SERVER_ERROR;
  }
}

// Before any module has threads in the child.
void child_init_first(apr_pool_t* pchild, server_rec* servers) noexcept {
  try {
    iip::start_helpers(pchild, servers);
  } catch (const std::exception& exception) {
    ap_log_error(APLOG_MARK, APLOG_EMERG, 0, servers, "IIP: no process for decoders: %s",
                 exception.what());
  }
}

void child_init(apr_pool_t* pchild, server_rec* servers) noexcept {
  try {
    iip::join_memcached(pchild, servers);
    iip::create_service(pchild, servers);
  } catch (const std::exception& exception) {
    ap_log_error(APLOG_MARK, APLOG_EMERG, 0, servers, "IIP: the child process can not start: %s",
                 exception.what());
  }
}

void register_hooks(apr_pool_t*) noexcept {
  // Rewriting comes first, httpd's own mapping to the document root after us.
  static const char* const kAfterRewrite[] = {"mod_rewrite.c", nullptr};

  iip::register_cors_filter();
  iip::register_walk();
  ap_hook_open_logs(open_logs, nullptr, nullptr, APR_HOOK_MIDDLE);
  ap_hook_test_config(test_config, nullptr, nullptr, APR_HOOK_MIDDLE);
  ap_hook_post_config(post_config, nullptr, nullptr, APR_HOOK_MIDDLE);
  ap_hook_child_init(child_init_first, nullptr, nullptr, APR_HOOK_REALLY_FIRST);
  ap_hook_child_init(child_init, nullptr, nullptr, APR_HOOK_MIDDLE);
#if AP_MODULE_MAGIC_AT_LEAST(20120211, 109)
  ap_hook_pre_translate_name(iip::request_rim<iip::pre_translate_name>, nullptr, nullptr,
                             APR_HOOK_LAST);
#endif
  ap_hook_translate_name(iip::request_rim<iip::translate_name>, kAfterRewrite, nullptr,
                         APR_HOOK_FIRST);
  ap_hook_map_to_storage(iip::request_rim<iip::map_to_storage>, nullptr, nullptr, APR_HOOK_FIRST);
  ap_hook_fixups(iip::request_rim<iip::fixups>, nullptr, nullptr, APR_HOOK_MIDDLE);
  ap_hook_handler(iip::request_rim<iip::handler>, nullptr, nullptr, APR_HOOK_MIDDLE);
  ap_hook_handler(iip::request_rim<iip::status_handler>, nullptr, nullptr, APR_HOOK_MIDDLE);
  APR_OPTIONAL_HOOK(ap, status_hook, iip::status_section, nullptr, nullptr, APR_HOOK_MIDDLE);
  ap_hook_log_transaction(iip::request_rim<iip::log_transaction>, nullptr, nullptr,
                          APR_HOOK_MIDDLE);
}

}  // namespace

extern "C" {
struct module_struct iip_module = {
    STANDARD20_MODULE_STUFF,  iip::create_dir_config,
    iip::merge_dir_config,    iip::create_server_config,
    iip::merge_server_config, iip::directives(),
    register_hooks,           0,
};
}
