// An Exif block on its way from a source into a picture: the orientation set right, and its
// directories moved into a TIFF file.
//
// The block is a classic TIFF structure (Exif 2.3, 4.5.2). It comes from a file and may be damaged:
// what does not make sense is left out. Functions without state, for any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/formats/tiff/structure/directory.h"

namespace iip {

// Larger blocks and packets are left out.
constexpr std::size_t kMaxExif = std::size_t{1} << 20U;
constexpr std::size_t kMaxXmp = std::size_t{1} << 20U;

// The header of a block; none if it is no classic TIFF structure.
std::optional<TiffHeader> exif_header(ByteSpan block);

// The directory at `offset` of the block, with the entries that are there; none if it lies outside.
std::optional<TiffDirectory> exif_directory_at(ByteSpan block, TiffEncoding encoding,
                                               std::uint64_t offset);

// Sets each orientation of the block's first directory, which is `directory`, to 1 in `block`, a
// copy of what the directory was read from.
void set_upright(const TiffDirectory& directory, std::span<std::uint8_t> block);

// The block with an orientation of 1, where it states one at all: pixels are delivered upright.
// Empty if it is no TIFF structure, or too large.
ByteVector upright_exif(ByteSpan block);

// The packet with a tiff:Orientation of 1, where it states one at all.
std::string upright_xmp(std::string_view packet);

// The pointers in a block's first directory to its further ones; TIFF uses the same tags.
enum class ExifDirectory : std::uint16_t {
  exif = static_cast<std::uint16_t>(TiffTag::exif_ifd),
  gps = static_cast<std::uint16_t>(TiffTag::gps_ifd),
};

// The directory as a little-endian classic TIFF file has it at offset `at`, an even number. Empty
// where the block has none.
ByteVector exif_directory(ByteSpan block, ExifDirectory directory, std::uint32_t at);

}  // namespace iip
