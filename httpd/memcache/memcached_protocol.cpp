#include "httpd/memcache/memcached_protocol.h"

#include <algorithm>
#include <optional>

#include "engine/base/text.h"

namespace iip {

namespace {

// Room for the first line of a reply and for all of a typical tile.
constexpr std::size_t kFirstPiece = std::size_t{16} << 10;
constexpr std::size_t kLongestLine = 512;
constexpr std::string_view kEnd = "\r\nEND\r\n";

std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The size from "<flags> <size>"; no other form is answered to a plain get.
std::optional<std::uint64_t> value_size(std::string_view rest) {
  const auto flags = parse_unsigned(take_until(rest, ' '));
  if (!flags || *flags > UINT32_MAX) return std::nullopt;
  return parse_unsigned(rest);
}

}  // namespace

std::string get_command(std::string_view key) {
  return std::string("get ").append(key).append(kLineEnd);
}

std::string set_command(std::string_view key, std::uint32_t expiry, std::size_t size) {
  return std::string("set ")
      .append(key)
      .append(" 0 ")
      .append(std::to_string(expiry))
      .append(" ")
      .append(std::to_string(size))
      .append(kLineEnd);
}

GetReply::GetReply(std::string_view key, std::size_t largest_value)
    : value_line_(std::string("VALUE ").append(key).append(" ")),
      largest_value_(largest_value),
      buffer_(kFirstPiece) {}

std::span<std::uint8_t> GetReply::space() { return std::span(buffer_).subspan(filled_); }

Reply GetReply::took(std::size_t bytes) {
  filled_ += bytes;
  if (value_at_ == 0) {
    if (const Reply state = read_first_line(); state != Reply::value) return state;
  }
  return read_end();
}

// `value`: the line announces one, and the buffer is now as long as the whole reply must be.
Reply GetReply::read_first_line() {
  const std::string_view arrived = as_text(ByteSpan(buffer_).first(filled_));
  const auto line_end = arrived.substr(0, kLongestLine).find(kLineEnd);
  if (line_end == std::string_view::npos) {
    return arrived.size() < kLongestLine ? Reply::more : Reply::broken;
  }
  std::string_view line = arrived.substr(0, line_end);
  if (line == "END") return filled_ == line_end + kLineEnd.size() ? Reply::miss : Reply::broken;
  if (!line.starts_with(value_line_)) return Reply::broken;
  const auto size = value_size(line.substr(value_line_.size()));
  if (!size || *size > largest_value_) return Reply::broken;

  value_at_ = line_end + kLineEnd.size();
  value_size_ = static_cast<std::size_t>(*size);
  const std::size_t whole = value_at_ + value_size_ + kEnd.size();
  if (filled_ > whole) return Reply::broken;
  buffer_.resize(whole);
  return Reply::value;
}

Reply GetReply::read_end() const {
  if (filled_ < buffer_.size()) return Reply::more;
  const bool ends = as_text(ByteSpan(buffer_).last(kEnd.size())) == kEnd;
  return ends ? Reply::value : Reply::broken;
}

Reply SetReply::took(std::size_t bytes) {
  filled_ += bytes;
  const std::string_view arrived = as_text(ByteSpan(buffer_).first(filled_));
  const auto line_end = arrived.find(kLineEnd);
  if (line_end == std::string_view::npos) {
    return filled_ < buffer_.size() ? Reply::more : Reply::broken;
  }
  if (filled_ != line_end + kLineEnd.size()) return Reply::broken;
  const std::string_view line = arrived.substr(0, line_end);
  if (line == "STORED") return Reply::stored;
  // Too large for it, or no memory left: the server is well and has taken the value off the line.
  return line.starts_with("SERVER_ERROR ") ? Reply::refused : Reply::broken;
}

}  // namespace iip
