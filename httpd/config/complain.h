// The messages that stop httpd where the value of a directive is wrong. They live in cmd->pool.
#pragma once

#include <cstddef>
#include <string_view>

#include "engine/base/text.h"
#include "httpd/apr/apache.h"

namespace iip {

// The one form of message: directive, value (the front of a long one), and what would be right.
inline const char* complain(cmd_parms* cmd, const char* value, const char* legal) {
  constexpr std::size_t kShown = 200;
  const char* rest = std::string_view(value).size() > kShown ? "..." : "";
  return apr_psprintf(cmd->pool, "%s: '%.*s%s' is not %s", cmd->cmd->name, static_cast<int>(kShown),
                      value, rest, legal);
}

// nullptr where the value is short enough. `cmd` may be that of a tenant, see tenant_budget.h,
// whose texts are read, compared and sent with every request.
inline const char* complain_if_longer(cmd_parms* cmd, std::string_view value, std::size_t longest) {
  if (value.size() <= longest) return nullptr;
  return apr_psprintf(cmd->pool, "%s: the value is longer than %d bytes", cmd->cmd->name,
                      static_cast<int>(longest));
}

// httpd takes no empty values; `none` takes back what an outer section has set.
inline const char* unless_none(const char* value) {
  return equal_ignoring_case(value, "none") ? "" : value;
}

}  // namespace iip
