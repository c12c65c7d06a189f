#include "engine/pipeline/line_process.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "engine/base/checkpoint.h"
#include "engine/pipeline/colour_map.h"
#include "engine/pipeline/convolve.h"
#include "engine/pipeline/planar_line.h"
#include "engine/pipeline/point_chain.h"
#include "engine/pipeline/twist.h"

namespace iip {

namespace {

// The heights of lines of a raster, in the file's own values: three lines at a time.
class HeightLines {
 public:
  static Result<HeightLines> create(const Raster& input, std::int64_t left, std::int64_t width,
                                    double offset, MemoryBudget& budget) {
    auto lines = PlanarLine::create(width, kLines, budget);
    if (!lines) return pass_on(lines);
    return HeightLines(input, left, offset, std::move(*lines));
  }

  std::span<const float> line(std::int64_t y) {
    const auto slot = static_cast<std::size_t>(y % kLines);
    const std::span<float> heights = lines_.channel(static_cast<int>(slot));
    if (held_[slot] != y) {
      with_sample_type(input_->format().type, [&](auto sample) {
        const auto step = static_cast<std::size_t>(input_->channels());
        const auto* from = input_->template samples<decltype(sample)>(y).data() +
                           static_cast<std::size_t>(left_) * step;
        for (float& height : heights) {
          height = static_cast<float>(static_cast<double>(*from) + offset_);
          from += step;
        }
      });
      held_[slot] = y;
    }
    return heights;
  }

 private:
  static constexpr int kLines = 3;

  HeightLines(const Raster& input, std::int64_t left, double offset, PlanarLine lines)
      : input_(&input), left_(left), offset_(offset), lines_(std::move(lines)) {}

  const Raster* input_;
  std::int64_t left_;
  double offset_;
  PlanarLine lines_;
  std::array<std::int64_t, kLines> held_ = {-1, -1, -1};
};

// Lines of the input, processed up to the colour map.
class LineMaker {
 public:
  // Columns [left, left + width) of the input.
  static Result<LineMaker> create(const Raster& input, std::int64_t left, std::int64_t width,
                                  const ProcessingJob& job, MemoryBudget& budget) {
    LineMaker maker(input, left, job);
    const Processing& processing = job.processing;
    if (maker.shades_heights()) {
      // Its neighbours on both sides, where there are any.
      const std::int64_t begin = std::max<std::int64_t>(0, left - 1);
      const std::int64_t end = std::min(input.size().width, left + width + 1);
      auto heights = HeightLines::create(input, begin, end - begin, job.scale.offset, budget);
      if (!heights) return pass_on(heights);
      maker.heights_ = std::move(*heights);
      auto shades = PlanarLine::create(end - begin, 1, budget);
      if (!shades) return pass_on(shades);
      maker.shades_ = std::move(*shades);
      maker.first_shade_ = static_cast<std::size_t>(left - begin);
    }
    if (!processing.twist.empty()) {
      auto before = PlanarLine::create(width, maker.taken_, budget);
      if (!before) return pass_on(before);
      maker.before_twist_ = std::move(*before);
    }
    return maker;
  }

  // Room for this many channels is needed in `line`.
  static constexpr int kMostChannels = 3;

  void make(std::int64_t y, PlanarLine& line) {
    PlanarLine& start = before_twist_ ? *before_twist_ : line;
    if (shades_heights()) {
      shade_heights(y, start.channel(0));
    } else {
      take_samples(y, start);
      if (normals_) {
        normals_->shade(start.channel(0), start.channel(1), start.channel(2), start.channel(0));
      }
    }
    if (before_twist_) twist(*before_twist_, taken_, rows_, line);
    const bool maps = job_->processing.map != ColourMap::none;
    for (int c = 0; c < (maps ? 1 : shown_); ++c) tone_.apply(line.channel(c));
    if (maps) map_colours(line);
    if (input_->format().alpha) take_alpha(y, line.alpha());
  }

 private:
  LineMaker(const Raster& input, std::int64_t left, const ProcessingJob& job)
      : input_(&input),
        left_(left),
        job_(&job),
        shown_(processed_format(job.processing, input.format(), job.bits).colours()),
        scales_(scales_for(job, input.format())),
        curve_(curve_for(job)),
        tone_(job.processing) {
    const Processing& processing = job.processing;
    const int channels = input.format().shown_channels();
    if (processing.hillshade) {
      if (shows_colour(channels)) {
        normals_.emplace(*processing.hillshade);
        taken_ = 3;
      } else {
        shader_.emplace(*processing.hillshade, job.spacing);
        taken_ = 1;
      }
    }
    // A twist may have more rows than channels are shown: only those that are shown are computed.
    if (!processing.twist.empty()) {
      const bool maps = processing.map != ColourMap::none;
      const std::size_t made = maps || shown_ == 1 ? 1 : 3;
      rows_ = std::span(processing.twist).first(std::min(made, processing.twist.size()));
      if (!processing.hillshade) taken_ = std::max(1, channels_twisted(rows_, channels));
    } else if (!processing.hillshade) {
      taken_ = processing.map != ColourMap::none ? 1 : shown_;
    }
  }

  bool shades_heights() const { return shader_.has_value(); }

  void take_samples(std::int64_t y, PlanarLine& line) const {
    with_sample_type(input_->format().type, [&](auto sample) {
      const auto step = static_cast<std::size_t>(input_->channels());
      const auto* from =
          input_->samples<decltype(sample)>(y).data() + static_cast<std::size_t>(left_) * step;
      for (int c = 0; c < taken_; ++c) {
        const std::span<float> fractions = line.channel(c);
        normalise(from + c, step, scales_[static_cast<std::size_t>(c)], fractions);
        if (!curve_) continue;
        for (float& fraction : fractions) fraction = curve_->of(fraction);
      }
    });
  }

  void shade_heights(std::int64_t y, std::span<float> result) {
    const std::int64_t above = std::max<std::int64_t>(0, y - 1);
    const std::int64_t below = std::min(input_->size().height - 1, y + 1);
    const std::span<float> shades = shades_->channel(0);
    const int rows = static_cast<int>(std::max<std::int64_t>(1, below - above));
    shader_->shade(heights_->line(above), heights_->line(y), heights_->line(below), rows, shades);
    std::copy_n(shades.begin() + static_cast<std::ptrdiff_t>(first_shade_), result.size(),
                result.begin());
  }

  void map_colours(PlanarLine& line) const {
    const std::span<float> red = line.channel(0);
    const std::span<float> green = line.channel(1);
    const std::span<float> blue = line.channel(2);
    for (std::size_t x = 0; x < red.size(); ++x) {
      const auto colour = colour_of(job_->processing.map, red[x]);
      red[x] = colour[0];
      green[x] = colour[1];
      blue[x] = colour[2];
    }
  }

  void take_alpha(std::int64_t y, std::span<float> alpha) const {
    with_sample_type(input_->format().type, [&](auto sample) {
      const auto step = static_cast<std::size_t>(input_->channels());
      const auto* from = input_->samples<decltype(sample)>(y).data() +
                         (static_cast<std::size_t>(left_) + 1) * step - 1;
      normalise(from, step, ChannelScale{0, job_->scale.opaque}, alpha);
    });
  }

  const Raster* input_;
  std::int64_t left_;
  const ProcessingJob* job_;
  int shown_;
  int taken_ = 1;  // channels of the input that are looked at
  std::vector<ChannelScale> scales_;
  std::optional<EqualiseCurve> curve_;
  Tone tone_;
  std::span<const std::vector<float>> rows_;  // of the twist
  std::optional<HeightShader> shader_;
  std::optional<NormalShader> normals_;
  std::optional<HeightLines> heights_;
  std::optional<PlanarLine> shades_;
  std::size_t first_shade_ = 0;
  std::optional<PlanarLine> before_twist_;
};

// Writes the channels of a line into its place in the output.
class LineWriterOut {
 public:
  LineWriterOut(Raster& output, float contrast) : output_(output), contrast_(contrast) {}

  void write(std::int64_t y, int channel, std::span<const float> fractions) const {
    write(y, channel, fractions, contrast_);
  }
  void write_alpha(std::int64_t y, std::span<const float> fractions) const {
    write(y, output_.channels() - 1, fractions, 1);
  }

 private:
  void write(std::int64_t y, int channel, std::span<const float> fractions, float factor) const {
    with_sample_type(output_.format().type, [&](auto sample) {
      using Out = decltype(sample);
      const auto step = static_cast<std::size_t>(output_.channels());
      Out* to = output_.samples<Out>(y).data() + channel;
      for (const float fraction : fractions) {
        *to = to_output<Out>(fraction * factor);
        to += step;
      }
    });
  }

  Raster& output_;
  float contrast_;
};

// For a line: each passes through several steps of floats.
std::uint64_t samples_of(const Rect& part, const Raster& input) {
  return static_cast<std::uint64_t>(part.width * input.channels()) * Checkpoint::kSlow;
}

Status write_lines(LineMaker& maker, const Rect& part, const Raster& input, Raster& output,
                   const LineWriterOut& writer, const Allowance& allowance) {
  auto line = PlanarLine::create(part.width, LineMaker::kMostChannels, allowance.budget);
  if (!line) return pass_on(line);
  return for_rows(part.height, samples_of(part, input), allowance.deadline, [&](std::int64_t y) {
    maker.make(part.y + y, *line);
    for (int c = 0; c < output.format().colours(); ++c) writer.write(y, c, line->channel(c));
    if (input.format().alpha) writer.write_alpha(y, line->alpha());
  });
}

// `left` is the column of the input with which the maker's lines begin.
Status write_convolved(LineMaker& maker, const Convolver& convolver, std::int64_t left,
                       std::int64_t width, const Rect& part, const Raster& input, Raster& output,
                       const LineWriterOut& writer, const Allowance& allowance) {
  const int reach = convolver.reach();
  const int side = 2 * reach + 1;
  std::vector<PlanarLine> ring;
  for (int i = 0; i < side; ++i) {
    auto line = PlanarLine::create(width, LineMaker::kMostChannels, allowance.budget);
    if (!line) return pass_on(line);
    ring.push_back(std::move(*line));
  }
  auto result = PlanarLine::create(part.width, 1, allowance.budget);
  if (!result) return pass_on(result);

  const std::int64_t last = input.size().height - 1;
  const auto ring_line = [&](std::int64_t y) -> PlanarLine& {
    return ring[static_cast<std::size_t>(std::clamp<std::int64_t>(y, 0, last) % side)];
  };
  const auto begins_at = static_cast<std::size_t>(part.x - left);
  std::int64_t next = std::max<std::int64_t>(0, part.y - reach);  // to be made
  const auto write_row = [&](std::int64_t row) {
    const std::int64_t y = part.y + row;
    for (; next <= std::min(y + reach, last); ++next) maker.make(next, ring_line(next));
    for (int c = 0; c < output.format().colours(); ++c) {
      Convolver::Lines lines{};
      for (int j = 0; j < side; ++j) {
        lines[static_cast<std::size_t>(j)] = ring_line(y + j - reach).channel(c);
      }
      convolver.convolve(lines, static_cast<std::int64_t>(begins_at), result->channel(0));
      writer.write(row, c, result->channel(0));
    }
    if (input.format().alpha) {
      const std::span<const float> alpha = ring_line(y).alpha();
      writer.write_alpha(row, alpha.subspan(begins_at, static_cast<std::size_t>(part.width)));
    }
  };
  return for_rows(part.height, samples_of(part, input), allowance.deadline, write_row);
}

// Samples in the file's own values; alpha as fractions.
Status write_values(const Raster& input, const Rect& part, const SampleScale& scale, Raster& output,
                    const Deadline& deadline) {
  return with_sample_type(input.format().type, [&](auto sample) {
    using In = decltype(sample);
    const auto step = static_cast<std::size_t>(input.channels());
    const auto shown = static_cast<std::size_t>(output.format().colours());
    const std::uint64_t samples = static_cast<std::uint64_t>(part.width) * step;
    return for_rows(part.height, samples, deadline, [&](std::int64_t y) {
      const In* from =
          input.samples<In>(part.y + y).data() + static_cast<std::size_t>(part.x) * step;
      float* to = output.samples<float>(y).data();
      for (std::int64_t x = 0; x < part.width; ++x, from += step) {
        for (std::size_t c = 0; c < shown; ++c) {
          *to++ = static_cast<float>(static_cast<double>(from[c]) + scale.offset);
        }
        if (!output.format().alpha) continue;
        *to++ = to_output<float>(ChannelScale{0, scale.opaque}.fraction(from[step - 1]));
      }
    });
  });
}

}  // namespace

Result<Raster> process_by_lines(const Raster& input, const Rect& part, const ProcessingJob& job,
                                const Allowance& allowance) {
  auto output = Raster::create(
      part.size(), processed_format(job.processing, input.format(), job.bits), allowance.budget);
  if (!output) return output;
  if (job.bits == 32 && job.processing.is_neutral()) {
    auto done = write_values(input, part, job.scale, *output, allowance.deadline);
    if (!done) return pass_on(done);
    return output;
  }

  std::optional<Convolver> convolver;
  if (job.processing.kernel) convolver.emplace(*job.processing.kernel);
  const std::int64_t reach = convolver ? convolver->reach() : 0;
  const std::int64_t left = std::max<std::int64_t>(0, part.x - reach);
  const std::int64_t width = std::min(input.size().width, part.right() + reach) - left;
  auto maker = LineMaker::create(input, left, width, job, allowance.budget);
  if (!maker) return pass_on(maker);
  const LineWriterOut writer(*output, contrast_factor(job.processing));
  auto done = convolver ? write_convolved(*maker, *convolver, left, width, part, input, *output,
                                          writer, allowance)
                        : write_lines(*maker, part, input, *output, writer, allowance);
  if (!done) return pass_on(done);
  return output;
}

}  // namespace iip
