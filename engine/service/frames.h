// Frames: the pictures that belong to one object and are looked at together, where its values are
// read out: the pages of a stack, the horizontal views of a sequence, or one picture alone.
//
// They are opened one after the other, since there may be hundreds. Used by one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/file.h"
#include "engine/base/result.h"
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
  virtual Result<Frame> open(std::size_t index) const = 0;
  // What a frame without a name is called.
  virtual std::string number(std::size_t index) const = 0;
};

// More than any stack in use has, and few enough to be opened in one request.
constexpr std::size_t kMostFramesRead = 1024;

}  // namespace iip
