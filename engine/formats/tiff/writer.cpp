#include "engine/formats/tiff/writer.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <exception>

#include "engine/base/no_memory.h"

namespace iip {

namespace {

constexpr tmsize_t kMostLibraryMemory = tmsize_t{256} << 20;

struct FreeOptions {
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

int record_error(TIFF*, void* message, const char* module, const char* format,
                 va_list arguments) noexcept {
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  try {
    auto& out = *static_cast<std::string*>(message);
    if (out.empty()) out = std::string(module == nullptr ? "libtiff" : module) + ": " + text;
  } catch (const std::exception&) {
    return 1;  // what failed is known by its own return value
  }
  return 1;
}

int ignore_warning(TIFF*, void*, const char*, const char*, va_list) noexcept { return 1; }

int close_nothing(thandle_t) noexcept { return 0; }

}  // namespace

tmsize_t TiffWriter::read(thandle_t handle, void* out, tmsize_t size) noexcept {
  auto& file = *static_cast<MemoryFile*>(handle);
  if (size < 0 || file.position >= file.bytes.size()) return 0;
  const std::size_t count =
      std::min(static_cast<std::size_t>(size), file.bytes.size() - file.position);
  std::memcpy(out, file.bytes.data() + file.position, count);
  file.position += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t TiffWriter::write(thandle_t handle, void* data, tmsize_t size) noexcept {
  auto& file = *static_cast<MemoryFile*>(handle);
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

toff_t TiffWriter::seek(thandle_t handle, toff_t offset, int whence) noexcept {
  auto& file = *static_cast<MemoryFile*>(handle);
  if (whence == SEEK_CUR) offset += file.position;
  if (whence == SEEK_END) offset += file.bytes.size();
  file.position = static_cast<std::size_t>(offset);
  return offset;
}

toff_t TiffWriter::size(thandle_t handle) noexcept {
  return static_cast<MemoryFile*>(handle)->bytes.size();
}

TiffWriter::TiffWriter(bool big) {
  const std::unique_ptr<TIFFOpenOptions, FreeOptions> options(TIFFOpenOptionsAlloc());
  if (!options) return;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMostLibraryMemory);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), record_error, &message_);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore_warning, nullptr);
  // w: write; l: little-endian; 4, 8: classic, BigTIFF.
  tiff_.reset(TIFFClientOpenExt("picture", big ? "wl8" : "wl4", &file_, read, write, seek,
                                close_nothing, size, nullptr, nullptr, options.get()));
}

void TiffWriter::write_strip(std::uint32_t index, ByteVector& samples) {
  good_ = good_ && TIFFWriteEncodedStrip(tiff_.get(), index, samples.data(),
                                         static_cast<tmsize_t>(samples.size())) >= 0;
}

void TiffWriter::write_tile(std::uint32_t index, ByteVector& samples) {
  good_ = good_ && TIFFWriteEncodedTile(tiff_.get(), index, samples.data(),
                                        static_cast<tmsize_t>(samples.size())) >= 0;
}

std::uint32_t TiffWriter::end() {
  good_ = TIFFFlushData(tiff_.get()) == 1 && good_;
  file_.bytes.resize(file_.bytes.size() + file_.bytes.size() % 2);
  return static_cast<std::uint32_t>(file_.bytes.size());
}

void TiffWriter::add(const ByteVector& bytes) {
  file_.bytes.insert(file_.bytes.end(), bytes.begin(), bytes.end());
}

Result<ByteVector> TiffWriter::finish() {
  good_ = good_ && TIFFWriteDirectory(tiff_.get()) == 1;
  tiff_.reset();
  if (file_.no_memory) return no_memory("libtiff");
  if (good_ && message_.empty()) return std::move(file_.bytes);
  return fail(ErrorKind::internal, "The picture can not be encoded",
              message_.empty() ? "libtiff can not write it" : message_);
}

}  // namespace iip
