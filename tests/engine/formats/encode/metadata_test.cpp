// What pictures of each format say besides their pixels, read back by exiftool and Pillow.
#include "engine/formats/avif/encoder.h"
#include "engine/formats/encode_raster.h"
#include "engine/formats/jpeg/encoder.h"
#include "engine/formats/metadata/exif_block.h"
#include "engine/formats/png/encoder.h"
#include "engine/formats/tiff/encoder.h"
#include "engine/formats/webp/encoder.h"
#include "oracle.h"

namespace iip::test {
namespace {

std::string xmp_packet(char orientation, std::size_t padding = 0) {
  return "<?xpacket begin='\xEF\xBB\xBF' id='W5M0MpCehiHzreSzNTczkc9d'?>"
         "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
         "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
         "<rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'"
         " xmlns:tiff='http://ns.adobe.com/tiff/1.0/' tiff:Orientation='" +
         std::string(1, orientation) +
         "'><dc:format>image/tiff</dc:format></rdf:Description></rdf:RDF></x:xmpmeta>" +
         std::string(padding, ' ') + "<?xpacket end='w'?>";
}

// By-line and object name (IIM 4.2, records 2:80 and 2:05).
const ByteVector kIptc = {0x1C, 2, 80, 0, 3, 'A', 'n', 'n', 0x1C, 2, 5, 0, 4, 'N', 'a', 'm', 'e'};

struct Described : ::testing::TestWithParam<Format> {
  Memory memory;
  Oracle oracle{memory};

  Bytes encoded(const PictureExtras& extras, const PixelFormat& format = kRgb) {
    const Raster raster = make_raster({40, 30}, format, memory,
                                      [](auto x, auto y, int c) { return x * 5 + y + c * 20; });
    const Encoding encoding{GetParam(), 75};
    return must(encode(raster, encoding, extras, memory.allowance));
  }

  PictureExtras everything(const std::string& order) {
    PictureExtras extras;
    extras.icc_profile = Bytes(oracle.srgb_profile());
    extras.metadata.xmp = xmp_packet('1');
    extras.metadata.exif = Bytes(oracle.exif_block(1, order));
    extras.metadata.iptc = Bytes(kIptc);
    extras.metadata.title = "A t\xC3\xAFtle";
    extras.metadata.creator = "A creator";
    extras.metadata.description = "A description";
    extras.metadata.rights = "\xC2\xA9 A Museum";
    extras.metadata.date = "2001:02:03 04:05:06";
    extras.metadata.software = "mod_iip";
    extras.density = Density{300 / 0.0254, 300 / 0.0254, Density::Unit::inch};
    return extras;
  }
};

INSTANTIATE_TEST_SUITE_P(Formats, Described,
                         ::testing::Values(Format::jpeg, Format::png, Format::webp, Format::avif,
                                           Format::tiff),
                         [](const auto& format) {
                           return std::string(extension_of(format.param));
                         });

TEST_P(Described, BlocksComeBackAsTheyWere) {
  for (const char* order : {"II", "MM"}) {
    const PictureExtras extras = everything(order);
    const Bytes bytes = encoded(extras);
    EXPECT_EQ(oracle.extract(bytes.span(), "ICC_Profile"),
              ByteVector(extras.icc_profile.span().begin(), extras.icc_profile.span().end()));
    const std::string& xmp = extras.metadata.xmp;
    EXPECT_EQ(oracle.extract(bytes.span(), "XMP"), ByteVector(xmp.begin(), xmp.end()));
    if (GetParam() != Format::tiff) {  // whose directories are part of the file's own
      EXPECT_EQ(oracle.extract(bytes.span(), "Exif"),
                ByteVector(extras.metadata.exif.span().begin(), extras.metadata.exif.span().end()));
    }
    const ReadPicture tags = oracle.tags(bytes.span());
    EXPECT_EQ(tags["ExifIFD:ExposureTime"], "0.004");
    EXPECT_EQ(tags["ExifIFD:ISO"], "400");
    EXPECT_EQ(tags["ExifIFD:DateTimeOriginal"], "2001:02:03 04:05:06");
    EXPECT_EQ(tags["ExifIFD:UserComment"], "a comment");
    EXPECT_EQ(tags["GPS:GPSLatitude"], "47.375");
    EXPECT_EQ(tags["IFD0:Orientation"], "1");
    EXPECT_EQ(tags["XMP-dc:Format"], "image/tiff");
    EXPECT_EQ(tags["ExifTool:Warning"], "absent");
  }
}

TEST_P(Described, TextsStandWhereTheFormatHasAPlace) {
  PictureExtras extras = everything("II");
  const ReadPicture tags = oracle.tags(encoded(extras).span());
  switch (GetParam()) {
    case Format::jpeg:
      EXPECT_EQ(tags["File:Comment"], "mod_iip|\xC2\xA9 A Museum");
      EXPECT_EQ(tags["IPTC:By-line"], "Ann");
      EXPECT_EQ(tags["IPTC:ObjectName"], "Name");
      break;
    case Format::png:
      EXPECT_EQ(tags["PNG:Title"], "A t\xC3\xAFtle");
      EXPECT_EQ(tags["PNG:Author"], "A creator");
      EXPECT_EQ(tags["PNG:Description"], "A description");
      EXPECT_EQ(tags["PNG:Copyright"], "\xC2\xA9 A Museum");
      EXPECT_EQ(tags["PNG:CreationTime"], "2001:02:03 04:05:06");
      EXPECT_EQ(tags["PNG:Software"], "mod_iip");
      break;
    case Format::tiff:
      EXPECT_EQ(tags["IFD0:DocumentName"], "A t\xC3\xAFtle");
      EXPECT_EQ(tags["IFD0:Artist"], "A creator");
      EXPECT_EQ(tags["IFD0:ImageDescription"], "A description");
      EXPECT_EQ(tags["IFD0:Copyright"], "\xC2\xA9 A Museum");
      EXPECT_EQ(tags["IFD0:ModifyDate"], "2001:02:03 04:05:06");
      EXPECT_EQ(tags["IFD0:Software"], "mod_iip");
      EXPECT_EQ(tags["IPTC:By-line"], "Ann");
      EXPECT_EQ(tags["IFD0:XResolution"], "300");
      EXPECT_EQ(tags["IFD0:ResolutionUnit"], "2");
      break;
    default:
      break;
  }
}

TEST_P(Described, SaysThatItStandsUpright) {
  PictureExtras extras;
  extras.metadata.xmp = xmp_packet('6');
  for (const char* order : {"II", "MM"}) {
    extras.metadata.exif = Bytes(oracle.exif_block(6, order));
    const Bytes bytes = encoded(extras);
    const ReadPicture tags = oracle.tags(bytes.span());
    EXPECT_EQ(tags["IFD0:Orientation"], "1");
    EXPECT_EQ(tags["XMP-tiff:Orientation"], "1");
    EXPECT_EQ(oracle.read(bytes.span())["size"], "40 30");  // avifdec would turn it
  }
}

TEST_P(Described, DamagedBlocksDoNoHarm) {
  for (const ByteVector& exif : {ByteVector{}, ByteVector{'I', 'I', 42, 0}, ByteVector(100, 0xFF),
                                 ByteVector{'I', 'I', 42, 0, 8, 0, 0, 0, 0xFF, 0xFF, 0x69, 0x87},
                                 ByteVector{'M', 'M', 0, 42, 0xFF, 0xFF, 0xFF, 0xF0}}) {
    PictureExtras extras;
    extras.metadata.exif = Bytes(exif);
    extras.metadata.xmp = "tiff:Orientation";
    extras.metadata.iptc = Bytes(ByteVector{0x1C});
    extras.metadata.date = "yesterday";
    extras.icc_profile = Bytes(ByteVector(20, 1));
    extras.density = Density{std::nan(""), -1, Density::Unit::inch};
    EXPECT_EQ(oracle.read(encoded(extras).span())["size"], "40 30");
  }
}

TEST_P(Described, AProfileOfAnotherColourModelIsLeftOut) {
  PictureExtras extras;
  extras.icc_profile = Bytes(oracle.srgb_profile());
  const bool stays = GetParam() == Format::webp;  // where grey becomes RGB
  EXPECT_EQ(oracle.extract(encoded(extras, kGrey).span(), "ICC_Profile").empty(), !stays);
}

TEST(JpegSegments, WhatIsTooLongForOneIsLeftOut) {
  Memory memory;
  Oracle oracle(memory);
  const Raster raster =
      make_raster({8, 8}, kGrey, memory, [](auto x, auto, int) { return x * 10; });
  const auto tags_of = [&](const PictureExtras& extras) {
    return oracle.tags(must(encode_jpeg(raster, 75, extras)).span());
  };
  // The packet and its name fill the segment to the last byte, or are one too long.
  for (const std::size_t length : {65502U, 65503U}) {
    PictureExtras extras;
    extras.metadata.xmp = xmp_packet('1', length - xmp_packet('1').size());
    ASSERT_EQ(extras.metadata.xmp.size(), length);
    EXPECT_EQ(tags_of(extras)["XMP-dc:Format"], length == 65502 ? "image/tiff" : "absent");
  }
  auto exif = oracle.exif_block(1, "II");
  for (const std::size_t length : {65527U, 65528U}) {
    exif.resize(length);
    PictureExtras extras;
    extras.metadata.exif = Bytes(exif);
    EXPECT_EQ(tags_of(extras)["IFD0:Make"], length == 65527 ? "A maker" : "absent");
  }
  PictureExtras rights;
  rights.metadata.rights = std::string(70'000, 'x');
  EXPECT_EQ(tags_of(rights)["File:Comment"], "absent");
}

TEST(UprightXmp, ChangesNothingButTheOrientation) {
  EXPECT_EQ(upright_xmp("<tiff:Orientation>8</tiff:Orientation>"),
            "<tiff:Orientation>1</tiff:Orientation>");
  EXPECT_EQ(upright_xmp("tiff:Orientation = \"3\" x=\"3\""), "tiff:Orientation = \"1\" x=\"3\"");
  EXPECT_EQ(upright_xmp("tiff:Orientation6"), "tiff:Orientation6");
  EXPECT_EQ(upright_xmp("exif:Orientation='6'"), "exif:Orientation='6'");
  EXPECT_EQ(upright_xmp(std::string(kMaxXmp + 1, ' ')), "");
}

// A directory in which many entries claim one large value must not grow without bound.
TEST(ExifDirectory, OverlappingValuesAreBounded) {
  ByteVector block{'I', 'I', 42, 0, 8,  0, 0, 0, 1, 0, 0x69, 0x87, 4, 0,
                   1,   0,   0,  0, 26, 0, 0, 0, 0, 0, 0,    0,    0, 2};
  for (int i = 0; i < 512; ++i) {
    const auto tag = static_cast<std::uint8_t>(i);
    block.insert(block.end(),
                 {tag, static_cast<std::uint8_t>(0x10 + i / 256), 7, 0, 0, 0, 0x08, 0, 0, 0, 0, 0});
  }
  block.resize(600'000);
  const ByteVector directory = exif_directory(block, ExifDirectory::exif, 8);
  EXPECT_LE(directory.size(), kMaxExif + 10'000);
  EXPECT_GT(directory.size(), 500'000U);
}

}  // namespace
}  // namespace iip::test
