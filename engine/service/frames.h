// Frames: the pictures that belong to one object and are looked at together, where its values are
// read out: the pages of a stack, the horizontal views of a sequence, or one picture alone.
//
// They are opened one after the other, since there may be hundreds. Used by one thread, as long as
// the request for which they were made.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/base/result.h"
#include "engine/files/image_sequence.h"
#include "engine/service/open_image.h"

namespace iip {

struct Frame {
  std::string name;  // of the page, in UTF-8; may be empty, and need not be the only one
  double scale = 1;  // by which the values are to be multiplied
  std::shared_ptr<const OpenImage> image;
  std::optional<File> file = {};  // its own; nullopt: that of the request
};

class Frames {
 public:
  virtual ~Frames() = default;
  virtual std::size_t count() const = 0;  // at least 1
  // `context` is that of the request, which holds its slot. Errors: those of opening; busy where a
  // frame's file is no longer the one that add_to() told of.
  virtual Result<Frame> open(std::size_t index, const ReadContext& context) const = 0;
  // What a frame without a name is called.
  virtual std::string number(std::size_t index) const = 0;
  // The versions of the files other than the request's own.
  virtual void add_to(Hasher& hasher) const = 0;
  // The devices that they lie on, which the versions leave out.
  virtual void add_devices(Hasher& hasher) const = 0;
  // Whether any later change of those files will show in that; see File::is_settled().
  virtual bool settled() const = 0;
};

// More than any stack in use has, and few enough to be opened in one request.
constexpr std::size_t kMostFramesRead = 1024;

// Opens a page of a file for a request that holds a slot. `sibling` is another page of the same
// version of the file, or nullptr.
using OpenPage = std::function<Result<std::shared_ptr<const OpenImage>>(
    const File& file, std::size_t page, const ReadContext& context, const OpenImage* sibling)>;

// `image` is the request's own; `sequence` the one that it is a frame of, or nullptr. Errors: those
// of listing and opening the frames of a sequence; too_large for more than kMostFramesRead.
Result<std::shared_ptr<const Frames>> frames_of(std::shared_ptr<const OpenImage> image,
                                                const ImageSequence* sequence, OpenPage open);

}  // namespace iip
