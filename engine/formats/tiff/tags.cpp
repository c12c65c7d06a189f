#include "engine/formats/tiff/tags.h"

#include <algorithm>

#include "engine/encode/extras.h"
#include "engine/formats/metadata/exif_block.h"

namespace iip {

namespace {

void set_text(TiffWriter& writer, std::uint32_t tag, const std::string& text) {
  if (!text.empty()) writer.set_if_taken(tag, text.c_str());
}

// "YYYY:MM:DD HH:MM:SS": DateTime takes no other form (TIFF 6.0, section 8).
bool is_tiff_date(const std::string& date) {
  constexpr std::string_view kForm = "0000:00:00 00:00:00";
  return std::equal(date.begin(), date.end(), kForm.begin(), kForm.end(), [](char c, char form) {
    return form == '0' ? c >= '0' && c <= '9' : c == form;
  });
}

void set_density(TiffWriter& writer, const std::optional<Density>& density) {
  if (!density || density->unit == Density::Unit::unknown) return;
  const bool inch = density->unit == Density::Unit::inch;
  const double metres = inch ? 0.0254 : 0.01;
  const double x = density->x * metres;
  const double y = density->y * metres;
  constexpr double kMost = UINT32_MAX;
  if (!(x > 0 && x < kMost && y > 0 && y < kMost)) return;
  writer.set_if_taken(TIFFTAG_RESOLUTIONUNIT, inch ? RESUNIT_INCH : RESUNIT_CENTIMETER);
  writer.set_if_taken(TIFFTAG_XRESOLUTION, x);
  writer.set_if_taken(TIFFTAG_YRESOLUTION, y);
}

void set_texts(TiffWriter& writer, const Metadata& metadata) {
  set_text(writer, TIFFTAG_DOCUMENTNAME, metadata.title);
  set_text(writer, TIFFTAG_IMAGEDESCRIPTION, metadata.description);
  set_text(writer, TIFFTAG_MAKE, metadata.make);
  set_text(writer, TIFFTAG_MODEL, metadata.model);
  set_text(writer, TIFFTAG_PAGENAME, metadata.page_name);
  set_text(writer, TIFFTAG_SOFTWARE, metadata.software);
  if (is_tiff_date(metadata.date)) set_text(writer, TIFFTAG_DATETIME, metadata.date);
  set_text(writer, TIFFTAG_ARTIST, metadata.creator);
  set_text(writer, TIFFTAG_COPYRIGHT, metadata.rights);
}

void set_iptc(TiffWriter& writer, ByteSpan iptc) {
  if (iptc.empty() || iptc.size() > kMaxExif) return;
  writer.set_if_taken(TIFFTAG_RICHTIFFIPTC, static_cast<std::uint32_t>(iptc.size()), iptc.data());
}

void add_directory(TiffWriter& writer, ByteSpan exif, ExifDirectory directory, std::uint32_t tag) {
  const std::uint32_t at = writer.end();
  const ByteVector copied = exif_directory(exif, directory, at);
  if (copied.empty()) return;
  writer.add(copied);
  writer.set_if_taken(tag, std::uint64_t{at});
}

}  // namespace

void set_tiff_tags(TiffWriter& writer, const PictureExtras& extras, ColourModel model) {
  set_texts(writer, extras.metadata);
  set_density(writer, extras.density);
  const ByteSpan profile = extras.icc_profile.span();
  if (profile_fits(profile, model)) {
    writer.set_if_taken(TIFFTAG_ICCPROFILE, static_cast<std::uint32_t>(profile.size()),
                        profile.data());
  }
  const std::string xmp = upright_xmp(extras.metadata.xmp);
  if (!xmp.empty()) {
    writer.set_if_taken(TIFFTAG_XMLPACKET, static_cast<std::uint32_t>(xmp.size()), xmp.data());
  }
  set_iptc(writer, extras.metadata.iptc.span());
}

void add_exif_directories(TiffWriter& writer, const Metadata& metadata) {
  const ByteSpan exif = metadata.exif.span();
  if (exif.empty() || exif.size() > kMaxExif) return;
  add_directory(writer, exif, ExifDirectory::exif, TIFFTAG_EXIFIFD);
  add_directory(writer, exif, ExifDirectory::gps, TIFFTAG_GPSIFD);
}

}  // namespace iip
