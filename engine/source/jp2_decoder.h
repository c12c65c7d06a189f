// Decodes a part of a JPEG 2000 codestream with OpenJPEG.
//
// OpenJPEG sees a raw codestream through callbacks of ours, in strict mode, on one thread: no file
// name, no boxes, no memory map. What it will cost is for the caller to have checked before.
// Thread-safe: nothing is kept between calls.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/budget.h"
#include "engine/base/bytes.h"
#include "engine/base/deadline.h"
#include "engine/base/file.h"
#include "engine/base/result.h"
#include "engine/image/geometry.h"
#include "engine/source/j2k_header.h"

struct opj_image;

namespace iip {

// Where the bytes of a codestream come from.
class J2kStream {
 public:
  virtual ~J2kStream() = default;
  virtual std::uint64_t size() const = 0;
  // Within size().
  virtual Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) const = 0;
};

class J2kFileStream : public J2kStream {
 public:
  J2kFileStream(const File& file, std::uint64_t offset, std::uint64_t length)
      : file_(file), offset_(offset), length_(length) {}
  std::uint64_t size() const override { return length_; }
  Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override {
    return file_.read_at(offset_ + offset, out);
  }

 private:
  const File& file_;
  const std::uint64_t offset_;
  const std::uint64_t length_;
};

class J2kMemoryStream : public J2kStream {
 public:
  explicit J2kMemoryStream(ByteSpan bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Status read_at(std::uint64_t offset, std::span<std::uint8_t> out) const override;

 private:
  const ByteSpan bytes_;
};

struct J2kDecodeRequest {
  int reduce = 0;  // resolutions left out
  int layers = 0;  // decoded; 0: all
  // On the reference grid, within the image. Of a component at the reduced resolution all samples
  // from the quotient of the left edge to that of the right one, both rounded up.
  Rect area;
  // Where the codestream's reference grid, reduced, lies on that of the image: multiples of each
  // component's dx and dy.
  std::int64_t moved_x = 0;
  std::int64_t moved_y = 0;
};

// The samples of one component. `left` and `top`: the coordinates of the first, at the reduced
// resolution.
struct J2kPlane {
  std::int64_t left = 0;
  std::int64_t top = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  int bits = 8;
  bool is_signed = false;
  const std::int32_t* samples = nullptr;

  const std::int32_t* row(std::int64_t y) const { return samples + (y - top) * width; }
};

// Decoded planes, one for each component, in the memory of OpenJPEG or, where they were put
// together from several tiles, in memory of their own.
class J2kPicture {
 public:
  explicit J2kPicture(opj_image* image) : image_(image) {}
  // Planes of zeros, of the components of `header`, counted in `budget`. `area` is on
  // the reference grid reduced to the resolution of the samples.
  static Result<J2kPicture> blank(const J2kHeader& header, const Rect& area, MemoryBudget& budget);

  const std::vector<J2kPlane>& planes() const { return planes_; }

  // For pictures that began blank: copies what `part` has of the planes; the place of a sample, by
  // its coordinates.
  void paste(const J2kPicture& part);
  std::int32_t* place(std::size_t component, std::int64_t x, std::int64_t y);

  // Takes what OpenJPEG says of its image, if it is what was asked for. `reduce` as requested.
  Status describe(const J2kDecodeRequest& request);

 private:
  struct Destroy {
    void operator()(opj_image* image) const;
  };
  std::unique_ptr<opj_image, Destroy> image_;
  Reservation own_memory_;  // of a picture that began blank
  std::vector<std::unique_ptr<std::int32_t[]>> own_;
  std::vector<J2kPlane> planes_;
};

// Errors: corrupt with OpenJPEG's own words as detail; busy when the deadline is over.
Result<J2kPicture> decode_j2k(const J2kStream& stream, const J2kDecodeRequest& request,
                              const Deadline& deadline);

}  // namespace iip
