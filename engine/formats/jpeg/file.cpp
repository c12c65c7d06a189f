#include "engine/formats/jpeg/file.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>

#include "engine/formats/metadata/exif.h"
#include "engine/formats/metadata/photoshop_resources.h"
#include "engine/source/metadata_allowance.h"

namespace iip {

namespace {

// A file has a few dozen; a profile of 16 MB takes 255.
constexpr int kMostSegments = 4096;
// All tables together have some 3 KB; writers that repeat them are seen.
constexpr std::size_t kMostHeadBytes = std::size_t{1} << 20;
constexpr std::size_t kMostResourceBytes = std::size_t{4} << 20;

constexpr std::string_view kJfif{"JFIF\0", 5};
constexpr std::string_view kExif{"Exif\0", 5};  // and a byte of padding
constexpr std::string_view kIcc{"ICC_PROFILE\0", 12};
constexpr std::string_view kXmp{"http://ns.adobe.com/xap/1.0/\0", 29};
constexpr std::string_view kPhotoshop{"Photoshop 3.0\0", 14};
constexpr std::string_view kAdobe{"Adobe", 5};

tl::unexpected<Error> damaged_jpeg(std::string detail) {
  return damaged("JPEG: " + std::move(detail));
}

bool begins_with(ByteSpan bytes, std::string_view name) {
  return bytes.size() >= name.size() &&
         std::equal(name.begin(), name.end(), bytes.begin(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

// The pieces of an ICC profile, which may come in any order.
class ProfilePieces {
 public:
  explicit ProfilePieces(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

  void add(ByteSpan content) {  // behind the name: number from 1, count, data
    if (content.size() < 2 || content[0] == 0) return;
    const ByteSpan data = content.subspan(2);
    bytes_ += data.size();
    if (bytes_ > most_bytes_) return;
    count_ = content[1];
    pieces_.try_emplace(content[0], data.begin(), data.end());
  }

  // Empty where a piece is missing, or all are too many bytes.
  Bytes take() const {
    if (bytes_ > most_bytes_ || pieces_.empty() || pieces_.size() != count_) return {};
    if (pieces_.rbegin()->first != count_) return {};
    ByteVector profile;
    for (const auto& [number, data] : pieces_) {
      profile.insert(profile.end(), data.begin(), data.end());
    }
    return Bytes(std::move(profile));
  }

 private:
  const std::uint64_t most_bytes_;
  std::uint64_t bytes_ = 0;
  std::size_t count_ = 0;
  std::map<std::uint8_t, ByteVector> pieces_;
};

// Bytes 0 and 1 of the content behind the name are the version, then unit, x and y.
std::optional<Density> jfif_density(ByteSpan content) {
  if (content.size() < 7) return std::nullopt;
  const double x = content[3] << 8 | content[4];
  const double y = content[5] << 8 | content[6];
  if (x == 0 || y == 0) return std::nullopt;
  if (content[2] == 1) return Density{x / 0.0254, y / 0.0254, Density::Unit::inch};
  if (content[2] == 2) return Density{x * 100, y * 100, Density::Unit::centimetre};
  return std::nullopt;
}

class Walker {
 public:
  Walker(const File& file, const SourceLimits& limits, const Deadline& deadline)
      : file_(file), deadline_(deadline), allowance_(limits), profile_(allowance_.most()) {}

  Result<JpegFile> walk() {
    std::array<std::uint8_t, 2> start{};
    if (Status status = file_.read_at(0, start); !status) return pass_on(status);
    result_.head = {0xFF, 0xD8};
    std::uint64_t at = start.size();
    for (int i = 0; i < kMostSegments; ++i) {
      std::array<std::uint8_t, 4> bytes{};
      if (Status in_time = deadline_.check(); !in_time) return pass_on(in_time);
      if (Status status = file_.read_at(at, bytes); !status) return pass_on(status);
      if (bytes[0] != 0xFF) return damaged_jpeg("no marker where one must be");
      if (bytes[1] == 0xFF) {  // fill bytes
        ++at;
        continue;
      }
      const std::uint64_t length = std::uint64_t{bytes[2]} << 8U | bytes[3];
      if (bytes[1] < 0xC0 || (bytes[1] >= 0xD0 && bytes[1] <= 0xD9) || length < 2) {
        return damaged_jpeg("marker " + std::to_string(bytes[1]) + " before the picture");
      }
      if (Status status = take(bytes[1], at, length); !status) return pass_on(status);
      at += 2 + length;
      if (bytes[1] == 0xDA) return finish(at);
    }
    return damaged_jpeg("more than " + std::to_string(kMostSegments) +
                        " segments before the picture");
  }

 private:
  Status take(std::uint8_t marker, std::uint64_t at, std::uint64_t length) {
    const bool is_other_application =
        marker > 0xE2 && marker <= 0xEF && marker != 0xED && marker != 0xEE;
    constexpr std::uint8_t kComment = 0xFE;
    if (is_other_application || marker == kComment) return {};
    ByteVector whole(static_cast<std::size_t>(2 + length));
    if (Status status = file_.read_at(at, whole); !status) return status;
    const ByteSpan content = ByteSpan(whole).subspan(4);
    bool needed = marker < 0xE0;
    if (marker == 0xE0 && begins_with(content, kJfif)) {
      needed = true;
      if (!density_) density_ = jfif_density(content.subspan(kJfif.size()));
    } else if (marker == 0xE1 && begins_with(content, kExif)) {
      if (!exif_ && content.size() > kExif.size()) {
        exif_ = read_exif(content.subspan(kExif.size() + 1), allowance_);
      }
    } else if (marker == 0xE1 && begins_with(content, kXmp)) {
      const ByteSpan packet = content.subspan(kXmp.size());
      if (packet.size() <= allowance_.most()) xmp_.assign(packet.begin(), packet.end());
    } else if (marker == 0xE2 && begins_with(content, kIcc)) {
      profile_.add(content.subspan(kIcc.size()));
    } else if (marker == 0xED && begins_with(content, kPhotoshop)) {
      add_resources(content.subspan(kPhotoshop.size()));
    } else if (marker == 0xEE && begins_with(content, kAdobe)) {
      needed = true;
    }
    if (!needed) return {};
    if (whole.size() > kMostHeadBytes - result_.head.size()) return damaged_jpeg("too many tables");
    result_.head.insert(result_.head.end(), whole.begin(), whole.end());
    return {};
  }

  // Resources that take more than a segment go on in the next.
  void add_resources(ByteSpan content) {
    if (content.size() > kMostResourceBytes - resources_.size()) return;
    resources_.insert(resources_.end(), content.begin(), content.end());
  }

  Result<JpegFile> finish(std::uint64_t scan_offset) {
    result_.header = read_jpeg_header(result_.head);
    if (result_.header.state != JpegHeader::State::complete) return damaged_jpeg("its header");
    result_.scan_offset = scan_offset;
    if (exif_) {
      result_.orientation = exif_->orientation;
      result_.metadata = std::move(exif_->metadata);
    }
    result_.density = density_ || !exif_ ? density_ : exif_->density;
    result_.icc_profile = profile_.take();
    if (!allowance_.take(result_.icc_profile.size())) result_.icc_profile = Bytes();
    if (allowance_.take(xmp_.size())) result_.metadata.xmp = std::move(xmp_);
    const ByteSpan iptc = photoshop_resource(resources_, kPhotoshopIptc);
    if (allowance_.take(iptc.size())) {
      result_.metadata.iptc = Bytes(ByteVector(iptc.begin(), iptc.end()));
    }
    return std::move(result_);
  }

  const File& file_;
  const Deadline& deadline_;
  MetadataAllowance allowance_;
  JpegFile result_;
  std::optional<Density> density_;
  std::optional<Exif> exif_;
  std::string xmp_;
  ByteVector resources_;
  ProfilePieces profile_;
};

}  // namespace

Result<JpegFile> read_jpeg_file(const File& file, const SourceLimits& limits,
                                const Deadline& deadline) {
  return Walker(file, limits, deadline).walk();
}

}  // namespace iip
