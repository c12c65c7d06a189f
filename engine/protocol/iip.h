// The commands of the Internet Imaging Protocol in a query string.
//
// Commands are separated by '&', a name from its value by the first '='; names are
// case-insensitive, commands with an empty name or value are dropped, and values stand as they are
// (only the image's name, CTW and CNV are percent-decoded). They take effect strictly from left to
// right: what follows the output command does nothing to it. A request has one output command (CVT,
// a tile command, TIL, SPECTRA, PFL) or any number of OBJ, one image, and at most 64 commands.
//
// The first mistake ends the request. Errors are `malformed`, with the protocol's own line as body:
//   1 3   output before an image is named
//   2 1   nothing is produced; a value that is not what its command takes; a second image or output
//   2 2   no such command
//
// Value types; the functions keep nothing and are for any thread.
#pragma once

#include <memory_resource>
#include <optional>
#include <string_view>

#include "engine/base/result.h"
#include "engine/protocol/request.h"

namespace iip {

struct IipOptions {
  bool image_is_named = false;  // elsewhere than in the query: FIF is a mistake
  bool is_post = false;
};

struct IipQuery {
  std::string_view image;    // the raw value of FIF; empty where the image is named elsewhere
  std::optional<View> view;  // as chosen before the (last) output command
  Request request;
};

Result<IipQuery> parse_iip(std::string_view query, const IipOptions& options,
                           std::pmr::memory_resource* memory);

// Is there a command in `query` that produces an answer (OBJ, CVT, JTL ...)? A query without one,
// such as `?v=2` or `?col=5`, was written for the file itself.
bool has_iip_output(std::string_view query);

}  // namespace iip
