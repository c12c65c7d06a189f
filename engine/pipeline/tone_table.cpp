#include "engine/pipeline/tone_table.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "engine/base/checkpoint.h"
#include "engine/pipeline/colour_map.h"
#include "engine/pipeline/point_chain.h"

namespace iip {

namespace {

// The samples that occur, as far as a table has to reach.
struct Reach {
  std::size_t first = 0;
  std::size_t last = 0;

  std::size_t count() const { return last - first + 1; }
};

template <class In, class Out>
class TableProcess {
 public:
  TableProcess(const Raster& input, const Rect& part, const ProcessingJob& job,
               const Allowance& allowance)
      : input_(input),
        part_(part),
        job_(job),
        allowance_(allowance),
        step_(static_cast<std::size_t>(input.channels())),
        scales_(scales_for(job, input.format())),
        curve_(curve_for(job)),
        tone_(job.processing),
        contrast_(contrast_factor(job.processing)) {}

  Result<Raster> run() {
    const PixelFormat format = processed_format(job_.processing, input_.format(), job_.bits);
    auto output = Raster::create(part_.size(), format, allowance_.budget);
    if (!output) return output;
    auto memory = allowance_.budget.reserve(kKinds);
    if (!memory) return pass_on(memory);
    // To find out pays where an entry costs more than a division.
    if (sizeof(In) > 1 && !job_.processing.is_neutral()) occurs_.resize(kKinds);
    const bool maps = job_.processing.map != ColourMap::none;
    for (int c = 0; c < (maps ? 1 : format.colours()); ++c) {
      auto done = maps ? map_channel(*output) : shape_channel(c, *output);
      if (!done) return pass_on(done);
    }
    if (format.alpha) {
      if (auto done = move_alpha(*output); !done) return pass_on(done);
    }
    return output;
  }

 private:
  // One reservation covers the tables of all channels, which are made one after the other.
  Result<Reservation> memory_for(const Reach& reach, std::size_t entry) {
    return allowance_.budget.reserve(static_cast<std::uint64_t>(reach.count()) * entry);
  }

  Status shape_channel(int channel, Raster& output) {
    const auto found = reach_of(channel);
    if (!found) return tl::unexpected(found.error());
    const Reach& reach = *found;
    auto memory = memory_for(reach, sizeof(Out));
    if (!memory) return pass_on(memory);
    std::vector<Out> table(reach.count());
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (!occurs(reach.first + i)) continue;
      table[i] = shaped(static_cast<In>(reach.first + i), channel);
    }
    const auto to_step = static_cast<std::size_t>(output.channels());
    return for_each_line([&](std::int64_t y) {
      const In* from = line(y) + channel;
      Out* to = output.samples<Out>(y).data() + channel;
      for (std::int64_t x = 0; x < part_.width; ++x, from += step_, to += to_step) {
        *to = table[*from - reach.first];
      }
    });
  }

  Status map_channel(Raster& output) {
    struct Colour {
      Out red, green, blue;
    };
    const auto found = reach_of(0);
    if (!found) return tl::unexpected(found.error());
    const Reach& reach = *found;
    auto memory = memory_for(reach, sizeof(Colour));
    if (!memory) return pass_on(memory);
    std::vector<Colour> table(reach.count());
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (!occurs(reach.first + i)) continue;
      const float fraction = toned(static_cast<In>(reach.first + i), 0);
      const auto colour = colour_of(job_.processing.map, fraction);
      table[i] = {finished(colour[0]), finished(colour[1]), finished(colour[2])};
    }
    const auto to_step = static_cast<std::size_t>(output.channels());
    return for_each_line([&](std::int64_t y) {
      const In* from = line(y);
      Out* to = output.samples<Out>(y).data();
      for (std::int64_t x = 0; x < part_.width; ++x, from += step_, to += to_step) {
        const Colour& colour = table[*from - reach.first];
        to[0] = colour.red;
        to[1] = colour.green;
        to[2] = colour.blue;
      }
    });
  }

  Status move_alpha(Raster& output) {
    const double factor = static_cast<double>(kFullSample<Out>) / job_.scale.opaque;
    const auto to_step = static_cast<std::size_t>(output.channels());
    return for_each_line([&](std::int64_t y) {
      const In* from = line(y) + step_ - 1;
      Out* to = output.samples<Out>(y).data() + to_step - 1;
      for (std::int64_t x = 0; x < part_.width; ++x, from += step_, to += to_step) {
        const double alpha = static_cast<double>(*from) * factor;
        *to = to_sample<Out>(std::min(alpha, static_cast<double>(kFullSample<Out>)));
      }
    });
  }

  // Calls `line` with the number of each row. A row counts as one sample for each pixel, as `line`
  // works on a single channel.
  template <class Line>
  Status for_each_line(Line line) const {
    return for_rows(part_.height, static_cast<std::uint64_t>(part_.width), allowance_.deadline,
                    line);
  }

  const In* line(std::int64_t y) const {
    return input_.samples<In>(part_.y + y).data() + static_cast<std::size_t>(part_.x) * step_;
  }

  Result<Reach> reach_of(int channel) {
    if constexpr (sizeof(In) == 1) return Reach{0, 255};
    if (!occurs_.empty()) return note_samples(channel);
    In least = std::numeric_limits<In>::max();
    In largest = 0;
    const auto done = for_each_line([&](std::int64_t y) {
      const In* from = line(y) + channel;
      for (std::int64_t x = 0; x < part_.width; ++x, from += step_) {
        least = std::min(least, *from);
        largest = std::max(largest, *from);
      }
    });
    if (!done) return tl::unexpected(done.error());
    return Reach{least, largest};
  }

  // Notes which values occur: the others are never looked up, so the table need not have them.
  Result<Reach> note_samples(int channel) {
    std::fill(occurs_.begin(), occurs_.end(), std::uint8_t{0});
    const auto done = for_each_line([&](std::int64_t y) {
      const In* from = line(y) + channel;
      for (std::int64_t x = 0; x < part_.width; ++x, from += step_) occurs_[*from] = 1;
    });
    if (!done) return tl::unexpected(done.error());
    const auto first = std::find(occurs_.begin(), occurs_.end(), 1);
    const auto last = std::find(occurs_.rbegin(), occurs_.rend(), 1);
    if (first == occurs_.end()) return Reach{};  // no pixels
    return Reach{static_cast<std::size_t>(first - occurs_.begin()),
                 static_cast<std::size_t>(occurs_.rend() - last) - 1};
  }

  bool occurs(std::size_t sample) const { return occurs_.empty() || occurs_[sample] != 0; }

  Out shaped(In sample, int channel) const {
    if (std::is_floating_point_v<Out> && job_.processing.is_neutral()) {
      return static_cast<Out>(static_cast<double>(sample) + job_.scale.offset);
    }
    if (!curve_ && tone_.is_neutral() && contrast_ == 1) {
      const ChannelScale& scale = scales_[static_cast<std::size_t>(channel)];
      // Exact where a fraction would be rounded before the product is.
      const double value = static_cast<double>(sample) - scale.min;
      return to_sample<Out>(value * static_cast<double>(kFullSample<Out>) / scale.span);
    }
    return finished(toned(sample, channel));
  }

  float toned(In sample, int channel) const {
    const float fraction = scales_[static_cast<std::size_t>(channel)].fraction(sample);
    return tone_.of(curve_ ? curve_->of(fraction) : fraction);
  }

  Out finished(float fraction) const { return to_output<Out>(fraction * contrast_); }

  static constexpr std::size_t kKinds = std::size_t{std::numeric_limits<In>::max()} + 1;

  const Raster& input_;
  const Rect& part_;
  const ProcessingJob& job_;
  const Allowance& allowance_;
  std::size_t step_;
  std::vector<ChannelScale> scales_;
  std::optional<EqualiseCurve> curve_;
  Tone tone_;
  float contrast_;
  std::vector<std::uint8_t> occurs_;  // by sample: 1, else 0; empty: any may
};

template <class In>
Result<Raster> processed(const Raster& input, const Rect& part, const ProcessingJob& job,
                         const Allowance& allowance) {
  return with_output_type(job.bits, [&](auto sample) {
    return TableProcess<In, decltype(sample)>(input, part, job, allowance).run();
  });
}

}  // namespace

bool goes_by_table(const PixelFormat& format, const Processing& processing) {
  return (format.type == SampleType::u8 || format.type == SampleType::u16) &&
         !processing.hillshade && processing.twist.empty() && !processing.kernel;
}

Result<Raster> process_by_table(const Raster& input, const Rect& part, const ProcessingJob& job,
                                const Allowance& allowance) {
  return input.format().type == SampleType::u8
             ? processed<std::uint8_t>(input, part, job, allowance)
             : processed<std::uint16_t>(input, part, job, allowance);
}

}  // namespace iip
