#include "engine/service/making.h"

#include <algorithm>

#include "engine/service/counted_answer.h"
#include "engine/service/picture.h"
#include "engine/service/sample_values.h"

namespace iip {

namespace {

RenderCost cost_of_block(const TileBlockRequest& request, const ImageInfo& info,
                         CacheClient client) {
  const std::size_t resolution = std::min<std::size_t>(request.resolution, info.levels.size() - 1);
  const Level& level = info.levels[info.level_of_resolution(resolution)];
  const std::uint64_t tiles =
      std::max(request.first, request.last) - std::min(request.first, request.last) + 1;
  const auto stored = static_cast<std::uint64_t>(level.tile_count());
  RenderCost cost =
      cost_of_tiles(static_cast<std::int64_t>(std::min(tiles, stored)), level, info.format, client);
  cost.bytes += CountedAnswer::kMostBytes;  // stored tiles may be of any length
  return cost;
}

// What a request is expected to cost, by its kind.
struct Costs {
  const RenderInput& input;
  CacheClient client;

  const ImageInfo& info() const { return input.image->info(); }
  RenderCost operator()(const InfoRequest&) const { return {Lane::tiles, 0, client}; }
  RenderCost operator()(const ImageRequest&) const { return cost_of(*input.plan, info(), client); }
  RenderCost operator()(const TileBlockRequest& block) const {
    return cost_of_block(block, info(), client);
  }
  RenderCost operator()(const SpectrumRequest&) const {
    return cost_of_spectrum(input.frames->count(), info(), client);
  }
  RenderCost operator()(const ProfileRequest& line) const {
    return cost_of_profile(line, input.frames->count(), info(), client);
  }
};

// The answer itself.
struct Makers {
  const RenderInput& input;
  const Settings& settings;
  const ReadContext& reading;

  Result<Bytes> operator()(const InfoRequest&) const {
    return fail(ErrorKind::internal, "A description is not made of pixels");
  }
  Result<Bytes> operator()(const ImageRequest&) const {
    return make_picture(*input.plan, *input.image, reading);
  }
  Result<Bytes> operator()(const TileBlockRequest& block) const {
    return make_tile_block(block, *input.image, settings, reading);
  }
  Result<Bytes> operator()(const SpectrumRequest& point) const {
    return spectrum_xml(point, *input.frames, reading);
  }
  Result<Bytes> operator()(const ProfileRequest& line) const {
    return profile_json(line, *input.frames, reading);
  }
};

}  // namespace

RenderCost cost_of_answer(const Request& request, const RenderInput& input, CacheClient client) {
  return std::visit(Costs{input, client}, request);
}

Result<Bytes> make_answer(const Request& request, const RenderInput& input,
                          const Settings& settings, const ReadContext& reading) {
  return std::visit(Makers{input, settings, reading}, request);
}

}  // namespace iip
