#include "engine/protocol/iiif.h"

#include <optional>
#include <utility>

#include "engine/base/text.h"
#include "engine/protocol/iiif_parameters.h"
#include "engine/protocol/iip_values.h"
#include "engine/protocol/negotiate.h"
#include "engine/protocol/processing_commands.h"
#include "engine/protocol/query.h"

namespace iip {

namespace {

// The last four segments of an image request, parsed one by one. Whether they are an image request
// at all is known only then: an identifier may hold slashes, too.
struct ImageParameters {
  std::string_view identifier;
  Result<Region> region;
  Result<SizeRequest> size;
  Result<IiifRotation> rotation;
  Result<IiifOutput> output;

  // An image request with mistakes, rather than a base URI, has a right quality and format at its
  // end, or more than one parameter that is right.
  bool meant_as_image() const {
    const int right = region.has_value() + size.has_value() + rotation.has_value();
    return output.has_value() || right > 1;
  }
};

template <class Parser>
auto parse_decoded(std::string_view raw, std::pmr::memory_resource* memory, Parser parse)
    -> decltype(parse(raw)) {
  const auto text = percent_decode(raw, memory);
  if (!text) return fail(ErrorKind::malformed, "A parameter holds a wrong percent escape");
  return parse(std::string_view(*text));
}

// nullopt for fewer than four segments.
std::optional<ImageParameters> parse_parameters(std::string_view text, int version, bool extended,
                                                std::pmr::memory_resource* memory) {
  const std::string_view file = take_last_segment(text);
  const std::string_view rotation = take_last_segment(text);
  const std::string_view size = take_last_segment(text);
  if (text.empty()) return std::nullopt;
  const std::string_view region = take_last_segment(text);
  return ImageParameters{
      text,
      parse_decoded(region, memory, parse_iiif_region),
      parse_decoded(size, memory,
                    [=](std::string_view decoded) { return parse_iiif_size(decoded, version); }),
      parse_decoded(rotation, memory, parse_iiif_rotation),
      parse_decoded(
          file, memory,
          [=](std::string_view decoded) { return parse_iiif_output(decoded, version, extended); }),
  };
}

// One item of the query, where it is one that applies.
Status apply_query_item(const QueryItem& item, ImageRequest& request,
                        std::pmr::memory_resource* memory) {
  const ProcessingCommand* command = find_processing_command(item.name);
  const bool is_bits = equal_ignoring_case(item.name, "BIT");
  if (command == nullptr && !is_bits) return {};
  const auto value =
      percent_decode(item.value, memory, /*plus_is_space=*/command != nullptr && command->encoded);
  const auto bits = value && is_bits ? parse_iip_bits(*value) : std::nullopt;
  if (bits) request.bits = *bits;
  const bool taken = is_bits ? bits.has_value() : value && command->set(request.processing, *value);
  if (taken) return {};
  return fail(ErrorKind::malformed,
              "A processing command in the query has a value that it does not take");
}

Status apply_query(std::string_view query, ImageRequest& request,
                   std::pmr::memory_resource* memory) {
  while (const QueryItem item = take_query_item(query)) {
    if (Status applied = apply_query_item(item, request, memory); !applied) return applied;
  }
  return {};
}

Result<Addressed> image_request(ImageParameters& parameters, int version,
                                const IiifOptions& options, std::pmr::memory_resource* memory) {
  if (!parameters.region) return pass_on(parameters.region);
  if (!parameters.size) return pass_on(parameters.size);
  if (!parameters.rotation) return pass_on(parameters.rotation);
  if (!parameters.output) return pass_on(parameters.output);
  ImageRequest request;
  request.region = *parameters.region;
  request.size = *parameters.size;
  request.mirror = parameters.rotation->mirror;
  request.rotation = parameters.rotation->degrees;
  request.colouring = parameters.output->colouring;
  request.processing = parameters.output->processing;
  request.format = parameters.output->format;
  request.iiif_version = version;
  if (options.extended) {
    if (Status applied = apply_query(options.query, request, memory); !applied) {
      return pass_on(applied);
    }
  }
  return Addressed{parameters.identifier, std::move(request)};
}

}  // namespace

bool is_iiif_info(std::string_view text) { return take_last_segment(text) == "info.json"; }

bool is_iiif_image(std::string_view text, const IiifOptions& options,
                   std::pmr::memory_resource* memory) {
  const int version = negotiate_iiif_version(options.accept, options.version);
  const auto parameters = parse_parameters(text, version, options.extended, memory);
  return parameters && parameters->meant_as_image();
}

Result<Addressed> parse_iiif(std::string_view text, const IiifOptions& options,
                             std::pmr::memory_resource* memory) {
  const int version = negotiate_iiif_version(options.accept, options.version);
  if (is_iiif_info(text)) {
    take_last_segment(text);
    return Addressed{text, InfoRequest{negotiate_iiif_info(options.accept, version)}};
  }
  auto parameters = parse_parameters(text, version, options.extended, memory);
  if (parameters && parameters->meant_as_image()) {
    return image_request(*parameters, version, options, memory);
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  return Addressed{text, InfoRequest{IiifBase{}}};
}

}  // namespace iip
