#include "engine/formats/tiff/old_jpeg.h"

#include <algorithm>
#include <array>
#include <string>

#include "engine/formats/jpeg/header.h"

namespace iip {

namespace {

constexpr std::uint64_t kBaselineProcess = 1;
constexpr std::uint64_t kMostHeaderBytes = std::uint64_t{256} << 10;
constexpr std::size_t kMostComponents = 4;
constexpr std::int64_t kLongestSide = 65535;
constexpr std::size_t kQuantisationBytes = 64;
constexpr std::size_t kCodeLengths = 16;
constexpr std::size_t kMostCodes = 256;
constexpr std::size_t kRestartSegmentBytes = 6;
constexpr std::size_t kFrameSizeAt = 5;  // behind marker, length and precision

constexpr std::array<std::uint8_t, 2> kStartOfImage{0xFF, 0xD8};
constexpr std::array<std::uint8_t, 2> kEndOfImage{0xFF, 0xD9};
constexpr std::array<std::uint8_t, 2> kStartOfScan{0xFF, 0xDA};
constexpr std::uint8_t kBaselineFrame = 0xC0;
constexpr std::uint8_t kExtendedFrame = 0xC1;
constexpr std::uint8_t kFirstRestart = 0xD0;
constexpr std::uint8_t kLastRestart = 0xD7;

tl::unexpected<Error> not_served(std::string what) {
  std::string detail = "TIFF: " + what;
  return fail(ErrorKind::unsupported, std::move(what), std::move(detail));
}

void append(ByteVector& to, ByteSpan bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

bool starts_with(ByteSpan bytes, const std::array<std::uint8_t, 2>& marker) {
  return bytes.size() >= marker.size() && std::equal(marker.begin(), marker.end(), bytes.begin());
}

// A marker segment of less than 64 KB.
ByteVector segment(std::uint8_t marker, const ByteVector& content) {
  const std::size_t length = content.size() + 2;
  ByteVector bytes{0xFF, marker, static_cast<std::uint8_t>(length >> 8U),
                   static_cast<std::uint8_t>(length & 255U)};
  append(bytes, content);
  return bytes;
}

Bytes tables_stream(const ByteVector& segments) {
  if (segments.empty()) return {};
  ByteVector stream(kStartOfImage.begin(), kStartOfImage.end());
  append(stream, segments);
  append(stream, kEndOfImage);
  return Bytes(std::move(stream));
}

// Where the tables of each component lie, by one of the three tags. One that the tag leaves out is
// that of the component before.
std::vector<std::uint64_t> places_of(const TiffDirectory& directory, TiffTag tag,
                                     std::size_t components) {
  std::vector<std::uint64_t> places = directory.integers(tag, kMostComponents);
  if (places.empty()) return {};
  places.resize(components, 0);
  for (std::size_t i = 1; i < components; ++i) {
    if (places[i] == 0) places[i] = places[i - 1];
  }
  return places;
}

// The tables of one kind: a slot for each different place, and which slot a component takes.
struct Slots {
  std::vector<std::uint8_t> of_component;
  std::vector<std::uint64_t> places;
};

Slots slots_of(const std::vector<std::uint64_t>& places) {
  Slots slots;
  for (const std::uint64_t place : places) {
    const auto known = std::find(slots.places.begin(), slots.places.end(), place);
    slots.of_component.push_back(static_cast<std::uint8_t>(known - slots.places.begin()));
    if (known == slots.places.end()) slots.places.push_back(place);
  }
  return slots;
}

bool append_quantisation(const TiffDirectory& directory, const Slots& slots, ByteVector& segments) {
  for (std::size_t slot = 0; slot < slots.places.size(); ++slot) {
    const ByteVector table = directory.bytes_from(slots.places[slot], kQuantisationBytes);
    if (table.size() != kQuantisationBytes) return false;
    ByteVector content{static_cast<std::uint8_t>(slot)};
    append(content, table);
    append(segments, segment(0xDB, content));
  }
  return true;
}

bool append_huffman(const TiffDirectory& directory, const Slots& slots, std::uint8_t kind,
                    ByteVector& segments) {
  for (std::size_t slot = 0; slot < slots.places.size(); ++slot) {
    ByteVector table = directory.bytes_from(slots.places[slot], kCodeLengths + kMostCodes);
    if (table.size() < kCodeLengths) return false;
    std::size_t codes = 0;
    for (std::size_t i = 0; i < kCodeLengths; ++i) codes += table[i];
    if (codes > kMostCodes || table.size() < kCodeLengths + codes) return false;
    table.resize(kCodeLengths + codes);
    ByteVector content{static_cast<std::uint8_t>(std::size_t{kind} << 4U | slot)};
    append(content, table);
    append(segments, segment(0xC4, content));
  }
  return true;
}

// The headers of the stream at `offset`. Its length is stated too, but often wrongly, and its own
// header ends where the scan begins; only where there is no scan the length tells the end.
std::optional<JpegSegments> find_stream(const TiffDirectory& directory, std::uint64_t offset) {
  std::optional<JpegSegments> found;
  const std::uint64_t stated = directory.integer_or(TiffTag::jpeg_if_byte_count, 0);
  for (const std::uint64_t length : {std::min(stated, kMostHeaderBytes), kMostHeaderBytes}) {
    std::optional<JpegSegments> stream = read_jpeg_segments(directory.bytes_from(offset, length));
    if (!stream) continue;
    const bool has_scan = !stream->scan.empty();
    if (has_scan || !found || found->frame.empty()) found = std::move(stream);
    if (has_scan) break;
  }
  return found;
}

// Restart markers count from 0 in a stream; a block cut out of a longer one goes on counting.
void renumber_restarts(std::span<std::uint8_t> data) {
  std::uint8_t next = kFirstRestart;
  for (std::size_t i = 0; i + 1 < data.size(); ++i) {
    if (data[i] != 0xFF || data[i + 1] < kFirstRestart || data[i + 1] > kLastRestart) continue;
    data[i + 1] = next;
    next = next == kLastRestart ? kFirstRestart : static_cast<std::uint8_t>(next + 1);
  }
}

}  // namespace

Result<TiffOldJpeg> TiffOldJpeg::read(const TiffDirectory& directory, const Layout& layout) {
  const std::uint64_t process = directory.integer_or(TiffTag::jpeg_proc, kBaselineProcess);
  if (process != kBaselineProcess) {
    return not_served(process == 14 ? "TIFF with lossless old-style JPEG is not served"
                                    : "TIFF with old-style JPEG of process " +
                                          std::to_string(process) + " is not served");
  }
  if (layout.samples > static_cast<int>(kMostComponents)) {
    return not_served("TIFF with old-style JPEG of " + std::to_string(layout.samples) +
                      " channels is not served");
  }
  TiffOldJpeg jpeg;
  const std::uint64_t stream = directory.integer_or(TiffTag::jpeg_if_offset, 0);
  if (stream != 0) {
    if (Status status = jpeg.read_stream(directory, stream, layout); !status) {
      return pass_on(status);
    }
  }
  // A stream without a frame holds tables at most; then the tags have the rest.
  if (jpeg.headers_.empty()) {
    if (Status status = jpeg.read_tables(directory, layout); !status) return pass_on(status);
  }
  return jpeg;
}

Status TiffOldJpeg::read_stream(const TiffDirectory& directory, std::uint64_t offset,
                                const Layout& layout) {
  std::optional<JpegSegments> stream = find_stream(directory, offset);
  if (!stream) return damaged("TIFF: the JPEG stream that the tags name is malformed");
  if (stream->frame.empty()) return {};

  const JpegHeader& header = stream->header;
  if (header.frame_marker != kBaselineFrame && header.frame_marker != kExtendedFrame) {
    return not_served("TIFF with old-style JPEG other than sequential is not served");
  }
  if (layout.separate || (!stream->scan.empty() && !header.scan_has_all_components)) {
    return not_served("TIFF with an old-style JPEG stream in several scans is not served");
  }
  if (header.component_count != layout.samples || header.bits != 8) {
    return damaged("TIFF: the JPEG stream that the tags name has other channels than the image");
  }
  if (!stream->restarts.empty() && stream->restarts.size() != kRestartSegmentBytes) {
    return damaged("TIFF: the JPEG stream that the tags name has a malformed restart interval");
  }
  tables_ = tables_stream(stream->tables);
  restarts_ = std::move(stream->restarts);
  headers_.push_back({std::move(stream->frame), std::move(stream->scan)});
  return {};
}

Status TiffOldJpeg::read_tables(const TiffDirectory& directory, const Layout& layout) {
  const auto components = static_cast<std::size_t>(layout.samples);
  const Slots quantisation = slots_of(places_of(directory, TiffTag::jpeg_q_tables, components));
  const Slots dc = slots_of(places_of(directory, TiffTag::jpeg_dc_tables, components));
  const Slots ac = slots_of(places_of(directory, TiffTag::jpeg_ac_tables, components));
  if (quantisation.places.empty() || dc.places.empty() || ac.places.empty()) return {};

  ByteVector segments;
  if (!append_quantisation(directory, quantisation, segments) ||
      !append_huffman(directory, dc, 0, segments) || !append_huffman(directory, ac, 1, segments)) {
    return damaged("TIFF: the JPEG tables are unreadable");
  }
  tables_ = tables_stream(segments);
  const std::uint64_t interval = directory.integer_or(TiffTag::jpeg_restart_interval, 0);
  if (interval > 65535) return damaged("TIFF: restart interval " + std::to_string(interval));
  if (interval != 0) {
    restarts_ = segment(0xDD, {static_cast<std::uint8_t>(interval >> 8U),
                               static_cast<std::uint8_t>(interval & 255U)});
  }

  const auto luma_sampling =
      static_cast<std::uint8_t>(layout.chroma.width << 4 | layout.chroma.height);
  const std::size_t count = layout.separate ? 1 : components;
  for (std::size_t first = 0; first < components; first += count) {
    ByteVector frame{8, 0, 0, 0, 0, static_cast<std::uint8_t>(count)};
    ByteVector scan{static_cast<std::uint8_t>(count)};
    for (std::size_t i = first; i < first + count; ++i) {
      const auto id = static_cast<std::uint8_t>(i + 1);
      const std::uint8_t sampling = i == 0 ? luma_sampling : std::uint8_t{0x11};
      append(frame, std::array{id, sampling, quantisation.of_component[i]});
      append(scan, std::array{id, static_cast<std::uint8_t>(dc.of_component[i] << 4U |
                                                            ac.of_component[i])});
    }
    append(scan, std::array<std::uint8_t, 3>{0, 63, 0});
    headers_.push_back({segment(kBaselineFrame, frame), segment(0xDA, scan)});
  }
  return {};
}

Result<std::span<std::uint8_t>> TiffOldJpeg::complete(std::span<std::uint8_t> room,
                                                      const Size& size, int channel) const {
  const std::span<std::uint8_t> data =
      room.subspan(kRoomInFront, room.size() - kRoomInFront - kRoomBehind);
  if (starts_with(data, kStartOfImage)) return data;
  if (static_cast<std::size_t>(channel) >= headers_.size()) {
    return damaged("TIFF: tables for old-style JPEG are missing");
  }
  if (size.width > kLongestSide || size.height > kLongestSide) {
    return damaged("TIFF: a block is larger than a JPEG can be");
  }
  const Headers& headers = headers_[static_cast<std::size_t>(channel)];
  ByteVector front(kStartOfImage.begin(), kStartOfImage.end());
  append(front, restarts_);
  const std::size_t frame_at = front.size();
  append(front, headers.frame);
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t side = i == 0 ? size.height : size.width;
    front[frame_at + kFrameSizeAt + 2 * i] = static_cast<std::uint8_t>(side >> 8);
    front[frame_at + kFrameSizeAt + 2 * i + 1] = static_cast<std::uint8_t>(side & 255);
  }
  if (!starts_with(data, kStartOfScan)) {
    if (headers.scan.empty()) return damaged("TIFF: a block of old-style JPEG has no scan header");
    append(front, headers.scan);
  }
  if (front.size() > kRoomInFront) return damaged("TIFF: a JPEG header is too long");
  renumber_restarts(data);
  std::copy(front.begin(), front.end(), data.begin() - static_cast<std::ptrdiff_t>(front.size()));
  std::copy(kEndOfImage.begin(), kEndOfImage.end(), data.end());
  return room.subspan(kRoomInFront - front.size(), front.size() + data.size() + kRoomBehind);
}

}  // namespace iip
