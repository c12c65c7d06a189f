#include "engine/source/source.h"

#include <string>

namespace iip {

tl::unexpected<Error> no_such_page(std::size_t page) {
  return fail(ErrorKind::not_found, "The image has no such page",
              "page " + std::to_string(page) + " of a file that has one picture");
}

Result<std::optional<StoredJpegTile>> Source::stored_jpeg_tile(const ReadContext&, std::size_t,
                                                               std::int64_t) const {
  return std::nullopt;
}

// For those that know their pixels by what is asked for.
Effort Source::effort(std::size_t, const Rect& rect) const {
  return {1, static_cast<std::uint64_t>(rect.size().area()) * info_.format.pixel_bytes()};
}

Result<std::shared_ptr<const Source>> Source::open_page(const OpenContext& context) const {
  return no_such_page(context.limits.page);
}

}  // namespace iip
