// The module's log lines: to httpd's error log, by its LogLevel (`LogLevel iip:debug`), or to
// IIPLogFile by IIPVerbosity, where that is set.
#pragma once

#include "engine/base/log.h"
#include "httpd/apr/apache.h"
#include "httpd/config/config.h"

namespace iip {

// For one request.
class RequestLog : public LogSink {
 public:
  explicit RequestLog(request_rec* r) : r_(r), server_(server_config(r->server)) {}

  bool enabled(LogLevel level) const override;
  void write(LogLevel level, std::string_view line) override;

 private:
  void write_to_file(LogLevel level, std::string_view line);

  request_rec* const r_;
  const ServerConfig& server_;
};

// For what concerns no request: httpd's error log of one server. For any number of threads.
class ServerLog : public LogSink {
 public:
  explicit ServerLog(server_rec* server) : server_(server) {}

  bool enabled(LogLevel level) const override;
  void write(LogLevel level, std::string_view line) override;

 private:
  server_rec* const server_;
};

// Opens the IIPLogFile of every server, as the user that started httpd. An httpd status.
int open_log_files(apr_pool_t* pconf, server_rec* servers);

}  // namespace iip
