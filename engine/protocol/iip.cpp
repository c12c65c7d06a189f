#include "engine/protocol/iip.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/text.h"
#include "engine/protocol/iip_error.h"
#include "engine/protocol/iip_values.h"
#include "engine/protocol/query.h"

namespace iip {

namespace {

constexpr std::size_t kMaxCommands = 64;    // in a request
constexpr std::size_t kKnownCommands = 32;  // in the table below

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
      : options_(options), memory_(memory), objects_{std::pmr::vector<IipObject>(memory)} {}

  Result<IipQuery> read(std::string_view query);
  // Is it a command that produces an answer?
  static bool is_output(std::string_view name) {
    constexpr std::array kOutputs = {&IipReader::add_object,     &IipReader::convert,
                                     &IipReader::jpeg_tile,      &IipReader::png_tile,
                                     &IipReader::view_tile,      &IipReader::tile_block,
                                     &IipReader::unserved_output};
    const Command* command = find(name);
    return command != nullptr &&
           std::find(kOutputs.begin(), kOutputs.end(), command->handler) != kOutputs.end();
  }

 private:
  using Handler = Status (IipReader::*)(const QueryItem&);
  struct Command {
    std::string_view name;
    Handler handler;
  };
  static const Command* find(std::string_view name);
  static const std::array<Command, kKnownCommands> kCommands;

  // The image.
  Status name_image(const QueryItem& item);
  Status choose_view(const QueryItem& item);
  // What is to be done to it.
  Status set_width(const QueryItem& item);
  Status set_height(const QueryItem& item);
  Status set_region(const QueryItem& item);
  Status set_quality(const QueryItem& item);
  Status set_rotation(const QueryItem& item);
  Status set_colouring(const QueryItem& item);
  Status set_layers(const QueryItem& item);
  Status ignore(const QueryItem&) { return {}; }
  // What is to be delivered.
  Status add_object(const QueryItem& item);
  Status convert(const QueryItem& item);
  Status jpeg_tile(const QueryItem& item) { return tile(item, Format::jpeg); }
  Status png_tile(const QueryItem& item) { return tile(item, Format::png); }
  Status view_tile(const QueryItem& item);
  Status tile_block(const QueryItem& item);
  // Commands that are not served.
  Status set_factor(const QueryItem& item);
  Status set_colour_map(const QueryItem& item);
  Status set_unserved(const QueryItem& item);
  Status unserved_output(const QueryItem& item);
  Status second_image(const QueryItem& item);

  Status tile(const QueryItem& item, Format format);
  Status produce(const QueryItem& item, ImageRequest request);
  Status check_image_named(const QueryItem& item) const;
  Status check_single_output(const QueryItem& item) const;
  Status check_view(const QueryItem& item) const;
  Status check_all_served() const;
  void mark_unserved(const QueryItem& item, bool unserved);
  SizeRequest size() const;

  const IipOptions options_;
  std::pmr::memory_resource* const memory_;

  std::string_view image_;
  IipView view_;
  std::uint64_t width_ = 0;   // 0: not set
  std::uint64_t height_ = 0;  // 0: not set
  std::optional<std::int64_t> quality_;
  ImageRequest pending_;                  // region, rotation, mirror, colouring
  std::bitset<kKnownCommands> unserved_;  // by place in kCommands: set to something, and not served
  IipObjects objects_;
  std::optional<Request> output_;  // of another kind than objects
};

constexpr std::array<IipReader::Command, kKnownCommands> IipReader::kCommands = {{
    {"FIF", &IipReader::name_image},        {"SDS", &IipReader::choose_view},
    {"WID", &IipReader::set_width},         {"HEI", &IipReader::set_height},
    {"RGN", &IipReader::set_region},        {"QLT", &IipReader::set_quality},
    {"ROT", &IipReader::set_rotation},      {"COL", &IipReader::set_colouring},
    {"LYR", &IipReader::set_layers},        {"ICC", &IipReader::ignore},
    {"OBJ", &IipReader::add_object},        {"CVT", &IipReader::convert},
    {"JTL", &IipReader::jpeg_tile},         {"PTL", &IipReader::png_tile},
    {"JTLS", &IipReader::view_tile},        {"TIL", &IipReader::tile_block},
    {"CNT", &IipReader::set_factor},        {"GAM", &IipReader::set_factor},
    {"CMP", &IipReader::set_colour_map},    {"INV", &IipReader::set_unserved},
    {"CTW", &IipReader::set_unserved},      {"CNV", &IipReader::set_unserved},
    {"SHD", &IipReader::set_unserved},      {"MINMAX", &IipReader::set_unserved},
    {"WTL", &IipReader::unserved_output},   {"ATL", &IipReader::unserved_output},
    {"TTL", &IipReader::unserved_output},   {"SPECTRA", &IipReader::unserved_output},
    {"PFL", &IipReader::unserved_output},   {"IIIF", &IipReader::second_image},
    {"DEEPZOOM", &IipReader::second_image}, {"ZOOMIFY", &IipReader::second_image},
}};

const IipReader::Command* IipReader::find(std::string_view name) {
  const auto* found = std::find_if(kCommands.begin(), kCommands.end(), [=](const Command& command) {
    return equal_ignoring_case(command.name, name);
  });
  return found == kCommands.end() ? nullptr : found;
}

Result<IipQuery> IipReader::read(std::string_view query) {
  std::size_t count = 0;
  for (std::string_view rest = query; const QueryItem item = take_query_item(rest);) {
    if (++count > kMaxCommands) return malformed(query, "The request has more than 64 commands");
    const Command* command = find(item.name);
    if (command == nullptr) {
      return iip_fail(ErrorKind::malformed, iip_code::kUnknownCommand, item.name,
                      "The request has an unknown command");
    }
    if (Status done = (this->*command->handler)(item); !done) return pass_on(done);
  }
  if (output_) return IipQuery{image_, std::move(*output_)};
  if (!objects_.objects.empty()) return IipQuery{image_, InfoRequest{std::move(objects_)}};
  return malformed(query, "The request has no command that produces something");
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

// ---- What is to be done to it ----

Status IipReader::set_width(const QueryItem& item) {
  const auto pixels = parse_iip_side(item.value);
  if (!pixels) return bad_value(item);
  width_ = *pixels;
  return {};
}

Status IipReader::set_height(const QueryItem& item) {
  const auto pixels = parse_iip_side(item.value);
  if (!pixels) return bad_value(item);
  height_ = *pixels;
  return {};
}

Status IipReader::set_region(const QueryItem& item) {
  const auto parsed = parse_iip_region(item.value);
  if (!parsed) return bad_value(item);
  if (*parsed) pending_.region = **parsed;
  return {};
}

Status IipReader::set_quality(const QueryItem& item) {
  quality_ = parse_iip_quality(item.value);
  if (!quality_) return bad_value(item);
  return {};
}

Status IipReader::set_rotation(const QueryItem& item) {
  const auto rotation = parse_iip_rotation(item.value);
  if (!rotation) return bad_value(item);
  pending_.mirror = rotation->mirror;
  pending_.rotation = rotation->degrees;
  return {};
}

// Any other value is ignored: links in the wild have them.
Status IipReader::set_colouring(const QueryItem& item) {
  const auto is = [&](std::string_view name) { return equal_ignoring_case(item.value, name); };
  if (is("grey") || is("gray")) pending_.colouring = Colouring::grey;
  if (is("binary")) pending_.colouring = Colouring::bitonal;
  return {};
}

// Quality layers are a matter of JPEG 2000; the other pictures have one.
Status IipReader::set_layers(const QueryItem& item) {
  if (!parse_iip_integer(item.value)) return bad_value(item);
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
  const bool quarter_turned = static_cast<int>(pending_.rotation) % 180 == 90;
  objects_.objects.push_back(IipObject{std::move(name), quarter_turned});
  return {};
}

Status IipReader::convert(const QueryItem& item) {
  const auto is = [&](std::string_view name) { return equal_ignoring_case(item.value, name); };
  ImageRequest request = pending_;
  if (is("png")) {
    request.format = Format::png;
  } else if (!is("jpeg") && !is("jpg")) {
    return iip_fail(ErrorKind::unsupported, iip_code::kUnknownCommand, item.text,
                    "CVT does not serve this format: the formats are jpeg and png");
  }
  request.size = size();
  request.name_the_file = true;
  request.as_attachment = options_.is_post;
  return produce(item, request);
}

Status IipReader::tile(const QueryItem& item, Format format) {
  const auto tile = parse_iip_tile(item.value);
  if (!tile) return bad_value(item);
  ImageRequest request = pending_;
  request.region = *tile;
  request.format = format;
  return produce(item, request);
}

Status IipReader::view_tile(const QueryItem& item) {
  const auto parsed = parse_iip_view_tile(item.value);
  if (!parsed) return bad_value(item);
  view_ = parsed->view;
  ImageRequest request = pending_;
  request.region = parsed->tile;
  return produce(item, request);
}

Status IipReader::produce(const QueryItem& item, ImageRequest request) {
  if (Status named = check_image_named(item); !named) return named;
  if (Status single = check_single_output(item); !single) return single;
  if (Status view = check_view(item); !view) return view;
  if (Status served = check_all_served(); !served) return served;
  if (quality_) request.quality = clamp_quality(*quality_, request.format);
  output_ = request;
  return {};
}

// The stream of stored tiles: what is set for pictures does not apply.
Status IipReader::tile_block(const QueryItem& item) {
  const auto block = parse_iip_tile_block(item.value);
  if (!block) return bad_value(item);
  if (Status named = check_image_named(item); !named) return named;
  if (Status single = check_single_output(item); !single) return single;
  if (Status view = check_view(item); !view) return view;
  output_ = *block;
  return {};
}

// Both sides are a box that the picture fits in.
SizeRequest IipReader::size() const {
  using Form = SizeRequest::Form;
  SizeRequest size;
  size.form = width_ != 0 && height_ != 0 ? Form::confined
              : width_ != 0               ? Form::width
              : height_ != 0              ? Form::height
                                          : Form::natural;
  size.width = width_;
  size.height = height_;
  size.enlarging = SizeRequest::Enlarging::silent;
  size.over_limit = SizeRequest::OverLimit::shrunk;
  return size;
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

Status IipReader::check_view(const QueryItem& item) const {
  if (view_.is_only_view()) return {};
  return iip_fail(ErrorKind::not_found, iip_code::kNoImage, item.value,
                  "The image has no such view");
}

// ---- Commands that are not served ----

Status IipReader::set_factor(const QueryItem& item) {
  const auto factor = parse_iip_factor(item.value);
  if (!factor) return bad_value(item);
  mark_unserved(item, *factor != IipFactor::neutral);
  return {};
}

// Names that are no colour map mean none.
Status IipReader::set_colour_map(const QueryItem& item) {
  constexpr std::array<std::string_view, 6> kMaps = {"hot", "cold", "jet", "blue", "green", "red"};
  const bool is_map = std::any_of(kMaps.begin(), kMaps.end(), [&](std::string_view name) {
    return equal_ignoring_case(item.value, name);
  });
  mark_unserved(item, is_map);
  return {};
}

Status IipReader::set_unserved(const QueryItem& item) {
  mark_unserved(item, true);
  return {};
}

void IipReader::mark_unserved(const QueryItem& item, bool unserved) {
  unserved_.set(static_cast<std::size_t>(find(item.name) - kCommands.data()), unserved);
}

Status IipReader::check_all_served() const {
  for (std::size_t i = 0; i < kCommands.size(); ++i) {
    if (!unserved_.test(i)) continue;
    const std::string_view name = kCommands[i].name;
    return iip_fail(ErrorKind::unsupported, iip_code::kUnknownCommand, name,
                    "The command " + std::string(name) + " is not served");
  }
  return {};
}

Status IipReader::unserved_output(const QueryItem& item) {
  const std::string_view name = find(item.name)->name;
  return iip_fail(ErrorKind::unsupported, iip_code::kUnknownCommand, name,
                  "The command " + std::string(name) + " is not served");
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
