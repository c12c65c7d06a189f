#include "engine/service/service.h"

#include <algorithm>

#include "engine/describe/describe.h"
#include "engine/service/disposition.h"
#include "engine/service/picture.h"
#include "engine/service/render_cost.h"
#include "engine/service/sample_values.h"

namespace iip {

namespace {

// Part of every digest: raise it when the same plan, or the same question about an image, gives
// other bytes than before.
constexpr int kRenderingVersion = 1;

constexpr std::string_view kStreamType = "application/vnd.netfpx";

Digest digest_of_text(std::string_view text, std::string_view type) {
  Hasher hasher;
  hasher.add(type);
  hasher.add(text);
  return hasher.digest();
}

Hasher hasher_for(const ImageInfo& info, const ServiceContext& context) {
  Hasher hasher;
  hasher.add(kRenderingVersion);
  info.version.add_to(hasher);
  hasher.add(info.page);
  hasher.add(context.purge_epoch);
  return hasher;
}

Prepared empty_answer(const ServiceContext& context) {
  Prepared prepared;
  prepared.content_type = std::pmr::string(context.memory);
  prepared.headers = std::pmr::vector<Header>(context.memory);
  prepared.text = std::pmr::string(context.memory);
  return prepared;
}

Prepared document(std::pmr::string text, std::string_view type, const ServiceContext& context) {
  Prepared prepared = empty_answer(context);
  prepared.content_type = type;
  prepared.text = std::move(text);
  prepared.etag = digest_of_text(prepared.text, type);
  return prepared;
}

// An info.json is long to write and short to keep, so it is named by what decides it, as a picture
// is: a conditional request is answered without it.
Digest digest_of_info(const IiifInfo& request, const ImageInfo& info, const Settings& settings,
                      const ServiceContext& context) {
  Hasher hasher = hasher_for(info, context);
  hasher.add("info.json");
  hasher.add(request.version);
  hasher.add(request.json_ld);
  hasher.add(request.with_profile);
  hasher.add(context.public_id);
  hasher.add(settings.max_cvt);
  hasher.add(settings.allow_upscaling);
  hasher.add(settings.copyright);
  hasher.add(settings.iiif_extra_info);
  hasher.add(settings.iiif_extensions);
  return hasher.digest();
}

// ---- Documents: one function for each kind ----

struct Documents {
  const ImageInfo& info;
  const Settings& settings;
  const ServiceContext& context;

  Result<Prepared> operator()(const IiifInfo& request) const {
    Prepared prepared = empty_answer(context);
    prepared.content_type = iiif_info_type(request);
    prepared.etag = digest_of_info(request, info, settings, context);
    prepared.headers.push_back({"Link", iiif_info_links(request, context.memory)});
    return prepared;
  }
  Result<Prepared> operator()(const DeepZoomDescriptor& request) const {
    return document(deepzoom_descriptor(request, info, context.memory), "application/xml", context);
  }
  Result<Prepared> operator()(const ZoomifyProperties&) const {
    return document(zoomify_properties(info, context.memory), "application/xml", context);
  }
  Result<Prepared> operator()(const IipObjects& request) const {
    auto answer = iip_objects_text(request, info, {}, settings, context.memory);
    if (!answer) return pass_on(answer);
    return document(std::move(answer->text), answer->type, context);
  }
  Result<Prepared> operator()(const IiifBase&) const {
    Prepared prepared = empty_answer(context);
    prepared.status = 303;
    std::pmr::string location(context.public_id, context.memory);
    location += "/info.json";
    prepared.headers.push_back({"Location", std::move(location)});
    return prepared;
  }
};

// ---- Pictures ----

Result<Prepared> prepare_picture(const ImageRequest& request, const ImageInfo& info,
                                 const Settings& settings, const ServiceContext& context) {
  auto plan = make_plan(request, info, settings);
  if (!plan) return pass_on(plan);
  Prepared prepared = empty_answer(context);
  prepared.content_type = media_type(plan->encoding.format);
  Hasher hasher = hasher_for(info, context);
  plan->add_to(hasher);
  prepared.etag = hasher.digest();
  if (request.iiif_version != 0) {
    prepared.headers.push_back({"Link", iiif_image_links(plan->delivery, request, info,
                                                         context.public_id, context.memory)});
  }
  if (request.name_the_file) {
    prepared.headers.push_back(
        {"Content-Disposition",
         content_disposition(request.as_attachment, context.image_name, plan->delivery.scaled,
                             plan->encoding.format, context.memory)});
  }
  prepared.plan = *plan;
  return prepared;
}

Result<Prepared> prepare_tile_block(const TileBlockRequest& request, const ImageInfo& info,
                                    const Settings& settings, const ServiceContext& context) {
  Prepared prepared = empty_answer(context);
  prepared.content_type = kStreamType;
  Hasher hasher = hasher_for(info, context);
  hasher.add("TIL");
  hasher.add(request.resolution);
  hasher.add(request.first);
  hasher.add(request.last);
  hasher.add(settings.jpeg_quality);
  hasher.add(settings.codec_passthrough);
  hasher.add(settings.max_icc);
  prepared.etag = hasher.digest();
  return prepared;
}

// The values of the file alone decide what is said of them.
Prepared prepare_values(std::string_view type, std::string_view name,
                        std::initializer_list<std::uint64_t> numbers, const ImageInfo& info,
                        const ServiceContext& context) {
  Prepared prepared = empty_answer(context);
  prepared.content_type = type;
  Hasher hasher = hasher_for(info, context);
  hasher.add(name);
  for (const std::uint64_t number : numbers) hasher.add(number);
  prepared.etag = hasher.digest();
  return prepared;
}

struct Requests {
  const Documents& documents;

  Result<Prepared> operator()(const InfoRequest& request) const {
    return std::visit(documents, request);
  }
  Result<Prepared> operator()(const ImageRequest& request) const {
    return prepare_picture(request, documents.info, documents.settings, documents.context);
  }
  Result<Prepared> operator()(const TileBlockRequest& request) const {
    return prepare_tile_block(request, documents.info, documents.settings, documents.context);
  }
  Result<Prepared> operator()(const SpectrumRequest& request) const {
    const NativeTile& tile = request.tile;
    return prepare_values("application/xml", "SPECTRA",
                          {tile.resolution, tile.index, request.x, request.y}, documents.info,
                          documents.context);
  }
  Result<Prepared> operator()(const ProfileRequest& request) const {
    return prepare_values("application/json", "PFL",
                          {request.resolution, request.x1, request.y1, request.x2, request.y2},
                          documents.info, documents.context);
  }
};

}  // namespace

Service::Service(const ServiceLimits& limits, const HostState& host)
    : limits_(limits),
      host_(host),
      pool_(limits.render_memory),
      kept_(pool_, std::min(limits.request_memory, limits.render_memory / 2)),
      images_(limits.open_images),
      pictures_(host, {limits.renders, limits.render_memory, limits.waiting}) {}

Result<std::shared_ptr<const OpenImage>> Service::open(const File& file, std::size_t page,
                                                       const Settings& settings,
                                                       const ServiceContext& context) {
  const auto read_directories = [&]() -> Result<std::shared_ptr<const OpenImage>> {
    SourceLimits limits;
    limits.max_pixels = settings.max_source_pixels;
    limits.page = page;
    auto source = open_source(file, limits, context.log);
    if (!source) return pass_on(source);
    return std::make_shared<const OpenImage>(std::move(*source));
  };
  const auto may_keep = [&] { return file.is_settled() && file.changed() == FileChange::none; };
  return images_.find_or_open({file.version(), context.purge_epoch, page}, read_directories,
                              may_keep);
}

namespace {

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
  const Documents documents{(*image)->info(), settings, context};
  auto prepared = std::visit(Requests{documents}, parsed.request);
  if (!prepared) return prepared;
  prepared->mtime_ns = file.version().mtime_ns;
  prepared->settled = file.is_settled();
  prepared->image = std::move(*image);
  return prepared;
}

namespace {

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

Body body_of(Picture picture, Lane lane, std::pmr::memory_resource* memory) {
  Body body{std::pmr::string(memory), std::move(picture.bytes), 0, 0};
  body.course = {lane == Lane::tiles ? AnswerPath::tile : AnswerPath::region, picture.origin,
                 picture.waited, picture.made_in};
  return body;
}

RenderCost cost_of_block(const TileBlockRequest& request, const ImageInfo& info,
                         CacheClient client) {
  const std::size_t resolution = std::min<std::size_t>(request.resolution, info.levels.size() - 1);
  const Level& level = info.levels[info.level_of_resolution(resolution)];
  const std::uint64_t tiles =
      std::max(request.first, request.last) - std::min(request.first, request.last) + 1;
  const auto stored = static_cast<std::uint64_t>(level.tile_count());
  return cost_of_tiles(static_cast<std::int64_t>(std::min(tiles, stored)), level, info.format,
                       client);
}

// A picture that stands for itself.
class OneFrame final : public Frames {
 public:
  explicit OneFrame(std::shared_ptr<const OpenImage> image) : image_(std::move(image)) {}

  std::size_t count() const override { return 1; }
  Result<Frame> open(std::size_t /*index*/) const override { return Frame{{}, 1, image_}; }
  std::string number(std::size_t index) const override { return std::to_string(index); }

 private:
  const std::shared_ptr<const OpenImage> image_;
};

// What a request is expected to cost, by its kind.
struct Costs {
  const Prepared& prepared;
  const Frames& frames;
  CacheClient client;

  const ImageInfo& info() const { return prepared.image->info(); }
  RenderCost operator()(const InfoRequest&) const { return {Lane::tiles, 0, client}; }
  RenderCost operator()(const ImageRequest&) const {
    return cost_of(*prepared.plan, info(), client);
  }
  RenderCost operator()(const TileBlockRequest& block) const {
    return cost_of_block(block, info(), client);
  }
  RenderCost operator()(const SpectrumRequest&) const {
    return cost_of_spectrum(frames.count(), info(), client);
  }
  RenderCost operator()(const ProfileRequest& line) const {
    return cost_of_profile(line, frames.count(), info(), client);
  }
};

// The answer itself.
struct Makers {
  const Prepared& prepared;
  const Frames& frames;
  const Settings& settings;
  const ReadContext& reading;

  Result<Bytes> operator()(const InfoRequest&) const {
    return fail(ErrorKind::internal, "A description is not made of pixels");
  }
  Result<Bytes> operator()(const ImageRequest&) const {
    return make_picture(*prepared.plan, *prepared.image, reading);
  }
  Result<Bytes> operator()(const TileBlockRequest& block) const {
    return make_tile_block(block, *prepared.image, settings, reading);
  }
  Result<Bytes> operator()(const SpectrumRequest& point) const {
    return spectrum_xml(point, frames, reading);
  }
  Result<Bytes> operator()(const ProfileRequest& line) const {
    return profile_json(line, frames, reading);
  }
};

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
                           : prepared.text.size();
  }
  if (!prepared.plan) return std::nullopt;
  MemoryBudget budget(pool_, limits_.request_memory);
  const auto stored = find_stored_picture(*prepared.plan, *prepared.image,
                                          ReadContext{file, budget, context.log}, context.memory);
  if (!stored) return std::nullopt;
  if (*stored) return (*stored)->length();
  return pictures_.known_length(prepared.etag, context.client);
}

Result<Body> Service::render(const Parsed& parsed, Prepared& prepared, const File& file,
                             const Settings& settings, const ServiceContext& context) {
  if (const auto* document = std::get_if<InfoRequest>(&parsed.request)) {
    if (const auto* info = std::get_if<IiifInfo>(document)) {
      return find_or_write(*info, prepared, settings, context);
    }
    Body body{std::pmr::string(context.memory), {}, 0, 0};
    body.text = std::move(prepared.text);
    return body;
  }
  MemoryBudget budget(pool_, limits_.request_memory);
  const ReadContext reading{file, budget, context.log, deadline_of(settings, context.watch),
                            &kept_};
  if (prepared.plan) {
    // A stored tile that goes out as it is costs next to nothing, and the page cache has it.
    auto stored = find_stored_picture(*prepared.plan, *prepared.image, reading, context.memory);
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
    if (auto kept = cache->find(prepared.etag, context.client)) {
      body.bytes = std::move(kept->body);
      body.course.origin = PictureOrigin::cache;
      return body;
    }
  }
  body.text =
      iiif_info_json(request, prepared.image->info(), settings, context.public_id, context.memory);
  if (cache != nullptr && prepared.settled) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(body.text.data());
    cache->store(prepared.etag, {}, {bytes, body.text.size()}, context.client);
  }
  return body;
}

Result<Body> Service::find_or_make(const Parsed& parsed, const Prepared& prepared,
                                   const Settings& settings, const ReadContext& reading,
                                   const ServiceContext& context) {
  const OneFrame frames(prepared.image);
  PictureWish wish;
  wish.key = prepared.etag;
  wish.cost = std::visit(Costs{prepared, frames, context.client}, parsed.request);
  wish.patience = patience_of(settings);
  wish.keep = prepared.settled;
  wish.remote = context.remote;
  wish.client = context.watch;
  const auto make = [&] {
    return unless_changed(std::visit(Makers{prepared, frames, settings, reading}, parsed.request),
                          reading.file);
  };
  auto picture = pictures_.find_or_make(wish, make);
  if (!picture) return pass_on(picture);
  return body_of(std::move(*picture), wish.cost.lane, context.memory);
}

}  // namespace iip
