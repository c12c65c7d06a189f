#include "engine/formats/jpeg2000/decode/block_store.h"

#include "engine/formats/jpeg2000/codestream/geometry.h"
#include "engine/formats/jpeg2000/codestream/quantisation.h"

namespace iip {

namespace {

// What a cell takes whose code-blocks have nothing in them.
constexpr std::uint64_t kBytesOfCell = sizeof(J2kCell);
// Smaller code-blocks are decoded as fast as they are found, and a picture may have millions.
constexpr int kLeastKeptLog2 = 8;

}  // namespace

// Unique for a tile: an index has fewer cells than 2^24.
std::uint64_t J2kBlockReader::number_of(const Place& place) const {
  const J2kGrid grid = tile_.block_grid(place.component, place.resolution);
  const auto cell =
      static_cast<std::uint64_t>((place.row - grid.top) * grid.across + (place.column - grid.left));
  const auto layers = static_cast<std::uint64_t>(tile_.layers_of(context_.layers));
  const auto left_out =
      static_cast<std::uint64_t>(place.left_out.lines << 6 | place.left_out.diagonal);
  return cell << 40U | left_out << 28U | layers << 12U |
         static_cast<std::uint64_t>(place.component) << 6U |
         static_cast<std::uint64_t>(place.resolution);
}

Result<std::shared_ptr<const J2kCell>> J2kBlockReader::cell(int component, int resolution,
                                                            std::int64_t column, std::int64_t row,
                                                            const J2kPassesLeftOut& left_out) {
  const Place place{component, resolution, column, row, left_out};
  const auto make = [&] { return this->make(place); };
  const J2kBlockSize& size = tile_.layout(component, resolution).block;
  const bool is_kept = size.width_log2 + size.height_log2 >= kLeastKeptLog2;
  if (context_.kept == nullptr || !is_kept) return make();
  return context_.kept->find_or_make<J2kCell>({tile_.blocks(), number_of(place)}, context_.deadline,
                                              make);
}

Result<std::shared_ptr<const J2kCell>> J2kBlockReader::make(const Place& place) {
  if (auto in_time = context_.deadline.check(); !in_time) return pass_on(in_time);
  const auto component = static_cast<std::size_t>(place.component);
  const J2kComponentCoding& coding = tile_.coding().components[component];
  const J2kComponent& grid = header_.components[component];
  const Rect tile_component = divide_up(tile_.rect(), grid.dx, grid.dy);
  const J2kBlockSize size = j2k_block_size(coding, place.resolution);
  const Rect cell{place.column << size.width_log2, place.row << size.height_log2,
                  std::int64_t{1} << size.width_log2, std::int64_t{1} << size.height_log2};
  Result<Reservation> memory = context_.budget.reserve(kBytesOfCell);
  if (!memory) return pass_on(memory);
  std::array<J2kCell::Block, 3> blocks;
  const int first = j2k_first_band(place.resolution);
  for (int band = first; band < j2k_end_band(place.resolution); ++band) {
    J2kCell::Block& block = blocks[static_cast<std::size_t>(band - first)];
    block.rect = intersect(cell, j2k_band(tile_component, coding.levels, place.resolution, band));
    if (block.rect.empty()) continue;
    const Result<bool> found = finder_.find(place.component, place.resolution, band, place.column,
                                            place.row, context_.layers, data_);
    if (!found) return tl::unexpected(found.error());
    if (!*found) continue;
    Result<J2kCoefficients> values = decode(place, band, block.rect, *memory);
    if (!values) return pass_on(values);
    block.values = std::move(*values);
  }
  return std::make_shared<const J2kCell>(std::move(blocks), std::move(*memory));
}

Result<J2kCoefficients> J2kBlockReader::decode(const Place& place, int band, const Rect& rect,
                                               Reservation& memory) {
  if (Status status = read(data_); !status) return pass_on(status);
  const J2kComponentCoding& coding =
      tile_.coding().components[static_cast<std::size_t>(place.component)];
  J2kBlockShape shape;
  shape.width = static_cast<int>(rect.width);
  shape.height = static_cast<int>(rect.height);
  shape.band = band;
  shape.style = coding.block_style;
  shape.planes = j2k_quantisation(coding, place.resolution, band).planes + coding.region_shift;
  shape.region_shift = coding.region_shift;
  shape.passes_left_out = place.left_out.of(band);
  const auto samples = static_cast<std::size_t>(rect.size().area());
  const bool is_narrow = decoder_.fits_16_bits(shape, data_);
  Status room = context_.budget.grow(
      memory, samples * (is_narrow ? sizeof(std::int16_t) : sizeof(std::int32_t)));
  if (!room) return pass_on(room);
  if (Status status = decoder_.decode(shape, data_, bytes_); !status) return pass_on(status);
  if (!is_narrow) {
    std::vector<std::int32_t> values(samples);
    decoder_.copy(values.data());
    return J2kCoefficients(std::move(values));
  }
  std::vector<std::int16_t> values(samples);
  decoder_.copy(values.data());
  return J2kCoefficients(std::move(values));
}

// Pieces that follow one another in the file are read at once.
Status J2kBlockReader::read(const J2kBlockData& data) {
  std::uint64_t length = 0;
  for (const J2kSpan& piece : data.pieces) length += piece.length;
  if (length > bytes_memory_.bytes()) {
    bytes_memory_ = {};
    Result<Reservation> memory = context_.budget.reserve(length);
    if (!memory) return pass_on(memory);
    bytes_memory_ = std::move(*memory);
  }
  bytes_.resize(static_cast<std::size_t>(length));
  std::size_t at = 0;
  for (std::size_t i = 0; i < data.pieces.size();) {
    J2kSpan run = data.pieces[i++];
    while (i < data.pieces.size() && data.pieces[i].offset == run.end()) {
      run.length += data.pieces[i++].length;
    }
    const auto count = static_cast<std::size_t>(run.length);
    Status status = context_.file.read_at(run.offset, std::span(bytes_).subspan(at, count));
    if (!status) return status;
    at += count;
  }
  return {};
}

}  // namespace iip
