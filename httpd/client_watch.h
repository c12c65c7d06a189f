// Whether the client of a request is still connected.
#pragma once

#include "engine/base/client_watch.h"
#include "httpd/apache.h"

namespace iip {

// A client that has closed its side of the connection counts as gone: browsers that cancel do no
// more than that, and nothing tells them from one that would still listen.
class ConnectionWatch : public ClientWatch {
 public:
  explicit ConnectionWatch(const request_rec* r) : connection_(r->connection) {}
  bool gone() override;

 private:
  conn_rec* const connection_;
};

}  // namespace iip
