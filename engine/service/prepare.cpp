#include "engine/service/prepare.h"

#include <utility>

#include "engine/describe/describe.h"
#include "engine/service/disposition.h"

namespace iip {

namespace {

// Part of every digest: raise it when the same plan, or the same question about an image, gives
// other bytes than before.
constexpr int kRenderingVersion = 6;

constexpr std::string_view kStreamType = "application/vnd.netfpx";

// What the digest is of, said first in it: what follows means something else for each.
enum class Named : std::uint8_t { text, info, picture, tile_block, spectrum, profile };

Hasher hasher_for(Named what, const ServiceContext& context) {
  Hasher hasher(context.cluster_key);
  hasher.add(static_cast<int>(what));
  return hasher;
}

Digest digest_of_text(std::string_view text, std::string_view type, const ServiceContext& context) {
  Hasher hasher = hasher_for(Named::text, context);
  hasher.add(type);
  hasher.add(text);
  return hasher.digest();
}

Hasher hasher_for(Named what, const ImageInfo& info, const ServiceContext& context) {
  Hasher hasher = hasher_for(what, context);
  hasher.add(kRenderingVersion);
  info.version.add_to(hasher);
  hasher.add(info.page);
  hasher.add(context.purge_epoch);
  return hasher;
}

Prepared empty_answer(const ServiceContext& context) {
  Prepared prepared;
  prepared.head.content_type = std::pmr::string(context.memory);
  prepared.head.headers = std::pmr::vector<Header>(context.memory);
  prepared.input.text = std::pmr::string(context.memory);
  return prepared;
}

Prepared document(std::pmr::string text, std::string_view type, const ServiceContext& context) {
  Prepared prepared = empty_answer(context);
  prepared.head.content_type = type;
  prepared.input.text = std::move(text);
  prepared.head.etag = digest_of_text(prepared.input.text, type, context);
  return prepared;
}

// An info.json is long to write and short to keep, so it is named by what decides it, as a picture
// is: a conditional request is answered without it.
Digest digest_of_info(const IiifInfo& request, const ImageInfo& info, const Settings& settings,
                      const ServiceContext& context) {
  Hasher hasher = hasher_for(Named::info, info, context);
  hasher.add(request.version);
  hasher.add(request.json_ld);
  hasher.add(request.with_profile);
  hasher.add(context.public_id);
  settings.add_to(hasher);
  return hasher.digest();
}

// ---- Documents: one function for each kind ----

struct Documents {
  const ImageInfo& info;
  const Settings& settings;
  const ServiceContext& context;

  Result<Prepared> operator()(const IiifInfo& request) const {
    Prepared prepared = empty_answer(context);
    prepared.head.content_type = iiif_info_type(request);
    prepared.head.etag = digest_of_info(request, info, settings, context);
    prepared.head.headers.push_back({"Link", iiif_info_links(request, context.memory)});
    return prepared;
  }
  Result<Prepared> operator()(const DeepZoomDescriptor& request) const {
    return document(deepzoom_descriptor(request, info, context.memory), "application/xml", context);
  }
  Result<Prepared> operator()(const ZoomifyProperties&) const {
    return document(zoomify_properties(info, context.memory), "application/xml", context);
  }
  Result<Prepared> operator()(const IipObjects& request) const {
    SequenceViews views;
    if (context.sequence != nullptr && asks_for_views(request)) {
      auto listed = context.sequence->views();
      if (!listed) return pass_on(listed);
      views = std::move(*listed);
    }
    auto answer = iip_objects_text(request, info, {views.horizontal, views.vertical}, settings,
                                   context.memory);
    if (!answer) return pass_on(answer);
    return document(std::move(answer->text), answer->type, context);
  }
  Result<Prepared> operator()(const IiifBase&) const {
    Prepared prepared = empty_answer(context);
    prepared.head.status = 303;
    std::pmr::string location(context.public_id, context.memory);
    location += "/info.json";
    prepared.head.headers.push_back({"Location", std::move(location)});
    return prepared;
  }
};

// ---- Pictures ----

Result<Prepared> prepare_picture(const ImageRequest& request, const ImageInfo& info,
                                 const Settings& settings, const ServiceContext& context) {
  auto plan = make_plan(request, info, settings);
  if (!plan) return pass_on(plan);
  Prepared prepared = empty_answer(context);
  prepared.head.content_type = media_type(plan->encoding.format);
  Hasher hasher = hasher_for(Named::picture, info, context);
  plan->add_to(hasher);
  prepared.head.etag = hasher.digest();
  if (request.iiif_version != 0) {
    prepared.head.headers.push_back({"Link", iiif_image_links(plan->delivery, request, info,
                                                              context.public_id, context.memory)});
  }
  if (request.name_the_file) {
    prepared.head.headers.push_back(
        {"Content-Disposition",
         content_disposition(request.as_attachment, context.image_name, plan->delivery.scaled,
                             plan->encoding.format, context.memory)});
  }
  prepared.input.plan = std::move(*plan);
  return prepared;
}

Result<Prepared> prepare_tile_block(const TileBlockRequest& request, const ImageInfo& info,
                                    const Settings& settings, const ServiceContext& context) {
  Prepared prepared = empty_answer(context);
  prepared.head.content_type = kStreamType;
  Hasher hasher = hasher_for(Named::tile_block, info, context);
  hasher.add(request.resolution);
  hasher.add(request.first);
  hasher.add(request.last);
  hasher.add(request.layers.value_or(0));
  settings.add_to(hasher);
  prepared.head.etag = hasher.digest();
  return prepared;
}

// The values of the files alone decide what is said of them.
Prepared prepare_values(std::string_view type, Named what,
                        std::initializer_list<std::uint64_t> numbers, const Frames& frames,
                        const Documents& documents) {
  Prepared prepared = empty_answer(documents.context);
  prepared.head.content_type = type;
  Hasher hasher = hasher_for(what, documents.info, documents.context);
  frames.add_to(hasher);
  for (const std::uint64_t number : numbers) hasher.add(number);
  prepared.head.etag = hasher.digest();
  return prepared;
}

struct Requests {
  const Documents& documents;
  const Frames* frames;  // for requests of which reads_frames() is true

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
    return prepare_values("application/xml", Named::spectrum,
                          {tile.resolution, tile.index, request.x, request.y}, *frames, documents);
  }
  Result<Prepared> operator()(const ProfileRequest& request) const {
    return prepare_values("application/json", Named::profile,
                          {request.resolution, request.x1, request.y1, request.x2, request.y2},
                          *frames, documents);
  }
};

}  // namespace

bool reads_frames(const Request& request) {
  return std::holds_alternative<SpectrumRequest>(request) ||
         std::holds_alternative<ProfileRequest>(request);
}

Result<Prepared> prepare_answer(const Request& request, const ImageInfo& info, const Frames* frames,
                                const Settings& settings, const ServiceContext& context) {
  const Documents documents{info, settings, context};
  return std::visit(Requests{documents, frames}, request);
}

}  // namespace iip
