#include "engine/formats/jpeg/header.h"

#include <algorithm>

namespace iip {

namespace {

enum Marker : std::uint8_t {
  kStartOfImage = 0xD8,
  kEndOfImage = 0xD9,
  kStartOfScan = 0xDA,
  kQuantisation = 0xDB,
  kHuffman = 0xC4,
  kJpegExtension = 0xC8,
  kArithmetic = 0xCC,
  kRestartInterval = 0xDD,
  kApplication0 = 0xE0,
  kAdobe = 0xEE,
  kApplication15 = 0xEF,
  kComment = 0xFE,
};

bool is_frame(std::uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != kHuffman && marker != kJpegExtension &&
         marker != kArithmetic;
}

bool is_application(std::uint8_t marker) {
  return marker >= kApplication0 && marker <= kApplication15;
}

struct Segment {
  std::uint8_t marker = 0;
  ByteSpan whole;    // from the marker's 0xFF on
  ByteSpan content;  // behind the length
};

// Walks the marker segments behind SOI.
class SegmentReader {
 public:
  enum class Step { segment, cut_short, malformed };

  explicit SegmentReader(ByteSpan stream) : rest_(stream) {}

  std::size_t left() const { return rest_.size(); }

  Step start() {
    if (rest_.size() < 2) return Step::cut_short;
    if (rest_[0] != 0xFF || rest_[1] != kStartOfImage) return Step::malformed;
    rest_ = rest_.subspan(2);
    return Step::segment;
  }

  // EOI comes as a segment without content.
  Step next(Segment& segment) {
    if (rest_.size() < 2) return Step::cut_short;
    if (rest_[0] != 0xFF) return Step::malformed;
    while (rest_.size() > 2 && rest_[1] == 0xFF) rest_ = rest_.subspan(1);  // fill bytes
    segment.marker = rest_[1];
    if (segment.marker == kEndOfImage) {
      segment.whole = rest_.first(2);
      segment.content = {};
      rest_ = rest_.subspan(2);
      return Step::segment;
    }
    if (segment.marker < 0xC0 || (segment.marker >= 0xD0 && segment.marker <= 0xD8)) {
      return segment.marker == 0xFF ? Step::cut_short : Step::malformed;
    }
    if (rest_.size() < 4) return Step::cut_short;
    const std::size_t length = std::size_t{rest_[2]} << 8U | rest_[3];
    if (length < 2) return Step::malformed;
    if (rest_.size() < 2 + length) return Step::cut_short;
    segment.whole = rest_.first(2 + length);
    segment.content = segment.whole.subspan(4);
    rest_ = rest_.subspan(2 + length);
    return Step::segment;
  }

 private:
  ByteSpan rest_;
};

bool read_quantisation(ByteSpan content, JpegTableSlots& slots, bool& has_wide) {
  while (!content.empty()) {
    const unsigned precision = content[0] >> 4U;
    const unsigned slot = content[0] & 15U;
    const std::size_t length = 1 + 64 * (precision + 1);
    if (precision > 1 || slot > 3 || content.size() < length) return false;
    if (precision == 1) has_wide = true;
    slots.quantisation |= 1U << slot;
    content = content.subspan(length);
  }
  return true;
}

bool read_restart_interval(ByteSpan content, JpegHeader& header) {
  if (content.size() != 2) return false;
  header.restart_interval = content[0] << 8 | content[1];
  return true;
}

bool read_huffman(ByteSpan content, JpegTableSlots& slots) {
  while (!content.empty()) {
    if (content.size() < 17) return false;
    const unsigned kind = content[0] >> 4U;
    const unsigned slot = content[0] & 15U;
    if (kind > 1 || slot > 3) return false;
    std::size_t codes = 0;
    for (std::size_t i = 1; i <= 16; ++i) codes += content[i];
    if (codes > 256 || content.size() < 17 + codes) return false;
    (kind == 0 ? slots.dc : slots.ac) |= 1U << slot;
    content = content.subspan(17 + codes);
  }
  return true;
}

bool read_frame(const Segment& segment, JpegHeader& header) {
  const ByteSpan content = segment.content;
  if (header.frame_marker != 0 || content.size() < 6) return false;
  header.frame_marker = segment.marker;
  header.bits = content[0];
  header.size = {content[3] << 8 | content[4], content[1] << 8 | content[2]};
  header.component_count = content[5];
  const auto count = static_cast<std::size_t>(header.component_count);
  if (count < 1 || count > header.components.size() || content.size() != 6 + 3 * count)
    return false;
  for (std::size_t i = 0; i < count; ++i) {
    const ByteSpan at = content.subspan(6 + 3 * i, 3);
    const auto horizontal = static_cast<std::uint8_t>(at[1] >> 4U);
    const auto vertical = static_cast<std::uint8_t>(at[1] & 15U);
    if (horizontal < 1 || horizontal > 4 || vertical < 1 || vertical > 4 || at[2] > 3) return false;
    header.components[i] = {at[0], horizontal, vertical, at[2]};
    header.needed_tables.quantisation |= 1U << at[2];
  }
  return true;
}

bool read_scan(ByteSpan content, JpegHeader& header) {
  if (header.frame_marker == 0 || content.empty()) return false;
  const std::size_t count = content[0];
  if (content.size() != 4 + 2 * count) return false;
  bool in_order = true;
  for (std::size_t i = 0; i < count; ++i) {
    const ByteSpan at = content.subspan(1 + 2 * i, 2);
    if ((at[1] >> 4U) > 3 || (at[1] & 15U) > 3) return false;
    header.needed_tables.dc |= 1U << (at[1] >> 4U);
    header.needed_tables.ac |= 1U << (at[1] & 15U);
    in_order = in_order && i < header.components.size() && at[0] == header.components[i].id;
    if (in_order) {
      header.scan_tables[i] = {static_cast<std::uint8_t>(at[1] >> 4U),
                               static_cast<std::uint8_t>(at[1] & 15U)};
    }
  }
  const ByteSpan spectrum = content.last(3);
  header.scan_has_all_components = in_order &&
                                   count == static_cast<std::size_t>(header.component_count) &&
                                   spectrum[0] == 0 && spectrum[1] == 63 && spectrum[2] == 0;
  return true;
}

// False for a segment that is not what it should be.
bool read_segment(const Segment& segment, JpegHeader& header) {
  const ByteSpan content = segment.content;
  if (segment.marker == kQuantisation) {
    return read_quantisation(content, header.own_tables, header.has_wide_quantisation);
  }
  if (segment.marker == kRestartInterval) return read_restart_interval(content, header);
  if (segment.marker == kHuffman) return read_huffman(content, header.own_tables);
  if (is_frame(segment.marker)) return read_frame(segment, header);
  if (segment.marker == kAdobe) {
    constexpr std::array<std::uint8_t, 5> kName{'A', 'd', 'o', 'b', 'e'};
    if (content.size() >= 12 && std::equal(kName.begin(), kName.end(), content.begin())) {
      header.has_adobe = true;
      header.adobe_transform = content[11];
    }
    return true;
  }
  if (is_application(segment.marker)) {
    if (segment.marker != kApplication0) header.has_other_application_data = true;
    return true;
  }
  return segment.marker == kComment || segment.marker == kArithmetic;
}

}  // namespace

JpegHeader read_jpeg_header(ByteSpan stream) {
  using Step = SegmentReader::Step;
  JpegHeader header;
  SegmentReader reader(stream);
  Segment segment;
  for (Step step = reader.start();;) {
    if (step == Step::segment) step = reader.next(segment);
    if (step != Step::segment) {
      header.state =
          step == Step::cut_short ? JpegHeader::State::cut_short : JpegHeader::State::malformed;
      return header;
    }
    if (segment.marker == kStartOfScan) {
      header.state = read_scan(segment.content, header) ? JpegHeader::State::complete
                                                        : JpegHeader::State::malformed;
      header.scan_offset = stream.size() - reader.left();
      return header;
    }
    if (!read_segment(segment, header)) return header;
  }
}

std::optional<JpegSegments> read_jpeg_segments(ByteSpan stream) {
  using Step = SegmentReader::Step;
  JpegSegments parts;
  SegmentReader reader(stream);
  Segment segment;
  const auto append = [&segment](ByteVector& to) {
    to.insert(to.end(), segment.whole.begin(), segment.whole.end());
  };
  Step step = reader.start();
  while (step == Step::segment) {
    step = reader.next(segment);
    if (step != Step::segment || segment.marker == kEndOfImage) break;
    if (segment.marker == kStartOfScan) {
      if (!read_scan(segment.content, parts.header)) return std::nullopt;
      parts.header.state = JpegHeader::State::complete;
      append(parts.scan);
      return parts;
    }
    if (!read_segment(segment, parts.header)) return std::nullopt;
    if (segment.marker == kQuantisation || segment.marker == kHuffman) append(parts.tables);
    if (segment.marker == kRestartInterval)
      parts.restarts.assign(segment.whole.begin(), segment.whole.end());
    if (is_frame(segment.marker)) append(parts.frame);
  }
  if (step == Step::malformed) return std::nullopt;
  parts.header.state = JpegHeader::State::cut_short;
  return parts;
}

std::optional<JpegTables> read_jpeg_tables(ByteSpan stream) {
  using Step = SegmentReader::Step;
  SegmentReader reader(stream);
  Segment segment;
  JpegTables tables;
  ByteVector segments;
  bool has_wide = false;
  if (reader.start() != Step::segment) return std::nullopt;
  while (reader.next(segment) == Step::segment) {
    if (segment.marker == kEndOfImage) {
      tables.segments = Bytes(std::move(segments));
      return tables;
    }
    bool valid = segment.marker == kComment || segment.marker == kRestartInterval ||
                 is_application(segment.marker);
    if (segment.marker == kQuantisation || segment.marker == kHuffman) {
      valid = segment.marker == kHuffman
                  ? read_huffman(segment.content, tables.slots)
                  : read_quantisation(segment.content, tables.slots, has_wide);
      segments.insert(segments.end(), segment.whole.begin(), segment.whole.end());
    }
    // Tables of 16 bits do not belong to baseline.
    if (!valid || has_wide) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace iip
