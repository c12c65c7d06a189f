#include "engine/formats/png/header.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/big_endian.h"
#include "engine/base/text.h"
#include "engine/formats/metadata/exif.h"
#include "engine/formats/png/inflate.h"
#include "engine/source/file_feed.h"
#include "engine/source/metadata_allowance.h"

namespace iip {

namespace {

constexpr std::array<std::uint8_t, 8> kSignature{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
// A file has a dozen.
constexpr int kMostChunks = 10'000;
constexpr std::uint64_t kAroundContent = 12;  // length, type, checksum
constexpr std::uint64_t kMostPaletteBytes = 768;
constexpr std::uint64_t kMostClearBytes = 256;
constexpr std::size_t kLongestKeyword = 79;

struct Chunk {
  std::array<char, 4> type{};
  std::uint64_t offset = 0;  // of its length
  std::uint64_t length = 0;  // of its content

  bool is(std::string_view name) const { return std::string_view(type.data(), 4) == name; }
  // The case of the first letter says whether the picture can do without.
  bool is_critical() const { return type[0] >= 'A' && type[0] <= 'Z'; }
  std::uint64_t end() const { return offset + kAroundContent + length; }
};

tl::unexpected<Error> damaged_png(std::string detail) {
  return damaged("PNG: " + std::move(detail));
}

std::string_view characters(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Takes what is before the next 0 off the front, and that as well. nullopt: there is none.
std::optional<std::string_view> take_text(ByteSpan& bytes) {
  const auto end = std::find(bytes.begin(), bytes.end(), std::uint8_t{0});
  if (end == bytes.end()) return std::nullopt;
  const auto length = static_cast<std::size_t>(end - bytes.begin());
  const std::string_view text = characters(bytes.first(length));
  bytes = bytes.subspan(length + 1);
  return text;
}

// Where a text of that name is kept; nullptr: it is not.
std::string* place_of(std::string_view keyword, Metadata& metadata) {
  const std::pair<std::string_view, std::string*> places[] = {
      {"XML:com.adobe.xmp", &metadata.xmp},   {"Title", &metadata.title},
      {"Author", &metadata.creator},          {"Copyright", &metadata.rights},
      {"Description", &metadata.description}, {"Creation Time", &metadata.date},
      {"Software", &metadata.software}};
  const auto* found = std::find_if(std::begin(places), std::end(places),
                                   [=](const auto& place) { return place.first == keyword; });
  return found == std::end(places) ? nullptr : found->second;
}

// Whether the profile is made for pictures of this kind (grey or RGB), and describes the colours of
// a device rather than an effect or the link between two devices (ICC.1, 7.2).
bool is_profile_for(ByteSpan profile, const PngFormat& picture) {
  const auto word = [&](std::size_t at) { return characters(profile.subspan(at, 4)); };
  const bool colour = picture.format.model == ColourModel::rgb;
  return word(36) == "acsp" && word(16) == (colour ? "RGB " : "GRAY") && word(12) != "abst" &&
         word(12) != "link" && (word(20) == "XYZ " || word(20) == "Lab ");
}

class Walker {
 public:
  explicit Walker(const OpenContext& context)
      : context_(context),
        allowance_(context.limits),
        inflatable_(2 * context.limits.max_metadata_in_all) {}

  Result<PngHeader> walk() {
    header_.head.assign(kSignature.begin(), kSignature.end());
    std::uint64_t at = kSignature.size();
    for (int i = 0; i < kMostChunks; ++i) {
      if (Status in_time = context_.deadline.check(); !in_time) return pass_on(in_time);
      const Result<Chunk> chunk = chunk_at(at);
      if (!chunk) return tl::unexpected(chunk.error());
      if (chunk->is("IDAT")) return finish(at);
      if (Status status = take(*chunk); !status) return pass_on(status);
      at = chunk->end();
    }
    return damaged_png("more than " + std::to_string(kMostChunks) + " chunks before the picture");
  }

 private:
  Result<Chunk> chunk_at(std::uint64_t at) const {
    constexpr std::uint64_t kLongest = 0x7FFFFFFF;
    std::array<std::uint8_t, 8> bytes{};
    if (Status status = context_.file.read_at(at, bytes); !status) return pass_on(status);
    Chunk chunk{{}, at, BigEndianReader(bytes).number(4)};
    std::memcpy(chunk.type.data(), &bytes[4], chunk.type.size());
    if (chunk.length > kLongest || chunk.end() > context_.file.size()) {
      // The picture's own data may be cut short: the rows before are served.
      if (!chunk.is("IDAT")) return damaged_png("the chunk at " + std::to_string(at));
    }
    return chunk;
  }

  Status take(const Chunk& chunk) {
    if (chunk.is("IHDR")) return take_for_decoder(chunk, 13);
    if (chunk.is("PLTE")) return take_for_decoder(chunk, kMostPaletteBytes);
    if (chunk.is("tRNS")) {
      return chunk.length <= kMostClearBytes ? take_for_decoder(chunk, kMostClearBytes) : Status{};
    }
    if (chunk.is_critical()) return damaged_png("an unknown kind of chunk before the picture");
    if (chunk.is("sRGB")) is_srgb_ = true;
    if (chunk.is("pHYs")) take_density(chunk);
    if (chunk.is("eXIf")) exif_ = exif_ ? exif_ : content_of(chunk);
    // The profile is only noted here. finish() reads it once the kind of the picture is known, when
    // the texts have had their part of the allowance.
    if (chunk.is("iCCP") && !is_srgb_ && !profile_) profile_ = chunk;
    if (chunk.is("tEXt") || chunk.is("zTXt") || chunk.is("iTXt")) take_text_chunk(chunk);
    return {};
  }

  Status take_for_decoder(const Chunk& chunk, std::uint64_t most) {
    if (chunk.length > most || header_.head.size() > 4096) {
      return damaged_png("the chunk at " + std::to_string(chunk.offset));
    }
    const std::size_t size = header_.head.size();
    header_.head.resize(size + static_cast<std::size_t>(chunk.length + kAroundContent));
    return context_.file.read_at(chunk.offset, std::span(header_.head).subspan(size));
  }

  // nullopt where there is too much of it, or its checksum is wrong.
  std::optional<ByteVector> content_of(const Chunk& chunk) const {
    if (chunk.length > context_.limits.max_metadata) return std::nullopt;
    // With the type before it, over which the checksum goes, too, and that behind it.
    ByteVector bytes(static_cast<std::size_t>(chunk.length + 8));
    if (!context_.file.read_at(chunk.offset + 4, bytes)) return std::nullopt;
    const ByteSpan summed = ByteSpan(bytes).first(bytes.size() - 4);
    const auto sum = ::crc32_z(0, summed.data(), summed.size());
    if (BigEndianReader(ByteSpan(bytes).last(4)).number(4) != sum) return std::nullopt;
    bytes.resize(bytes.size() - 4);
    bytes.erase(bytes.begin(), bytes.begin() + 4);
    return bytes;
  }

  void take_density(const Chunk& chunk) {
    constexpr std::uint64_t kLength = 9;
    if (has_density_ || chunk.length != kLength) return;
    const auto content = content_of(chunk);
    if (!content) return;
    has_density_ = true;
    BigEndianReader reader(*content);
    const auto x = static_cast<double>(reader.number(4));
    const auto y = static_cast<double>(reader.number(4));
    constexpr std::uint8_t kMetre = 1;
    // The inch, because most pictures were made for so many dots of it.
    if (reader.byte() == kMetre && x != 0 && y != 0) {
      header_.density = Density{x, y, Density::Unit::inch};
    }
  }

  void take_text_chunk(const Chunk& chunk) {
    std::array<std::uint8_t, kLongestKeyword + 1> head{};
    const auto count = std::min<std::uint64_t>(chunk.length, head.size());
    const std::span<std::uint8_t> read = std::span(head).first(static_cast<std::size_t>(count));
    if (!context_.file.read_at(chunk.offset + 8, read)) return;
    ByteSpan rest = read;
    const auto keyword = take_text(rest);
    std::string* const place = keyword ? place_of(*keyword, header_.metadata) : nullptr;
    if (place == nullptr || !place->empty()) return;
    const auto content = content_of(chunk);
    if (!content) return;
    std::string text = text_of(chunk, ByteSpan(*content).subspan(keyword->size() + 1));
    if (place != &header_.metadata.xmp) text = to_utf8(trim(text));
    if (allowance_.take(text.size())) *place = std::move(text);
  }

  // `rest` is what stands behind the keyword.
  std::string text_of(const Chunk& chunk, ByteSpan rest) {
    if (chunk.is("tEXt")) return std::string(characters(rest));
    bool is_compressed = true;
    if (chunk.is("iTXt")) {
      if (rest.empty()) return {};
      is_compressed = rest[0] != 0;
      rest = rest.subspan(1);
    }
    if (rest.empty() || rest[0] != 0) return {};  // the only method that there is
    rest = rest.subspan(1);
    const bool has_names = chunk.is("iTXt");  // those of the language, and the keyword in it
    if (has_names && (!take_text(rest) || !take_text(rest))) return {};
    if (!is_compressed) return std::string(characters(rest));
    const auto inflated = inflate_some(rest, allowance_.most());
    if (!inflated || !inflated->is_whole) return {};
    return std::string(characters(inflated->bytes));
  }

  std::optional<Inflated> inflate_some(ByteSpan compressed, std::uint64_t most) {
    auto inflated = inflate(compressed, static_cast<std::size_t>(std::min(most, inflatable_)));
    if (inflated) inflatable_ -= inflated->bytes.size();
    return inflated;
  }

  Bytes take_profile(const Chunk& chunk) {
    constexpr std::size_t kLeast = 132;
    const auto content = content_of(chunk);
    if (!content) return {};
    ByteSpan rest = *content;
    const auto name = take_text(rest);
    if (!name || name->empty() || name->size() > kLongestKeyword || rest.empty() || rest[0] != 0) {
      return {};
    }
    auto inflated = inflate_some(rest.subspan(1), allowance_.most());
    if (!inflated || inflated->bytes.size() < kLeast) return {};
    ByteVector& profile = inflated->bytes;
    const std::uint64_t stated = BigEndianReader(profile).number(4);
    if (stated < kLeast || stated > profile.size()) return {};
    profile.resize(static_cast<std::size_t>(stated));
    if (!is_profile_for(profile, header_.picture) || !allowance_.take(stated)) return {};
    return Bytes(std::move(profile));
  }

  Result<PngHeader> finish(std::uint64_t data_offset) {
    header_.data_offset = data_offset;
    FileFeed feed(header_.head, StoredBytes(context_.file), data_offset, context_.deadline);
    Result<PngFormat> picture = read_png_format(feed);
    if (!picture) return pass_on(picture);
    header_.picture = *picture;
    if (profile_) header_.icc_profile = take_profile(*profile_);
    if (exif_) {
      // Texts come from chunks of their own.
      Exif exif = read_exif(*exif_, allowance_);
      header_.orientation = exif.orientation;
      header_.metadata.exif = std::move(exif.metadata.exif);
    }
    return std::move(header_);
  }

  const OpenContext& context_;
  MetadataAllowance allowance_;
  std::uint64_t inflatable_;  // bytes that may still be made of what is compressed
  PngHeader header_;
  std::optional<Chunk> profile_;
  std::optional<ByteVector> exif_;
  bool has_density_ = false;
  bool is_srgb_ = false;
};

}  // namespace

Result<PngHeader> read_png_header(const OpenContext& context) { return Walker(context).walk(); }

}  // namespace iip
