#include "engine/source/j2k_index.h"

#include <string>
#include <utility>

#include "engine/source/pool_share.h"

namespace iip {

namespace {

// Enough for a gigapixel in one tile and a dozen layers.
constexpr std::uint64_t kMostBytes = std::uint64_t{80} << 20;

}  // namespace

struct J2kIndex::Counted {
  Counted(J2kTileIndex made, MemoryPool* pool)
      : index(std::move(made)), share(pool, index.bytes()) {}
  const J2kTileIndex index;
  const PoolShare share;
};

Result<std::shared_ptr<const J2kTileIndex>> J2kIndex::tile(const ReadContext& context,
                                                           std::int64_t index) const {
  const std::lock_guard lock(mutex_);
  if (is_defeated_) return nullptr;
  const auto at = static_cast<std::size_t>(index);
  if (at < tiles_.size() && tiles_[at]) return tiles_[at];
  auto made = make(context, index);
  if (made || made.error().kind != ErrorKind::unsupported) return made;
  give_up_locked(made.error(), context.log);
  return nullptr;
}

Result<std::shared_ptr<const J2kTileIndex>> J2kIndex::make(const ReadContext& context,
                                                           std::int64_t index) const {
  if (parts_.empty()) {
    if (header_.has_packed_headers) {
      return fail(ErrorKind::unsupported, {}, "JPEG 2000: packed packet headers");
    }
    auto parts = find_tile_parts(context.file, codestream_, header_, context.deadline);
    if (!parts) return pass_on(parts);
    parts_ = std::move(*parts);
    tiles_.resize(parts_.size());
  }
  const auto at = static_cast<std::size_t>(index);
  const Result<J2kTile> tile = read_tile_headers(context.file, header_, parts_[at]);
  if (!tile) return tl::unexpected(tile.error());
  Result<J2kTileIndex> made = J2kTileIndex::make(
      context.file, header_, *tile, header_.tile_rect(index), kMostBytes, context.deadline);
  if (!made) return pass_on(made);
  const std::uint64_t bytes = made->bytes();
  if (bytes_ + bytes > kMostBytes) {
    // Those that are in use live on until their requests are done.
    for (auto& other : tiles_) other.reset();
    bytes_ = 0;
  }
  auto counted = std::make_shared<const Counted>(std::move(*made), kept_);
  std::shared_ptr<const J2kTileIndex> shared(counted, &counted->index);
  // Where there is no room it serves this request, and is forgotten.
  if (counted->share.has_room()) {
    tiles_[at] = shared;
    bytes_ += bytes;
  }
  return shared;
}

void J2kIndex::give_up(const Error& reason, LogSink& log) const {
  const std::lock_guard lock(mutex_);
  give_up_locked(reason, log);
}

void J2kIndex::give_up_locked(const Error& reason, LogSink& log) const {
  if (std::exchange(is_defeated_, true)) return;
  for (auto& tile : tiles_) tile.reset();
  bytes_ = 0;
  log.write(LogLevel::warning,
            "Each part of this image is decoded from the whole file, which is slow: its packets "
            "can not be indexed (" +
                reason.detail + ")");
}

}  // namespace iip
