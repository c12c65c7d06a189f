#include "engine/formats/jpeg/region.h"

#include <array>

namespace iip {

namespace {

constexpr std::size_t kWindow = std::size_t{24} << 10;
constexpr std::size_t kPiece = std::size_t{64} << 10;

void append(ByteVector& out, ByteSpan bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

// Tables of differences that JpegMcuWriter writes with, in all slots.
void append_dc_tables(ByteVector& out) {
  const auto& counts = JpegMcuWriter::kDcCounts;
  const auto& symbols = JpegMcuWriter::kDcSymbols;
  const std::size_t length = 2 + 4 * (1 + counts.size() + symbols.size());
  append(out, std::array<std::uint8_t, 4>{0xFF, 0xC4, 0, static_cast<std::uint8_t>(length)});
  for (std::uint8_t slot = 0; slot < 4; ++slot) {
    out.push_back(slot);
    append(out, counts);
    append(out, symbols);
  }
}

void put_size(std::span<std::uint8_t> frame, const Size& size) {
  frame[5] = static_cast<std::uint8_t>(size.height >> 8);
  frame[6] = static_cast<std::uint8_t>(size.height);
  frame[7] = static_cast<std::uint8_t>(size.width >> 8);
  frame[8] = static_cast<std::uint8_t>(size.width);
}

// The head of the whole picture with the size of a part, without restarts, and with tables that
// hold every DC difference.
ByteVector head_of_part(ByteSpan head, const Size& size) {
  constexpr std::uint8_t kFirstFrame = 0xC0;
  constexpr std::uint8_t kSecondFrame = 0xC1;
  constexpr std::uint8_t kRestartInterval = 0xDD;
  constexpr std::uint8_t kStartOfScan = 0xDA;
  ByteVector out(head.begin(), head.begin() + 2);
  for (std::size_t at = 2; at + 4 <= head.size();) {
    const std::size_t length = 2 + (std::size_t{head[at + 2]} << 8U | head[at + 3]);
    const std::uint8_t marker = head[at + 1];
    if (marker == kStartOfScan) append_dc_tables(out);
    if (marker != kRestartInterval) append(out, head.subspan(at, length));
    if (marker == kFirstFrame || marker == kSecondFrame) {
      put_size(std::span(out).last(length), size);
    }
    at += length;
  }
  return out;
}

}  // namespace

JpegRegionFeed::JpegRegionFeed(const JpegScan& scan, const JpegIndex& index, ByteSpan head,
                               StoredBytes bytes, const Rect& mcus, const Size& size,
                               const Deadline& deadline)
    : scan_(scan),
      index_(index),
      bytes_(bytes),
      mcus_(mcus),
      deadline_(deadline),
      head_(head_of_part(head, size)),
      reader_(scan, bytes, kWindow) {}

Result<ByteSpan> JpegRegionFeed::next() {
  if (!began_) {
    began_ = true;
    return ByteSpan(head_);
  }
  if (ended_) return ByteSpan{};
  if (Status in_time = deadline_.check(); !in_time) return pass_on(in_time);
  while (row_ < mcus_.height && writer_.size() < kPiece) {
    if (Status status = add_row(); !status) return pass_on(status);
    ++row_;
  }
  if (row_ == mcus_.height) {
    ended_ = true;
    writer_.finish();
  }
  return writer_.take();
}

Status JpegRegionFeed::add_row() {
  const std::int64_t first = (mcus_.y + row_) * scan_.mcus_across() + mcus_.x;
  const bool is_there = row_ > 0 && reader_.mcu() == first;  // rows of the full width
  if (!is_there) {
    Result<JpegIndex::Entry> entry = index_.find(bytes_, first, deadline_);
    if (!entry) return pass_on(entry);
    const bool gains = row_ == 0 || entry->mcu > reader_.mcu();
    if (gains) {
      if (Status status = reader_.seek(entry->mcu, entry->position); !status) return status;
    }
    if (Status status = reader_.skip(first - reader_.mcu()); !status) return status;
  }
  return reader_.copy(mcus_.width, writer_);
}

}  // namespace iip
