#include "engine/formats/tiff/library.h"

#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/formats/tiff/memory_file.h"

namespace iip {

namespace {

struct QuestionHead {
  std::uint64_t file_bytes = 0;
  std::uint8_t to_rgb = 0;
  std::uint8_t to_floats = 0;
  std::uint8_t reserved[6] = {};
};

}  // namespace

TiffLibrary::TiffLibrary(TiffBlockFile file) : file_(std::make_unique<TiffMemoryFile>()) {
  file_->bytes = std::move(file.bytes);
  // r: read; m: no memory map; c: keep an uncompressed strip in one piece.
  tiff_ = file_->open("block", "rmc");
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
  const std::string& message = file_->message;
  if (is_done && message.empty()) return {};
  return damaged(message.empty() ? "libtiff can not decode it" : message);
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
