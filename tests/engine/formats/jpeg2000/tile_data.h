// The data of a tile in a file of its own, as the readers of packets want it.
#pragma once

#include <vector>

#include "codestream_writer.h"
#include "engine/formats/jpeg2000/index/packets.h"
#include "support/images.h"

namespace iip::test {

class TileData {
 public:
  // In one tile-part, behind a byte that is not of it. Reading begins with the first byte.
  explicit TileData(const Data& data, J2kTileBytes::Kind kind = J2kTileBytes::Kind::packets)
      : TileData(std::vector<Data>{data}, kind) {}

  // In several, with a byte before each.
  explicit TileData(const std::vector<Data>& parts,
                    J2kTileBytes::Kind kind = J2kTileBytes::Kind::packets)
      : file_(write(folder_.file("tile"), parts, spans_)), bytes_(file_, spans_, kind) {
    bytes_.has_more();
  }

  J2kTileBytes& bytes() { return bytes_; }
  // Where tile-part `i` begins in the file.
  std::uint64_t offset(std::size_t i) const { return spans_[i].offset; }

 private:
  static File write(const std::string& path, const std::vector<Data>& parts,
                    std::vector<J2kSpan>& spans) {
    Data all;
    for (const Data& part : parts) {
      put(all, 0xA5, 1);
      spans.push_back({all.size(), part.size()});
      put(all, part);
    }
    write_file(path, all);
    return open_file(path);
  }

  ScratchFolder folder_;
  std::vector<J2kSpan> spans_;
  File file_;
  J2kTileBytes bytes_;
};

}  // namespace iip::test
