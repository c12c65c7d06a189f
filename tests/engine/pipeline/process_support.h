// Processing compared with what processing.py makes of the same samples.
#pragma once

#include <cstring>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "engine/pipeline/process.h"
#include "oracle.h"

namespace iip::test {

inline const char* name_of(ColourMap map) {
  constexpr const char* kNames[] = {"",     "hot",     "cold",  "jet",     "red",    "green",
                                    "blue", "viridis", "magma", "inferno", "plasma", "cividis"};
  return kNames[static_cast<std::size_t>(map)];
}

inline const char* name_of(SampleType type) {
  constexpr const char* kNames[] = {"u8", "u16", "u32", "f32"};
  return kNames[static_cast<std::size_t>(type)];
}

// JSON, in the words of processing.py.
class Specification {
 public:
  Specification(const PixelFormat& format, const ProcessingJob& job) {
    const Processing& processing = job.processing;
    text_.precision(17);
    text_ << "{\"type\":\"" << name_of(format.type) << "\",\"alpha\":" << format.alpha
          << ",\"opaque\":" << job.scale.opaque << ",\"offset\":" << job.scale.offset
          << ",\"bits\":" << job.bits;
    list("ranges", ranges_of(job), [&](const SampleRange& range) {
      text_ << '[' << range.min + job.scale.offset << ',' << range.max + job.scale.offset << ']';
    });
    list("minmax", processing.ranges, [&](const ChannelRange& range) {
      text_ << '[';
      range.channel ? text_ << *range.channel : text_ << "null";
      text_ << ',' << range.min << ',' << range.max << ']';
    });
    if (processing.spread == Spread::equalise) {
      list("counts", job.statistics->histogram, [&](std::uint64_t count) { text_ << count; });
    }
    if (processing.hillshade) {
      text_ << ",\"shade\":[" << processing.hillshade->azimuth << ','
            << processing.hillshade->elevation << "],\"spacing\":[" << job.spacing.x << ','
            << job.spacing.y << ']';
    }
    if (!processing.twist.empty()) {
      list("twist", processing.twist, [&](const auto& row) { numbers(row); });
    }
    text_ << ",\"gamma\":" << processing.gamma << ",\"logarithm\":" << processing.logarithm
          << ",\"invert\":" << processing.invert << ",\"map\":\"" << name_of(processing.map)
          << "\",\"contrast\":" << processing.contrast;
    if (processing.kernel) {
      std::vector<std::vector<float>> rows;
      const auto side = static_cast<std::size_t>(processing.kernel->side);
      for (std::size_t j = 0; j < side; ++j) {
        const float* row = processing.kernel->weights.data() + j * side;
        rows.emplace_back(row, row + side);
      }
      list("kernel", rows, [&](const auto& row) { numbers(row); });
    }
    text_ << '}';
  }

  std::string text() const { return text_.str(); }

 private:
  static std::vector<SampleRange> ranges_of(const ProcessingJob& job) {
    if (job.processing.spread == Spread::stretch) return job.statistics->ranges;
    if (job.processing.spread == Spread::equalise) return job.statistics->histogram_ranges;
    return job.scale.ranges;
  }

  template <class List, class Write>
  void list(const char* name, const List& values, Write write) {
    text_ << ",\"" << name << "\":[";
    const char* comma = "";
    for (const auto& value : values) {
      text_ << comma;
      write(value);
      comma = ",";
    }
    text_ << ']';
  }
  void numbers(const std::vector<float>& row) {
    const char* comma = "[";
    for (const float factor : row) {
      text_ << comma << factor;
      comma = ",";
    }
    text_ << (row.empty() ? "[]" : "]");
  }

  std::ostringstream text_;
};

// The samples that the oracle expects of each job, one after the other, in the units of the
// output and not rounded.
inline std::vector<double> expected_samples(const Raster& input,
                                            const std::vector<ProcessingJob>& jobs) {
  const ScratchFolder folder;
  write_file(folder.file("in"), packed(input));
  std::string specifications;
  for (const ProcessingJob& job : jobs) {
    specifications +=
        (specifications.empty() ? "[" : ",") + Specification(input.format(), job).text();
  }
  run_python("tests/engine/pipeline/processing.py",
             {folder.file("in"), std::to_string(input.size().width),
              std::to_string(input.size().height), specifications + "]", folder.file("out")});
  const auto bytes = read_file(folder.file("out"));
  std::vector<double> samples(bytes.size() / sizeof(double));
  std::memcpy(samples.data(), bytes.data(), bytes.size());
  return samples;
}

// Whole numbers may be off by their rounding and little more; floats by a millionth of the value
// or, where it is less, of the range. `expected` begins with the raster's.
inline void expect_samples(const Raster& output, std::span<const double> expected,
                           const std::string& what) {
  ASSERT_LE(static_cast<std::size_t>(output.size().area() * output.channels()), expected.size())
      << what;
  const bool whole = output.format().type != SampleType::f32;
  const double slack = output.format().type == SampleType::u16 ? 0.05 : 0.001;
  std::size_t i = 0;
  for (std::int64_t y = 0; y < output.size().height; ++y) {
    for (std::int64_t x = 0; x < output.size().width; ++x) {
      for (int c = 0; c < output.channels(); ++c, ++i) {
        const double allowed = whole ? 0.5 + slack : 1e-6 * std::max(1.0, std::abs(expected[i]));
        ASSERT_NEAR(value(output, x, y, c), expected[i], allowed)
            << what << " at " << x << ' ' << y << ' ' << c;
      }
    }
  }
}

}  // namespace iip::test
