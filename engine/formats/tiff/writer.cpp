#include "engine/formats/tiff/writer.h"

#include "engine/base/no_memory.h"

namespace iip {

TiffWriter::TiffWriter(bool big) {
  // w: write; l: little-endian; 4, 8: classic, BigTIFF.
  tiff_.reset(file_.open("picture", big ? "wl8" : "wl4"));
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
  if (good_ && file_.message.empty()) return std::move(file_.bytes);
  return fail(ErrorKind::internal, "The picture can not be encoded",
              file_.message.empty() ? "libtiff can not write it" : file_.message);
}

}  // namespace iip
