#include "engine/protocol/iip.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/text.h"
#include "engine/protocol/iip_error.h"
#include "engine/protocol/iip_picture.h"
#include "engine/protocol/iip_values.h"
#include "engine/protocol/query.h"

namespace iip {

namespace {

constexpr std::size_t kMaxCommands = 64;    // in a request
constexpr std::size_t kKnownCommands = 16;  // in the table below

tl::unexpected<Error> malformed(std::string_view echo, std::string message) {
  return iip_fail(ErrorKind::malformed, iip_code::kMalformed, echo, std::move(message));
}

tl::unexpected<Error> bad_value(const QueryItem& item) {
  return malformed(item.text, "A command has a value that it does not take");
}

// Goes through the commands and keeps what each of them sets, until an output command takes it.
class IipReader {
 public:
  IipReader(const IipOptions& options, std::pmr::memory_resource* memory)
      : options_(options),
        memory_(memory),
        picture_(memory),
        objects_{std::pmr::vector<IipObject>(memory)} {}

  Result<IipQuery> read(std::string_view query);
  // Is it a command that produces an answer?
  static bool is_output(std::string_view name);

 private:
  using Handler = Status (IipReader::*)(const QueryItem&);
  struct Command {
    std::string_view name;
    Handler handler;
    bool is_output;
  };
  static const Command* find(std::string_view name);
  static const std::array<Command, kKnownCommands> kCommands;

  Status take(const QueryItem& item);

  // The image.
  Status name_image(const QueryItem& item);
  Status choose_view(const QueryItem& item);
  Status second_image(const QueryItem& item);
  // What is to be delivered.
  Status add_object(const QueryItem& item);
  Status convert(const QueryItem& item);
  template <Format format>
  Status tile(const QueryItem& item);
  Status view_tile(const QueryItem& item);
  Status tile_block(const QueryItem& item);
  Status spectrum(const QueryItem& item);
  Status profile(const QueryItem& item);

  Status produce(const QueryItem& item, Request request);
  Status check_image_named(const QueryItem& item) const;
  Status check_single_output(const QueryItem& item) const;

  const IipOptions options_;
  std::pmr::memory_resource* const memory_;

  std::string_view image_;
  std::optional<View> view_;
  IipPicture picture_;
  IipObjects objects_;
  std::optional<Request> output_;  // what is asked for, if it is not objects
  std::optional<View> output_view_;
};

constexpr std::array<IipReader::Command, kKnownCommands> IipReader::kCommands = {{
    {"FIF", &IipReader::name_image, false},
    {"SDS", &IipReader::choose_view, false},
    {"OBJ", &IipReader::add_object, true},
    {"CVT", &IipReader::convert, true},
    {"JTL", &IipReader::tile<Format::jpeg>, true},
    {"PTL", &IipReader::tile<Format::png>, true},
    {"WTL", &IipReader::tile<Format::webp>, true},
    {"ATL", &IipReader::tile<Format::avif>, true},
    {"TTL", &IipReader::tile<Format::tiff>, true},
    {"JTLS", &IipReader::view_tile, true},
    {"TIL", &IipReader::tile_block, true},
    {"SPECTRA", &IipReader::spectrum, true},
    {"PFL", &IipReader::profile, true},
    {"IIIF", &IipReader::second_image, false},
    {"DEEPZOOM", &IipReader::second_image, false},
    {"ZOOMIFY", &IipReader::second_image, false},
}};

const IipReader::Command* IipReader::find(std::string_view name) {
  const auto* found = std::find_if(kCommands.begin(), kCommands.end(), [=](const Command& command) {
    return equal_ignoring_case(command.name, name);
  });
  return found == kCommands.end() ? nullptr : found;
}

bool IipReader::is_output(std::string_view name) {
  const Command* command = find(name);
  return command != nullptr && command->is_output;
}

Result<IipQuery> IipReader::read(std::string_view query) {
  std::size_t count = 0;
  for (std::string_view rest = query; const QueryItem item = take_query_item(rest);) {
    if (++count > kMaxCommands) return malformed(query, "The request has more than 64 commands");
    if (Status done = take(item); !done) return pass_on(done);
  }
  if (output_) return IipQuery{image_, output_view_, std::move(*output_)};
  if (!objects_.objects.empty()) {
    return IipQuery{image_, output_view_, InfoRequest{std::move(objects_)}};
  }
  return malformed(query, "The request has no command that produces something");
}

Status IipReader::take(const QueryItem& item) {
  if (const Command* command = find(item.name)) return (this->*command->handler)(item);
  if (!IipPicture::has_command(item.name)) {
    return iip_fail(ErrorKind::malformed, iip_code::kUnknownCommand, item.name,
                    "The request has an unknown command");
  }
  if (!picture_.set(item)) return bad_value(item);
  return {};
}

// ---- The image ----

Status IipReader::name_image(const QueryItem& item) {
  if (item.value.empty()) return bad_value(item);
  if (options_.image_is_named || !image_.empty()) return second_image(item);
  image_ = item.value;
  return {};
}

Status IipReader::second_image(const QueryItem& item) {
  return malformed(item.text, "The request names a second image");
}

Status IipReader::choose_view(const QueryItem& item) {
  const auto view = parse_iip_view(item.value);
  if (!view) return bad_value(item);
  view_ = *view;
  return {};
}

// ---- What is to be delivered ----

Status IipReader::add_object(const QueryItem& item) {
  if (Status named = check_image_named(item); !named) return named;
  if (output_) return check_single_output(item);
  std::string_view value = item.value;
  std::pmr::string name(take_until(value, ','), memory_);
  if (name.empty()) return bad_value(item);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  objects_.objects.push_back(IipObject{std::move(name), picture_.is_quarter_turned()});
  output_view_ = view_;
  return {};
}

// A format that there is not is JPEG: old links say all sorts of things.
Status IipReader::convert(const QueryItem& item) {
  const auto is = [&](std::string_view name) { return equal_ignoring_case(item.value, name); };
  const Format format = is("png")                 ? Format::png
                        : is("webp")              ? Format::webp
                        : is("avif")              ? Format::avif
                        : is("tif") || is("tiff") ? Format::tiff
                                                  : Format::jpeg;
  ImageRequest request = picture_.region(format);
  request.name_the_file = true;
  request.as_attachment = options_.is_post;
  return produce(item, std::move(request));
}

template <Format format>
Status IipReader::tile(const QueryItem& item) {
  const auto tile = parse_iip_tile(item.value);
  if (!tile) return bad_value(item);
  return produce(item, picture_.tile(format, *tile));
}

Status IipReader::view_tile(const QueryItem& item) {
  const auto parsed = parse_iip_view_tile(item.value);
  if (!parsed) return bad_value(item);
  view_ = parsed->view;
  return produce(item, picture_.tile(Format::jpeg, parsed->tile));
}

// The stream of stored tiles: what is set for pictures does not apply.
Status IipReader::tile_block(const QueryItem& item) {
  auto block = parse_iip_tile_block(item.value);
  if (!block) return bad_value(item);
  block->layers = picture_.layers();
  return produce(item, *block);
}

// Values as they are in the file: again nothing applies.
Status IipReader::spectrum(const QueryItem& item) {
  const auto point = parse_iip_spectrum(item.value);
  if (!point) return bad_value(item);
  return produce(item, *point);
}

Status IipReader::profile(const QueryItem& item) {
  const auto line = parse_iip_profile(item.value);
  if (!line) return bad_value(item);
  return produce(item, *line);
}

Status IipReader::produce(const QueryItem& item, Request request) {
  if (Status named = check_image_named(item); !named) return named;
  if (Status single = check_single_output(item); !single) return single;
  output_ = std::move(request);
  output_view_ = view_;
  return {};
}

Status IipReader::check_image_named(const QueryItem& item) const {
  if (options_.image_is_named || !image_.empty()) return {};
  return iip_fail(ErrorKind::malformed, iip_code::kNoImage, item.value,
                  "No image is named before the command that needs it");
}

Status IipReader::check_single_output(const QueryItem& item) const {
  if (!output_ && objects_.objects.empty()) return {};
  return malformed(item.text, "The request has a second command that produces something");
}

}  // namespace

Result<IipQuery> parse_iip(std::string_view query, const IipOptions& options,
                           std::pmr::memory_resource* memory) {
  return IipReader(options, memory).read(query);
}

bool has_iip_output(std::string_view query) {
  while (const QueryItem item = take_query_item(query)) {
    if (IipReader::is_output(item.name)) return true;
  }
  return false;
}

}  // namespace iip
