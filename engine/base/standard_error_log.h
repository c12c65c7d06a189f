// A LogSink for programs on the command line: each line goes to standard error, behind the name of
// the program's choice. Thread-safe: a line is one call of the C library.
#pragma once

#include <cstdio>
#include <string_view>

#include "engine/base/log.h"

namespace iip {

class StandardErrorLog : public LogSink {
 public:
  // Shows what is as grave as `least_grave`, or graver.
  explicit StandardErrorLog(LogLevel least_grave) : least_grave_(least_grave) {}

  bool enabled(LogLevel level) const override { return level <= least_grave_; }
  void write(LogLevel level, std::string_view line) override {
    if (!enabled(level)) return;
    std::fprintf(stderr, "iip: %.*s\n", static_cast<int>(line.size()), line.data());
  }

 private:
  const LogLevel least_grave_;
};

}  // namespace iip
