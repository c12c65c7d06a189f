// What SetHandler says, and who said it: the server's operator, in its configuration, or somebody
// who may write a .htaccess.
//
// httpd merges what both have said and keeps no note of whose it was. But what SetHandler says is
// merged by its address: that of the operator is one of those that the sections of the
// configuration had when httpd started, and nothing that is read for a request lies there.
#pragma once

#include <vector>

#include "httpd/apr/apache.h"

namespace iip {

// Constant or as an expression; nullptr where it says nothing.
const char* set_handler(request_rec* r, const core_dir_config& core);

// All that SetHandler says in the configuration, wherever it stands there. Immutable; any thread
// may use it.
class OperatorHandlers {
 public:
  // Reads what the main server and all virtual hosts say; call it once the configuration is
  // complete.
  explicit OperatorHandlers(const server_rec* servers);

  // Whether the request's handler is what the operator's SetHandler makes it. Not if it comes from
  // a .htaccess in any way: SetHandler, AddHandler, ForceType, RewriteRule ..., nor from AddHandler
  // anywhere.
  bool decide(request_rec* r) const;

 private:
  void add_sections(const apr_array_header_t* sections);
  void add(const ap_conf_vector_t* section);
  bool has(const core_dir_config& core) const;

  std::vector<const void*> said_;  // sorted
};

}  // namespace iip
