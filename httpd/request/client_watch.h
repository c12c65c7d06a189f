// Whether the client of a request is still connected. Belongs to the thread of the request.
#pragma once

#include <chrono>

#include "engine/base/client_watch.h"
#include "httpd/apr/apache.h"

namespace iip {

// A client that has closed its side of the connection counts as gone: browsers that cancel do no
// more than that, and nothing tells them from one that has sent all and still listens. So the
// connection is looked at only where the request has taken a moment already: what is there at once
// goes out to whoever listens, and what would cost much or has to wait is not done for nobody.
class ConnectionWatch : public ClientWatch {
 public:
  explicit ConnectionWatch(const request_rec* r)
      : connection_(r->connection), looks_from_(Clock::now() + kMoment) {}
  bool gone() override;

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kMoment{100};

  conn_rec* const connection_;
  const Clock::time_point looks_from_;
};

}  // namespace iip
