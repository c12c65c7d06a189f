// Service: the interface of the engine to its adaptor. One per process, shared by all threads.
//
// An answer is made in two steps, so that a conditional request is answered before any pixel is
// touched: prepare() opens the image, settles the plan, and gives the headers that name the answer
// (ETag, Last-Modified, Content-Type, Link ...); render() finds or makes the body.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/budget.h"
#include "engine/base/bytes.h"
#include "engine/base/derived_data_cache.h"
#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/base/log.h"
#include "engine/cache/open_image_cache.h"
#include "engine/confined/confined_decoders.h"
#include "engine/files/image_sequence.h"
#include "engine/model/settings.h"
#include "engine/plan/plan.h"
#include "engine/protocol/request.h"
#include "engine/service/host_state.h"
#include "engine/service/open_image.h"
#include "engine/service/pictures.h"

namespace iip {

class Frames;

struct ServiceLimits {
  std::size_t open_images = 1000;
  std::uint64_t request_memory = std::uint64_t{256} << 20U;  // bytes of pixels in one request
  std::uint64_t render_memory = std::uint64_t{1} << 30U;     // ... in all requests of the host
  std::uint32_t renders = 0;  // pictures that are made at a time on the host; 0: by its processors
  std::uint32_t waiting = 256;  // requests that wait for one of those slots
};

struct Header {
  std::string_view name;
  std::pmr::string value;
};

// How an answer came about, for logs and counters.
enum class AnswerPath : std::uint8_t { document, stored_tile, tile, region };
struct AnswerCourse {
  AnswerPath path = AnswerPath::document;
  std::optional<PictureOrigin> origin;  // of a tile or region
  std::chrono::microseconds waited{0};
  std::chrono::microseconds made_in{0};
};

// Text, then bytes, then a slice of the image file; each may be empty.
struct Body {
  std::pmr::string text;
  Bytes bytes;
  std::uint64_t file_offset = 0;
  std::uint64_t file_length = 0;
  AnswerCourse course = {};

  std::uint64_t length() const { return text.size() + bytes.size() + file_length; }
};

struct Prepared {
  int status = 200;           // 200, or 303 with a Location header
  Digest etag;                // strong; all zero for a redirect
  Digest key;                 // in the memory that processes share; all zero for a short document
  std::int64_t mtime_ns = 0;  // of the image file
  bool settled = false;       // the file's later changes will show in the ETag
  std::pmr::string content_type;
  std::pmr::vector<Header> headers;

  // The whole body of a short document; empty for an info.json, which render() finds or writes, and
  // for a picture.
  std::pmr::string text;

  // For render().
  std::shared_ptr<const OpenImage> image;
  std::shared_ptr<const Frames> frames;  // for answers about all of them; valid with the context
  std::optional<Plan> plan;
};

// What one request lends to the service. The memory resource must outlive Prepared and Body.
struct ServiceContext {
  std::pmr::memory_resource* memory;
  LogSink& log;
  std::string_view public_id;               // the image's public base URI, for documents and links
  std::string_view image_name;              // for Content-Disposition and log lines
  CacheClient client{0};                    // the virtual host
  Digest site = {};                         // its name, the same after a restart
  const HashKey* cluster_key = nullptr;     // part of ETags; null: the cluster has no secret
  std::uint64_t purge_epoch = 0;            // of the image file, see purge_epochs.h
  RemoteStore* remote = nullptr;            // null: there is none
  ClientWatch* watch = nullptr;             // null: the client never leaves
  const ImageSequence* sequence = nullptr;  // that the image is a frame of; null: of none
};

class Service {
 public:
  // The block of `host` must outlive the service, and so must the decoders. Without any, pictures
  // that are not decoded in this process are unsupported.
  Service(const ServiceLimits& limits, const HostState& host, ConfinedDecoders* decoders = nullptr);

  Result<Prepared> prepare(const Parsed& parsed, const File& file, const Settings& settings,
                           const ServiceContext& context);
  // The length of the body, where it can be told without making a picture: for HEAD.
  std::optional<std::uint64_t> known_length(const Parsed& parsed, const Prepared& prepared,
                                            const File& file, const Settings& settings,
                                            const ServiceContext& context);
  // The body of an answer that was prepared and found before, if the tile cache still has it.
  std::optional<Body> find_again(const Digest& key, AnswerPath path, const ServiceContext& context);
  // Moves the text out of `prepared`, or finds or makes the rest.
  Result<Body> render(const Parsed& parsed, Prepared& prepared, const File& file,
                      const Settings& settings, const ServiceContext& context);

  std::uint64_t render_memory_used() const { return pool_.used(); }
  AdmissionState admission() const { return pictures_.admission(); }
  const HostState& host() const { return host_; }

 private:
  // For a request that holds no slot yet: it waits for one, unless the image is known.
  Result<std::shared_ptr<const OpenImage>> open(const File& file, std::size_t page,
                                                const Settings& settings,
                                                const ServiceContext& context);
  // For one that does. `sibling` is another page of the same version of the file, or nullptr.
  Result<std::shared_ptr<const OpenImage>> open_within(const OpenContext& opening,
                                                       std::uint64_t purge_epoch,
                                                       const OpenImage* sibling);
  Digest shared_key(const Prepared& prepared, const File& file,
                    const ServiceContext& context) const;
  Body find_or_write(const IiifInfo& request, const Prepared& prepared, const Settings& settings,
                     const ServiceContext& context);
  Result<Body> find_or_make(const Parsed& parsed, const Prepared& prepared,
                            const Settings& settings, const ReadContext& reading,
                            const ServiceContext& context);

  const ServiceLimits limits_;
  ConfinedDecoders* const decoders_;
  HostState host_;
  MemoryPool pool_;
  DerivedDataCache kept_;
  OpenImageCache<OpenImage> images_;
  Pictures pictures_;
};

}  // namespace iip
