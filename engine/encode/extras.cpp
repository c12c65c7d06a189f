#include "engine/encode/extras.h"

#include <cmath>
#include <cstring>
#include <string_view>

namespace iip {

namespace {

constexpr std::size_t kIccHeaderBytes = 128;
constexpr std::size_t kIccColourSpaceAt = 16;

std::optional<std::uint16_t> whole_density(double value) {
  const double rounded = std::round(value);
  if (!(rounded >= 1 && rounded <= UINT16_MAX)) return std::nullopt;
  return static_cast<std::uint16_t>(rounded);
}

}  // namespace

bool profile_fits(ByteSpan icc_profile, ColourModel model) {
  if (icc_profile.size() < kIccHeaderBytes) return false;
  const std::string_view wanted = model == ColourModel::grey ? "GRAY" : "RGB ";
  return std::memcmp(icc_profile.data() + kIccColourSpaceAt, wanted.data(), wanted.size()) == 0;
}

std::optional<JfifDensity> jfif_density(const std::optional<Density>& density) {
  if (!density || density->unit == Density::Unit::unknown) return std::nullopt;
  const bool inch = density->unit == Density::Unit::inch;
  const double metres = inch ? 0.0254 : 0.01;
  const auto x = whole_density(density->x * metres);
  const auto y = whole_density(density->y * metres);
  if (!x || !y) return std::nullopt;
  return JfifDensity{inch ? std::uint8_t{1} : std::uint8_t{2}, *x, *y};
}

}  // namespace iip
