#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/checkpoint.h"
#include "engine/pipeline/colour/colour_model.h"

namespace iip {

namespace {

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;

constexpr Vector kD65 = {0.95047, 1, 1.08883};
constexpr Matrix kBradford = {
    {{0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}}};
constexpr Matrix kFromBradford = {{{0.9869929, -0.1470543, 0.1599627},
                                   {0.4323053, 0.5183603, 0.0492912},
                                   {-0.0085287, 0.0400428, 0.9684867}}};
constexpr Matrix kLinearRgb = {{{3.2404542, -1.5371385, -0.4985314},
                                {-0.9692660, 1.8760108, 0.0415560},
                                {0.0556434, -0.2040259, 1.0572252}}};

Vector product(const Matrix& matrix, const Vector& vector) {
  Vector result{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) result[i] += matrix[i][j] * vector[j];
  }
  return result;
}

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix result{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      for (std::size_t k = 0; k < 3; ++k) result[i][j] += a[i][k] * b[k][j];
    }
  }
  return result;
}

// From the white's X, Y and Z as shares of it to linear RGB.
Matrix rgb_of_shares(const Vector& white) {
  const Vector from = product(kBradford, white);
  const Vector to = product(kBradford, kD65);
  Matrix gains{};
  for (std::size_t i = 0; i < 3; ++i) gains[i][i] = to[i] / from[i];
  const Matrix adapted = product(product(kFromBradford, gains), kBradford);
  Matrix whites{};
  for (std::size_t i = 0; i < 3; ++i) whites[i][i] = white[i];
  return product(product(kLinearRgb, adapted), whites);
}

float share(float f) {
  constexpr float kKnee = 6.0F / 29;
  return f > kKnee ? f * f * f : 3 * kKnee * kKnee * (f - 4.0F / 29);
}

// Not a number is 0.
float srgb_curve(float linear) {
  if (!(linear > 0)) return 0;
  if (linear >= 1) return 1;
  return linear <= 0.0031308F ? 12.92F * linear : 1.055F * std::pow(linear, 1 / 2.4F) - 0.055F;
}

class LabConverter {
 public:
  explicit LabConverter(const Chromaticity& white) {
    const Matrix matrix = rgb_of_shares({white.x / white.y, 1, (1 - white.x - white.y) / white.y});
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j) rgb_[i][j] = static_cast<float>(matrix[i][j]);
    }
  }

  void convert(float* pixel) const {
    const float fy = (pixel[0] + 16) / 116;
    const float x = share(fy + pixel[1] / 500);
    const float y = share(fy);
    const float z = share(fy - pixel[2] / 200);
    for (std::size_t c = 0; c < 3; ++c) {
      pixel[c] = srgb_curve(rgb_[c][0] * x + rgb_[c][1] * y + rgb_[c][2] * z);
    }
  }

 private:
  std::array<std::array<float, 3>, 3> rgb_{};
};

// Chromaticities that no white has.
bool is_white(const Chromaticity& white) {
  return white.x > 0 && white.y > 0.05 && white.x + white.y < 1;
}

}  // namespace

Result<ScaledRaster> lab_to_rgb(ScaledRaster input, const Chromaticity& white,
                                const Allowance& allowance) {
  PixelFormat format = input.raster.format();
  if (format.type != SampleType::f32 || format.model != ColourModel::lab) {
    return fail(ErrorKind::internal, "The colours can not be converted",
                "lab_to_rgb: the raster is not CIELAB");
  }
  format.model = ColourModel::rgb;
  auto output = Raster::create(input.raster.size(), format, allowance.budget);
  if (!output) return pass_on(output);
  const LabConverter converter(is_white(white) ? white : kD50);
  const auto step = static_cast<std::size_t>(format.channels());
  const std::uint64_t samples = output->row_bytes() / sizeof(float) * Checkpoint::kSlow;
  const auto convert_row = [&](std::int64_t y) {
    const auto from = input.raster.samples<float>(y);
    const auto to = output->samples<float>(y);
    std::copy(from.begin(), from.end(), to.begin());
    for (std::size_t i = 0; i < to.size(); i += step) converter.convert(to.data() + i);
  };
  auto done = for_rows(output->size().height, samples, allowance.deadline, convert_row);
  if (!done) return pass_on(done);
  SampleScale scale = std::move(input.scale);
  for (std::size_t c = 0; c < 3; ++c) scale.ranges[c] = {0, 1};
  return ScaledRaster{std::move(*output), std::move(scale)};
}

}  // namespace iip
