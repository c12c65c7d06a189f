#include "engine/formats/tiff/ranges.h"

#include <algorithm>
#include <utility>

namespace iip {

namespace {

constexpr std::uint64_t kMostSamples = 32;

SampleRange range_of_type(const TiffSampleFormat& sample) {
  return {sample.offset(), sample.offset() + sample.largest()};
}

// What one pair of tags says, by stored channel.
class StatedRanges {
 public:
  StatedRanges(const TiffDirectory& directory, TiffTag least, TiffTag most)
      : least_(directory.numbers(least, kMostSamples)),
        most_(directory.numbers(most, kMostSamples)) {}

  bool empty() const { return least_.empty() && most_.empty(); }
  // In terms of the pixels: `whole`, or an end of it, where nothing usable is said.
  SampleRange of(std::size_t channel, const SampleRange& whole,
                 const TiffSampleFormat& sample) const {
    const double spread = sample.bits < 8 ? sample.largest() / ((1 << sample.bits) - 1) : 1;
    SampleRange range = whole;
    if (!least_.empty()) range.min = spread * least_[std::min(channel, least_.size() - 1)];
    if (!most_.empty()) range.max = spread * most_[std::min(channel, most_.size() - 1)];
    if (!(range.min < range.max)) return whole;
    const bool outside = range.min >= whole.max || range.max <= whole.min;
    return outside && !sample.is_float() ? whole : range;
  }

 private:
  const std::vector<double> least_;
  const std::vector<double> most_;
};

SampleRange turned_round(const SampleRange& range, const SampleRange& whole, bool is_float) {
  if (is_float) return {range.max, range.min};
  return {whole.min + whole.max - range.max, whole.min + whole.max - range.min};
}

}  // namespace

std::vector<SampleRange> read_tiff_ranges(const TiffDirectory& directory, const TiffImage& image,
                                          const TiffColour& colour) {
  const PixelFormat& format = colour.format();
  const int shown = format.shown_channels();
  const auto channels = static_cast<std::size_t>(shown);
  const SampleRange whole = range_of_type(image.sample);
  if (!colour.keeps_numbers()) {
    // The colours are made of the samples; further channels are what they were.
    const bool lab = format.model == ColourModel::lab;
    std::vector<SampleRange> ranges(channels, lab ? whole : SampleRange{0, 255});
    if (format.model == ColourModel::rgb && format.type == SampleType::f32) {
      std::fill(ranges.begin(), ranges.end(), SampleRange{0, 1});
    }
    if (lab) ranges[0] = {0, 100};
    if (lab) ranges[1] = ranges[2] = {-128, 127};
    return ranges;
  }
  const StatedRanges stated(directory, TiffTag::smin_sample_value, TiffTag::smax_sample_value);
  // The older tags are whole numbers, of 16 bits and no sign; many writers fill them in unasked.
  const bool older = stated.empty() && !image.sample.is_float() && !image.sample.is_signed();
  const StatedRanges old(directory, TiffTag::min_sample_value, TiffTag::max_sample_value);
  std::vector<SampleRange> ranges(channels, whole);
  for (std::size_t i = 0; i < channels; ++i) {
    const auto stored_channel = static_cast<std::size_t>(colour.channels()[i]);
    ranges[i] = (older ? old : stated).of(stored_channel, whole, image.sample);
  }
  if (image.photometric == TiffPhotometric::min_is_white) {
    ranges[0] = turned_round(ranges[0], whole, image.sample.is_float());
  }
  return ranges;
}

}  // namespace iip
