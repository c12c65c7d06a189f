#include "engine/source/tiff_decoder.h"

#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string>

#include "engine/source/tiff_undecoded.h"

namespace iip {

namespace {

constexpr std::size_t kMostIdleHandles = 16;
constexpr tmsize_t kMostLibraryMemory = tmsize_t{256} << 20;

// A classic TIFF file of one directory, built entry by entry in the order of tags.
class HeaderWriter {
 public:
  explicit HeaderWriter(bool big_endian) : big_endian_(big_endian) {}

  void shorts(std::uint16_t tag, const std::vector<std::uint16_t>& values) {
    ByteVector bytes;
    for (const std::uint16_t value : values) append(bytes, value, 2);
    entries_.push_back({tag, TIFF_SHORT, values.size(), std::move(bytes)});
  }
  void longs(std::uint16_t tag, const std::vector<std::uint32_t>& values) {
    ByteVector bytes;
    for (const std::uint32_t value : values) append(bytes, value, 4);
    entries_.push_back({tag, TIFF_LONG, values.size(), std::move(bytes)});
  }
  void undefined(std::uint16_t tag, ByteSpan value) {
    entries_.push_back({tag, TIFF_UNDEFINED, value.size(), ByteVector(value.begin(), value.end())});
  }

  ByteVector finish() const {
    const std::uint8_t mark = big_endian_ ? 'M' : 'I';
    ByteVector file{mark, mark};
    append(file, 42, 2);
    append(file, 8, 4);
    ByteVector values;
    const std::size_t values_at = file.size() + 2 + entries_.size() * 12 + 4;
    append(file, entries_.size(), 2);
    for (const Entry& entry : entries_) {
      append(file, entry.tag, 2);
      append(file, entry.type, 2);
      append(file, entry.count, 4);
      if (entry.bytes.size() <= 4) {
        file.insert(file.end(), entry.bytes.begin(), entry.bytes.end());
        file.resize(file.size() + 4 - entry.bytes.size());
      } else {
        append(file, values_at + values.size(), 4);
        values.insert(values.end(), entry.bytes.begin(), entry.bytes.end());
        values.resize(values.size() + values.size() % 2);
      }
    }
    append(file, 0, 4);
    file.insert(file.end(), values.begin(), values.end());
    return file;
  }

 private:
  struct Entry {
    std::uint16_t tag;
    std::uint16_t type;
    std::size_t count;
    ByteVector bytes;
  };

  void append(ByteVector& bytes, std::size_t value, int width) const {
    for (int i = 0; i < width; ++i) {
      const int place = big_endian_ ? width - 1 - i : i;
      bytes.push_back(static_cast<std::uint8_t>(value >> (8 * place) & 255U));
    }
  }

  const bool big_endian_;
  std::vector<Entry> entries_;
};

bool is_log(TiffCompression compression) {
  return compression == TiffCompression::sgi_log || compression == TiffCompression::sgi_log_24;
}

// The library turns round the samples of a file of the other byte order; those of the logarithmic
// codecs have none.
bool has_big_endian_samples(const TiffImage& image) {
  return image.big_endian && !is_log(image.compression);
}

std::uint16_t sample_format(const TiffSampleFormat& sample) {
  if (sample.is_float()) return SAMPLEFORMAT_IEEEFP;
  return sample.is_signed() ? SAMPLEFORMAT_INT : SAMPLEFORMAT_UINT;
}

// Where the meaning of the samples does not touch the codec it is left out, so that libtiff asks
// for nothing that belongs to it (a colour map, say).
std::uint16_t codec_photometric(const TiffImage& image, int samples) {
  if (is_log(image.compression)) return static_cast<std::uint16_t>(image.photometric);
  if (image.photometric == TiffPhotometric::ycbcr && samples == 3 &&
      (image.compression == TiffCompression::jpeg || image.is_subsampled())) {
    return PHOTOMETRIC_YCBCR;
  }
  return samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
}

ByteVector single_block_file(const TiffImage& image, std::int64_t rows, const Size& chroma) {
  const int samples = image.separate ? 1 : image.samples;
  const auto count = static_cast<std::uint16_t>(samples);
  const std::uint16_t photometric = codec_photometric(image, samples);
  const auto width = static_cast<std::uint32_t>(image.block.width);
  const auto height = static_cast<std::uint32_t>(rows);

  const int bits = is_log(image.compression) ? 16 : image.sample.bits;

  HeaderWriter header(has_big_endian_samples(image));
  header.longs(TIFFTAG_IMAGEWIDTH, {width});
  header.longs(TIFFTAG_IMAGELENGTH, {height});
  header.shorts(TIFFTAG_BITSPERSAMPLE,
                std::vector<std::uint16_t>(count, static_cast<std::uint16_t>(bits)));
  header.shorts(TIFFTAG_COMPRESSION, {static_cast<std::uint16_t>(image.compression)});
  header.shorts(TIFFTAG_PHOTOMETRIC, {photometric});
  if (image.reversed_bits) header.shorts(TIFFTAG_FILLORDER, {FILLORDER_LSB2MSB});
  if (!image.tiled) header.longs(TIFFTAG_STRIPOFFSETS, {8});
  header.shorts(TIFFTAG_SAMPLESPERPIXEL, {count});
  if (!image.tiled) {
    header.longs(TIFFTAG_ROWSPERSTRIP, {height});
    header.longs(TIFFTAG_STRIPBYTECOUNTS, {0});
  }
  header.shorts(TIFFTAG_PLANARCONFIG, {PLANARCONFIG_CONTIG});
  if (image.compression == TiffCompression::fax_group_3) {
    header.longs(TIFFTAG_GROUP3OPTIONS, {image.fax_options});
  }
  if (image.compression == TiffCompression::fax_group_4) {
    header.longs(TIFFTAG_GROUP4OPTIONS, {image.fax_options});
  }
  if (image.predictor != 1) {
    header.shorts(TIFFTAG_PREDICTOR, {static_cast<std::uint16_t>(image.predictor)});
  }
  if (image.tiled) {
    header.longs(TIFFTAG_TILEWIDTH, {width});
    header.longs(TIFFTAG_TILELENGTH, {height});
    header.longs(TIFFTAG_TILEOFFSETS, {8});
    header.longs(TIFFTAG_TILEBYTECOUNTS, {0});
  }
  if (!is_log(image.compression)) {
    header.shorts(TIFFTAG_SAMPLEFORMAT,
                  std::vector<std::uint16_t>(count, sample_format(image.sample)));
  }
  if (!image.jpeg_tables.empty()) {
    header.undefined(TIFFTAG_JPEGTABLES, image.jpeg_tables.span());
  }
  if (photometric == PHOTOMETRIC_YCBCR) {
    header.shorts(TIFFTAG_YCBCRSUBSAMPLING, {static_cast<std::uint16_t>(chroma.width),
                                             static_cast<std::uint16_t>(chroma.height)});
  }
  if (!image.lerc_parameters.empty()) {
    std::vector<std::uint32_t> parameters;
    for (const std::uint64_t value : image.lerc_parameters) {
      parameters.push_back(static_cast<std::uint32_t>(value));
    }
    header.longs(TIFFTAG_LERC_PARAMETERS, parameters);
  }
  return header.finish();
}

// The file that libtiff believes it reads.
struct MemoryFile {
  ByteVector bytes;
  std::size_t position = 0;

  static tmsize_t read(thandle_t handle, void* out, tmsize_t size) {
    auto& file = *static_cast<MemoryFile*>(handle);
    if (size < 0 || file.position >= file.bytes.size()) return 0;
    const std::size_t count =
        std::min(static_cast<std::size_t>(size), file.bytes.size() - file.position);
    std::memcpy(out, file.bytes.data() + file.position, count);
    file.position += count;
    return static_cast<tmsize_t>(count);
  }
  static tmsize_t write(thandle_t, void*, tmsize_t) { return 0; }
  static toff_t seek(thandle_t handle, toff_t offset, int whence) {
    auto& file = *static_cast<MemoryFile*>(handle);
    if (whence == SEEK_CUR) offset += file.position;
    if (whence == SEEK_END) offset += file.bytes.size();
    file.position = static_cast<std::size_t>(offset);
    return offset;
  }
  static int close(thandle_t) { return 0; }
  static toff_t size(thandle_t handle) { return static_cast<MemoryFile*>(handle)->bytes.size(); }
};

// libtiff calls these through C: they return, always.
int record_error(TIFF*, void* message, const char* module, const char* format, va_list arguments) {
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  auto& out = *static_cast<std::string*>(message);
  if (out.empty()) out = std::string(module == nullptr ? "libtiff" : module) + ": " + text;
  return 1;
}

int ignore_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
struct FreeOptions {
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

}  // namespace

class TiffDecoder::Handle {
 public:
  Handle(const TiffImage& image, const Shape& shape) : shape_(shape) {
    file_.bytes = single_block_file(image, shape.rows, shape.chroma);
    const std::unique_ptr<TIFFOpenOptions, FreeOptions> options(TIFFOpenOptionsAlloc());
    if (!options) return;
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMostLibraryMemory);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), record_error, &message_);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore_warning, nullptr);
    // r: read; m: no memory map; c: keep an uncompressed strip in one piece.
    tiff_.reset(TIFFClientOpenExt("block", "rmc", &file_, MemoryFile::read, MemoryFile::write,
                                  MemoryFile::seek, MemoryFile::close, MemoryFile::size, nullptr,
                                  nullptr, options.get()));
    if (tiff_ && image.decodes_to_rgb()) {
      TIFFSetField(tiff_.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    }
    if (tiff_ && is_log(image.compression)) {
      TIFFSetField(tiff_.get(), TIFFTAG_SGILOGDATAFMT, SGILOGDATAFMT_FLOAT);
    }
  }

  const Shape& shape() const { return shape_; }
  const std::string& message() const { return message_; }

  bool decode(std::span<std::uint8_t> compressed, std::span<std::uint8_t> out) {
    return tiff_ != nullptr &&
           TIFFReadFromUserBuffer(tiff_.get(), 0, compressed.data(),
                                  static_cast<tmsize_t>(compressed.size()), out.data(),
                                  static_cast<tmsize_t>(out.size())) != 0 &&
           message_.empty();
  }

 private:
  Shape shape_;
  MemoryFile file_;
  std::string message_;
  std::unique_ptr<TIFF, CloseTiff> tiff_;  // uses the members above: closed before they go
};

namespace {

// Whether a JBIG stream is of the block's size: the library makes room for what the stream claims.
// ITU-T T.82, 6.2. In TIFF its bytes have the bits in reverse, unless FillOrder reverses them.
bool is_jbig_of(ByteSpan stream, const TiffImage& image, std::int64_t rows) {
  constexpr std::size_t kHeaderBytes = 20;
  if (stream.size() < kHeaderBytes) return false;
  const auto byte = [&](std::size_t at) -> std::uint32_t {
    return image.reversed_bits ? stream[at] : TIFFGetBitRevTable(1)[stream[at]];
  };
  const auto number = [&](std::size_t at) {
    return byte(at) << 24U | byte(at + 1) << 16U | byte(at + 2) << 8U | byte(at + 3);
  };
  constexpr std::size_t kLayers = 1;
  constexpr std::size_t kPlanes = 2;
  constexpr std::size_t kWidth = 4;
  constexpr std::size_t kHeight = 8;
  return byte(kLayers) <= 8 && byte(kPlanes) == 1 && number(kWidth) == image.block.width &&
         number(kHeight) <= rows;
}

}  // namespace

TiffDecoder::TiffDecoder(const TiffImage& image) : image_(image) {}

TiffDecoder::~TiffDecoder() = default;

// A codec keeps the tables of one stream and would use them for the next. That must not be seen: a
// block decodes to the same pixels whichever was decoded before it.
bool TiffDecoder::leaves_no_tables(const JpegHeader& header) const {
  if (!image_.jpeg_tables.empty()) return header.own_tables.empty();
  return header.state == JpegHeader::State::complete && header.scan_has_all_components &&
         header.own_tables.covers(header.needed_tables);
}

Status TiffDecoder::decode(std::span<std::uint8_t> compressed, std::int64_t rows,
                           std::span<std::uint8_t> out) const {
  Shape shape{rows, image_.chroma};
  bool shares = true;
  bool writes_all = false;
  if (image_.compression == TiffCompression::jpeg) {
    const JpegHeader header = read_jpeg_header(compressed);
    if (header.component_count == 3 && image_.decodes_to_rgb()) {
      shape.chroma = {header.components[0].horizontal, header.components[0].vertical};
    }
    shares = leaves_no_tables(header);
    writes_all = header.size.width >= image_.block.width && header.size.height >= rows;
  }
  if (image_.compression == TiffCompression::jbig && !is_jbig_of(compressed, image_, rows)) {
    return damaged("TIFF: a JBIG stream of another size");
  }
  if (!writes_all) fill_undecoded(image_, out);
  std::unique_ptr<Handle> handle = shares ? take(shape) : std::make_unique<Handle>(image_, shape);
  if (!handle->decode(compressed, out)) {
    return damaged(handle->message().empty() ? "libtiff can not decode it" : handle->message());
  }
  if (shares) give_back(std::move(handle));
  return {};
}

std::unique_ptr<TiffDecoder::Handle> TiffDecoder::take(const Shape& shape) const {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(idle_.begin(), idle_.end(),
                                    [&](const auto& idle) { return idle->shape() == shape; });
    if (found != idle_.end()) {
      std::swap(*found, idle_.back());
      std::unique_ptr<Handle> handle = std::move(idle_.back());
      idle_.pop_back();
      return handle;
    }
  }
  return std::make_unique<Handle>(image_, shape);
}

void TiffDecoder::give_back(std::unique_ptr<Handle> handle) const {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMostIdleHandles) idle_.push_back(std::move(handle));
}

}  // namespace iip
