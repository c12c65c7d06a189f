#include "httpd/config/directives.h"

#include "httpd/config/setter_templates.h"
#include "httpd/config/setters.h"

namespace iip {

namespace {

// In C++ httpd declares one function type for setters of every shape.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-function-type"
command_rec one(const char* name, const char* (*setter)(cmd_parms*, void*, const char*), int where,
                const char* help) {
  return AP_INIT_TAKE1(name, reinterpret_cast<cmd_func>(setter), nullptr, where, help);
}
command_rec many(const char* name, const char* (*setter)(cmd_parms*, void*, int, char* const[]),
                 int where, const char* help) {
  return AP_INIT_TAKE_ARGV(name, reinterpret_cast<cmd_func>(setter), nullptr, where, help);
}
#pragma GCC diagnostic pop

constexpr int kServer = RSRC_CONF;              // server or virtual host
constexpr int kSite = RSRC_CONF | ACCESS_CONF;  // sections too, but never .htaccess
constexpr int kLook = OR_FILEINFO;              // .htaccess too

using D = DirConfig;
using S = ServerConfig;

TenantLimits upscaling_of(const D& said) { return {.upscaling = *said.allow_upscaling}; }
TenantLimits max_icc_of(const D& said) { return {.max_icc = *said.max_icc}; }
TenantLimits max_layers_of(const D& said) { return {.max_layers = said.max_layers}; }

const command_rec kDirectives[] = {
    one("IIPFilesystemPrefix", take_one<set_prefix>, kSite,
        "the directory that holds the images of a service"),
    one("IIPFilesystemSuffix", take_one<set_suffix>, kSite,
        "text appended to the image's name to get the name of its file, or none"),
    one("IIPFilenamePattern", take_one<set_filename_pattern>, kLook,
        "what stands between the name and the angles of a sequence's files, or none"),
    one("IIPProtocol", take_one<set_protocol>, kLook, "auto, IIP, IIIF, DeepZoom or Zoomify"),
    one("IIPServerTiming", take_one<set_switch<&D::server_timing>>, kLook,
        "whether answers say how long they took, in Server-Timing, On or Off"),
    one("IIPStatusPurge", take_one<set_switch<&D::status_purge>>, ACCESS_CONF,
        "whether a POST to the status page may have pictures forgotten, On or Off"),
    one("IIPJPEGQuality", take_one<set_integer<&D::jpeg_quality, 1, 100>>, kLook,
        "quality of JPEG, 1 to 100"),
    one("IIPPNGQuality", take_one<set_integer<&D::png_quality, 0, 9>>, kLook,
        "compression level of PNG, 0 to 9"),
    one("IIPWebPQuality", take_one<set_integer<&D::webp_quality, -1, 100>>, kLook,
        "quality of WebP, 0 to 100; -1 for lossless"),
    one("IIPAVIFQuality", take_one<set_integer<&D::avif_quality, -1, 100>>, kLook,
        "quality of AVIF, 0 to 100; -1 for lossless"),
    one("IIPAVIFCodec", take_one<set_avif_codec>, kLook,
        "what encodes AVIF: auto, aom, rav1e or svt"),
    one("IIPTIFFCompression", take_one<set_tiff_compression>, kLook,
        "compression of TIFF: none, lzw, deflate, jpeg, webp or zstd"),
    one("IIPTIFFQuality", take_one<set_integer<&D::tiff_quality, 0, 100>>, kLook,
        "level or quality of IIPTIFFCompression"),
    one("IIPJPEGOptimise", take_one<set_switch<&D::jpeg_optimise>>, kLook,
        "whether JPEG has Huffman tables of its own, smaller and slower, On or Off"),
    one("IIPColour", take_one<set_colour>, kLook,
        "whether pictures keep the colours of their profile or become sRGB: keep or sRGB"),
    one("IIPWatermark", take_one<set_watermark>, kSite,
        "a picture that is laid over those that are served, or none"),
    one("IIPWatermarkProbability", take_one<set_fraction<&D::watermark_probability>>, kSite,
        "how likely a part of a picture has the watermark, 0 to 1"),
    one("IIPWatermarkOpacity", take_one<set_fraction<&D::watermark_opacity>>, kSite,
        "how opaque the watermark is, 0 to 1"),
    one("IIPMaxCVT", take_one<set_limit<&D::max_cvt, 1, INT32_MAX>>, kSite,
        "longest side of a picture that is made, in pixels; -1 for no limit"),
    one("IIPAllowUpscaling",
        take_one<set_operators_limit<set_switch<&D::allow_upscaling>, upscaling_of>>, kLook,
        "whether pictures may be larger than their source, On or Off"),
    one("IIPInterpolation", take_one<set_interpolation>, kLook,
        "nearest, bilinear, bicubic or lanczos"),
    many("IIPCORS", take_many<set_cors>, kLook,
         "web origins that may read the answers: off, *, or a list of origins"),
    one("IIPBaseURL", take_one<set_base_url>, kLook,
        "public URL of the service, where httpd can not know it, or none"),
    one("IIPCacheControl", take_one<set_text<&D::cache_control, 1024>>, kLook,
        "value of the Cache-Control header, or none"),
    one("IIPMaxICC", take_one<set_operators_limit<set_limit<&D::max_icc, 0, kNoLimit>, max_icc_of>>,
        kLook, "largest colour profile to embed, in bytes; -1 for any, 0 for none"),
    one("IIPCodecPassthrough", take_one<set_switch<&D::codec_passthrough>>, kLook,
        "whether stored tiles go out as they are where they fit, On or Off"),
    one("IIPMaxLayers",
        take_one<set_operators_limit<set_integer<&D::max_layers, -1, 65535>, max_layers_of>>, kLook,
        "quality layers of JPEG 2000 to decode: the most, 0 for half, -1 for all"),
    one("IIPIIIFVersion", take_one<set_integer<&D::iiif_version, 2, 3>>, kLook,
        "version of the IIIF Image API that is spoken by default, 2 or 3"),
    one("IIPIIIFExtraInfo", take_one<set_iiif_extra_info>, kLook,
        "members added to every info.json, as JSON, or none"),
    one("IIPIIIFExtensions", take_one<set_switch<&D::iiif_extensions>>, kLook,
        "whether IIIF has further qualities, and processing in the query, On or Off"),
    one("IIPIIIFDelimiter", take_one<set_text<&D::iiif_delimiter, 64>>, kLook,
        "what stands between a IIIF identifier and the number of a page, or none"),
    one("IIPCopyright", take_one<set_text<&D::copyright, 4096>>, kLook,
        "rights statement for images without one of their own, or none"),
    one("IIPLogFile", take_one<set_log_file>, kServer,
        "a log of the module's own: a path, or '|' and a program"),
    one("IIPVerbosity", take_one<set_integer<&S::verbosity, 0, 5>>, kServer,
        "what goes to IIPLogFile: 0 nothing, 1 errors, 2 warnings, 3 refused requests, 4, 5 more"),
    one("IIPMaxSourcePixels", take_one<set_integer<&S::max_source_pixels, 1, kNoLimit>>, kServer,
        "largest image that is served, in pixels of its full size"),
    one("IIPMaxImageCacheSize",
        take_one<set_integer<&S::image_cache, 0, 1 << 20, kMebibyte>, GLOBAL_ONLY>, kServer,
        "memory in which all processes keep finished pictures, in MB; 0 for none"),
    many("IIPMemcachedServers", take_many<set_memcached_servers>, kServer,
         "the memcached servers of the cluster, HOST[:PORT] ..., or none"),
    one("IIPMemcachedTimeout", take_one<set_integer<&S::memcached_timeout, 0, 2'592'000>>, kServer,
        "how long memcached keeps a picture, in seconds; 0 for as long as there is room"),
    one("IIPMemcachedDeadline", take_one<set_integer<&S::memcached_deadline, 1, 10'000>>, kServer,
        "the longest time that a request waits for memcached, in milliseconds"),
    one("IIPMemcachedSecret", take_one<set_memcached_secret>, kServer,
        "what the machines of the cluster sign their pictures with, or none"),
    one("IIPMemcachedNamespace", take_one<set_text<&S::memcached_namespace, 1024>>, kServer,
        "the site's name in memcached, where machines have different ServerNames, or none"),
    one("IIPMaxMetadataCacheSize",
        take_one<set_integer<&S::open_images, 0, 10'000'000>, GLOBAL_ONLY>, kServer,
        "how many images a child process keeps in mind"),
    one("IIPMaxRequestMemory",
        take_one<set_integer<&S::request_memory, 1, 1 << 20, kMebibyte>, GLOBAL_ONLY>, kServer,
        "most memory for the pixels of one request, in MB"),
    one("IIPMaxRenderMemory",
        take_one<set_integer<&S::render_memory, 1, 1 << 20, kMebibyte>, GLOBAL_ONLY>, kServer,
        "most memory for the pixels of all requests of the server, in MB"),
    one("IIPMaxRenders", take_one<set_integer<&S::renders, 0, 1000>, GLOBAL_ONLY>, kServer,
        "how many pictures the server makes at a time; 0 for three for every two processors"),
    one("IIPRenderTimeout", take_one<set_integer<&S::render_timeout, 0, 86'400>>, kServer,
        "the longest time for one picture, in seconds; 0 for no limit"),
    {},
};

}  // namespace

const command_rec* directives() noexcept { return kDirectives; }

}  // namespace iip
