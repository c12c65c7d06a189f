// The engine's only way to say something to the administrator.
//
// The adaptor implements LogSink over httpd's error log; tests collect the lines. A sink belongs to
// one request and one thread, or says that it is for several. Text built for a level that is off is
// wasted work: ask enabled() first where building it costs anything.
#pragma once

#include <string_view>

namespace iip {

enum class LogLevel { error, warning, notice, info, debug, trace1, trace2 };

class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual bool enabled(LogLevel level) const = 0;
  virtual void write(LogLevel level, std::string_view line) = 0;
};

// Drops every line: where there is nobody to tell, or nothing that anybody needs to be told.
class NoLog : public LogSink {
 public:
  bool enabled(LogLevel /*level*/) const override { return false; }
  void write(LogLevel /*level*/, std::string_view /*line*/) override {}
};

}  // namespace iip
