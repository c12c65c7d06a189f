// The least a picture can cost: the bare library calls, one thread, processor time.
//
//   codec_floor tile FILE COUNT      decode one tile with libtiff, encode it with libjpeg-turbo
//   codec_floor region FILE COUNT    decode the tiles that a 2000x1500 region touches at half size,
//                                    encode 600x450 pixels
//
// Prints microseconds for one picture. Tiles are taken at random, the same ones in every run. The
// pictures of `region` hold decoded pixels, unscaled: scaling is not part of the floor.
#include <cstdio>  // jpeglib.h takes FILE and size_t for granted

#include <jpeglib.h>
#include <tiffio.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>
#include <string_view>
#include <vector>

namespace {

struct Picture {
  std::uint32_t width;
  std::uint32_t height;
  std::vector<unsigned char> pixels;  // RGB
};

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::size_t encode(Picture& picture) {
  jpeg_compress_struct encoder{};
  jpeg_error_mgr errors{};
  encoder.err = jpeg_std_error(&errors);
  jpeg_create_compress(&encoder);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&encoder, &out, &size);
  encoder.image_width = picture.width;
  encoder.image_height = picture.height;
  encoder.input_components = 3;
  encoder.in_color_space = JCS_RGB;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, 75, TRUE);
  jpeg_start_compress(&encoder, TRUE);
  while (encoder.next_scanline < picture.height) {
    JSAMPROW row = picture.pixels.data() + std::size_t{encoder.next_scanline} * picture.width * 3;
    jpeg_write_scanlines(&encoder, &row, 1);
  }
  jpeg_finish_compress(&encoder);
  jpeg_destroy_compress(&encoder);
  std::free(out);
  return size;
}

class Pyramid {
 public:
  explicit Pyramid(const char* name) : tiff_(TIFFOpen(name, "rm")) {
    if (tiff_ == nullptr) std::exit(1);
  }
  ~Pyramid() { TIFFClose(tiff_); }
  Pyramid(const Pyramid&) = delete;
  Pyramid& operator=(const Pyramid&) = delete;

  void select(std::uint16_t directory) {
    if (TIFFSetDirectory(tiff_, directory) == 0) std::exit(1);
    std::uint16_t compression = 0;
    TIFFGetField(tiff_, TIFFTAG_COMPRESSION, &compression);
    if (compression == COMPRESSION_JPEG) {
      TIFFSetField(tiff_, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    }
    TIFFGetField(tiff_, TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(tiff_, TIFFTAG_IMAGELENGTH, &height);
    TIFFGetField(tiff_, TIFFTAG_TILEWIDTH, &tile_width);
    TIFFGetField(tiff_, TIFFTAG_TILELENGTH, &tile_height);
    tile_.resize(static_cast<std::size_t>(TIFFTileSize(tiff_)));
  }
  const std::vector<unsigned char>& tile(std::uint32_t x, std::uint32_t y) {
    const std::uint32_t index = TIFFComputeTile(tiff_, x, y, 0, 0);
    if (TIFFReadEncodedTile(tiff_, index, tile_.data(), static_cast<tmsize_t>(tile_.size())) < 0) {
      std::exit(1);
    }
    return tile_;
  }

  std::uint32_t width = 0, height = 0, tile_width = 0, tile_height = 0;

 private:
  TIFF* tiff_;
  std::vector<unsigned char> tile_;
};

std::size_t one_tile(Pyramid& pyramid, std::mt19937& random) {
  const std::uint32_t columns = pyramid.width / pyramid.tile_width;
  const std::uint32_t rows = pyramid.height / pyramid.tile_height;
  const std::uint32_t x = static_cast<std::uint32_t>(random()) % columns * pyramid.tile_width;
  const std::uint32_t y = static_cast<std::uint32_t>(random()) % rows * pyramid.tile_height;
  Picture picture{pyramid.tile_width, pyramid.tile_height, pyramid.tile(x, y)};
  return encode(picture);
}

std::size_t one_region(Pyramid& pyramid, std::mt19937& random) {
  constexpr std::uint32_t kWidth = 1000, kHeight = 750;
  const std::uint32_t left = static_cast<std::uint32_t>(random()) % (pyramid.width - kWidth);
  const std::uint32_t top = static_cast<std::uint32_t>(random()) % (pyramid.height - kHeight);
  Picture picture{600, 450, std::vector<unsigned char>(600 * 450 * 3)};
  std::size_t filled = 0;
  for (std::uint32_t y = top / pyramid.tile_height; y <= (top + kHeight - 1) / pyramid.tile_height;
       ++y) {
    for (std::uint32_t x = left / pyramid.tile_width; x <= (left + kWidth - 1) / pyramid.tile_width;
         ++x) {
      const auto& tile = pyramid.tile(x * pyramid.tile_width, y * pyramid.tile_height);
      const std::size_t take = std::min(tile.size(), picture.pixels.size() - filled);
      std::memcpy(picture.pixels.data() + filled, tile.data(), take);
      filled += take;
    }
  }
  return encode(picture);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: codec_floor tile|region FILE COUNT\n");
    return 2;
  }
  const bool tile = std::string_view(argv[1]) == "tile";
  const int count = std::atoi(argv[3]);
  Pyramid pyramid(argv[2]);
  pyramid.select(tile ? 0 : 1);
  std::mt19937 random(1);
  std::size_t bytes = 0;
  const double start = processor_seconds();
  for (int i = 0; i < count; ++i) {
    bytes += tile ? one_tile(pyramid, random) : one_region(pyramid, random);
  }
  const double spent = processor_seconds() - start;
  std::printf("%.1f\n", spent * 1e6 / count);
  return bytes == 0;
}
