// One line of a picture while its values are fractions: a plane of floats for each channel, then
// one for alpha. In memory that is counted. Planes start at multiples of 64 bytes. For one thread
// at a time.
#pragma once

#include <span>

#include "engine/base/budget.h"
#include "engine/image/raster.h"

namespace iip {

class PlanarLine {
 public:
  // Room for `channels` and alpha, of `width` pixels each; not initialised.
  static Result<PlanarLine> create(std::int64_t width, int channels, MemoryBudget& budget) {
    auto memory =
        Raster::create({width, channels + 1}, {SampleType::f32, ColourModel::grey, false}, budget);
    if (!memory) return pass_on(memory);
    return PlanarLine(std::move(*memory));
  }

  std::span<float> channel(int index) { return memory_.samples<float>(index); }
  std::span<const float> channel(int index) const { return memory_.samples<float>(index); }
  std::span<float> alpha() { return memory_.samples<float>(memory_.size().height - 1); }
  std::span<const float> alpha() const { return memory_.samples<float>(memory_.size().height - 1); }

 private:
  explicit PlanarLine(Raster memory) : memory_(std::move(memory)) {}

  Raster memory_;
};

}  // namespace iip
