// Writes JPEG 2000 codestreams that say whatever they are told to: marker segments and tile-parts
// by hand, for what no encoder writes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace iip::test {

using Data = std::vector<std::uint8_t>;

inline void put(Data& data, std::uint64_t value, int width) {
  for (int i = width - 1; i >= 0; --i) {
    data.push_back(static_cast<std::uint8_t>(value >> (8 * i) & 255U));
  }
}

inline void put(Data& data, const Data& more) { data.insert(data.end(), more.begin(), more.end()); }

inline Data joined(std::initializer_list<Data> parts) {
  Data all;
  for (const Data& part : parts) put(all, part);
  return all;
}

inline Data repeated(const Data& part, std::size_t times) {
  Data all;
  for (std::size_t i = 0; i < times; ++i) put(all, part);
  return all;
}

// Bits of a packet header, given as 0 and 1: behind a byte of 0xFF there are seven in the next.
inline Data packet_header(std::string_view bits) {
  Data out;
  for (std::size_t at = 0; at < bits.size();) {
    const int count = !out.empty() && out.back() == 0xFF ? 7 : 8;
    unsigned byte = 0;
    for (int i = 0; i < count; ++i, ++at) {
      byte = byte << 1U | (at < bits.size() && bits[at] == '1' ? 1U : 0U);
    }
    put(out, byte, 1);
  }
  if (!out.empty() && out.back() == 0xFF) put(out, 0, 1);
  return out;
}

inline Data segment(std::uint64_t marker, const Data& content) {
  Data out;
  put(out, marker, 2);
  put(out, content.size() + 2, 2);
  put(out, content);
  return out;
}

inline Data box(std::string_view type, const Data& content) {
  Data out;
  put(out, content.size() + 8, 4);
  out.insert(out.end(), type.begin(), type.end());
  put(out, content);
  return out;
}

struct SizeSegment {
  std::uint32_t width = 100;
  std::uint32_t height = 100;
  std::uint32_t left = 0;
  std::uint32_t top = 0;
  std::uint32_t tile_width = 0;  // 0: as the image
  std::uint32_t tile_height = 0;
  std::uint32_t tile_left = 0;
  std::uint32_t tile_top = 0;
  struct Component {
    std::uint8_t depth = 7;
    std::uint8_t dx = 1;
    std::uint8_t dy = 1;
  };
  std::vector<Component> components = std::vector<Component>(1);

  Data segment() const {
    Data out;
    put(out, 0, 2);
    for (const std::uint32_t side : {width, height, left, top}) put(out, side, 4);
    put(out, tile_width != 0 ? tile_width : width, 4);
    put(out, tile_height != 0 ? tile_height : height, 4);
    for (const std::uint32_t side : {tile_left, tile_top}) put(out, side, 4);
    put(out, components.size(), 2);
    for (const Component& of : components) put(out, Data{of.depth, of.dx, of.dy});
    return test::segment(0xFF51, out);
  }
};

// COD; `precincts` empty: as large as can be.
struct CodingSegment {
  std::uint8_t flags = 0;  // SOP 2, EPH 4
  std::uint8_t progression = 0;
  std::uint64_t layers = 1;
  std::uint8_t levels = 0;
  std::uint8_t block = 4;  // sides are 2^(block + 2)
  std::uint8_t style = 0;
  Data precincts = {};

  Data segment() const {
    Data out{static_cast<std::uint8_t>(flags | (precincts.empty() ? 0 : 1)), progression};
    put(out, layers, 2);
    put(out, Data{0, levels, block, block, style, 1});
    put(out, precincts);
    return test::segment(0xFF52, out);
  }
};

// QCD of so many bands, of 8 bits each.
inline Data quantisation(std::size_t bands) {
  return segment(0xFF5C, joined({Data{0x40}, Data(bands, 0x48)}));
}

// `data` is what follows SOD.
inline Data tile_part(std::uint64_t tile, std::uint64_t number, const Data& header,
                      const Data& data) {
  Data out;
  put(out, 0xFF90000A, 4);
  put(out, tile, 2);
  put(out, 14 + header.size() + data.size(), 4);
  put(out, number, 1);
  put(out, 0, 1);
  put(out, header);
  put(out, 0xFF93, 2);
  put(out, data);
  return out;
}

inline Data codestream(const Data& main_header, const Data& tile_parts) {
  return joined({Data{0xFF, 0x4F}, main_header, tile_parts, Data{0xFF, 0xD9}});
}

}  // namespace iip::test
