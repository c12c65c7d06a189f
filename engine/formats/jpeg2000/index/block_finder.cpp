#include "engine/formats/jpeg2000/index/block_finder.h"

#include <utility>
#include <vector>

#include "engine/formats/jpeg2000/codestream/errors.h"
#include "engine/formats/jpeg2000/index/packet_parser.h"

namespace iip {

namespace {

// The most bytes of the table of a precinct, which is what a gigapixel in one takes, and of all the
// tables that are held at a time.
constexpr std::uint64_t kMostBytes = std::uint64_t{80} << 20;
constexpr std::uint64_t kSegmentsAtOnce = 256;
constexpr int kBetweenChecks = 64;  // layers from one look at the deadline to the next

// Precincts are fewer than the bytes of a file, and components fewer than 64.
std::uint64_t number_of(int component, int resolution, std::int64_t precinct) {
  return static_cast<std::uint64_t>(precinct) << 12U | static_cast<std::uint64_t>(component) << 6U |
         static_cast<std::uint64_t>(resolution);
}

// A packet that can not be read is either damaged, or not where its length says.
tl::unexpected<Error> of_lengths(Error error) {
  if (error.kind == ErrorKind::corrupt) error.kind = ErrorKind::unsupported;
  return tl::unexpected(std::move(error));
}

}  // namespace

Result<bool> J2kBlockFinder::find(int component, int resolution, int band, std::int64_t column,
                                  std::int64_t row, int layers, J2kBlockData& data) {
  const J2kBlockLayout& layout = tile_.layout(component, resolution);
  const std::int64_t precinct = layout.precinct_of(column, row);
  if (precinct < 0) return false;
  const auto found = table(component, resolution, precinct);
  if (!found) return tl::unexpected(found.error());
  return (*found)->find(layout, precinct,
                        static_cast<std::size_t>(band - j2k_first_band(resolution)), column, row,
                        tile_.layers_of(layers), data);
}

Result<const J2kPacketTable*> J2kBlockFinder::table(int component, int resolution,
                                                    std::int64_t precinct) {
  if (!tile_.is_by_lengths()) return &tile_.table(component, resolution);
  const std::uint64_t number = number_of(component, resolution, precinct);
  if (const auto at = tables_.find(number); at != tables_.end()) return &at->second->table();
  const auto make = [&] { return this->make(component, resolution, precinct); };
  auto found = context_.kept == nullptr ? make()
                                        : context_.kept->find_or_make<J2kKeptTable>(
                                              {tile_.precincts(), number}, context_.deadline, make);
  if (!found) return tl::unexpected(found.error());
  // What is kept can be given up when its memory is needed; what is held here can not.
  if (held_ + (*found)->bytes() > kMostBytes) {
    tables_.clear();
    held_ = 0;
  }
  held_ += (*found)->bytes();
  return &tables_.emplace(number, std::move(*found)).first->second->table();
}

Result<J2kBlockFinder::Table> J2kBlockFinder::make(int component, int resolution,
                                                   std::int64_t precinct) const {
  if (auto in_time = context_.deadline.check(); !in_time) return pass_on(in_time);
  const J2kBlockLayout& layout = tile_.layout(component, resolution);
  const double bytes = sizeof(J2kKeptTable) + layout.table_bytes_of(precinct);
  if (bytes > static_cast<double>(kMostBytes)) {
    return unsupported_codestream("a precinct of too many code-blocks");
  }
  Result<Reservation> memory = context_.budget.reserve(static_cast<std::uint64_t>(bytes));
  if (!memory) return pass_on(memory);
  J2kPacketTable table(layout, precinct, 1);
  Status status = fill(table, *memory, component, resolution, precinct);
  if (!status) return pass_on(status);
  return std::make_shared<const J2kKeptTable>(std::move(table), std::move(*memory));
}

Status J2kBlockFinder::fill(J2kPacketTable& table, Reservation& memory, int component,
                            int resolution, std::int64_t precinct) const {
  J2kSegmentRoom room(context_.budget, memory, kMostBytes, kSegmentsAtOnce);
  J2kPacketParser parser(
      tile_.coding(), tile_.coding().components[static_cast<std::size_t>(component)], room, table);
  for (int layer = 0; layer < tile_.coding().layers; ++layer) {
    if (layer % kBetweenChecks == 0) {
      if (auto in_time = context_.deadline.check(); !in_time) return in_time;
    }
    const std::vector<J2kSpan> packet{tile_.packet(component, resolution, precinct, layer)};
    J2kTileBytes bytes(context_.file, packet);
    Status status = parser.read(bytes, bytes, precinct, layer);
    if (!status) return of_lengths(std::move(status.error()));
    if (bytes.position() != packet.front().end()) {
      return unsupported_codestream("PLT with a packet of another length at " +
                                    std::to_string(packet.front().offset));
    }
  }
  parser.finish();
  return {};
}

}  // namespace iip
