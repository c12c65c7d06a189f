#include "engine/source/j2k_index.h"

#include <string>
#include <utility>

namespace iip {

namespace {

// Of one tile: enough for a gigapixel in it and a dozen layers.
constexpr std::uint64_t kMostBytes = std::uint64_t{80} << 20;

}  // namespace

Result<std::shared_ptr<const J2kTileIndex>> J2kIndex::tile(const ReadContext& context,
                                                           std::int64_t index) const {
  if (is_defeated_) return nullptr;
  const auto make = [&] { return this->make(context, index); };
  auto made = context.kept == nullptr
                  ? make()
                  : context.kept->find_or_make<J2kTileIndex>(
                        {tiles_, static_cast<std::uint64_t>(index)}, context.deadline, make);
  if (made || made.error().kind != ErrorKind::unsupported) return made;
  give_up(made.error(), context.log);
  return nullptr;
}

Result<std::shared_ptr<const J2kTileParts>> J2kIndex::parts(const ReadContext& context) const {
  const auto make = [&] {
    return J2kTileParts::find(context.file, codestream_, header_, context.budget, context.deadline);
  };
  if (context.kept == nullptr) return make();
  return context.kept->find_or_make<J2kTileParts>({parts_}, context.deadline, make);
}

Result<std::shared_ptr<const J2kTileIndex>> J2kIndex::make(const ReadContext& context,
                                                           std::int64_t index) const {
  if (header_.has_packed_headers) {
    return fail(ErrorKind::unsupported, {}, "JPEG 2000: packed packet headers");
  }
  const auto parts = this->parts(context);
  if (!parts) return tl::unexpected(parts.error());
  const Result<J2kTile> tile = read_tile_headers(context.file, header_, (*parts)->of_tile(index));
  if (!tile) return tl::unexpected(tile.error());
  return J2kTileIndex::make(context.file, header_, *tile, header_.tile_rect(index), kMostBytes,
                            context.budget, context.deadline);
}

void J2kIndex::give_up(const Error& reason, LogSink& log) const {
  if (is_defeated_.exchange(true)) return;
  log.write(LogLevel::warning,
            "Each part of this image is decoded from the whole file, which is slow: its packets "
            "can not be indexed (" +
                reason.detail + ")");
}

}  // namespace iip
