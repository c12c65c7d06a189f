#include "engine/formats/tiff/decoder.h"

#include <tiffio.h>

#include <algorithm>
#include <string>
#include <utility>

#include "engine/formats/jpeg/scan_count.h"
#include "engine/formats/tiff/library.h"
#include "engine/formats/tiff/lzma_stream.h"
#include "engine/formats/tiff/structure/directory_writer.h"
#include "engine/formats/tiff/undecoded.h"
#include "engine/source/source_decoder.h"

namespace iip {

namespace {

constexpr std::size_t kMostIdleHandles = 16;
// The most that idle codecs of one level hold. With blocks of megabytes nobody notices the set-up.
constexpr std::uint64_t kMostIdleBytes = std::uint64_t{2} << 20;
// libtiff's own state, the header, and what a codec holds however large its blocks are.
constexpr std::uint64_t kCodecBytes = std::uint64_t{96} << 10;

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

TiffBlockFile single_block_file(const TiffImage& image, std::int64_t rows, const Size& chroma) {
  const int samples = image.separate ? 1 : image.samples;
  const auto count = static_cast<std::size_t>(samples);
  const std::uint16_t photometric = codec_photometric(image, samples);
  const auto width = static_cast<std::uint64_t>(image.block.width);
  const auto height = static_cast<std::uint64_t>(rows);

  const int bits = is_log(image.compression) ? 16 : image.sample.bits;

  const TiffEncoding encoding{has_big_endian_samples(image), false};
  TiffDirectoryWriter header(encoding);
  header.add(TiffTag::image_width, TiffType::uint32, {width});
  header.add(TiffTag::image_length, TiffType::uint32, {height});
  header.add(TiffTag::bits_per_sample, TiffType::uint16,
             std::vector<std::uint64_t>(count, static_cast<std::uint64_t>(bits)));
  header.add(TiffTag::compression, TiffType::uint16,
             {static_cast<std::uint64_t>(image.compression)});
  header.add(TiffTag::photometric, TiffType::uint16, {photometric});
  if (image.reversed_bits) header.add(TiffTag::fill_order, TiffType::uint16, {FILLORDER_LSB2MSB});
  if (!image.tiled) header.add(TiffTag::strip_offsets, TiffType::uint32, {8});
  header.add(TiffTag::samples_per_pixel, TiffType::uint16, {count});
  if (!image.tiled) {
    header.add(TiffTag::rows_per_strip, TiffType::uint32, {height});
    header.add(TiffTag::strip_byte_counts, TiffType::uint32, {0});
  }
  header.add(TiffTag::planar_config, TiffType::uint16, {PLANARCONFIG_CONTIG});
  if (image.compression == TiffCompression::fax_group_3) {
    header.add(TiffTag::group3_options, TiffType::uint32, {image.fax_options});
  }
  if (image.compression == TiffCompression::fax_group_4) {
    header.add(TiffTag::group4_options, TiffType::uint32, {image.fax_options});
  }
  if (image.predictor != 1) {
    header.add(TiffTag::predictor, TiffType::uint16, {static_cast<std::uint64_t>(image.predictor)});
  }
  if (image.tiled) {
    header.add(TiffTag::tile_width, TiffType::uint32, {width});
    header.add(TiffTag::tile_length, TiffType::uint32, {height});
    header.add(TiffTag::tile_offsets, TiffType::uint32, {8});
    header.add(TiffTag::tile_byte_counts, TiffType::uint32, {0});
  }
  if (!is_log(image.compression)) {
    header.add(TiffTag::sample_format, TiffType::uint16,
               std::vector<std::uint64_t>(count, sample_format(image.sample)));
  }
  if (!image.jpeg_tables.empty()) {
    const ByteSpan tables = image.jpeg_tables.span();
    header.add(TiffTag::jpeg_tables, TiffType::undefined, tables.size(),
               ByteVector(tables.begin(), tables.end()));
  }
  if (photometric == PHOTOMETRIC_YCBCR) {
    header.add(
        TiffTag::ycbcr_subsampling, TiffType::uint16,
        {static_cast<std::uint64_t>(chroma.width), static_cast<std::uint64_t>(chroma.height)});
  }
  if (!image.lerc_parameters.empty()) {
    header.add(TiffTag::lerc_parameters, TiffType::uint32, image.lerc_parameters);
  }
  return {write_tiff(encoding, header), image.decodes_to_rgb(), is_log(image.compression)};
}

}  // namespace

// A library that was opened for a shape.
class TiffDecoder::Handle {
 public:
  Handle(TiffBlockFile file, const Shape& shape, Reservation memory)
      : memory_(std::move(memory)), shape_(shape), library_(std::move(file)) {}

  const Shape& shape() const { return shape_; }
  TiffLibrary& library() { return library_; }
  void outlive_budget() { memory_.outlive_budget(); }

 private:
  Reservation memory_;
  const Shape shape_;
  TiffLibrary library_;
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

bool has_one_scan(const JpegHeader& header) {
  constexpr std::uint8_t kExtended = 0xC1;
  return header.scan_has_all_components && header.frame_marker <= kExtended;
}

// All that is left of a stream in memory.
class MemoryFeed final : public ByteFeed {
 public:
  explicit MemoryFeed(ByteSpan bytes) : bytes_(bytes) {}
  Result<ByteSpan> next() override { return std::exchange(bytes_, {}); }

 private:
  ByteSpan bytes_;
};

// What the dictionary has beyond the block is allocated, and not touched.
Status check_dictionary(ByteSpan stream, const TiffImage& image, const MemoryBudget& budget) {
  ByteVector turned;
  if (image.reversed_bits) {  // which libtiff turns round before it decodes
    turned.assign(stream.begin(), stream.end());
    TIFFReverseBits(turned.data(), static_cast<tmsize_t>(turned.size()));
    stream = turned;
  }
  const Result<std::uint64_t> dictionary = largest_lzma_dictionary(stream);
  if (!dictionary) return tl::unexpected(dictionary.error());
  if (*dictionary <= budget.limit()) return {};
  return fail(ErrorKind::too_large, "The image needs more memory than this server allows",
              "TIFF: a dictionary of LZMA of " + std::to_string(*dictionary) +
                  " bytes; the limit is " + std::to_string(budget.limit()) +
                  " (IIPMaxRequestMemory)");
}

// Checks how many scans there are: libtiff goes through a hundred, however large the block is.
Status check_scans(ByteSpan stream, const JpegHeader& header) {
  if (header.state != JpegHeader::State::complete || has_one_scan(header)) return {};
  MemoryFeed feed(stream.subspan(header.scan_offset));
  return check_jpeg_scans(feed, jpeg_blocks(header.size, header.component_count));
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

// What codecs touch at most that hold more than some lines: windows and whole blocks.
std::uint64_t TiffDecoder::codec_bytes(std::int64_t rows, const JpegHeader* header) const {
  const std::uint64_t block = image_.decoded_bytes(rows);
  switch (image_.compression) {
    case TiffCompression::zstd:
    case TiffCompression::lzma:
    case TiffCompression::jbig:
      return kCodecBytes + block;
    case TiffCompression::webp:
    case TiffCompression::pixar_log:
      return kCodecBytes + 2 * block;
    case TiffCompression::jpeg: {
      // Where a picture has several scans, progressive or not, libjpeg holds all its coefficients.
      const bool is_one_scan = has_one_scan(*header);
      const auto line = static_cast<std::uint64_t>(image_.block.width * image_.samples);
      return kCodecBytes + (is_one_scan ? 32 * line : 2 * block);
    }
    default:
      return kCodecBytes;
  }
}

Result<std::unique_ptr<TiffDecoder::Handle>> TiffDecoder::open(const Shape& shape,
                                                               MemoryBudget& budget) const {
  Result<Reservation> memory = budget.reserve(shape.bytes);
  if (!memory) return pass_on(memory);
  return std::make_unique<Handle>(single_block_file(image_, shape.rows, shape.chroma), shape,
                                  std::move(*memory));
}

Status TiffDecoder::decode(const ReadContext& context, std::span<std::uint8_t> compressed,
                           std::int64_t rows, std::span<std::uint8_t> out) const {
  if (image_.compression == TiffCompression::lerc) {
    fill_undecoded(image_, out);
    return decode_confined(context, compressed, rows, out);
  }
  Shape shape{rows, image_.chroma};
  bool shares = true;
  bool writes_all = false;
  if (image_.compression == TiffCompression::jpeg) {
    const JpegHeader header = read_jpeg_header(compressed);
    if (Status few = check_scans(compressed, header); !few) return few;
    if (header.component_count == 3 && image_.decodes_to_rgb()) {
      shape.chroma = {header.components[0].horizontal, header.components[0].vertical};
    }
    shares = leaves_no_tables(header);
    writes_all = header.size.width >= image_.block.width && header.size.height >= rows;
    shape.bytes = codec_bytes(rows, &header);
  } else {
    shape.bytes = codec_bytes(rows, nullptr);
  }
  if (image_.compression == TiffCompression::lzma) {
    if (Status fits = check_dictionary(compressed, image_, context.budget); !fits) return fits;
  }
  if (image_.compression == TiffCompression::jbig && !is_jbig_of(compressed, image_, rows)) {
    return damaged("TIFF: a JBIG stream of another size");
  }
  if (!writes_all) fill_undecoded(image_, out);
  std::unique_ptr<Handle> handle = shares ? take(shape) : nullptr;
  if (!handle) {
    Result<std::unique_ptr<Handle>> opened = open(shape, context.budget);
    if (!opened) return pass_on(opened);
    handle = std::move(*opened);
  }
  Status status = handle->library().decode(compressed, out);
  if (status && shares) give_back(std::move(handle));
  return status;
}

// LERC's library has assertions that data reach, and accesses out of bounds.
Status TiffDecoder::decode_confined(const ReadContext& context, ByteSpan compressed,
                                    std::int64_t rows, std::span<std::uint8_t> out) const {
  if (context.decoders == nullptr) {
    return fail(ErrorKind::unsupported, "This kind of TIFF is not supported",
                "TIFF: LERC, and there are no confined decoders");
  }
  const TiffBlockFile file = single_block_file(image_, rows, image_.chroma);
  // The library has the block several times, as numbers of other types.
  constexpr std::uint64_t kTimes = 8;
  constexpr std::uint64_t kAtLeast = std::uint64_t{4} << 20U;
  const std::uint64_t memory = kAtLeast + kTimes * (out.size() + compressed.size());
  const Result<Reservation> reservation = context.budget.reserve(memory);
  if (!reservation) return tl::unexpected(reservation.error());
  const auto block = ConfinedBlock::create(
      {tiff_question_size(file, compressed.size()), out.size()}, context.budget);
  if (!block) return tl::unexpected(block.error());
  write_tiff_question(file, compressed, block->question());
  std::ranges::copy(out, block->answer().begin());
  Status status =
      context.decoders->run({number_of(SourceDecoder::libtiff), memory}, *block, context.deadline);
  if (status) std::ranges::copy(block->answer(), out.begin());
  return status;
}

std::unique_ptr<TiffDecoder::Handle> TiffDecoder::take(const Shape& shape) const {
  const MutexLock lock(mutex_);
  const auto found = std::find_if(idle_.begin(), idle_.end(),
                                  [&](const auto& idle) { return idle->shape() == shape; });
  if (found == idle_.end()) return nullptr;
  std::swap(*found, idle_.back());
  std::unique_ptr<Handle> handle = std::move(idle_.back());
  idle_.pop_back();
  idle_bytes_ -= handle->shape().bytes;
  return handle;
}

void TiffDecoder::give_back(std::unique_ptr<Handle> handle) const {
  // liblzma allocates the dictionary that a stream claims, up to 4 GB, however small the block is.
  if (image_.compression == TiffCompression::lzma) return;
  // One that is not kept is closed when the lock is released.
  const MutexLock lock(mutex_);
  const std::uint64_t bytes = handle->shape().bytes;
  if (idle_.size() >= kMostIdleHandles || bytes > kMostIdleBytes - idle_bytes()) return;
  handle->outlive_budget();
  idle_.push_back(std::move(handle));
  idle_bytes_ += bytes;
}

}  // namespace iip
