// Colours that become sRGB by curves and a matrix, which is what most profiles of cameras and
// screens state, and all of greys:
//
//   linear_k = b_k + sum of M[k][j] curve_j(colour_j)      result_k = the curve of sRGB (linear_k)
//
// The curves are tables of 4096 steps, linear in between, as is that of sRGB with 16384. Results
// are within 1/20 of one of 255 steps of what the conversion gives step by step.
//
// Made by trying: a conversion is asked for single colours, and only taken for curves and a matrix
// if it gives what these give for others as well. Never changed afterwards; thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace iip {

class ColourShaper {
 public:
  // Colours, interleaved fractions, to as many of linear light, by the primaries of sRGB; neither
  // is cut to 0..1.
  using Conversion = std::function<void(std::span<const float> colours, std::span<float> linear)>;

  // nullopt: `conversion` is not curves and a matrix. 1 or 3 channels.
  static std::optional<ColourShaper> find(std::size_t channels, const Conversion& conversion);

  // Whole numbers from 0 to `full`, which is above 0; further channels of the pixels, which are
  // `step` samples apart, are left alone.
  template <class T>
  void convert(T* samples, std::size_t count, std::size_t step, double full) const {
    channels() == 1 ? convert_greys(samples, count, step, full)
                    : convert_rgb(samples, count, step, full);
  }

  std::size_t channels() const { return curves_.size(); }
  std::size_t bytes() const;

 private:
  using Table = std::vector<float>;
  static constexpr int kCurveSteps = 4096;
  static constexpr int kSrgbSteps = 16384;
  static constexpr float kRounding = 0.5F;

  // `place` is in steps of the table, which has the last one twice; it is held within it, as a
  // whole number: floats above 0 have the order of their bits. Compilers make branches of
  // comparing floats, which would be taken at random.
  static float at(const float* table, float place, float steps) {
    const auto bits =
        std::clamp(std::bit_cast<std::int32_t>(place), 0, std::bit_cast<std::int32_t>(steps));
    const auto held = std::bit_cast<float>(bits);
    const auto below = static_cast<std::int32_t>(held);
    const float* const entry = table + below;
    return entry[0] + (held - static_cast<float>(below)) * (entry[1] - entry[0]);
  }

  template <class T>
  void convert_greys(T* samples, std::size_t count, std::size_t step, double full) const {
    const auto per_sample = static_cast<float>(kCurveSteps / full);
    const auto most = static_cast<float>(full);
    const float* const curve = curves_[0].data();
    const float* const srgb = srgb_.data();
    const float factor = matrix_[0][0] * kSrgbSteps;
    const float black = offset_[0] * kSrgbSteps;
    for (std::size_t i = 0; i < count; ++i, samples += step) {
      const float light = at(curve, static_cast<float>(samples[0]) * per_sample, kCurveSteps);
      const float shown = at(srgb, factor * light + black, kSrgbSteps);
      samples[0] = static_cast<T>(shown * most + kRounding);
    }
  }

  template <class T>
  void convert_rgb(T* samples, std::size_t count, std::size_t step, double full) const {
    const auto per_sample = static_cast<float>(kCurveSteps / full);
    const auto most = static_cast<float>(full);
    // Copies: bytes may be anything's, so that members would be read anew behind each.
    const std::array<const float*, 3> curves = {curves_[0].data(), curves_[1].data(),
                                                curves_[2].data()};
    const float* const srgb = srgb_.data();
    const auto m = matrix_;
    const auto black = offset_;
    for (std::size_t i = 0; i < count; ++i, samples += step) {
      const float r = at(curves[0], static_cast<float>(samples[0]) * per_sample, kCurveSteps);
      const float g = at(curves[1], static_cast<float>(samples[1]) * per_sample, kCurveSteps);
      const float b = at(curves[2], static_cast<float>(samples[2]) * per_sample, kCurveSteps);
      const auto shown = [&](std::size_t k) {
        const float light = black[k] + m[k][0] * r + m[k][1] * g + m[k][2] * b;
        return static_cast<T>(at(srgb, light * kSrgbSteps, kSrgbSteps) * most + kRounding);
      };
      samples[0] = shown(0);
      samples[1] = shown(1);
      samples[2] = shown(2);
    }
  }

  static Table srgb_table();
  bool describes(const Conversion& conversion) const;
  std::vector<float> linear_of(std::span<const float> colours) const;

  std::vector<Table> curves_;
  std::array<std::array<float, 3>, 3> matrix_{};
  std::array<float, 3> offset_{};
  Table srgb_;
};

}  // namespace iip
