// httpd's and APR's headers, for the files of the adaptor. Include it after the engine's headers:
// it brings macros with common names (OK, DONE, DECLINED, LOG_INFO ...).
#pragma once

#include <httpd.h>  // the others do not stand without it

#include <ap_expr.h>
#include <ap_mmn.h>
#include <ap_mpm.h>
#include <apr_buckets.h>
#include <apr_file_io.h>
#include <apr_fnmatch.h>
#include <apr_general.h>
#include <apr_lib.h>
#include <apr_portable.h>
#include <apr_strings.h>
#include <apr_tables.h>
#include <apr_uri.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_main.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_core.h>
#include <util_filter.h>

extern "C" {
extern __attribute__((visibility("default"))) module iip_module;
APLOG_USE_MODULE(iip);
}
