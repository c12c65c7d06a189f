#include "engine/image/icc_profile.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace iip {

namespace {

constexpr std::size_t kTagTableAt = 128;
// What Little CMS takes, too.
constexpr std::uint64_t kMostTags = 100;
constexpr std::uint64_t kMostChannels = 16;
constexpr std::uint64_t kMostCurvePoints = 65536;
// The most elements of a multiProcessElements tag: four or five are usual.
constexpr std::uint64_t kMostElements = 32;
constexpr std::uint64_t kMostSegments = 256;
// Tags may share their data: those of the rendering intents often do.
constexpr std::uint64_t kMostReadings = 8;
constexpr std::uint64_t kSmallProfile = 65536;

// A part of a profile. What lies beyond its end reads as 0.
class Part {
 public:
  explicit Part(ByteSpan bytes) : bytes_(bytes) {}

  std::uint64_t size() const { return bytes_.size(); }
  std::uint64_t number(std::uint64_t at, std::uint64_t width) const {
    if (at > size() || width > size() - at) return 0;
    std::uint64_t value = 0;
    for (std::uint64_t i = 0; i < width; ++i) value = value << 8U | bytes_[at + i];
    return value;
  }
  bool has_type(std::string_view name) const {
    return size() >= 4 &&
           std::equal(name.begin(), name.end(), bytes_.begin(),
                      [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
  }
  // From `at` to the end.
  Part from(std::uint64_t at) const { return Part(bytes_.subspan(std::min(at, size()))); }
  // nullopt where it does not lie within this one.
  std::optional<Part> part(std::uint64_t at, std::uint64_t length) const {
    if (at > size() || length > size() - at) return std::nullopt;
    return Part(bytes_.subspan(at, length));
  }

 private:
  ByteSpan bytes_;
};

// Adds up what the tables of a profile claim.
class Reading {
 public:
  explicit Reading(std::uint64_t most) : left_(most) {}

  // False: it is too much.
  bool tag(const Part& tag) {
    if (tag.has_type("mft1")) return lut(tag, 48, 1);
    if (tag.has_type("mft2")) return lut(tag, 52, 2);
    if (tag.has_type("mAB ") || tag.has_type("mBA ")) return stages(tag);
    if (tag.has_type("mpet")) return elements(tag);
    if (tag.has_type("curv")) return claim(tag.number(8, 4), 2);
    return claim(tag.size(), 1);
  }

 private:
  bool claim(std::uint64_t count, std::uint64_t bytes) {
    if (count > left_ / bytes) return false;
    left_ -= count * bytes;
    return true;
  }

  // The colours of a grid: `points(i)` of them along its axis `i`.
  template <class Points>
  bool grid(std::uint64_t inputs, std::uint64_t outputs, Points points, std::uint64_t bytes) {
    if (inputs > kMostChannels || outputs > kMostChannels) return false;
    std::uint64_t count = outputs;
    for (std::uint64_t i = 0; i < inputs; ++i) {
      if (__builtin_mul_overflow(count, points(i), &count) || count > left_) return false;
    }
    return claim(count, bytes);
  }

  // lut8Type and lut16Type.
  bool lut(const Part& tag, std::uint64_t tables_at, std::uint64_t bytes) {
    const std::uint64_t inputs = tag.number(8, 1);
    const std::uint64_t outputs = tag.number(9, 1);
    const std::uint64_t points = tag.number(10, 1);
    const bool is_wide = bytes == 2;
    const std::uint64_t before = is_wide ? tag.number(tables_at - 4, 2) : 256;
    const std::uint64_t behind = is_wide ? tag.number(tables_at - 2, 2) : 256;
    return grid(
               inputs, outputs, [=](std::uint64_t) { return points; }, bytes) &&
           claim(inputs * before + outputs * behind, bytes);
  }

  // lutAToBType and lutBToAType: five stages, each where its offset says.
  bool stages(const Part& tag) {
    const std::uint64_t inputs = tag.number(8, 1);
    const std::uint64_t outputs = tag.number(9, 1);
    if (inputs > kMostChannels || outputs > kMostChannels) return false;
    for (const std::uint64_t field : {12U, 20U, 28U}) {
      const std::uint64_t at = tag.number(field, 4);
      if (at != 0 && !curves(tag.from(at), std::max(inputs, outputs))) return false;
    }
    const std::uint64_t at = tag.number(24, 4);
    if (at == 0) return true;
    const Part clut = tag.from(at);
    return grid(
        inputs, outputs, [&](std::uint64_t i) { return clut.number(i, 1); },
        std::max<std::uint64_t>(clut.number(16, 1), 1));
  }

  // One after another; each begins at a multiple of 4.
  bool curves(Part rest, std::uint64_t count) {
    constexpr std::uint64_t kParametricBytes = 40;
    for (std::uint64_t i = 0; i < count; ++i) {
      std::uint64_t length = kParametricBytes;
      if (rest.has_type("curv")) {
        const std::uint64_t points = rest.number(8, 4);
        if (points > kMostCurvePoints || !claim(points, 2)) return false;
        length = 12 + (2 * points + 3) / 4 * 4;
      }
      rest = rest.from(length);
    }
    return true;
  }

  // multiProcessElementsType: each element lies where a table says, several may in one place.
  bool elements(const Part& tag) {
    const std::uint64_t count = tag.number(12, 4);
    if (count > kMostElements) return false;
    for (std::uint64_t i = 0; i < count; ++i) {
      // The length that is stated beside it bounds nothing: its own tables say what is read.
      if (!element(tag.from(tag.number(16 + 8 * i, 4)))) return false;
    }
    return true;
  }

  bool element(const Part& part) {
    constexpr std::uint64_t kNumberBytes = 4;
    const std::uint64_t inputs = part.number(8, 2);
    const std::uint64_t outputs = part.number(10, 2);
    if (inputs > kMostChannels || outputs > kMostChannels) return false;
    if (part.has_type("cvst")) return curve_set(part, inputs);
    if (part.has_type("matf")) return claim((inputs + 1) * outputs, kNumberBytes);
    if (!part.has_type("clut")) return true;
    return grid(
        inputs, outputs, [&](std::uint64_t i) { return part.number(12 + i, 1); }, kNumberBytes);
  }

  bool curve_set(const Part& set, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!segments(set.from(set.number(12 + 8 * i, 4)))) return false;
    }
    return true;
  }

  bool segments(const Part& curve) {
    constexpr std::uint64_t kNumberBytes = 4;
    const std::uint64_t count = curve.number(8, 2);
    if (count > kMostSegments || !claim(count + 1, kNumberBytes)) return false;
    std::uint64_t at = 12 + (count == 0 ? 0 : (count - 1) * kNumberBytes);
    for (std::uint64_t i = 0; i < count; ++i) {
      const Part segment = curve.from(at);
      if (segment.has_type("samf")) {
        const std::uint64_t samples = segment.number(8, 4);
        if (!claim(samples, kNumberBytes)) return false;
        at += 12 + samples * kNumberBytes;
      } else {
        const std::uint64_t parameters = segment.number(8, 2) == 0 ? 4 : 5;
        at += 12 + parameters * kNumberBytes;
      }
    }
    return true;
  }

  std::uint64_t left_;
};

Status too_much(const std::string& what) { return damaged("ICC profile: " + what); }

}  // namespace

Status check_icc_profile(ByteSpan bytes) {
  constexpr std::uint64_t kEntryBytes = 12;
  constexpr std::uint64_t kSignatureAt = 36;
  const Part profile(bytes);
  // No library reads on.
  if (!profile.from(kSignatureAt).has_type("acsp")) return {};
  const std::uint64_t tags = profile.number(kTagTableAt, 4);
  if (tags > kMostTags) return too_much(std::to_string(tags) + " tags");
  Reading reading(kSmallProfile + kMostReadings * profile.size());
  for (std::uint64_t i = 0; i < tags; ++i) {
    const std::uint64_t entry = kTagTableAt + 4 + i * kEntryBytes;
    // One that is not in the profile is not read.
    const auto tag = profile.part(profile.number(entry + 4, 4), profile.number(entry + 8, 4));
    if (tag && !reading.tag(*tag)) {
      return too_much("its tables claim more than there is, tag " + std::to_string(i));
    }
  }
  return {};
}

}  // namespace iip
