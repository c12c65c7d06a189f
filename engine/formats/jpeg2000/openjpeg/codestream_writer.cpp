#include "engine/formats/jpeg2000/openjpeg/codestream_writer.h"

#include <algorithm>
#include <array>

namespace iip {

namespace {

constexpr std::size_t kLengthInStart = 6;  // of Psot in SOT

void put(ByteVector& out, std::uint64_t value, int width) {
  for (int i = width - 1; i >= 0; --i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i) & 0xFFU));
  }
}

void put(ByteVector& out, J2kMarker marker) { put(out, static_cast<std::uint64_t>(marker), 2); }

void put_segment(ByteVector& out, J2kMarker marker, ByteSpan content) {
  put(out, marker);
  put(out, content.size() + 2, 2);
  out.insert(out.end(), content.begin(), content.end());
}

ByteVector size_content(const J2kHeader& header) {
  ByteVector content;
  put(content, header.capabilities, 2);
  put(content, static_cast<std::uint64_t>(header.canvas.right()), 4);
  put(content, static_cast<std::uint64_t>(header.canvas.bottom()), 4);
  put(content, static_cast<std::uint64_t>(header.canvas.x), 4);
  put(content, static_cast<std::uint64_t>(header.canvas.y), 4);
  put(content, static_cast<std::uint64_t>(header.tile.width), 4);
  put(content, static_cast<std::uint64_t>(header.tile.height), 4);
  put(content, static_cast<std::uint64_t>(header.tile.x), 4);
  put(content, static_cast<std::uint64_t>(header.tile.y), 4);
  put(content, header.components.size(), 2);
  for (const J2kComponent& component : header.components) {
    put(content,
        static_cast<std::uint64_t>(component.bits - 1) | (component.is_signed ? 0x80U : 0U), 1);
    put(content, static_cast<std::uint64_t>(component.dx), 1);
    put(content, static_cast<std::uint64_t>(component.dy), 1);
  }
  return content;
}

void put_component_coding(ByteVector& out, const J2kComponentCoding& coding) {
  put(out, static_cast<std::uint64_t>(coding.levels), 1);
  put(out, static_cast<std::uint64_t>(coding.block_width_log2 - 2), 1);
  put(out, static_cast<std::uint64_t>(coding.block_height_log2 - 2), 1);
  put(out, coding.block_style, 1);
  put(out, coding.reversible ? 1 : 0, 1);
  for (int r = 0; r <= coding.levels; ++r) {
    put(out, coding.precincts[static_cast<std::size_t>(r)], 1);
  }
}

void put_component(ByteVector& out, const J2kHeader& header, std::size_t component) {
  put(out, component, header.components.size() < 257 ? 1 : 2);
}

}  // namespace

void J2kBitWriter::bit(unsigned value) {
  byte_ |= value << --left_;
  if (left_ != 0) return;
  out_.push_back(static_cast<std::uint8_t>(byte_));
  left_ = byte_ == 0xFF ? 7 : 8;
  byte_ = 0;
}

void J2kBitWriter::bits(std::uint32_t value, int count) {
  for (int i = count - 1; i >= 0; --i) bit(value >> i & 1U);
}

void J2kBitWriter::finish() {
  // Seven left and none written: the byte that must follow 0xFF.
  if (left_ != 8) out_.push_back(static_cast<std::uint8_t>(byte_));
  left_ = 8;
  byte_ = 0;
}

void J2kTagTreeWriter::set(std::int64_t x, std::int64_t y, std::uint16_t value) {
  for (std::size_t layer = 0; layer < nodes_.layers(); ++layer) {
    Node& at = nodes_.at(layer, x, y);
    at.value = std::min(at.value, value);
  }
}

void J2kTagTreeWriter::write(J2kBitWriter& bits, std::int64_t x, std::int64_t y,
                             std::uint16_t threshold) {
  std::uint16_t low = 0;
  for (std::size_t layer = nodes_.layers(); layer > 0;) {
    Node& at = nodes_.at(--layer, x, y);
    low = std::max(low, at.low);
    while (low < threshold) {
      if (low >= at.value) {
        if (!at.is_known) bits.bit(1);
        at.is_known = true;
        break;
      }
      bits.bit(0);
      ++low;
    }
    at.low = low;
  }
}

void write_pass_count(J2kBitWriter& bits, int passes) {
  const auto count = static_cast<std::uint32_t>(passes);
  if (count == 1) {
    bits.bits(0, 1);
  } else if (count == 2) {
    bits.bits(2, 2);
  } else if (count <= 5) {
    bits.bits(0xCU | (count - 3), 4);
  } else if (count <= 36) {
    bits.bits(0x1E0U | (count - 6), 9);
  } else {
    bits.bits(0xFF80U | (count - 37), 16);
  }
}

std::size_t write_j2k_headers(ByteVector& out, const J2kHeader& header) {
  put(out, J2kMarker::start_of_codestream);
  put_segment(out, J2kMarker::size, size_content(header));
  if (!header.extended_capabilities.empty()) {
    put_segment(out, J2kMarker::capabilities, header.extended_capabilities);
  }
  const std::vector<J2kComponentCoding>& components = header.coding.components;
  ByteVector coding{1, 0, 0, 1,
                    header.coding.multiple_component_transform ? std::uint8_t{1} : std::uint8_t{0}};
  put_component_coding(coding, components.front());
  put_segment(out, J2kMarker::coding_default, coding);
  put_segment(out, J2kMarker::quantisation_default, components.front().quantisation.bytes());
  for (std::size_t i = 0; i < components.size(); ++i) {
    if (i > 0) {
      ByteVector own;
      put_component(own, header, i);
      put(own, 1, 1);
      put_component_coding(own, components[i]);
      put_segment(out, J2kMarker::coding_component, own);
      ByteVector steps;
      put_component(steps, header, i);
      const ByteSpan of_component = components[i].quantisation.bytes();
      steps.insert(steps.end(), of_component.begin(), of_component.end());
      put_segment(out, J2kMarker::quantisation_component, steps);
    }
    if (components[i].region_shift != 0) {
      ByteVector region;
      put_component(region, header, i);
      put(region, 0, 1);
      put(region, static_cast<std::uint64_t>(components[i].region_shift), 1);
      put_segment(out, J2kMarker::region_of_interest, region);
    }
  }
  const std::size_t start = out.size();
  put_segment(out, J2kMarker::start_of_tile_part,
              std::array<std::uint8_t, 8>{0, 0, 0, 0, 0, 0, 0, 1});
  put(out, J2kMarker::start_of_data);
  return start + kLengthInStart;
}

void set_tile_part_length(ByteVector& out, std::size_t length_at) {
  const std::size_t length = out.size() - (length_at - kLengthInStart);
  for (std::size_t i = 0; i < 4; ++i) {
    out[length_at + i] = static_cast<std::uint8_t>(length >> (24 - 8 * i) & 0xFFU);
  }
  put(out, J2kMarker::end_of_codestream);
}

}  // namespace iip
