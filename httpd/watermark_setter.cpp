#include "httpd/watermark_setter.h"

#include <map>
#include <string>

#include "httpd/setter.h"

namespace iip {

namespace {

using Marks = std::map<std::string, const WatermarkFile*>;

Marks& marks_of(apr_pool_t* pool) {
  constexpr const char* kKey = "mod_iip watermarks";
  void* known = nullptr;
  apr_pool_userdata_get(&known, kKey, pool);
  if (known) return *static_cast<Marks*>(known);
  auto* marks = pool_new<Marks>(pool);
  apr_pool_userdata_set(marks, kKey, nullptr, pool);
  return *marks;
}

// What is odd about a file but does not keep it from being read.
class Silence : public LogSink {
 public:
  bool enabled(LogLevel) const override { return false; }
  void write(LogLevel, std::string_view) override {}
};

}  // namespace

const char* set_watermark(cmd_parms* cmd, void* dir, const char* value) {
  auto& config = *static_cast<DirConfig*>(dir);
  if (equal_ignoring_case(value, "none")) {
    config.watermark = pool_new<WatermarkChoice>(cmd->pool);
    return nullptr;
  }
  const char* path = ap_server_root_relative(cmd->pool, value);
  if (!path) return complain(cmd, value, "a path, or none");
  const WatermarkFile*& file = marks_of(cmd->pool)[path];
  if (!file) {
    Silence log;
    auto read = read_watermark(path, log);
    if (!read) {
      const Error& error = read.error();
      return complain(cmd, value,
                      apr_pstrcat(cmd->pool, "a picture that can be read: ", error.message.c_str(),
                                  error.detail.empty() ? "" : ": ", error.detail.c_str(), nullptr));
    }
    file = pool_new<WatermarkFile>(cmd->pool, std::move(*read));
  }
  config.watermark = pool_new<WatermarkChoice>(cmd->pool, file);
  return nullptr;
}

}  // namespace iip
