#include "engine/formats/tiff/library.h"

#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <exception>
#include <utility>

namespace iip {

// The file that libtiff believes it reads.
struct TiffLibrary::MemoryFile {
  ByteVector bytes;
  std::size_t position = 0;

  static tmsize_t read(thandle_t handle, void* out, tmsize_t size) noexcept {
    auto& file = *static_cast<MemoryFile*>(handle);
    if (size < 0 || file.position >= file.bytes.size()) return 0;
    const std::size_t count =
        std::min(static_cast<std::size_t>(size), file.bytes.size() - file.position);
    std::memcpy(out, file.bytes.data() + file.position, count);
    file.position += count;
    return static_cast<tmsize_t>(count);
  }
  static tmsize_t write(thandle_t, void*, tmsize_t) noexcept { return 0; }
  static toff_t seek(thandle_t handle, toff_t offset, int whence) noexcept {
    auto& file = *static_cast<MemoryFile*>(handle);
    if (whence == SEEK_CUR) offset += file.position;
    if (whence == SEEK_END) offset += file.bytes.size();
    file.position = static_cast<std::size_t>(offset);
    return offset;
  }
  static int close(thandle_t) noexcept { return 0; }
  static toff_t size(thandle_t handle) noexcept {
    return static_cast<MemoryFile*>(handle)->bytes.size();
  }
};

namespace {

constexpr tmsize_t kMostLibraryMemory = tmsize_t{256} << 20;

// libtiff calls these through C: they return, always.
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

struct FreeOptions {
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

struct QuestionHead {
  std::uint64_t file_bytes = 0;
  std::uint8_t to_rgb = 0;
  std::uint8_t to_floats = 0;
  std::uint8_t reserved[6] = {};
};

}  // namespace

TiffLibrary::TiffLibrary(TiffBlockFile file)
    : file_(std::make_unique<MemoryFile>(MemoryFile{std::move(file.bytes)})) {
  const std::unique_ptr<TIFFOpenOptions, FreeOptions> options(TIFFOpenOptionsAlloc());
  if (!options) return;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMostLibraryMemory);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), record_error, &message_);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore_warning, nullptr);
  // r: read; m: no memory map; c: keep an uncompressed strip in one piece.
  tiff_ = TIFFClientOpenExt("block", "rmc", file_.get(), MemoryFile::read, MemoryFile::write,
                            MemoryFile::seek, MemoryFile::close, MemoryFile::size, nullptr, nullptr,
                            options.get());
  if (tiff_ == nullptr) return;
  if (file.to_rgb) TIFFSetField(tiff_, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  if (file.to_floats) TIFFSetField(tiff_, TIFFTAG_SGILOGDATAFMT, SGILOGDATAFMT_FLOAT);
}

TiffLibrary::~TiffLibrary() {
  if (tiff_ != nullptr) TIFFClose(tiff_);
}

Status TiffLibrary::decode(std::span<std::uint8_t> compressed, std::span<std::uint8_t> out) {
  const bool is_done =
      tiff_ != nullptr &&
      TIFFReadFromUserBuffer(tiff_, 0, compressed.data(), static_cast<tmsize_t>(compressed.size()),
                             out.data(), static_cast<tmsize_t>(out.size())) != 0;
  if (is_done && message_.empty()) return {};
  return damaged(message_.empty() ? "libtiff can not decode it" : message_);
}

std::size_t tiff_question_size(const TiffBlockFile& file, std::size_t compressed) {
  return sizeof(QuestionHead) + file.bytes.size() + compressed;
}

void write_tiff_question(const TiffBlockFile& file, ByteSpan compressed,
                         std::span<std::uint8_t> question) {
  QuestionHead head;
  head.file_bytes = file.bytes.size();
  head.to_rgb = file.to_rgb ? 1 : 0;
  head.to_floats = file.to_floats ? 1 : 0;
  std::memcpy(question.data(), &head, sizeof head);
  std::copy(file.bytes.begin(), file.bytes.end(), question.begin() + sizeof head);
  std::copy(compressed.begin(), compressed.end(),
            question.end() - static_cast<std::ptrdiff_t>(compressed.size()));
}

Status decode_tiff_question(ByteSpan question, std::span<std::uint8_t> answer) {
  QuestionHead head;
  if (question.size() < sizeof head) return damaged("a question without a head");
  std::memcpy(&head, question.data(), sizeof head);
  question = question.subspan(sizeof head);
  if (head.file_bytes > question.size()) return damaged("a question without its file");
  const ByteSpan file = question.first(head.file_bytes);
  const ByteSpan rest = question.subspan(head.file_bytes);
  ByteVector compressed(rest.begin(), rest.end());
  TiffLibrary library(
      {ByteVector(file.begin(), file.end()), head.to_rgb != 0, head.to_floats != 0});
  return library.decode(compressed, answer);
}

}  // namespace iip
