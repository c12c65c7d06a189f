#include "engine/formats/tiff/memory_file.h"

#include <algorithm>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>

namespace iip {

namespace {

constexpr tmsize_t kMostLibraryMemory = tmsize_t{256} << 20;

struct FreeOptions {
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

// libtiff calls these through C: they return, always.
tmsize_t read_bytes(thandle_t handle, void* out, tmsize_t size) noexcept {
  auto& file = *static_cast<TiffMemoryFile*>(handle);
  if (size < 0 || file.position >= file.bytes.size()) return 0;
  const std::size_t count =
      std::min(static_cast<std::size_t>(size), file.bytes.size() - file.position);
  std::memcpy(out, file.bytes.data() + file.position, count);
  file.position += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t write_bytes(thandle_t handle, void* data, tmsize_t size) noexcept {
  auto& file = *static_cast<TiffMemoryFile*>(handle);
  if (size <= 0) return 0;
  const auto count = static_cast<std::size_t>(size);
  if (file.position > SIZE_MAX - count) return 0;
  try {
    if (file.bytes.size() < file.position + count) file.bytes.resize(file.position + count);
  } catch (const std::exception&) {
    file.no_memory = true;
    return 0;
  }
  std::memcpy(file.bytes.data() + file.position, data, count);
  file.position += count;
  return size;
}

toff_t seek(thandle_t handle, toff_t offset, int whence) noexcept {
  auto& file = *static_cast<TiffMemoryFile*>(handle);
  if (whence == SEEK_CUR) offset += file.position;
  if (whence == SEEK_END) offset += file.bytes.size();
  file.position = static_cast<std::size_t>(offset);
  return offset;
}

int close_nothing(thandle_t) noexcept { return 0; }

toff_t size_of(thandle_t handle) noexcept {
  return static_cast<TiffMemoryFile*>(handle)->bytes.size();
}

int record_error(TIFF*, void* message, const char* module, const char* format,
                 va_list arguments) noexcept {
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  auto& out = *static_cast<std::string*>(message);
  try {
    if (out.empty()) out = std::string(module == nullptr ? "libtiff" : module) + ": " + text;
  } catch (const std::exception&) {
    out = "an error";  // which takes no memory: that there was one must be known
  }
  return 1;
}

int ignore_warning(TIFF*, void*, const char*, const char*, va_list) noexcept { return 1; }

}  // namespace

TIFF* TiffMemoryFile::open(const char* name, const char* mode) {
  const std::unique_ptr<TIFFOpenOptions, FreeOptions> options(TIFFOpenOptionsAlloc());
  if (!options) return nullptr;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMostLibraryMemory);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), record_error, &message);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore_warning, nullptr);
  return TIFFClientOpenExt(name, mode, this, read_bytes, write_bytes, seek, close_nothing, size_of,
                           nullptr, nullptr, options.get());
}

}  // namespace iip
