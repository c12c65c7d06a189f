#include "engine/formats/jpeg2000/index/index.h"

#include <string>
#include <utility>

#include "engine/formats/jpeg2000/index/plt.h"

namespace iip {

namespace {

// The most bytes of the index of one tile: enough for a gigapixel in it and a dozen layers.
constexpr std::uint64_t kMostBytes = std::uint64_t{80} << 20;

// Is it the file that is to blame?
bool is_of_file(const Error& error) {
  return error.kind == ErrorKind::corrupt || error.kind == ErrorKind::unsupported;
}

}  // namespace

Result<std::shared_ptr<const J2kTileIndex>> J2kIndex::tile(const ReadContext& context,
                                                           std::int64_t index) const {
  if (is_defeated_) return nullptr;
  const auto make = [&] { return this->make(context, index); };
  const KeptOwner& owner = (trusts_lengths_ ? by_lengths_ : by_reading_).tiles;
  auto made = context.kept == nullptr
                  ? make()
                  : context.kept->find_or_make<J2kTileIndex>(
                        {owner, static_cast<std::uint64_t>(index)}, context.deadline, make);
  if (made || made.error().kind != ErrorKind::unsupported) return made;
  give_up(made.error(), context.log);
  return nullptr;
}

Result<std::shared_ptr<const J2kTileParts>> J2kIndex::parts(const ReadContext& context,
                                                            bool by_lengths) const {
  const auto make = [&] {
    return by_lengths
               ? J2kTileParts::find_by_lengths(context.file, codestream_, header_, context.budget)
               : J2kTileParts::find(context.file, codestream_, header_, context.budget,
                                    context.deadline);
  };
  if (context.kept == nullptr) return make();
  const KeptOwner& owner = (by_lengths ? by_lengths_ : by_reading_).parts;
  return context.kept->find_or_make<J2kTileParts>({owner}, context.deadline, make);
}

Result<std::shared_ptr<const J2kPackedHeaders>> J2kIndex::packed(const ReadContext& context,
                                                                 std::size_t parts) const {
  if (header_.packed_headers.empty()) return nullptr;
  const auto make = [&] {
    return J2kPackedHeaders::find(context.file, codestream_, header_, parts, context.budget,
                                  context.deadline);
  };
  if (context.kept == nullptr) return make();
  return context.kept->find_or_make<J2kPackedHeaders>({packed_}, context.deadline, make);
}

Result<J2kTile> J2kIndex::headers(const ReadContext& context, std::int64_t index,
                                  bool by_lengths) const {
  const auto parts = this->parts(context, by_lengths);
  if (!parts) return tl::unexpected(parts.error());
  const auto packed = this->packed(context, (*parts)->count());
  if (!packed) return tl::unexpected(packed.error());
  return read_tile_headers({context.file, header_, coding_, **parts, packed->get()}, index,
                           context.deadline);
}

Result<J2kTile> J2kIndex::headers(const ReadContext& context, std::int64_t index) const {
  return headers(context, index, trusts_lengths_ && !header_.tlm.empty());
}

Result<std::shared_ptr<const J2kTileIndex>> J2kIndex::make(const ReadContext& context,
                                                           std::int64_t index) const {
  const Attempt attempt = make(context, index, trusts_lengths_);
  if (attempt.index || !attempt.relies_on_lengths || !is_of_file(attempt.index.error())) {
    return attempt.index;
  }
  Attempt by_reading = make(context, index, false);
  if (by_reading.index) distrust_lengths(attempt.index.error(), context.log);
  return by_reading.index;
}

J2kIndex::Attempt J2kIndex::make(const ReadContext& context, std::int64_t index,
                                 bool trusts_lengths) const {
  bool relies = trusts_lengths && !header_.tlm.empty();
  const Result<J2kTile> tile = headers(context, index, relies);
  if (!tile) return {tl::unexpected(tile.error()), relies};
  // Packed headers lie beside one another: they are read at once.
  const bool by_lengths =
      trusts_lengths && !tile->has_packed_headers && PltPacketLengths::are_in(*tile);
  relies = relies || by_lengths;
  const auto make = by_lengths ? J2kTileIndex::make_by_lengths : J2kTileIndex::make;
  return {make(context.file, header_, *tile, header_.tile_rect(index), kMostBytes, context.budget,
               context.deadline),
          relies};
}

bool J2kIndex::distrust_lengths(const J2kTileIndex& tile, const Error& reason, LogSink& log) const {
  if (!tile.is_by_lengths()) return false;
  distrust_lengths(reason, log);
  return true;
}

void J2kIndex::distrust_lengths(const Error& reason, LogSink& log) const {
  if (!trusts_lengths_.exchange(false)) return;
  log.write(LogLevel::warning,
            "What this image's headers say of the lengths of its packets is wrong, so that all "
            "packets are read for an index (" +
                reason.detail + ")");
}

void J2kIndex::give_up(const Error& reason, LogSink& log) const {
  if (is_defeated_.exchange(true)) return;
  log.write(LogLevel::warning,
            "Each part of this image is decoded from the whole file, which is slow: its packets "
            "can not be indexed (" +
                reason.detail + ")");
}

}  // namespace iip
