#include "engine/service/counted_answer.h"

#include <algorithm>
#include <string>
#include <utility>

namespace iip {

Status CountedAnswer::add(ByteSpan bytes) {
  auto room = extend(bytes.size());
  if (!room) return pass_on(room);
  std::copy(bytes.begin(), bytes.end(), room->begin());
  return {};
}

Status CountedAnswer::add(std::string_view text) {
  return add(ByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

Result<std::span<std::uint8_t>> CountedAnswer::extend(std::uint64_t size) {
  if (size > kMostBytes - bytes_.size()) {
    return fail(ErrorKind::too_large, "The answer would be longer than one request may ask for",
                "an answer of more than " + std::to_string(kMostBytes) + " bytes");
  }
  const std::size_t start = bytes_.size();
  const std::size_t end = start + static_cast<std::size_t>(size);
  if (end > bytes_.capacity()) {
    const std::size_t capacity = std::max(end, 2 * bytes_.capacity());
    auto memory = budget_.reserve(capacity);
    if (!memory) return pass_on(memory);
    bytes_.reserve(capacity);
    memory_ = std::move(*memory);
  }
  bytes_.resize(end);
  return std::span(bytes_).subspan(start);
}

Bytes CountedAnswer::take() {
  memory_ = Reservation();
  return Bytes(std::move(bytes_));
}

}  // namespace iip
