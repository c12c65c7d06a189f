// The boxes of a JP2 or JPX file (ISO/IEC 15444-1 annex I, 15444-2 annex M): where the first
// codestream lies, and what the boxes say of its samples. A file that begins with the codestream
// itself has no boxes and is taken as well.
//
// Contents are read with a bound each, and only those that are listed here. What can be left out
// (resolution, XMP, a profile) is left out where it is damaged; what decides how the samples are to
// be read makes the file corrupt. Value types; the functions keep nothing and are for any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/file.h"
#include "engine/base/result.h"
#include "engine/image/image_info.h"
#include "engine/source/metadata_allowance.h"

namespace iip {

// Entry e of column c is values[e * columns.size() + c].
struct Jp2Palette {
  struct Column {
    int bits = 8;
    bool is_signed = false;
  };
  std::vector<Column> columns;
  std::vector<std::int32_t> values;

  std::size_t entries() const { return values.size() / columns.size(); }
};

// How one channel is made: a component, directly or by way of a column of the palette.
struct Jp2ChannelSource {
  int component = 0;
  std::optional<int> palette_column;
};

struct Jp2ChannelDefinition {
  enum Type { kColour = 0, kOpacity = 1, kPremultipliedOpacity = 2 };
  int channel = 0;
  int type = kColour;
  int association = 0;  // 0: the whole image, 1 and up: that colour
};

struct Jp2Boxes {
  std::uint64_t codestream_offset = 0;
  std::uint64_t codestream_length = 0;
  // EnumCS of the first colour specification that states one: 16 sRGB, 17 grey, 18 sYCC...
  std::optional<std::uint32_t> colour_space;
  Bytes icc_profile;
  std::optional<Jp2Palette> palette;
  std::vector<Jp2ChannelSource> channels;  // empty: channels are components
  std::vector<Jp2ChannelDefinition> definitions;
  std::optional<Density> density;
  std::string xmp;
};

// The first bytes of a JP2 or JPX file, or of a codestream.
bool is_jpeg2000(ByteSpan head);

Result<Jp2Boxes> read_jp2_boxes(const File& file, MetadataAllowance& allowance,
                                const Deadline& deadline);

}  // namespace iip
