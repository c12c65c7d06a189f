// The two commands of memcached's text protocol that are needed, get and set, and readers of their
// replies (memcached's doc/protocol.txt).
//
// A reader is fed with whatever arrives, in pieces of any size. It takes exactly the reply that was
// asked for, and nothing that is larger than it was told to expect; anything else is `broken`, and
// then the connection can not be used any more, since nobody knows where the next reply begins.
//
//   reader.space() -> fill some of it from the front -> reader.took(how many) -> again while `more`
//
// Plain values, for one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"

namespace iip {

// `key` must be at most 250 visible ASCII characters: it is sent as it is.
std::string get_command(std::string_view key);
// Goes before the value, of `size` bytes, and kLineEnd after it. `expiry` in seconds: 0 for never,
// at most 30 days (more would be taken for a date).
std::string set_command(std::string_view key, std::uint32_t expiry, std::size_t size);
inline constexpr std::string_view kLineEnd = "\r\n";

enum class Reply { more, value, miss, stored, refused, broken };

// Ends as value, miss or broken.
class GetReply {
 public:
  GetReply(std::string_view key, std::size_t largest_value);

  std::span<std::uint8_t> space();
  Reply took(std::size_t bytes);

  bool is_empty() const { return filled_ == 0; }  // nothing has arrived
  ByteSpan value() const { return ByteSpan(buffer_).subspan(value_at_, value_size_); }

 private:
  Reply read_first_line();
  Reply read_end() const;

  std::string value_line_;  // as far as it must be: up to the flags
  std::size_t largest_value_;
  ByteVector buffer_;
  std::size_t filled_ = 0;
  std::size_t value_at_ = 0;  // 0: the first line is not complete
  std::size_t value_size_ = 0;
};

// Ends as stored, refused or broken.
class SetReply {
 public:
  std::span<std::uint8_t> space() { return std::span(buffer_).subspan(filled_); }
  Reply took(std::size_t bytes);

  bool is_empty() const { return filled_ == 0; }

 private:
  ByteVector buffer_ = ByteVector(256);
  std::size_t filled_ = 0;
};

}  // namespace iip
