// The directives of the module, in one table.
//
// An entry says all that there is to say about a directive: its name, where it may stand, the kind
// of its value with the range, the member of DirConfig or ServerConfig that keeps it, where it goes
// in the engine's Settings or ServiceLimits (or the value that is usual, where the adaptor reads
// it), and the help of `httpd -L`. From it come
//
//   the command records that httpd reads configurations by      directives.cpp
//   merging: inner sections over outer ones, virtual hosts      config.cpp
//     over the main server, .htaccess within its limits
//   Settings and ServiceLimits                                  config.cpp
//   a listing that the tests compare with the documentation     directives.cpp
//
// so that a new directive is one entry here, a member in config.h, and a section in
// docs/directives.md. A value whose check fits none of the kinds in directive_values.h has a setter
// of its own in setters.h.
//
// The table is a constant of the compiler's: where it is walked, each entry becomes the few
// instructions that its member needs. So it may be read by any thread.
#pragma once

#include <tuple>

#include "httpd/config/directive_values.h"
#include "httpd/config/setters.h"

namespace iip {

// Where a directive may stand.
enum class Scope : std::uint8_t {
  global,     // the main configuration, for all virtual hosts
  server,     // ... and <VirtualHost>
  section,    // sections alone: <Location>, <Directory>, <Files>, <If> ...
  directory,  // the server and sections
  htaccess,   // ... and .htaccess, where AllowOverride has FileInfo
};

template <class Value>
struct Directive {
  const char* name;
  Scope scope;
  Value value;
  const char* help;   // part of httpd's message where the number of values is wrong
  const char* usual;  // what holds where nothing is set, in words, if it is no value; or null
};

template <class Value>
constexpr Directive<Value> directive(const char* name, Scope scope, Value value, const char* help,
                                     const char* usual = nullptr) {
  return {name, scope, value, help, usual};
}

// ---- Names of choices ----

inline constexpr bool kNumbered = true;  // see Choice

inline constexpr std::array<Named<Protocol>, 5> kProtocolNames{{{"auto", Protocol::automatic},
                                                                {"IIP", Protocol::iip},
                                                                {"IIIF", Protocol::iiif},
                                                                {"DeepZoom", Protocol::deepzoom},
                                                                {"Zoomify", Protocol::zoomify}}};
inline constexpr std::array<Named<AvifCodec>, 4> kAvifCodecNames{{{"auto", AvifCodec::any},
                                                                  {"aom", AvifCodec::aom},
                                                                  {"rav1e", AvifCodec::rav1e},
                                                                  {"svt", AvifCodec::svt}}};
inline constexpr std::array<Named<TiffScheme>, 6> kTiffSchemeNames{
    {{"none", TiffScheme::none},
     {"lzw", TiffScheme::lzw},
     {"deflate", TiffScheme::deflate},
     {"jpeg", TiffScheme::jpeg},
     {"webp", TiffScheme::webp},
     {"zstd", TiffScheme::zstd}}};
inline constexpr std::array<Named<ColourPolicy>, 2> kColourNames{
    {{"keep", ColourPolicy::keep}, {"sRGB", ColourPolicy::srgb}}};
inline constexpr std::array<Named<Interpolation>, 4> kInterpolationNames{
    {{"nearest", Interpolation::nearest},
     {"bilinear", Interpolation::bilinear},
     {"bicubic", Interpolation::bicubic},
     {"lanczos", Interpolation::lanczos}}};

// ---- Places within places, and which of two limits allows less ----

constexpr Watermarking& watermarking_of(Settings& settings) { return settings.watermarking; }
constexpr double& probability_of(Settings& settings) { return settings.watermarking.probability; }
constexpr double& opacity_of(Settings& settings) { return settings.watermarking.opacity; }

constexpr bool off_of(bool outer, bool inner) { return outer && inner; }
constexpr std::uint64_t smaller_of(std::uint64_t outer, std::uint64_t inner) {
  return outer < inner ? outer : inner;
}
// As many quality layers as both allow. What is not above 0 is a way of choosing and no limit: of
// two such the inner one holds.
constexpr int fewer_layers_of(int outer, int inner) {
  if (outer > 0 && inner > 0) return outer < inner ? outer : inner;
  return outer > 0 ? outer : inner;
}

// ---- The table ----

inline constexpr bool kLiftable = true;  // see Range
inline constexpr Usual<const char*> kNotSet{""};

inline constexpr auto kDirectives = std::make_tuple(
    directive("IIPFilesystemPrefix", Scope::directory,
              own(&DirConfig::prefix, set_prefix, "DIRECTORY", kNotSet),
              "the directory that holds the images of a service", "not set"),
    directive("IIPFilesystemSuffix", Scope::directory,
              own(&DirConfig::suffix, set_suffix, "TEXT | none", kNotSet, kLongestNamePart),
              "text appended to the image's name to get the name of its file, or none"),
    directive("IIPFilenamePattern", Scope::htaccess,
              own(&DirConfig::filename_pattern, set_filename_pattern, "TEXT | none",
                  Usual{kUsualFilenamePattern}, kLongestNamePart),
              "what stands between the name and the angles of a sequence's files, or none"),
    directive("IIPProtocol", Scope::htaccess,
              choice(&DirConfig::protocol, kProtocolNames, Usual{Protocol::automatic}),
              "auto, IIP, IIIF, DeepZoom or Zoomify"),
    directive("IIPServerTiming", Scope::htaccess, flag(&DirConfig::server_timing, Usual{false}),
              "whether answers say how long they took, in Server-Timing, On or Off"),
    directive("IIPStatusPurge", Scope::section, flag(&DirConfig::status_purge, Usual{false}),
              "whether a POST to the status page may have pictures forgotten, On or Off"),
    directive("IIPJPEGQuality", Scope::htaccess,
              integer(&DirConfig::jpeg_quality, {1, 100}, &Settings::jpeg_quality),
              "quality of JPEG, 1 to 100"),
    directive("IIPPNGQuality", Scope::htaccess,
              integer(&DirConfig::png_quality, {0, 9}, &Settings::png_quality),
              "compression level of PNG, 0 to 9"),
    directive("IIPWebPQuality", Scope::htaccess,
              integer(&DirConfig::webp_quality, {-1, 100}, &Settings::webp_quality),
              "quality of WebP, 0 to 100; -1 for lossless"),
    directive("IIPAVIFQuality", Scope::htaccess,
              integer(&DirConfig::avif_quality, {-1, 100}, &Settings::avif_quality),
              "quality of AVIF, 0 to 100; -1 for lossless"),
    directive("IIPAVIFCodec", Scope::htaccess,
              choice(&DirConfig::avif_codec, kAvifCodecNames, &Settings::avif_codec, kNumbered),
              "what encodes AVIF: auto, aom, rav1e or svt"),
    directive("IIPTIFFCompression", Scope::htaccess,
              choice(&DirConfig::tiff_scheme, kTiffSchemeNames, &Settings::tiff_scheme, kNumbered),
              "compression of TIFF: none, lzw, deflate, jpeg, webp or zstd"),
    directive("IIPTIFFQuality", Scope::htaccess,
              integer(&DirConfig::tiff_quality, {0, 100}, &Settings::tiff_quality),
              "level or quality of IIPTIFFCompression", "by the compression"),
    directive("IIPJPEGOptimise", Scope::htaccess,
              flag(&DirConfig::jpeg_optimise, &Settings::jpeg_optimise),
              "whether JPEG has Huffman tables of its own, smaller and slower, On or Off"),
    directive("IIPColour", Scope::htaccess,
              choice(&DirConfig::colour, kColourNames, &Settings::colour),
              "whether pictures keep the colours of their profile or become sRGB: keep or sRGB"),
    directive("IIPWatermark", Scope::directory,
              own(&DirConfig::watermark, set_watermark, "FILE | none", watermarking_of),
              "a picture that is laid over those that are served, or none"),
    directive("IIPWatermarkProbability", Scope::directory,
              fraction(&DirConfig::watermark_probability, probability_of),
              "how likely a part of a picture has the watermark, 0 to 1"),
    directive("IIPWatermarkOpacity", Scope::directory,
              fraction(&DirConfig::watermark_opacity, opacity_of),
              "how opaque the watermark is, 0 to 1"),
    directive(
        "IIPMaxCVT", Scope::directory,
        integer(&DirConfig::max_cvt, {1, INT32_MAX, "PIXELS", 1, kLiftable}, &Settings::max_cvt),
        "longest side of a picture that is made, in pixels; -1 for no limit"),
    directive("IIPAllowUpscaling", Scope::htaccess,
              narrowed(flag(&DirConfig::allow_upscaling, &Settings::allow_upscaling),
                       &TenantLimits::allow_upscaling, off_of),
              "whether pictures may be larger than their source, On or Off"),
    directive("IIPInterpolation", Scope::htaccess,
              choice(&DirConfig::interpolation, kInterpolationNames, &Settings::interpolation),
              "nearest, bilinear, bicubic or lanczos"),
    directive("IIPCORS", Scope::htaccess,
              own(&DirConfig::cors, set_cors, "off | * | ORIGIN ...", kNotSet, kLongestOrigin),
              "web origins that may read the answers: off, *, or a list of origins",
              "* for IIIF, else off"),
    directive("IIPBaseURL", Scope::htaccess,
              own(&DirConfig::base_url, set_base_url, "URL | none", kNotSet, kLongestUrl),
              "public URL of the service, where httpd can not know it, or none"),
    directive("IIPCacheControl", Scope::htaccess,
              text(&DirConfig::cache_control, 1024, Usual{kUsualCacheControl}),
              "value of the Cache-Control header, or none"),
    directive("IIPMaxICC", Scope::htaccess,
              narrowed(integer(&DirConfig::max_icc, {0, kNoLimit, "BYTES", 1, kLiftable},
                               &Settings::max_icc),
                       &TenantLimits::max_icc, smaller_of),
              "largest colour profile to embed, in bytes; -1 for any, 0 for none"),
    directive("IIPCodecPassthrough", Scope::htaccess,
              flag(&DirConfig::codec_passthrough, &Settings::codec_passthrough),
              "whether stored tiles go out as they are where they fit, On or Off"),
    directive("IIPMaxLayers", Scope::htaccess,
              narrowed(integer(&DirConfig::max_layers, {-1, 65535, "N"}, &Settings::max_layers),
                       &TenantLimits::max_layers, fewer_layers_of),
              "quality layers of JPEG 2000 to decode: the most, 0 for half, -1 for all"),
    directive("IIPIIIFVersion", Scope::htaccess,
              integer(&DirConfig::iiif_version, {2, 3}, &Settings::iiif_version),
              "version of the IIIF Image API that is spoken by default, 2 or 3"),
    directive("IIPIIIFExtraInfo", Scope::htaccess,
              own(&DirConfig::iiif_extra_info, set_iiif_extra_info, "JSON | none",
                  &Settings::iiif_extra_info, kLongestExtraInfo),
              "members added to every info.json, as JSON, or none"),
    directive("IIPIIIFExtensions", Scope::htaccess,
              flag(&DirConfig::iiif_extensions, &Settings::iiif_extensions),
              "whether IIIF has further qualities, and processing in the query, On or Off"),
    directive("IIPIIIFDelimiter", Scope::htaccess, text(&DirConfig::iiif_delimiter, 64, kNotSet),
              "what stands between a IIIF identifier and the number of a page, or none"),
    directive("IIPCopyright", Scope::htaccess,
              text(&DirConfig::copyright, 4096, &Settings::copyright),
              "rights statement for images without one of their own, or none"),
    directive("IIPLogFile", Scope::server,
              own(&ServerConfig::log_file, set_log_file, "PATH | \"|PROGRAM\"", kNotSet),
              "a log of the module's own: a path, or '|' and a program", "httpd's ErrorLog"),
    directive("IIPVerbosity", Scope::server,
              integer(&ServerConfig::verbosity, {0, 5}, Usual{kUsualVerbosity}),
              "what goes to IIPLogFile: 0 nothing, 1 errors, 2 warnings, 3 refused requests, 4, 5 "
              "more"),
    directive("IIPMaxSourcePixels", Scope::server,
              integer(&ServerConfig::max_source_pixels, {1, kNoLimit, "PIXELS"},
                      &Settings::max_source_pixels),
              "largest image that is served, in pixels of its full size"),
    directive("IIPMaxImageCacheSize", Scope::global,
              integer(&ServerConfig::image_cache, {0, 1 << 20, "MB", kMebibyte},
                      Usual{HostLayout::kDefaultCache}),
              "memory in which all processes keep finished pictures, in MB; 0 for none"),
    directive(
        "IIPMemcachedServers", Scope::server,
        own(&ServerConfig::memcached_servers, set_memcached_servers, "SERVER ... | none", kNotSet),
        "the memcached servers of the cluster, HOST[:PORT] ..., or none"),
    directive("IIPMemcachedTimeout", Scope::server,
              integer(&ServerConfig::memcached_timeout, {0, 2'592'000, "SECONDS"},
                      Usual{kUsualMemcachedTimeout}),
              "how long memcached keeps a picture, in seconds; 0 for as long as there is room"),
    directive("IIPMemcachedDeadline", Scope::server,
              integer(&ServerConfig::memcached_deadline, {1, 10'000, "MILLISECONDS"},
                      Usual{kUsualMemcachedDeadline}),
              "the longest time that a request waits for memcached, in milliseconds"),
    directive("IIPMemcachedSecret", Scope::server,
              own(&ServerConfig::memcached_secret, set_memcached_secret, "TEXT | none", kNotSet),
              "what the machines of the cluster sign their pictures with, or none"),
    directive("IIPMemcachedNamespace", Scope::server,
              text(&ServerConfig::memcached_namespace, 1024, kNotSet),
              "the site's name in memcached, where machines have different ServerNames, or none",
              "ServerName"),
    directive(
        "IIPMaxMetadataCacheSize", Scope::global,
        integer(&ServerConfig::open_images, {0, 10'000'000, "N"}, &ServiceLimits::open_images),
        "how many images a child process keeps in mind"),
    directive("IIPMaxRequestMemory", Scope::global,
              integer(&ServerConfig::request_memory, {1, 1 << 20, "MB", kMebibyte},
                      &ServiceLimits::request_memory),
              "most memory for the pixels of one request, in MB"),
    directive("IIPMaxRenderMemory", Scope::global,
              integer(&ServerConfig::render_memory, {1, 1 << 20, "MB", kMebibyte},
                      &ServiceLimits::render_memory),
              "most memory for the pixels of all requests of the server, in MB"),
    directive("IIPMaxRenders", Scope::global,
              integer(&ServerConfig::renders, {0, 1000, "N"}, &ServiceLimits::renders),
              "how many pictures the server makes at a time; 0 for three for every two processors"),
    directive(
        "IIPRenderTimeout", Scope::server,
        integer(&ServerConfig::render_timeout, {0, 86'400, "SECONDS"}, &Settings::render_timeout),
        "the longest time for one picture, in seconds; 0 for no limit"));

// Calls `visit` with the value of each entry.
template <class Visit>
void for_each_value(const Visit& visit) {
  std::apply([&](const auto&... entry) { (visit(entry.value), ...); }, kDirectives);
}

}  // namespace iip
