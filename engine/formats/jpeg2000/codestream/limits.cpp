#include "engine/formats/jpeg2000/codestream/limits.h"

#include <algorithm>
#include <string>

#include "engine/formats/jpeg2000/codestream/errors.h"
#include "engine/formats/jpeg2000/codestream/geometry.h"

namespace iip {

namespace {

// OpenJPEG counts in 32 bits with sign.
constexpr std::int64_t kMostCoordinate = (std::int64_t{1} << 31) - 1;
constexpr int kMostBits = 16;
// Pixels between two places where all components have a sample: what is decoded beyond a part, so
// that each of its pixels has a sample of each.
constexpr std::int64_t kMostCommonStep = 256;

// Bytes of OpenJPEG's own structures, rounded up from those of its version 2.5.
constexpr double kPerTile = 8192;
constexpr double kPerTileComponent = 2048;
constexpr double kPerPrecinct = 1024;
constexpr double kPerBlock = 512;
constexpr double kPerPacket = 2;
// A sample as coefficient, in the wavelet's sparse arrays, and as result.
constexpr double kPerSample = 24;

tl::unexpected<Error> too_large(std::string detail) {
  return fail(ErrorKind::too_large, "The image is larger than this server allows",
              "JPEG 2000: " + std::move(detail));
}

std::uint64_t whole_bytes(double bytes) {
  constexpr double kMost = 1e18;
  return static_cast<std::uint64_t>(std::min(bytes, kMost));
}

double samples_in(const J2kHeader& header, const Rect& area, int reduce) {
  double samples = 0;
  for (const J2kComponent& component : header.components) {
    const Rect part = shift_up(divide_up(area, component.dx, component.dy), reduce);
    samples += static_cast<double>(part.width) * static_cast<double>(part.height);
  }
  return samples;
}

}  // namespace

Status check_j2k_limits(const J2kHeader& header, std::uint64_t max_pixels, std::uint64_t length) {
  const Rect& canvas = header.canvas;
  const std::string size = std::to_string(canvas.width) + "x" + std::to_string(canvas.height);
  const auto pixels =
      static_cast<std::uint64_t>(canvas.width) * static_cast<std::uint64_t>(canvas.height);
  if (pixels > max_pixels) {
    return too_large(size + " pixels; the limit is " + std::to_string(max_pixels) +
                     " (IIPMaxSourcePixels)");
  }
  if (canvas.right() > kMostCoordinate || canvas.bottom() > kMostCoordinate) {
    return too_large("an image that ends beyond 2^31 on the reference grid");
  }
  for (const J2kComponent& component : header.components) {
    if (component.bits > kMostBits) {
      return unsupported_codestream(std::to_string(component.bits) + " bits a sample");
    }
  }
  const Size common = j2k_common_step(header.components);
  if (std::max(common.width, common.height) > kMostCommonStep) {
    return unsupported_codestream("components whose samples hardly ever coincide");
  }
  // A tile takes at least the 14 bytes of SOT and SOD.
  constexpr std::uint64_t kLeastTile = 14;
  const auto tiles = static_cast<std::uint64_t>(header.tiles_across() * header.tiles_down());
  if (tiles * kLeastTile > length) {
    return damaged_codestream(std::to_string(tiles) + " tiles in a file of " +
                              std::to_string(length) + " bytes");
  }
  return {};
}

std::uint64_t estimate_j2k_tile(const J2kHeader& header, const J2kCoding& coding,
                                const Rect& tile) {
  double bytes = 0;
  double most_precincts = 0;
  std::size_t most_resolutions = 0;
  for (std::size_t i = 0; i < header.components.size(); ++i) {
    const J2kComponentCoding& of = coding.components[i];
    const Rect component = divide_up(tile, header.components[i].dx, header.components[i].dy);
    most_resolutions = std::max(most_resolutions, static_cast<std::size_t>(of.levels) + 1);
    for (int r = 0; r <= of.levels; ++r) {
      const J2kResolution resolution = j2k_resolution(component, of, r);
      const auto precincts = static_cast<double>(resolution.precincts.count());
      most_precincts = std::max(most_precincts, precincts);
      bytes += kPerPrecinct * precincts;
      const J2kBlockSize block = j2k_block_size(of, r);
      for (int band = j2k_first_band(r); band < j2k_end_band(r); ++band) {
        const Rect rect = j2k_band(component, of.levels, r, band);
        const J2kGrid blocks = J2kGrid::over(rect, block.width_log2, block.height_log2);
        bytes += kPerBlock * static_cast<double>(blocks.count());
      }
    }
  }
  // Which packets have come is noted as if all resolutions had the precincts of the largest.
  bytes += kPerPacket * (coding.layers + 1.0) * most_precincts *
           static_cast<double>(most_resolutions * header.components.size());
  return whole_bytes(bytes);
}

std::uint64_t estimate_j2k_decode(const J2kHeader& header, std::uint64_t largest_tile,
                                  const Rect& area, int reduce, std::uint64_t length) {
  const auto tiles = static_cast<double>(header.tiles_across() * header.tiles_down());
  const auto components = static_cast<double>(header.components.size());
  // One tile at a time is set up, and holds its part of the file.
  return whole_bytes(tiles * (kPerTile + components * kPerTileComponent) +
                     static_cast<double>(largest_tile) +
                     kPerSample * samples_in(header, area, reduce) + static_cast<double>(length));
}

}  // namespace iip
