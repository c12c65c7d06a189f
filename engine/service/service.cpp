#include "engine/service/service.h"

#include <algorithm>
#include <optional>

#include "engine/describe/describe.h"
#include "engine/formats/open_source.h"
#include "engine/service/frames.h"
#include "engine/service/making.h"
#include "engine/service/picture.h"
#include "engine/service/prepare.h"

namespace iip {

namespace {

// This much of the memory for pictures is kept free for virtual hosts that have not used up their
// share of it.
std::uint64_t reserved_of(const ServiceLimits& limits) { return limits.render_memory / 4; }

// A request may hold what one host may.
ServiceLimits worked_out(ServiceLimits limits) {
  limits.request_memory =
      std::min(limits.request_memory, limits.render_memory - reserved_of(limits));
  return limits;
}

AdmissionLimits admission_limits(const ServiceLimits& limits) {
  AdmissionLimits admission;
  admission.slots = limits.renders;
  admission.memory = limits.render_memory;
  admission.waiting = limits.waiting;
  admission.spare = true;
  admission.reserved = reserved_of(limits);
  return admission;
}

// Open images may keep a quarter of the memory for pictures.
constexpr std::uint64_t kOpenImagesShare = 4;

}  // namespace

Service::Service(const ServiceLimits& limits, const HostState& host, ConfinedDecoders* decoders)
    : limits_(worked_out(limits)),
      decoders_(decoders),
      host_(host),
      pool_(limits.render_memory),
      kept_(pool_, std::min(limits.request_memory, limits.render_memory / 2)),
      images_(pool_, {limits.open_images, limits.render_memory / kOpenImagesShare}),
      pictures_(host, admission_limits(limits)) {}

namespace {

// What the opening of a file holds at most while it lasts, but for a few that are refused there.
constexpr std::uint64_t kOpeningBytes = std::uint64_t{4} << 20U;

Deadline deadline_of(const Settings& settings, ClientWatch* client) {
  Deadline deadline = settings.render_timeout == 0
                          ? Deadline()
                          : Deadline::after(std::chrono::seconds(settings.render_timeout));
  deadline.watch(client);
  return deadline;
}

// Half of the time that a request has: what is left must do for making the picture after all.
std::chrono::milliseconds patience_of(const Settings& settings) {
  constexpr std::uint32_t kWithoutTimeout = 30;
  const std::uint32_t seconds =
      settings.render_timeout == 0 ? kWithoutTimeout : settings.render_timeout;
  return std::chrono::milliseconds(500) * seconds;
}

SourceLimits limits_of(const Settings& settings, std::size_t page) {
  SourceLimits limits;
  limits.max_pixels = settings.max_source_pixels;
  limits.page = page;
  return limits;
}

OpenImageKey key_of(const OpenContext& opening, std::uint64_t purge_epoch) {
  return {opening.file.version(), purge_epoch, opening.limits.page};
}

// What the image keeps is no request's.
Result<std::shared_ptr<const OpenImage>> read_directories(const OpenContext& opening,
                                                          const OpenImage* sibling,
                                                          MemoryPool& pool) {
  auto source = sibling == nullptr ? open_source(opening) : sibling->source().open_page(opening);
  if (!source) return pass_on(source);
  MemoryBudget keeping(pool, pool.limit());
  Result<Reservation> memory = keeping.reserve((*source)->kept_bytes());
  if (!memory) return pass_on(memory);
  memory->outlive_budget();
  return std::make_shared<const OpenImage>(std::move(*source), std::move(*memory));
}

}  // namespace

Result<std::shared_ptr<const OpenImage>> Service::open(const File& file, std::size_t page,
                                                       const Settings& settings,
                                                       const ServiceContext& context) {
  if (auto known = images_.find({file.version(), context.purge_epoch, page})) return known;
  const RenderCost cost{Lane::tiles, std::min(kOpeningBytes, limits_.request_memory),
                        context.client};
  const auto slot = pictures_.enter(cost, patience_of(settings), context.watch);
  if (!slot) return tl::unexpected(slot.error());
  MemoryBudget budget(pool_, limits_.request_memory);
  return open_within(
      {file, budget, context.log, deadline_of(settings, context.watch), limits_of(settings, page)},
      context.purge_epoch, nullptr);
}

Result<std::shared_ptr<const OpenImage>> Service::open_within(const OpenContext& opening,
                                                              std::uint64_t purge_epoch,
                                                              const OpenImage* sibling) {
  const File& file = opening.file;
  const auto may_keep = [&] { return file.is_settled() && file.changed() == FileChange::none; };
  return images_.find_or_open(
      key_of(opening, purge_epoch), [&] { return read_directories(opening, sibling, pool_); },
      may_keep);
}

// Who knows all that goes into the ETag can work that out, and may have chosen some of it. So what
// tenants share has other names, which nobody can work out who does not know the secret of the
// block; and no virtual host gets what was made for another.
Digest Service::shared_key(const Prepared& prepared, const File& file,
                           const ServiceContext& context) const {
  Hasher hasher(&host_.secret());
  hasher.add(prepared.head.etag);
  hasher.add(context.site);
  hasher.add(file.version().device);
  if (prepared.input.frames) prepared.input.frames->add_devices(hasher);
  return hasher.digest();
}

namespace {

// The texts of a picture, as text and as JSON.
constexpr std::uint64_t kDescriptionBytes = std::uint64_t{32} << 20U;

// Whether the answer may be megabytes of text: that is work like a picture's.
bool is_described_at_length(const Request& request, const ImageInfo& info) {
  constexpr std::uint64_t kShort = std::uint64_t{64} << 10U;
  const auto* document = std::get_if<InfoRequest>(&request);
  return document != nullptr && std::holds_alternative<IipObjects>(*document) &&
         info.bytes() > kShort;
}

// Which page of the file is meant. Of a sequence the file itself is the view that was asked for.
// A vertical angle is that of an object seen from its side, or not stated.
Result<std::size_t> page_of(const std::optional<View>& view, const ServiceContext& context) {
  if (!view || context.sequence != nullptr) return std::size_t{0};
  if (view->horizontal < 0 || (view->vertical != 0 && view->vertical != 90)) {
    return fail(ErrorKind::not_found, "The image has no such view");
  }
  return static_cast<std::size_t>(view->horizontal);
}

}  // namespace

Result<Prepared> Service::prepare(const Parsed& parsed, const File& file, const Settings& settings,
                                  const ServiceContext& context) {
  auto page = page_of(parsed.view, context);
  if (!page) return pass_on(page);
  auto image = open(file, *page, settings, context);
  if (!image) return pass_on(image);
  // Virtual hosts may differ in their limits and share an open image.
  const auto pixels = static_cast<std::uint64_t>((*image)->info().size().area());
  if (pixels > settings.max_source_pixels) {
    return fail(ErrorKind::too_large, "The image is larger than this server serves",
                std::to_string(pixels) + " pixels (IIPMaxSourcePixels)");
  }
  std::shared_ptr<const Frames> frames;
  if (reads_frames(parsed.request)) {
    const auto open_page = [this, settings, epoch = context.purge_epoch](
                               const File& other, std::size_t number, const ReadContext& reading,
                               const OpenImage* sibling) {
      return open_within(
          {other, reading.budget, reading.log, reading.deadline, limits_of(settings, number)},
          epoch, sibling);
    };
    auto found = frames_of(*image, context.sequence, open_page);
    if (!found) return pass_on(found);
    frames = std::move(*found);
  }
  std::optional<Result<Admission::Slot>> slot;  // while the text is written
  if (is_described_at_length(parsed.request, (*image)->info())) {
    const RenderCost cost{Lane::tiles, std::min(kDescriptionBytes, limits_.request_memory),
                          context.client};
    slot.emplace(pictures_.enter(cost, patience_of(settings), context.watch));
    if (!*slot) return tl::unexpected(slot->error());
  }
  auto prepared = prepare_answer(parsed.request, (*image)->info(), frames.get(), settings, context);
  if (!prepared) return prepared;
  prepared->head.mtime_ns = file.version().mtime_ns;
  prepared->head.settled = file.is_settled() && (!frames || frames->settled());
  prepared->input.image = std::move(*image);
  prepared->input.frames = std::move(frames);
  if (prepared->head.etag != Digest{} && prepared->input.text.empty()) {
    prepared->input.key = shared_key(*prepared, file, context);
  }
  return prepared;
}

namespace {

Body body_of(Picture picture, Lane lane, std::pmr::memory_resource* memory) {
  Body body{std::pmr::string(memory), std::move(picture.bytes), 0, 0};
  body.course = {lane == Lane::tiles ? AnswerPath::tile : AnswerPath::region, picture.origin,
                 picture.waited, picture.made_in};
  return body;
}

// No request holds more than its budget has. What would take more than all may have is left as it
// is, for admission to refuse it.
RenderCost within_limits(RenderCost cost, const ServiceLimits& limits) {
  if (cost.bytes <= limits.render_memory) cost.bytes = std::min(cost.bytes, limits.request_memory);
  return cost;
}

// What was read while the file was written is of no version of it.
Result<Bytes> unless_changed(Result<Bytes> bytes, const File& file) {
  if (!bytes || file.changed() != FileChange::content) return bytes;
  return fail(ErrorKind::busy, "The image is being replaced; try again shortly",
              "the file was written to while it was read");
}

}  // namespace

std::optional<std::uint64_t> Service::known_length(const Parsed& parsed, const Prepared& prepared,
                                                   const File& file, const Settings& settings,
                                                   const ServiceContext& context) {
  if (const auto* document = std::get_if<InfoRequest>(&parsed.request)) {
    const auto* info = std::get_if<IiifInfo>(document);
    return info != nullptr ? find_or_write(*info, prepared, settings, context).length()
                           : prepared.input.text.size();
  }
  if (!prepared.input.plan) return std::nullopt;
  MemoryBudget budget(pool_, limits_.request_memory);
  const auto stored = find_stored_picture(*prepared.input.plan, *prepared.input.image,
                                          ReadContext{file, budget, context.log}, context.memory);
  if (!stored) return std::nullopt;
  if (*stored) return (*stored)->length();
  return pictures_.known_length(prepared.input.key, context.client);
}

std::optional<Body> Service::find_again(const Digest& key, AnswerPath path,
                                        const ServiceContext& context) {
  if (host_.tiles() == nullptr) return std::nullopt;
  auto kept = host_.tiles()->find(key, context.client);
  if (!kept) return std::nullopt;
  if (path != AnswerPath::document) host_.work(context.client).add(Work::cache_hits);
  Body body{std::pmr::string(context.memory), std::move(*kept), 0, 0};
  body.course = {path, PictureOrigin::cache, {}, {}};
  return body;
}

Result<Body> Service::render(const Parsed& parsed, Prepared& prepared, const File& file,
                             const Settings& settings, const ServiceContext& context) {
  if (const auto* document = std::get_if<InfoRequest>(&parsed.request)) {
    if (const auto* info = std::get_if<IiifInfo>(document)) {
      return find_or_write(*info, prepared, settings, context);
    }
    Body body{std::pmr::string(context.memory), {}, 0, 0};
    body.text = std::move(prepared.input.text);
    return body;
  }
  MemoryBudget budget(pool_, limits_.request_memory);
  ReadContext reading{file, budget, context.log, deadline_of(settings, context.watch), &kept_};
  reading.decoders = decoders_;
  EffortLimit effort;
  reading.effort = &effort;
  if (prepared.input.plan) {
    // A stored tile that goes out as it is costs next to nothing, and the page cache has it.
    auto stored =
        find_stored_picture(*prepared.input.plan, *prepared.input.image, reading, context.memory);
    if (!stored) return pass_on(stored);
    if (*stored) {
      (*stored)->course.path = AnswerPath::stored_tile;
      return std::move(**stored);
    }
  }
  return find_or_make(parsed, prepared, settings, reading, context);
}

Body Service::find_or_write(const IiifInfo& request, const Prepared& prepared,
                            const Settings& settings, const ServiceContext& context) {
  Body body{std::pmr::string(context.memory), {}, 0, 0};
  TileCache* cache = host_.tiles();
  if (cache != nullptr) {
    if (auto kept = cache->find(prepared.input.key, context.client)) {
      body.bytes = std::move(*kept);
      body.course.origin = PictureOrigin::cache;
      return body;
    }
  }
  body.text = iiif_info_json(request, prepared.input.image->info(), settings, context.public_id,
                             context.memory);
  if (cache != nullptr && prepared.head.settled) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(body.text.data());
    cache->store(prepared.input.key, {bytes, body.text.size()}, context.client);
  }
  return body;
}

Result<Body> Service::find_or_make(const Parsed& parsed, const Prepared& prepared,
                                   const Settings& settings, const ReadContext& reading,
                                   const ServiceContext& context) {
  RenderRequest render;
  render.key = prepared.input.key;
  render.name = prepared.head.etag;
  render.cost =
      within_limits(cost_of_answer(parsed.request, prepared.input, context.client), limits_);
  render.patience = patience_of(settings);
  render.keep = prepared.head.settled;
  render.remote = context.remote;
  render.client = context.watch;
  const auto make = [&] {
    return unless_changed(make_answer(parsed.request, prepared.input, settings, reading),
                          reading.file);
  };
  auto picture = pictures_.find_or_make(render, make);
  if (!picture) return pass_on(picture);
  return body_of(std::move(*picture), render.cost.lane, context.memory);
}

}  // namespace iip
