// An image sequence: an object photographed from several sides, or in several spectral bands, each
// picture a file of its own. The files are named
//
//   <stem><pattern><horizontal>_<vertical>.<extension>     vase_pyr_000_090.tif
//
// with the pattern of IIPFilenamePattern and angles (or numbers of bands) of at least three digits.
// The stem is what clients name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/file.h"
#include "engine/base/result.h"
#include "engine/model/view.h"

namespace iip {

// What a sequence has: the horizontal angles of the frames with vertical angle 90, the vertical
// ones of those with horizontal angle 0; ascending.
struct SequenceViews {
  std::vector<std::int64_t> horizontal;
  std::vector<std::int64_t> vertical;
};

// The frames of the sequence that a request is about. Lives as long as the request, in its thread.
class ImageSequence {
 public:
  virtual ~ImageSequence() = default;
  virtual Result<SequenceViews> views() const = 0;
  // For reading, where the client may. Errors: those of open_beneath().
  virtual Result<File> open(const View& view) const = 0;
};

// The name of a frame's file up to its extension; nullopt for angles that no name has (negative, or
// of more than nine digits). `stem` is the stem with the pattern.
std::optional<std::string> frame_stem(std::string_view stem, const View& view);

// The view that `name`, a file's, is of the sequence; nullopt if it belongs to no or another one.
// The extension may be anything.
std::optional<View> view_of_frame(std::string_view name, std::string_view stem);

// The views of the sequence whose files lie in `folder`, a descriptor open for reading, which is
// taken: a name could lead elsewhere by now. At most kMostFrames files count. Errors: not_found
// where the folder can not be read; too_large where it has too many files.
constexpr std::size_t kMostFrames = 10000;
Result<SequenceViews> list_views(UniqueFd folder, std::string_view stem);

}  // namespace iip
