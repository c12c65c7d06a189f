#include "engine/protocol/parse.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/base/text.h"
#include "engine/protocol/address.h"
#include "engine/protocol/deepzoom.h"
#include "engine/protocol/iiif.h"
#include "engine/protocol/iip.h"
#include "engine/protocol/iip_error.h"
#include "engine/protocol/query.h"
#include "engine/protocol/zoomify.h"

namespace iip {

namespace {

tl::unexpected<Error> no_image_named() {
  return fail(ErrorKind::malformed, "The URL names no image");
}

// The command that names an image in a query, and with it the protocol.
struct NamingCommand {
  Protocol protocol = Protocol::automatic;
  std::string_view value;
};

Protocol protocol_of_command(std::string_view name) {
  if (equal_ignoring_case(name, "FIF")) return Protocol::iip;
  if (equal_ignoring_case(name, "IIIF")) return Protocol::iiif;
  if (equal_ignoring_case(name, "DeepZoom")) return Protocol::deepzoom;
  if (equal_ignoring_case(name, "Zoomify")) return Protocol::zoomify;
  return Protocol::automatic;
}

// The first one in `query`; that of `wanted`, where it is not automatic.
std::optional<NamingCommand> find_naming_command(std::string_view query, Protocol wanted) {
  while (const QueryItem item = take_query_item(query)) {
    const Protocol protocol = protocol_of_command(item.name);
    if (protocol == Protocol::automatic || item.value.empty()) continue;
    if (wanted == Protocol::automatic || wanted == protocol)
      return NamingCommand{protocol, item.value};
  }
  return std::nullopt;
}

// One request on its way from a Target to a Parsed.
class Parser {
 public:
  Parser(const Target& target, const ParseOptions& options, std::pmr::memory_resource* memory)
      : target_(target),
        protocol_(options.protocol),
        iiif_{options.iiif_version, target.accept, options.iiif_extensions, target.query},
        delimiter_(options.iiif_delimiter),
        memory_(memory) {}

  Result<Parsed> service() const;
  std::optional<Result<Parsed>> document() const;

 private:
  Result<Parsed> iip_query() const;
  Result<Parsed> iip_path() const;
  Result<Parsed> from_query(const NamingCommand& command) const;
  Result<Parsed> from_path(Protocol protocol) const;
  Result<Parsed> document_query() const;
  Result<Parsed> document_path() const;

  Protocol protocol_of_path(std::string_view path) const;
  Result<Addressed> parse_address(Protocol protocol, std::string_view text) const;
  Result<Parsed> name_image(Protocol protocol, std::string_view raw, Request request,
                            bool in_path) const;
  Result<Parsed> name_iip_image(std::string_view raw, IipQuery query, bool in_path) const;
  std::optional<View> take_view(std::pmr::string& image) const;
  Parsed unnamed(Protocol protocol, Request request) const;

  const Target& target_;
  const Protocol protocol_;
  const IiifOptions iiif_;
  const std::string_view delimiter_;  // of IIIF names
  std::pmr::memory_resource* const memory_;
};

// ---- Service mode ----

Result<Parsed> Parser::service() const {
  const bool has_path = !target_.path.empty();
  const bool automatic = protocol_ == Protocol::automatic;
  if (!automatic && has_path) return protocol_ == Protocol::iip ? iip_path() : from_path(protocol_);
  if (const auto command = find_naming_command(target_.query, protocol_))
    return from_query(*command);
  if (has_path) {
    const Protocol found = protocol_of_path(target_.path);
    // What has no form of its own is an image's name, and that is the base URI of IIIF.
    return from_path(found == Protocol::automatic ? Protocol::iiif : found);
  }
  // What is wrong with it, the protocol's own error line tells.
  const bool may_be_iip = automatic || protocol_ == Protocol::iip;
  return may_be_iip && !target_.query.empty() ? iip_query() : no_image_named();
}

Result<Parsed> Parser::iip_query() const {
  auto parsed =
      parse_iip(target_.query, {.image_is_named = false, .is_post = target_.is_post}, memory_);
  if (!parsed) return pass_on(parsed);
  return name_iip_image(parsed->image, std::move(*parsed), false);
}

Result<Parsed> Parser::iip_path() const {
  auto parsed =
      parse_iip(target_.query, {.image_is_named = true, .is_post = target_.is_post}, memory_);
  if (!parsed) return pass_on(parsed);
  return name_iip_image(target_.path, std::move(*parsed), true);
}

Result<Parsed> Parser::from_query(const NamingCommand& command) const {
  if (command.protocol == Protocol::iip) return iip_query();
  auto addressed = parse_address(command.protocol, command.value);
  if (!addressed) return pass_on(addressed);
  return name_image(command.protocol, addressed->identifier, std::move(addressed->request), false);
}

Result<Parsed> Parser::from_path(Protocol protocol) const {
  auto addressed = parse_address(protocol, target_.path);
  if (!addressed) return pass_on(addressed);
  return name_image(protocol, addressed->identifier, std::move(addressed->request), true);
}

// ---- Document mode ----

std::optional<Result<Parsed>> Parser::document() const {
  if (!target_.path.empty()) return document_path();
  const bool may_be_iip = protocol_ == Protocol::automatic || protocol_ == Protocol::iip;
  if (may_be_iip && has_iip_output(target_.query)) return document_query();
  return std::nullopt;
}

Result<Parsed> Parser::document_query() const {
  auto parsed =
      parse_iip(target_.query, {.image_is_named = true, .is_post = target_.is_post}, memory_);
  if (!parsed) return pass_on(parsed);
  Parsed request = unnamed(Protocol::iip, std::move(parsed->request));
  request.view = parsed->view;
  return request;
}

Result<Parsed> Parser::document_path() const {
  const auto not_found = [] {
    return fail(ErrorKind::not_found, "Nothing of this name belongs to the image");
  };
  std::string_view text = target_.path;
  if (text.starts_with('/')) text.remove_prefix(1);
  const Protocol found = text.empty() ? Protocol::iiif : protocol_of_path(text);
  const bool wanted = protocol_ == Protocol::automatic || protocol_ == found;
  if (found == Protocol::automatic || !wanted) return not_found();

  auto addressed = parse_address(found, text);
  if (!addressed) return pass_on(addressed);
  // Only DeepZoom has a name before its suffix, and any name will do: the image is known.
  const bool belongs = found == Protocol::deepzoom
                           ? addressed->identifier.find('/') == std::string_view::npos
                           : addressed->identifier.empty() && !text.starts_with('/');
  if (!belongs) return not_found();
  return unnamed(found, std::move(addressed->request));
}

// ---- Both ----

// The surest marks come first: a file name, then the tile forms, which are stricter than an image
// request of IIIF.
Protocol Parser::protocol_of_path(std::string_view path) const {
  if (is_iiif_info(path)) return Protocol::iiif;
  if (is_zoomify(path)) return Protocol::zoomify;
  if (is_deepzoom(path)) return Protocol::deepzoom;
  if (is_iiif_image(path, iiif_, memory_)) return Protocol::iiif;
  return Protocol::automatic;
}

Result<Addressed> Parser::parse_address(Protocol protocol, std::string_view text) const {
  if (protocol == Protocol::deepzoom) return parse_deepzoom(text);
  if (protocol == Protocol::zoomify) return parse_zoomify(text);
  return parse_iiif(text, iiif_, memory_);
}

Result<Parsed> Parser::name_image(Protocol protocol, std::string_view raw, Request request,
                                  bool in_path) const {
  if (raw.empty()) return no_image_named();
  auto image = percent_decode(raw, memory_, !in_path);
  if (!image) {
    const std::string message = "The name of the image holds a wrong percent escape";
    if (protocol != Protocol::iip) return fail(ErrorKind::malformed, message);
    return iip_fail(ErrorKind::malformed, iip_code::kNoImage, raw, message);
  }
  // Old links name the image by "/path/name" in the query, and mean it below the prefix.
  if (!in_path) image->erase(0, std::min(image->find_first_not_of('/'), image->size()));
  const auto view = protocol == Protocol::iiif ? take_view(*image) : std::nullopt;
  if (image->empty()) return no_image_named();
  return Parsed{
      .protocol = protocol,
      .image = std::move(*image),
      .identifier = percent_normalise(raw, memory_),
      .view = view,
      .in_path = in_path,
      .varies_on_accept = protocol == Protocol::iiif,
      .request = std::move(request),
  };
}

Result<Parsed> Parser::name_iip_image(std::string_view raw, IipQuery query, bool in_path) const {
  auto parsed = name_image(Protocol::iip, raw, std::move(query.request), in_path);
  if (parsed) parsed->view = query.view;
  return parsed;
}

// Takes delimiter and number off the end of `image`.
std::optional<View> Parser::take_view(std::pmr::string& image) const {
  if (delimiter_.empty()) return std::nullopt;
  const std::size_t at = image.rfind(delimiter_);
  if (at == std::pmr::string::npos || at == 0) return std::nullopt;
  const auto number = parse_unsigned(std::string_view(image).substr(at + delimiter_.size()));
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!number || *number > kMost) return std::nullopt;
  image.erase(at);
  return View{.horizontal = static_cast<std::int64_t>(*number)};
}

Parsed Parser::unnamed(Protocol protocol, Request request) const {
  return Parsed{
      .protocol = protocol,
      .image = std::pmr::string(memory_),
      .identifier = std::pmr::string(memory_),
      .in_path = true,
      .varies_on_accept = protocol == Protocol::iiif,
      .request = std::move(request),
  };
}

}  // namespace

Result<Parsed> parse(const Target& target, const ParseOptions& options,
                     std::pmr::memory_resource* memory) {
  return Parser(target, options, memory).service();
}

std::optional<Result<Parsed>> parse_document(const Target& target, const ParseOptions& options,
                                             std::pmr::memory_resource* memory) {
  return Parser(target, options, memory).document();
}

}  // namespace iip
