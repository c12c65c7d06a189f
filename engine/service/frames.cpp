#include "engine/service/frames.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace iip {

namespace {

using FramesResult = Result<std::shared_ptr<const Frames>>;

Status check_count(std::size_t count) {
  if (count <= kMostFramesRead) return {};
  return fail(ErrorKind::too_large, "The object has more views than one request may read (1024)");
}

// A picture that stands for itself.
class OneFrame final : public Frames {
 public:
  explicit OneFrame(std::shared_ptr<const OpenImage> image) : image_(std::move(image)) {}

  std::size_t count() const override { return 1; }
  Result<Frame> open(std::size_t /*index*/, const ReadContext& /*context*/) const override {
    return Frame{{}, 1, image_};
  }
  std::string number(std::size_t index) const override { return std::to_string(index); }
  void add_to(Hasher& /*hasher*/) const override {}
  void add_devices(Hasher& /*hasher*/) const override {}
  bool settled() const override { return true; }

 private:
  const std::shared_ptr<const OpenImage> image_;
};

// All pages of the request's file, whichever it asked for.
class StackFrames final : public Frames {
 public:
  StackFrames(std::shared_ptr<const OpenImage> image, OpenPage open)
      : image_(std::move(image)), open_(std::move(open)) {}

  std::size_t count() const override { return pages().size(); }
  Result<Frame> open(std::size_t index, const ReadContext& context) const override {
    const Page& page = pages()[index];
    if (index == image_->info().page) return Frame{page.name, page.scale, image_};
    auto image = open_(context.file, index, context, image_.get());
    if (!image) return pass_on(image);
    return Frame{page.name, page.scale, std::move(*image)};
  }
  std::string number(std::size_t index) const override { return std::to_string(index); }
  void add_to(Hasher& /*hasher*/) const override {}
  void add_devices(Hasher& /*hasher*/) const override {}
  bool settled() const override { return true; }

 private:
  const Pages& pages() const { return image_->info().pages; }

  const std::shared_ptr<const OpenImage> image_;
  const OpenPage open_;
};

// The horizontal views, seen from the front (90), as they are when the request is prepared.
class SequenceFrames final : public Frames {
 public:
  static FramesResult find(const ImageSequence& sequence, OpenPage open) {
    auto views = sequence.views();
    if (!views) return pass_on(views);
    if (views->horizontal.empty()) views->horizontal.push_back(View{}.horizontal);
    if (auto counted = check_count(views->horizontal.size()); !counted) return pass_on(counted);
    std::shared_ptr<SequenceFrames> frames(new SequenceFrames(sequence, std::move(open)));
    for (const std::int64_t angle : views->horizontal) {
      auto file = sequence.open({.horizontal = angle});
      if (!file) return pass_on(file);
      frames->versions_.emplace_back(angle, file->version());
      frames->settled_ = frames->settled_ && file->is_settled();
    }
    return frames;
  }

  std::size_t count() const override { return versions_.size(); }
  Result<Frame> open(std::size_t index, const ReadContext& context) const override {
    const auto& [angle, version] = versions_[index];
    auto file = sequence_.open({.horizontal = angle});
    if (!file) return pass_on(file);
    if (file->version() != version) {
      return fail(ErrorKind::busy, "The image is being replaced; try again shortly",
                  "a frame was replaced while others were read");
    }
    auto image = open_(*file, 0, context, nullptr);
    if (!image) return pass_on(image);
    return Frame{{}, 1, std::move(*image), std::move(*file)};
  }
  std::string number(std::size_t index) const override {
    return std::to_string(versions_[index].first);
  }
  void add_to(Hasher& hasher) const override {
    hasher.add(versions_.size());
    for (const auto& [angle, version] : versions_) {
      hasher.add(angle);
      version.add_to(hasher);
    }
  }
  void add_devices(Hasher& hasher) const override {
    for (const auto& [angle, version] : versions_) hasher.add(version.device);
  }
  bool settled() const override { return settled_; }

 private:
  SequenceFrames(const ImageSequence& sequence, OpenPage open)
      : sequence_(sequence), open_(std::move(open)) {}

  const ImageSequence& sequence_;
  const OpenPage open_;
  std::vector<std::pair<std::int64_t, FileVersion>> versions_;  // by angle
  bool settled_ = true;
};

}  // namespace

FramesResult frames_of(std::shared_ptr<const OpenImage> image, const ImageSequence* sequence,
                       OpenPage open) {
  if (sequence != nullptr) return SequenceFrames::find(*sequence, std::move(open));
  const std::size_t pages = image->info().pages.size();
  if (pages == 0) return std::make_shared<const OneFrame>(std::move(image));
  if (auto counted = check_count(pages); !counted) return pass_on(counted);
  return std::make_shared<const StackFrames>(std::move(image), std::move(open));
}

}  // namespace iip
