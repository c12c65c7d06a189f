// What the .htaccess files of one request may cost.
//
// Who writes a .htaccess is not the server's operator, and httpd reads it anew for each request: it
// takes lines of 16 MB, as many as there are. So the directives of ours that it reads for a
// request, from all .htaccess files on the way to the file and the sections in them, are counted:
// their number and the bytes of their values. Too many of them are an error, which httpd answers by
// 500.
#pragma once

#include <cstddef>

#include "httpd/apr/apache.h"

namespace iip {

inline constexpr std::size_t kMostTenantDirectives = 500;
inline constexpr std::size_t kMostTenantBytes = std::size_t{32} << 10U;

// Whether the directive stands in a .htaccess.
bool is_in_htaccess(cmd_parms* cmd);

// Counts one directive with a value of so many bytes, where it stands in a .htaccess. nullptr, or
// the message that says that there are too many.
const char* charge_tenant(cmd_parms* cmd, std::size_t bytes);

}  // namespace iip
