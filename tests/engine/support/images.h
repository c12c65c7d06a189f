// The pictures that scripts/make_test_images.py made, opened.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "engine/formats/open_source.h"
#include "engine/source/source.h"
#include "support/helpers.h"
#include "support/python.h"
#include "support/rasters.h"

namespace iip::test {

// Keeps every line, so that a test can ask what was said.
class Lines : public LogSink {
 public:
  bool enabled(LogLevel) const override { return true; }
  void write(LogLevel level, std::string_view line) override { lines_.emplace_back(level, line); }

  bool contains(LogLevel level, std::string_view text) const { return count(level, text) > 0; }
  std::ptrdiff_t count(LogLevel level, std::string_view text) const {
    return std::count_if(lines_.begin(), lines_.end(), [&](const auto& line) {
      return line.first == level && line.second.find(text) != std::string::npos;
    });
  }

  // All lines of a level.
  std::string text(LogLevel level) const {
    std::string text;
    for (const auto& [of, line] : lines_) {
      if (of == level) text += line + "\n";
    }
    return text;
  }

 private:
  std::vector<std::pair<LogLevel, std::string>> lines_;
};

inline std::string image_path(const std::string& name) {
  const char* folder = std::getenv("IIP_TEST_IMAGES");
  if (folder == nullptr) throw std::runtime_error("IIP_TEST_IMAGES is not set");
  return std::string(folder) + "/" + name;
}

inline File open_file(const std::string& path) {
  return must(File::adopt(UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC))));
}

// An open image with all that a request would lend to it.
struct OpenImage {
  explicit OpenImage(const std::string& path, std::size_t page = 0)
      : file(open_file(path)),
        source(must(open_source({file, memory.budget, log, {}, limits_for(page)}))) {}

  static SourceLimits limits_for(std::size_t page) {
    SourceLimits limits;
    limits.page = page;
    return limits;
  }

  const ImageInfo& info() const { return source->info(); }
  Result<Raster> try_read(std::size_t level, const Rect& rect) {
    return source->read(confined({file, memory.budget, log, {}, &kept}), level, rect);
  }
  Raster read(std::size_t level, const Rect& rect) { return must(try_read(level, rect)); }
  std::optional<StoredJpegTile> stored(std::size_t level, std::int64_t index) {
    return must(source->stored_jpeg_tile(ReadContext{file, memory.budget, log}, level, index));
  }

  Memory memory;
  DerivedDataCache kept{memory.pool, std::uint64_t{256} << 20};
  Lines log;
  File file;
  std::shared_ptr<const Source> source;
};

// What one level of a file must look like.
struct Expected {
  Size size;
  int channels = 0;
  SampleType type = SampleType::u8;
  double tolerance = 0;
  std::string pixels;  // name of the file that holds them
};

inline SampleType sample_type(const std::string& name) {
  static const std::map<std::string, SampleType> types{{"u8", SampleType::u8},
                                                       {"u16", SampleType::u16},
                                                       {"u32", SampleType::u32},
                                                       {"f32", SampleType::f32}};
  return types.at(name);
}

// File name, with "@page" behind it for pages but the first, to its levels, for the files whose
// names begin with `prefix`.
inline std::map<std::string, std::vector<Expected>> expectations(const std::string& prefix) {
  std::map<std::string, std::vector<Expected>> files;
  std::ifstream manifest(image_path("manifest.txt"));
  for (std::string line; std::getline(manifest, line);) {
    if (!line.starts_with(prefix)) continue;
    std::istringstream words(line);
    std::string name;
    std::size_t level = 0;
    Expected expected;
    std::string type;
    words >> name >> level >> expected.size.width >> expected.size.height >> expected.channels >>
        type >> expected.tolerance >> expected.pixels;
    expected.type = sample_type(type);
    std::vector<Expected>& levels = files[name];
    if (!words || level != levels.size()) throw std::runtime_error("manifest: " + line);
    levels.push_back(expected);
  }
  return files;
}

inline Raster expected_raster(const Expected& expected, const PixelFormat& format, Memory& memory) {
  return unpacked(read_file(image_path(expected.pixels)), expected.size, format, memory);
}

}  // namespace iip::test
