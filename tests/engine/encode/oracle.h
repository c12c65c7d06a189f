// The tasks of oracle.py, on encoded pictures.
#pragma once

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "support/python.h"
#include "support/rasters.h"

namespace iip::test {

// What Pillow says of a picture: its pixels, its profile, and named properties as text.
struct ReadPicture {
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint8_t> profile;
  std::map<std::string, std::string> properties;

  std::string operator[](const std::string& name) const {
    const auto found = properties.find(name);
    return found == properties.end() ? "absent" : found->second;
  }
};

class Oracle {
 public:
  explicit Oracle(Memory& memory) : memory_(memory) {}

  ReadPicture read(ByteSpan picture) {
    write_file(file("picture"), picture.data(), picture.size());
    return read_from(file("picture"));
  }

  // Pillow's own JPEG of the raster.
  ReadPicture pillow_jpeg(const Raster& raster, int quality) {
    write_file(file("raw"), packed(raster));
    run({"pillow_jpeg", file("raw"), std::to_string(raster.size().width),
         std::to_string(raster.size().height), std::to_string(quality), file("pillow")});
    return read_from(file("pillow"));
  }

  Raster photo(const std::string& name) {
    std::istringstream printed(
        run({"photo", IIP_SOURCE_ROOT "/samples/photos/" + name, file("raw")}));
    Size size;
    printed >> size.width >> size.height;
    return unpacked(read_file(file("raw")), size, kRgb, memory_);
  }

  std::vector<std::uint8_t> srgb_profile() {
    run({"srgb_profile", file("profile")});
    return read_file(file("profile"));
  }

 private:
  std::string file(const std::string& name) const { return folder_.file(name); }
  static std::string run(const std::vector<std::string>& arguments) {
    return run_python("tests/engine/encode/oracle.py", arguments);
  }

  ReadPicture read_from(const std::string& path) {
    std::istringstream lines(run({"read", path, file("pixels"), file("icc")}));
    ReadPicture result;
    for (std::string line; std::getline(lines, line);) {
      const std::size_t space = line.find(' ');
      result.properties[line.substr(0, space)] =
          space == std::string::npos ? "" : line.substr(space + 1);
    }
    result.pixels = read_file(file("pixels"));
    result.profile = read_file(file("icc"));
    return result;
  }

  Memory& memory_;
  ScratchFolder folder_;
};

inline double mean_difference(const std::vector<std::uint8_t>& a,
                              const std::vector<std::uint8_t>& b) {
  EXPECT_EQ(a.size(), b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum / static_cast<double>(a.size());
}

}  // namespace iip::test
