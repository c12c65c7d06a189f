#include "engine/pipeline/channel_filter.h"

#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>

#include "engine/image/sample.h"

namespace iip {

namespace {

constexpr PixelFormat kWeights{SampleType::f32, ColourModel::grey, false};

// Sums of taps differ from 1 by rounding; where everything under the filter has a value, the result
// shall not depend on whether there is a hole elsewhere in the raster.
constexpr float kTapRounding = 1e-5F;

// Opacity below this is none: half a step of whole numbers, or a millionth.
template <class T>
constexpr float kNoOpacity = std::is_floating_point_v<T> ? 1e-6F : 0.5F;

template <class T>
float opacity_of(T alpha) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::isfinite(alpha) && alpha > 0 ? alpha : 0;
  } else {
    return static_cast<float>(alpha);
  }
}

// Where in the raster a window's lines are, and which channel is meant.
template <class T>
class ChannelReader : public LineReader {
 public:
  ChannelReader(const Raster& raster, const ScaledWindow& window, int channel)
      : raster_(raster), window_(window), channel_(channel) {}

 protected:
  const T* pixels(std::int64_t line, std::size_t left) const {
    const std::size_t column = static_cast<std::size_t>(window_.across.first) + left;
    return reinterpret_cast<const T*>(raster_.row(window_.down.first + line)) + column * step();
  }
  std::size_t step() const { return static_cast<std::size_t>(raster_.channels()); }
  std::size_t channel() const { return static_cast<std::size_t>(channel_); }
  bool has_alpha() const { return raster_.format().alpha; }

 private:
  const Raster& raster_;
  const ScaledWindow& window_;
  int channel_;
};

// The samples as they are.
template <class T, class Plane>
class PlainReader : public ChannelReader<T> {
 public:
  using ChannelReader<T>::ChannelReader;

  void read(std::int64_t line, std::size_t left, std::size_t right,
            const PlanePointers& planes) override {
    const T* from = this->pixels(line, left) + this->channel();
    auto* to = reinterpret_cast<Plane*>(planes[0]);
    for (std::size_t i = 0; i < right - left; ++i, from += this->step()) {
      to[i] = static_cast<Plane>(*from);
    }
  }
};

// The weight of a sample, which is its opacity, or 0 where it is no number; or the sample times
// that weight.
template <class T, bool kTimesValue>
class WeightReader : public ChannelReader<T> {
 public:
  using ChannelReader<T>::ChannelReader;

  void read(std::int64_t line, std::size_t left, std::size_t right,
            const PlanePointers& planes) override {
    const T* from = this->pixels(line, left);
    auto* to = reinterpret_cast<float*>(planes[0]);
    const std::size_t alpha = this->step() - 1;
    for (std::size_t i = 0; i < right - left; ++i, from += this->step()) {
      const T value = from[this->channel()];
      const float weight = !is_finite(value)   ? 0
                           : this->has_alpha() ? opacity_of(from[alpha])
                                               : 1.0F;
      // What has no weight may be no number: it is not to be multiplied.
      to[i] = !kTimesValue ? weight : weight == 0 ? 0 : static_cast<float>(value) * weight;
    }
  }
};

template <class T>
class ChannelWriter : public LineWriter {
 public:
  ChannelWriter(Raster& raster, int channel)
      : raster_(raster), channel_(static_cast<std::size_t>(channel)) {}

 protected:
  T* samples(std::int64_t line, std::size_t left) const {
    return reinterpret_cast<T*>(raster_.row(line)) + left * step() + channel_;
  }
  std::size_t step() const { return static_cast<std::size_t>(raster_.channels()); }

 private:
  Raster& raster_;
  std::size_t channel_;
};

template <class T, class Plane>
class PlainWriter : public ChannelWriter<T> {
 public:
  using ChannelWriter<T>::ChannelWriter;

  void write(std::int64_t line, std::size_t left, std::size_t right,
             const ConstPlanePointers& planes) override {
    const auto* from = reinterpret_cast<const Plane*>(planes[0]);
    T* to = this->samples(line, left);
    for (std::size_t i = 0; i < right - left; ++i, to += this->step()) {
      *to = to_sample<T>(from[i]);
    }
  }
};

// Divides by the weights that the result's pixels have come to.
template <class T>
class WeightedWriter : public ChannelWriter<T> {
 public:
  // `opacity` is null where there is no alpha; `weights` are those of the channel.
  WeightedWriter(Raster& raster, int channel, const Raster* opacity, const Raster& weights)
      : ChannelWriter<T>(raster, channel), opacity_(opacity), weights_(weights) {}

  void write(std::int64_t line, std::size_t left, std::size_t right,
             const ConstPlanePointers& planes) override {
    const auto* from = reinterpret_cast<const float*>(planes[0]);
    const float* weights = weights_.samples<float>(line).data() + left;
    const float* opacity = opacity_ ? opacity_->samples<float>(line).data() + left : nullptr;
    T* to = this->samples(line, left);
    for (std::size_t i = 0; i < right - left; ++i, to += this->step()) {
      *to = mean(from[i], weights[i], opacity ? opacity[i] : 1.0F);
    }
  }

 private:
  static T mean(float sum, float weight, float opacity) {
    if (opacity < kNoOpacity<T>) return 0;
    if (weight < opacity / 2) {
      return std::is_floating_point_v<T> ? std::numeric_limits<T>::quiet_NaN() : T{0};
    }
    return to_sample<T>(std::abs(weight - 1) < kTapRounding ? sum : sum / weight);
  }

  const Raster* opacity_;
  const Raster& weights_;
};

template <class T>
class ChannelFilter {
 public:
  ChannelFilter(const Raster& input, const ScaledWindow& window, Raster& output,
                const Allowance& allowance)
      : input_(input), window_(window), output_(output), allowance_(allowance) {}

  Status run() {
    const int channels = input_.channels();
    std::optional<Raster> opacity;
    if (input_.format().alpha) {
      auto filtered = filtered_weights(channels - 1);
      if (!filtered) return pass_on(filtered);
      opacity = std::move(*filtered);
      write_alpha(*opacity);
    }
    for (int c = 0; c < channels - (opacity ? 1 : 0); ++c) {
      const bool holes = has_holes(c);
      auto done = opacity || holes ? weighted(c, opacity ? &*opacity : nullptr, holes) : plain(c);
      if (!done) return done;
    }
    return {};
  }

 private:
  // Whole numbers of up to 16 bits stay such.
  using Plane = std::conditional_t<sizeof(T) <= 2, T, float>;
  static constexpr PlaneType kPlaneType = sizeof(T) == 1   ? PlaneType::byte
                                          : sizeof(T) == 2 ? PlaneType::word
                                                           : PlaneType::real;

  Status plain(int channel) {
    PlainReader<T, Plane> reader(input_, window_, channel);
    PlainWriter<T, Plane> writer(output_, channel);
    return filter_planes({kPlaneType}, window_, reader, writer, allowance_);
  }

  // `opacity` may be null where the channel has holes.
  Status weighted(int channel, const Raster* opacity, bool holes) {
    const Raster* weights = opacity;
    std::optional<Raster> own;
    if (holes) {
      auto filtered = filtered_weights(channel);
      if (!filtered) return pass_on(filtered);
      weights = &own.emplace(std::move(*filtered));
    }
    WeightReader<T, true> reader(input_, window_, channel);
    WeightedWriter<T> writer(output_, channel, opacity, *weights);
    return filter_planes({PlaneType::real}, window_, reader, writer, allowance_);
  }

  Result<Raster> filtered_weights(int channel) {
    auto weights = Raster::create(window_.size, kWeights, allowance_.budget);
    if (!weights) return weights;
    WeightReader<T, false> reader(input_, window_, channel);
    PlainWriter<float, float> writer(*weights, 0);
    if (auto done = filter_planes({PlaneType::real}, window_, reader, writer, allowance_); !done) {
      return pass_on(done);
    }
    return weights;
  }

  void write_alpha(const Raster& opacity) {
    const auto step = static_cast<std::size_t>(output_.channels());
    for (std::int64_t y = 0; y < output_.size().height; ++y) {
      const auto from = opacity.samples<float>(y);
      T* to = output_.samples<T>(y).data() + step - 1;
      for (std::size_t x = 0; x < from.size(); ++x)
        to[x * step] = to_sample<T>(std::max(from[x], 0.0F));
    }
  }

  bool has_holes(int channel) const {
    if constexpr (std::is_floating_point_v<T>) {
      const auto step = static_cast<std::size_t>(input_.channels());
      for (std::int64_t line = 0; line < window_.down.count; ++line) {
        const T* at = input_.samples<T>(window_.down.first + line).data() +
                      static_cast<std::size_t>(window_.across.first) * step +
                      static_cast<std::size_t>(channel);
        for (std::int64_t x = 0; x < window_.across.count; ++x, at += step) {
          if (!std::isfinite(*at)) return true;
        }
      }
    }
    return false;
  }

  const Raster& input_;
  const ScaledWindow& window_;
  Raster& output_;
  const Allowance& allowance_;
};

}  // namespace

Result<Raster> filter_channels(const Raster& input, const ScaledWindow& window,
                               const Allowance& allowance) {
  auto output = Raster::create(window.size, input.format(), allowance.budget);
  if (!output) return output;
  auto done = with_sample_type(input.format().type, [&](auto sample) {
    return ChannelFilter<decltype(sample)>(input, window, *output, allowance).run();
  });
  if (!done) return pass_on(done);
  return output;
}

}  // namespace iip
