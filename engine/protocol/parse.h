// From the text of a URL to a typed request. Everything in the results lives in the memory given.
// Value types; the functions keep nothing and are for any thread.
#pragma once

#include <memory_resource>
#include <optional>
#include <string_view>

#include "engine/base/result.h"
#include "engine/protocol/request.h"

namespace iip {

// A request as the adaptor found it. All text is raw, still percent-encoded.
struct Target {
  std::string_view path;   // service mode: behind the service's own path, without a leading '/'
                           // document mode: what follows the file's name, with the leading '/'
  std::string_view query;  // without '?'; or the form body of a POST
  std::string_view accept = {};  // the Accept header
  bool is_post = false;
};

struct ParseOptions {
  Protocol protocol = Protocol::automatic;
  int iiif_version = 3;
  bool iiif_extensions = false;
  std::string_view iiif_delimiter = {};  // before the number of a page; empty: none
};

// Service mode. Errors are `malformed`, `unsupported` or `not_found` with the text for the client;
// those of IIP have a wire body. `automatic` goes by the query (FIF=, IIIF=, DeepZoom=, Zoomify=,
// in any case of letters), or by the form of the path where there is no query; a path of no form
// is IIIF's base URI.
//
// Where there is a delimiter, the last one in a name of IIIF parts it from the number of a page, or
// of a horizontal view: "book.tif@3". Without a name before it and a number behind it, it is part
// of the name.
Result<Parsed> parse(const Target& target, const ParseOptions& options,
                     std::pmr::memory_resource* memory);

// Document mode: httpd has found the image file, Parsed::image and identifier stay empty. nullopt:
// neither path nor query is for us, the file itself is meant.
std::optional<Result<Parsed>> parse_document(const Target& target, const ParseOptions& options,
                                             std::pmr::memory_resource* memory);

}  // namespace iip
