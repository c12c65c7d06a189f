#include "engine/service/open_image.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "engine/pipeline/process.h"
#include "engine/pipeline/stages.h"

namespace iip {

namespace {

// What stands for the whole image where its values are counted: the smallest level that has this
// many pixels, scaled down to this side. Enough for a steady histogram, and quick to read.
constexpr std::int64_t kLeastPixels = std::int64_t{256} * 256;
constexpr double kOverviewSide = 1024;

// A client may ask for any processing; the thresholds of these are worth keeping.
constexpr std::size_t kMostThresholds = 64;

// Pixels of the result that are read around a part; fewer where the level ends.
struct Halo {
  std::int64_t before;
  std::int64_t after;
};

Halo halo_within(double start, double length, std::int64_t count, std::int64_t limit, int wanted) {
  constexpr double kRounding = 1e-6;
  const double step = length / static_cast<double>(count);
  const auto fitting = [&](double room) {
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(room / step + kRounding)),
                                    0, wanted);
  };
  return {fitting(start), fitting(static_cast<double>(limit) - start - length)};
}

void widen(double& start, double& length, std::int64_t& count, std::int64_t limit,
           const Halo& halo) {
  const double step = length / static_cast<double>(count);
  const double end =
      std::min(start + length + static_cast<double>(halo.after) * step, static_cast<double>(limit));
  start = std::max(0.0, start - static_cast<double>(halo.before) * step);
  length = end - start;
  count += halo.before + halo.after;
}

// An image's transform, or that it has none.
class KeptTransform : public Kept {
 public:
  static Result<std::shared_ptr<const KeptTransform>> create(const ImageInfo& info,
                                                             MemoryBudget& budget) {
    auto making = budget.reserve(SrgbTransform::bytes_for(info.icc_profile));
    if (!making) return pass_on(making);
    auto transform = SrgbTransform::create(info.icc_profile, info.format);
    auto memory = budget.reserve(transform ? transform->bytes() : sizeof(KeptTransform));
    if (!memory) return pass_on(memory);
    memory->outlive_budget();
    return std::make_shared<const KeptTransform>(std::move(transform), std::move(*memory));
  }

  KeptTransform(std::unique_ptr<const SrgbTransform> transform, Reservation memory)
      : transform_(std::move(transform)), memory_(std::move(memory)) {}

  std::uint64_t bytes() const override { return memory_.bytes(); }
  const SrgbTransform* transform() const { return transform_.get(); }

 private:
  const std::unique_ptr<const SrgbTransform> transform_;
  const Reservation memory_;
};

// The distance between delivered pixels, in pixels of the full size.
PixelSpacing spacing_of(const ScaledPart& wanted, const ImageInfo& info) {
  const Size& level = info.levels[wanted.level].size;
  const auto spacing = [](std::int64_t full, std::int64_t at_level, double part,
                          std::int64_t delivered) {
    return static_cast<double>(full) / static_cast<double>(at_level) * part /
           static_cast<double>(delivered);
  };
  return {spacing(info.size().width, level.width, wanted.part.width, wanted.size.width),
          spacing(info.size().height, level.height, wanted.part.height, wanted.size.height)};
}

}  // namespace

Result<ScaledRaster> OpenImage::read_in_shown_colours(const ReadContext& context,
                                                      const ScaledPart& wanted,
                                                      ColourPolicy colour) const {
  auto raster = read_scaled(*source_, context, wanted);
  if (!raster) return pass_on(raster);
  ScaledRaster read{std::move(*raster), scale_of(info())};
  const ColourModel model = read.raster.format().model;
  if (model == ColourModel::lab) {
    return lab_to_rgb(std::move(read), info().lab_white.value_or(kD50), context.allowance());
  }
  // Inks mean nothing to who looks at them, whatever the policy is.
  const bool converts = colour == ColourPolicy::srgb || model == ColourModel::cmyk;
  if (converts) {
    const auto transform = srgb_transform(context);
    if (!transform) return tl::unexpected(transform.error());
    if (*transform) return (*transform)->convert(std::move(read), context.allowance());
  }
  if (model == ColourModel::cmyk) return cmyk_to_rgb(std::move(read), context.allowance());
  return read;
}

Result<std::shared_ptr<const SrgbTransform>> OpenImage::srgb_transform(
    const ReadContext& context) const {
  if (info().icc_profile.size() == 0) return nullptr;
  const auto make = [&] { return KeptTransform::create(info(), context.budget); };
  const auto kept = context.kept == nullptr ? make()
                                            : context.kept->find_or_make<KeptTransform>(
                                                  {kept_}, context.deadline, make);
  if (!kept) return tl::unexpected(kept.error());
  return std::shared_ptr<const SrgbTransform>(*kept, (*kept)->transform());
}

Result<Raster> OpenImage::read_processed(const ReadContext& context, const ScaledPart& wanted,
                                         const Rendition& rendition) const {
  const auto statistics = statistics_for(context, rendition);
  if (!statistics) return tl::unexpected(statistics.error());
  const Size& level = info().levels[wanted.level].size;
  const int context_pixels = context_of(rendition.processing, info().shown_channels());
  ScaledPart read = wanted;
  const Halo across =
      halo_within(wanted.part.x, wanted.part.width, wanted.size.width, level.width, context_pixels);
  const Halo down = halo_within(wanted.part.y, wanted.part.height, wanted.size.height, level.height,
                                context_pixels);
  widen(read.part.x, read.part.width, read.size.width, level.width, across);
  widen(read.part.y, read.part.height, read.size.height, level.height, down);
  auto source = read_in_shown_colours(context, read, rendition.colour);
  if (!source) return pass_on(source);
  const ProcessingJob job{rendition.processing, std::move(source->scale), *statistics,
                          rendition.bits, spacing_of(wanted, info())};
  return process(std::move(source->raster),
                 {across.before, down.before, wanted.size.width, wanted.size.height}, job,
                 context.allowance());
}

ScaledPart OpenImage::overview() const {
  const auto& levels = info().levels;
  std::size_t level = levels.size() - 1;
  while (level > 0 && levels[level].size.area() < kLeastPixels) --level;
  const Size whole = levels[level].size;
  const double shrink = std::max({1.0, static_cast<double>(whole.width) / kOverviewSide,
                                  static_cast<double>(whole.height) / kOverviewSide});
  const auto shrunk = [shrink](std::int64_t side) {
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(side) / shrink));
  };
  return {level,
          {0, 0, static_cast<double>(whole.width), static_cast<double>(whole.height)},
          {shrunk(whole.width), shrunk(whole.height)},
          Interpolation::bilinear};
}

Result<const Statistics*> OpenImage::statistics_for(const ReadContext& context,
                                                    const Rendition& rendition) const {
  if (rendition.processing.spread == Spread::as_is) return nullptr;
  const std::size_t which = rendition.colour == ColourPolicy::srgb ? 1 : 0;
  {
    const MutexLock lock(mutex_);
    if (const auto& kept = statistics_[which]) return &*kept;
  }
  // Whatever part of the data this request is content with: the statistics are those of all.
  ReadContext complete = context;
  complete.layers = 0;
  auto whole = read_in_shown_colours(complete, overview(), rendition.colour);
  if (!whole) return pass_on(whole);
  auto measured = measure(whole->raster, whole->scale, context.deadline);
  if (!measured) return pass_on(measured);
  const MutexLock lock(mutex_);
  auto& kept = statistics_[which];
  if (!kept) kept = std::move(*measured);
  return &*kept;
}

Result<int> OpenImage::bitonal_threshold(const ReadContext& context,
                                         const Rendition& rendition) const {
  Hasher hasher;
  rendition.processing.add_to(hasher);
  hasher.add(static_cast<int>(rendition.colour));
  const Digest digest = hasher.digest();
  const std::pair key(digest.high, digest.low);
  {
    const MutexLock lock(mutex_);
    if (const auto found = thresholds_.find(key); found != thresholds_.end()) return found->second;
  }
  auto whole = read_processed(context, overview(), {rendition.processing, rendition.colour, 8});
  if (!whole) return pass_on(whole);
  auto opaque = flatten_on_white(std::move(*whole), context.allowance());
  if (!opaque) return pass_on(opaque);
  auto grey = to_grey(std::move(*opaque), context.allowance());
  if (!grey) return pass_on(grey);
  const int threshold = otsu_threshold(*grey);
  const MutexLock lock(mutex_);
  if (thresholds_.size() >= kMostThresholds) thresholds_.clear();
  thresholds_.emplace(key, threshold);
  return threshold;
}

}  // namespace iip
