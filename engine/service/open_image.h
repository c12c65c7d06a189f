// OpenImage: an opened source, with what is computed from its pixels once and then kept. Shared by
// all requests for the same version of a file; thread-safe.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "engine/base/derived_data_cache.h"
#include "engine/base/mutex.h"
#include "engine/model/processing.h"
#include "engine/pipeline/colour/colour_model.h"
#include "engine/pipeline/colour/srgb_transform.h"
#include "engine/pipeline/statistics.h"
#include "engine/service/read_scaled.h"
#include "engine/source/source.h"

namespace iip {

// What becomes of the values of a picture.
struct Rendition {
  const Processing& processing;
  ColourPolicy colour = ColourPolicy::keep;
  int bits = 8;  // of the result: 8, 16, or 32 for floats
};

class OpenImage {
 public:
  // `memory` is that of what the source keeps.
  explicit OpenImage(std::shared_ptr<const Source> source, Reservation memory = {})
      : memory_(std::move(memory)), source_(std::move(source)) {}

  const Source& source() const { return *source_; }
  const ImageInfo& info() const { return source_->info(); }
  // The memory of itself, and of the decoders that wait for its next request.
  std::uint64_t kept_bytes() const {
    return sizeof(OpenImage) + memory_.bytes() + source_->idle_bytes();
  }

  // A part of a level as a grey or RGB picture, scaled and processed. What the processing looks at
  // around the part is read as well, so that neighbouring parts meet without a seam.
  Result<Raster> read_processed(const ReadContext& context, const ScaledPart& wanted,
                                const Rendition& rendition) const;

  // Otsu's threshold, of 256 greys, over the whole image as it is shown by the rendition, so that
  // all tiles and regions of a bitonal view are parted at the same grey.
  Result<int> bitonal_threshold(const ReadContext& context, const Rendition& rendition) const;

 private:
  Result<ScaledRaster> read_in_shown_colours(const ReadContext& context, const ScaledPart& wanted,
                                             ColourPolicy colour) const;
  // The whole image, small.
  ScaledPart overview() const;
  // nullptr where the processing asks for none.
  Result<const Statistics*> statistics_for(const ReadContext& context,
                                           const Rendition& rendition) const;

  // Null where the image's profile is of no use. Kept, where the context keeps things.
  Result<std::shared_ptr<const SrgbTransform>> srgb_transform(const ReadContext& context) const;

  const Reservation memory_;
  std::shared_ptr<const Source> source_;
  const KeptOwner kept_ = std::make_shared<const KeptTag>();
  // Two threads that find something unknown compute the same, without the lock.
  mutable Mutex mutex_;
  mutable std::array<std::optional<Statistics>, 2> statistics_
      IIP_GUARDED_BY(mutex_);  // by ColourPolicy; once set they stay
  mutable std::map<std::pair<std::uint64_t, std::uint64_t>, int> thresholds_
      IIP_GUARDED_BY(mutex_);  // by the digest of a rendition
};

}  // namespace iip
