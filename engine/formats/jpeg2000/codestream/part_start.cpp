#include "engine/formats/jpeg2000/codestream/part_start.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "engine/base/big_endian.h"
#include "engine/formats/jpeg2000/codestream/coding.h"
#include "engine/formats/jpeg2000/codestream/errors.h"

namespace iip {

namespace {

// `end`, or where the marker lies that ends the codestream.
Result<std::uint64_t> end_of_data(const File& file, std::uint64_t at, std::uint64_t end) {
  std::array<std::uint8_t, 2> last{};
  if (end - at < J2kPartStart::kLeastPart + last.size()) return end;
  Status status = file.read_at(end - last.size(), last);
  if (!status) return pass_on(status);
  const auto marker = static_cast<J2kMarker>(last[0] << 8U | last[1]);
  return marker == J2kMarker::end_of_codestream ? end - last.size() : end;
}

}  // namespace

Result<J2kPartStart> read_j2k_part_start(const File& file, std::uint64_t at, std::uint64_t end) {
  if (at == end) return J2kPartStart{0, 0, 0, true};
  std::array<std::uint8_t, J2kPartStart::kBytes> bytes{};
  const std::size_t count = static_cast<std::size_t>(std::min(end - at, J2kPartStart::kBytes));
  Status status = file.read_at(at, std::span(bytes).first(count));
  if (!status) return pass_on(status);
  BigEndianReader reader(ByteSpan(bytes).first(count));
  const auto marker = static_cast<J2kMarker>(reader.number(2));
  if (marker == J2kMarker::end_of_codestream) return J2kPartStart{0, 0, 0, true};
  const std::uint64_t segment = reader.number(2);
  J2kPartStart start;
  start.tile = reader.number(2);
  start.length = reader.number(4);
  start.number = reader.number(1);
  // 0: all that is left.
  if (start.length == 0 && !reader.failed()) {
    const Result<std::uint64_t> data_end = end_of_data(file, at, end);
    if (!data_end) return tl::unexpected(data_end.error());
    start.length = *data_end - at;
  }
  if (reader.failed() || marker != J2kMarker::start_of_tile_part || segment != 10 ||
      start.length < J2kPartStart::kLeastPart || start.length > end - at) {
    return damaged_codestream("no tile-part at " + std::to_string(at));
  }
  return start;
}

}  // namespace iip
