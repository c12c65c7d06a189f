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
  explicit Bytes(ByteVector bytes) : size_(bytes.size()) {
    if (bytes.empty()) return;
    const auto storage = std::make_shared<const ByteVector>(std::move(bytes));
    data_ = {storage, storage->data()};
  }
  // The first `size` bytes of an array that nobody writes to any more.
  Bytes(const std::shared_ptr<const std::uint8_t[]>& storage, std::size_t size)
      : data_(storage, storage.get()), size_(size) {}

  const std::uint8_t* data() const { return data_.get(); }
  // 0 for an object that was moved from.
  std::size_t size() const { return data_ ? size_ : 0; }
  bool empty() const { return size() == 0; }
  ByteSpan span() const { return {data(), size()}; }

 private:
  std::shared_ptr<const std::uint8_t> data_;
  std::size_t size_ = 0;
};

}  // namespace iip
