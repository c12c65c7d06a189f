// Bytes: an immutable run of bytes with shared ownership.
//
// Copying shares the storage; the count is atomic, so a copy may be dropped on any thread. Used for
// what outlives one step of a request: encoded pictures, ICC profiles, JPEG tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace iip {

using ByteVector = std::vector<std::uint8_t>;
using ByteSpan = std::span<const std::uint8_t>;

class Bytes {
 public:
  Bytes() = default;
  explicit Bytes(ByteVector bytes)
      : storage_(bytes.empty() ? nullptr : std::make_shared<const ByteVector>(std::move(bytes))) {}

  const std::uint8_t* data() const { return storage_ ? storage_->data() : nullptr; }
  std::size_t size() const { return storage_ ? storage_->size() : 0; }
  bool empty() const { return size() == 0; }
  ByteSpan span() const { return {data(), size()}; }

 private:
  std::shared_ptr<const ByteVector> storage_;
};

}  // namespace iip
