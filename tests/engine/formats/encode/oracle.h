// The tasks of oracle.py, on encoded pictures.
#pragma once

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "support/python.h"
#include "support/rasters.h"
#include "support/source_tree.h"

namespace iip::test {

// What others say of a picture: its pixels, its profile, and named properties as text.
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

  // The samples as they are stored, of any depth; vips reads them.
  ReadPicture samples(ByteSpan picture) {
    write_file(file("picture"), picture.data(), picture.size());
    ReadPicture result;
    result.properties = parse(run({"samples", file("picture"), file("samples")}));
    result.pixels = read_file(file("samples"));
    return result;
  }

  // What exiftool finds, by group and name.
  ReadPicture tags(ByteSpan picture) {
    write_file(file("picture"), picture.data(), picture.size());
    return {{}, {}, parse(run({"tags", file("picture")}))};
  }
  // A block as exiftool takes it out of the picture.
  std::vector<std::uint8_t> extract(ByteSpan picture, const std::string& tag) {
    write_file(file("picture"), picture.data(), picture.size());
    run({"extract", file("picture"), tag, file("block")});
    return read_file(file("block"));
  }
  ReadPicture avif_info(ByteSpan picture) {
    write_file(file("picture"), picture.data(), picture.size());
    return {{}, {}, parse(run({"avif_info", file("picture")}))};
  }

  // `order`: II or MM.
  std::vector<std::uint8_t> exif_block(int orientation, const std::string& order) {
    run({"exif_block", std::to_string(orientation), order, file("exif")});
    return read_file(file("exif"));
  }

  // Pillow's own JPEG of the raster.
  ReadPicture pillow_jpeg(const Raster& raster, int quality) {
    write_file(file("raw"), packed(raster));
    run({"pillow_jpeg", file("raw"), std::to_string(raster.size().width),
         std::to_string(raster.size().height), std::to_string(quality), file("pillow")});
    return read_from(file("pillow"));
  }

  // avifenc's own AVIF of the raster; `quantizer` 0 (best) to 63.
  ReadPicture avifenc(const Raster& raster, int quantizer) {
    write_file(file("raw"), packed(raster));
    run({"avifenc", file("raw"), std::to_string(raster.size().width),
         std::to_string(raster.size().height), std::to_string(quantizer), file("avifenc")});
    return read_from(file("avifenc"));
  }

  Raster photo(const std::string& name) {
    std::istringstream printed(
        run({"photo", source_root() + "/samples/photos/" + name, file("raw")}));
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
    return run_python("tests/engine/formats/encode/oracle.py", arguments);
  }

  // Lines of a name, a space, and a value.
  static std::map<std::string, std::string> parse(const std::string& text) {
    std::map<std::string, std::string> properties;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      const std::size_t space = line.find(' ');
      properties[line.substr(0, space)] = space == std::string::npos ? "" : line.substr(space + 1);
    }
    return properties;
  }

  ReadPicture read_from(const std::string& path) {
    ReadPicture result;
    result.properties = parse(run({"read", path, file("pixels"), file("icc")}));
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

// Peak signal to noise ratio, in dB.
inline double psnr(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  EXPECT_EQ(a.size(), b.size());
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) squares += std::pow(a[i] - b[i], 2);
  return 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.size()) / squares);
}

// What a grey picture looks like to a reader that knows RGB only.
inline std::vector<std::uint8_t> tripled(const std::vector<std::uint8_t>& grey) {
  std::vector<std::uint8_t> rgb;
  for (const std::uint8_t value : grey) rgb.insert(rgb.end(), 3, value);
  return rgb;
}

}  // namespace iip::test
