#include "engine/formats/jpeg2000/codestream/boxes.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/big_endian.h"
#include "engine/formats/jpeg2000/codestream/errors.h"

namespace iip {

namespace {

constexpr int kMostBoxes = 1024;
// A palette of 1024 entries and 255 columns of 16 bits, with room to spare.
constexpr std::uint64_t kMostBoxBytes = std::uint64_t{1} << 20;

constexpr std::uint32_t box_type(const char (&name)[5]) {
  std::uint32_t type = 0;
  for (int i = 0; i < 4; ++i) type = type << 8U | static_cast<std::uint8_t>(name[i]);
  return type;
}

struct Box {
  std::uint32_t type = 0;
  std::uint64_t offset = 0;  // of the content
  std::uint64_t length = 0;
  std::uint64_t end() const { return offset + length; }
};

// The box at `at`, which lies before `end`; the whole of it lies within [at, end).
Result<Box> read_box_header(const File& file, std::uint64_t at, std::uint64_t end) {
  std::array<std::uint8_t, 16> bytes{};
  const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(end - at, 16));
  Status status = file.read_at(at, std::span(bytes).first(count));
  if (!status) return pass_on(status);
  BigEndianReader reader(ByteSpan(bytes).first(count));
  std::uint64_t length = reader.number(4);
  Box box;
  box.type = static_cast<std::uint32_t>(reader.number(4));
  std::uint64_t header = 8;
  if (length == 1) {
    length = reader.number(8);
    header = 16;
  } else if (length == 0) {
    length = end - at;
  }
  if (reader.failed() || length < header || length > end - at) {
    return damaged_jp2("the box at " + std::to_string(at) + " does not fit");
  }
  box.offset = at + header;
  box.length = length - header;
  return box;
}

Result<ByteVector> read_content(const File& file, const Box& box, std::uint64_t most) {
  if (box.length > most) return damaged_jp2("a box of " + std::to_string(box.length) + " bytes");
  ByteVector content(static_cast<std::size_t>(box.length));
  Status status = file.read_at(box.offset, content);
  if (!status) return pass_on(status);
  return content;
}

// Two's complement, where the depth says signed.
std::int32_t stored_value(std::uint64_t raw, const Jp2Palette::Column& column) {
  const std::int64_t range = std::int64_t{1} << column.bits;
  std::int64_t value = static_cast<std::int64_t>(raw) & (range - 1);
  if (column.is_signed && value >= range / 2) value -= range;
  return static_cast<std::int32_t>(value);
}

Result<Jp2Palette> read_palette(ByteSpan content) {
  constexpr int kMostBits = 16;
  BigEndianReader reader(content);
  const std::uint64_t entries = reader.number(2);
  const std::uint64_t columns = reader.number(1);
  if (entries == 0 || entries > 1024 || columns == 0) return damaged_jp2("an empty palette");
  Jp2Palette palette;
  for (std::uint64_t i = 0; i < columns; ++i) {
    const std::uint8_t depth = reader.byte();
    palette.columns.push_back({(depth & 0x7F) + 1, (depth & 0x80) != 0});
    if (palette.columns.back().bits > kMostBits) {
      return fail(ErrorKind::unsupported, "The image's palette is not supported",
                  "JP2: a palette of more than 16 bits");
    }
  }
  for (std::uint64_t entry = 0; entry < entries; ++entry) {
    for (const Jp2Palette::Column& column : palette.columns) {
      palette.values.push_back(stored_value(reader.number(column.bits > 8 ? 2 : 1), column));
    }
  }
  if (reader.failed()) return damaged_jp2("the palette is cut short");
  return palette;
}

Result<std::vector<Jp2ChannelSource>> read_mapping(ByteSpan content) {
  BigEndianReader reader(content);
  std::vector<Jp2ChannelSource> channels;
  while (reader.left() >= 4) {
    Jp2ChannelSource channel;
    channel.component = static_cast<int>(reader.number(2));
    const std::uint8_t type = reader.byte();
    const std::uint8_t column = reader.byte();
    if (type > 1) return damaged_jp2("a component mapping of unknown type");
    if (type == 1) channel.palette_column = column;
    channels.push_back(channel);
  }
  return channels;
}

Result<std::vector<Jp2ChannelDefinition>> read_definitions(ByteSpan content) {
  BigEndianReader reader(content);
  const std::uint64_t count = reader.number(2);
  std::vector<Jp2ChannelDefinition> definitions;
  for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) {
    Jp2ChannelDefinition definition;
    definition.channel = static_cast<int>(reader.number(2));
    definition.type = static_cast<int>(reader.number(2));
    definition.association = static_cast<int>(reader.number(2));
    definitions.push_back(definition);
  }
  if (reader.failed()) return damaged_jp2("the channel definitions are cut short");
  return definitions;
}

// Reads the content of a `resc` or `resd` box, which states samples per metre.
std::optional<Density> read_density(ByteSpan content) {
  BigEndianReader reader(content);
  std::array<double, 4> parts{};
  for (double& part : parts) part = static_cast<double>(reader.number(2));
  const auto down = static_cast<std::int8_t>(reader.byte());
  const auto across = static_cast<std::int8_t>(reader.byte());
  if (reader.failed() || parts[1] == 0 || parts[3] == 0) return std::nullopt;
  const double y = parts[0] / parts[1] * std::pow(10.0, down);
  const double x = parts[2] / parts[3] * std::pow(10.0, across);
  if (!(x > 0 && y > 0 && x < 1e9 && y < 1e9)) return std::nullopt;
  return Density{x, y, Density::Unit::centimetre};
}

class BoxReader {
 public:
  BoxReader(const File& file, MetadataAllowance& allowance, const Deadline& deadline)
      : file_(file), allowance_(allowance), deadline_(deadline) {}

  Result<Jp2Boxes> read() {
    Status status = read_top();
    if (!status) return pass_on(status);
    if (!has_codestream_) {
      return fail(ErrorKind::unsupported, "The image has no codestream of its own",
                  "JP2: no jp2c box");
    }
    return std::move(boxes_);
  }

 private:
  Status read_top();
  Status read_header(const Box& header);
  Status read_header_box(const Box& box);
  Status read_colour(const Box& box);
  Status read_resolution(const Box& box);
  void read_xmp(const Box& box, bool is_uuid);
  Status count_box();

  const File& file_;
  MetadataAllowance& allowance_;
  const Deadline& deadline_;
  Jp2Boxes boxes_;
  int box_count_ = 0;
  bool has_codestream_ = false;
  bool has_header_ = false;
};

Status BoxReader::count_box() {
  if (++box_count_ <= kMostBoxes) return deadline_.check();
  return damaged_jp2("more than " + std::to_string(kMostBoxes) + " boxes");
}

Status BoxReader::read_top() {
  for (std::uint64_t at = 0; file_.size() - at >= 8;) {
    const Result<Box> box = read_box_header(file_, at, file_.size());
    if (!box) {
      // What follows the picture can not harm it.
      if (has_codestream_ && has_header_) return {};
      return tl::unexpected(box.error());
    }
    Status status = count_box();
    if (!status) {
      const bool is_complete = has_codestream_ && has_header_;
      return is_complete && status.error().kind == ErrorKind::corrupt ? Status{} : status;
    }
    if (box->type == box_type("jp2c") && !has_codestream_) {
      boxes_.codestream_offset = box->offset;
      boxes_.codestream_length = box->length;
      has_codestream_ = true;
    } else if (box->type == box_type("jp2h") && !has_header_) {
      has_header_ = true;
      status = read_header(*box);
      if (!status) return status;
    } else if (box->type == box_type("uuid")) {
      read_xmp(*box, true);
    } else if (box->type == box_type("xml ") && boxes_.xmp.empty()) {
      read_xmp(*box, false);
    }
    at = box->end();
  }
  return {};
}

Status BoxReader::read_header(const Box& header) {
  for (std::uint64_t at = header.offset; header.end() - at >= 8;) {
    const Result<Box> box = read_box_header(file_, at, header.end());
    if (!box) return tl::unexpected(box.error());
    Status status = count_box();
    if (!status) return status;
    status = read_header_box(*box);
    if (!status) return status;
    at = box->end();
  }
  return {};
}

Status BoxReader::read_header_box(const Box& box) {
  if (box.type == box_type("colr")) return read_colour(box);
  if (box.type == box_type("res ")) return read_resolution(box);
  const bool is_palette = box.type == box_type("pclr");
  const bool is_mapping = box.type == box_type("cmap");
  const bool is_definitions = box.type == box_type("cdef");
  if (!is_palette && !is_mapping && !is_definitions) return {};
  const Result<ByteVector> content = read_content(file_, box, kMostBoxBytes);
  if (!content) return tl::unexpected(content.error());
  if (is_palette) {
    Result<Jp2Palette> palette = read_palette(*content);
    if (!palette) return pass_on(palette);
    boxes_.palette = std::move(*palette);
  } else if (is_mapping) {
    auto channels = read_mapping(*content);
    if (!channels) return pass_on(channels);
    boxes_.channels = std::move(*channels);
  } else {
    auto definitions = read_definitions(*content);
    if (!definitions) return pass_on(definitions);
    boxes_.definitions = std::move(*definitions);
  }
  return {};
}

Status BoxReader::read_colour(const Box& box) {
  enum Method { kEnumerated = 1, kRestrictedProfile = 2, kAnyProfile = 3 };
  // A reader takes the first that it understands.
  if (boxes_.colour_space || !boxes_.icc_profile.empty()) return {};
  constexpr std::uint64_t kHeader = 3;
  if (box.length < kHeader || box.length - kHeader > allowance_.most()) return {};
  const Result<ByteVector> content = read_content(file_, box, box.length);
  if (!content) return tl::unexpected(content.error());
  BigEndianReader reader(*content);
  const std::uint8_t method = reader.byte();
  reader.bytes(2);  // precedence, approximation
  if (method == kEnumerated) {
    const auto space = static_cast<std::uint32_t>(reader.number(4));
    if (!reader.failed()) boxes_.colour_space = space;
  } else if (method == kRestrictedProfile || method == kAnyProfile) {
    const ByteSpan profile = reader.rest();
    if (!allowance_.take(profile.size())) return {};
    boxes_.icc_profile = Bytes(ByteVector(profile.begin(), profile.end()));
  }
  return {};
}

Status BoxReader::read_resolution(const Box& resolution) {
  bool has_capture = false;
  for (std::uint64_t at = resolution.offset; resolution.end() - at >= 8;) {
    const Result<Box> box = read_box_header(file_, at, resolution.end());
    if (!box) return {};
    Status status = count_box();
    if (!status) return status;
    const bool captured = box->type == box_type("resc");
    if (captured || (box->type == box_type("resd") && !has_capture)) {
      const Result<ByteVector> content = read_content(file_, *box, kMostBoxBytes);
      const auto density = content ? read_density(*content) : std::nullopt;
      if (density) {
        boxes_.density = density;
        has_capture = captured;
      }
    }
    at = box->end();
  }
  return {};
}

void BoxReader::read_xmp(const Box& box, bool is_uuid) {
  constexpr std::array<std::uint8_t, 16> kXmp{0xBE, 0x7A, 0xCF, 0xCB, 0x97, 0xA9, 0x42, 0xE8,
                                              0x9C, 0x71, 0x99, 0x94, 0x91, 0xE3, 0xAF, 0xAC};
  Box packet = box;
  if (is_uuid) {
    std::array<std::uint8_t, 16> id{};
    if (box.length < id.size() || !file_.read_at(box.offset, id) || id != kXmp) return;
    packet.offset += id.size();
    packet.length -= id.size();
  }
  const Result<ByteVector> content = read_content(file_, packet, allowance_.most());
  if (!content) return;
  std::string text(content->begin(), content->end());
  // An `xml ` box may hold anything.
  const bool is_xmp = is_uuid || text.find("xmpmeta") != std::string::npos;
  if (is_xmp && allowance_.take(text.size())) boxes_.xmp = std::move(text);
}

constexpr std::array<std::uint8_t, 4> kCodestreamHead{0xFF, 0x4F, 0xFF, 0x51};

bool is_codestream(ByteSpan head) {
  return head.size() >= kCodestreamHead.size() &&
         std::equal(kCodestreamHead.begin(), kCodestreamHead.end(), head.begin());
}

}  // namespace

bool is_jpeg2000(ByteSpan head) {
  constexpr std::array<std::uint8_t, 12> kJp2{0,   0,   0,    12,   'j',  'P',
                                              ' ', ' ', '\r', '\n', 0x87, '\n'};
  return is_codestream(head) ||
         (head.size() >= kJp2.size() && std::equal(kJp2.begin(), kJp2.end(), head.begin()));
}

Result<Jp2Boxes> read_jp2_boxes(const File& file, MetadataAllowance& allowance,
                                const Deadline& deadline) {
  std::array<std::uint8_t, 4> head{};
  if (file.size() < head.size()) return damaged_jp2("shorter than any image");
  Status status = file.read_at(0, head);
  if (!status) return pass_on(status);
  if (is_codestream(head)) {
    Jp2Boxes boxes;
    boxes.codestream_length = file.size();
    return boxes;
  }
  return BoxReader(file, allowance, deadline).read();
}

}  // namespace iip
