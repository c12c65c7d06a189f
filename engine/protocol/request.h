// What a client asked for, whichever protocol it spoke.
//
// A protocol parser turns the text of a URL into one Parsed value: the name of the image, and a
// Request. No text of the URL is looked at again after that, and no protocol is named: what differs
// between protocols (may a picture be enlarged, is an oversize request cut down or refused) is said
// in fields of the request. Value types.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/model/output_format.h"
#include "engine/model/processing.h"
#include "engine/model/view.h"

namespace iip {

enum class Protocol : std::uint8_t { automatic, iip, iiif, deepzoom, zoomify };

// ---- Regions: which part of the image ----

struct WholeImage {};
struct CentredSquare {};
struct PixelRegion {  // of the full size; may reach beyond the edge, then it is cut
  std::uint64_t x = 0, y = 0, width = 0, height = 0;
};
struct PercentRegion {  // of the full size, 0 to 100 and beyond
  double x = 0, y = 0, width = 0, height = 0;
};
struct FractionRegion {  // of the full size, 0 to 1
  double x = 0, y = 0, width = 0, height = 0;
};
// A tile of the image's own pyramid and grid; `size` of the request is not looked at. Resolution 0
// is the smallest level, tiles count row by row from 0.
struct NativeTile {
  std::uint64_t resolution = 0;
  std::uint64_t index = 0;
};
// A square tile of a pyramid that is computed from the full size alone; `size` is not looked at.
struct ComputedTile {
  enum class Pyramid : std::uint8_t {
    ceil_to_one_pixel,  // DeepZoom: level 0 is 1x1, each level twice the one below, rounded up
    floor_to_one_tile,  // Zoomify: tier 0 fits one tile, each tier the floor of half the next
  };
  Pyramid pyramid = Pyramid::ceil_to_one_pixel;
  std::uint64_t level = 0;
  std::uint64_t column = 0;
  std::uint64_t row = 0;
};

using Region = std::variant<WholeImage, CentredSquare, PixelRegion, PercentRegion, FractionRegion,
                            NativeTile, ComputedTile>;

// ---- Sizes: how large the region is to be delivered, before rotation ----

struct SizeRequest {
  enum class Form : std::uint8_t {
    natural,   // the region's own size
    width,     // exact width, the height follows
    height,    // exact height, the width follows
    percent,   // of the region's own size
    exact,     // both sides as given
    confined,  // the largest with the region's aspect that fits the box
    largest,   // the largest with the region's aspect that the limits allow
  };
  enum class Enlarging : std::uint8_t {
    refused,  // a result larger than the region is an error (IIIF 3 without ^); `confined` is cut
    allowed,  // ... is made, if IIPAllowUpscaling is on; else it is refused as unsupported
    silent,   // ... is made, or cut to the region's size where IIPAllowUpscaling is off (IIP)
  };
  enum class OverLimit : std::uint8_t {
    refused,  // an explicit size over the limits is an error; natural and largest sizes shrink
    shrunk,   // shrinks to fit, keeping the aspect (IIP, IIPMaxCVT)
  };
  Form form = Form::natural;
  std::uint64_t width = 0;
  std::uint64_t height = 0;
  double percent = 100;
  Enlarging enlarging = Enlarging::refused;
  OverLimit over_limit = OverLimit::shrunk;
};

// ---- The request ----

enum class Colouring : std::uint8_t { as_is, grey, bitonal };

// First the region is cut out and scaled, then processed, then mirrored, then rotated, then
// coloured.
struct ImageRequest {
  Region region;
  SizeRequest size;
  Processing processing;
  bool mirror = false;  // left to right, before the rotation
  double rotation = 0;  // degrees clockwise, 0 <= rotation < 360
  Colouring colouring = Colouring::as_is;
  Format format = Format::jpeg;
  std::optional<int> quality;             // the client's, already in the encoder's range
  std::optional<TiffScheme> tiff_scheme;  // the client's, for TIFF
  std::optional<int> layers;              // quality layers of JPEG 2000; -1: all
  int bits = 8;          // of a sample: 8, or 16 or 32 (float) where format and source have them
  int iiif_version = 0;  // 2 or 3: answer with its Link headers; 0: none
  bool name_the_file = false;  // Content-Disposition with <name>_<w>x<h>.<ext>
  bool as_attachment = false;  // ... as a download
};

// A rectangle of native tiles in the IIP stream form (TIL).
struct TileBlockRequest {
  std::uint64_t resolution = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::optional<int> layers = {};  // as in ImageRequest
};

// The values of one pixel in every view (SPECTRA). x and y count within the tile.
struct SpectrumRequest {
  NativeTile tile;
  std::uint64_t x = 0;
  std::uint64_t y = 0;
};

// The values along a straight line from a pixel of a resolution to another, which is itself left
// out (PFL), in every view. A line without length has its one pixel.
struct ProfileRequest {
  std::uint64_t resolution = 0;
  std::uint64_t x1 = 0, y1 = 0;
  std::uint64_t x2 = 0, y2 = 0;
};

// Text about the image.
struct IiifInfo {
  int version = 3;
  bool json_ld = true;        // media type application/ld+json, else application/json
  bool with_profile = false;  // ... with the profile parameter
};
struct DeepZoomDescriptor {
  Format format = Format::jpeg;
};
struct ZoomifyProperties {};
// One OBJ command. `quarter_turned`: an earlier ROT swaps width and height.
struct IipObject {
  std::pmr::string name;  // lower case, as far as the first comma
  bool quarter_turned = false;
  friend bool operator==(const IipObject&, const IipObject&) = default;
};
struct IipObjects {
  std::pmr::vector<IipObject> objects;
};
// The identifier alone: 303 to its info.json.
struct IiifBase {};

using InfoRequest =
    std::variant<IiifInfo, DeepZoomDescriptor, ZoomifyProperties, IipObjects, IiifBase>;

using Request =
    std::variant<InfoRequest, ImageRequest, TileBlockRequest, SpectrumRequest, ProfileRequest>;

struct Parsed {
  Protocol protocol = Protocol::iiif;
  // The image's name as the client meant it: decoded once, relative, without a leading '/'. Not yet
  // checked against the file system; see files/open_beneath.h.
  std::pmr::string image;
  // The image's name as it stood in the URL, percent_normalise()d: for URLs that we print.
  std::pmr::string identifier;
  // Which of the image's views is meant; nullopt: its first, or only one.
  std::optional<View> view = {};
  // True where `identifier` follows the service's own path; false where it came in the query.
  bool in_path = true;
  // The answer depends on the Accept header: say so with Vary.
  bool varies_on_accept = false;
  Request request;
};

}  // namespace iip
