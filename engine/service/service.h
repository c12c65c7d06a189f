// Service: the interface of the engine to its adaptor. One per process, shared by all threads.
//
// An answer is made in two steps, so that a conditional request is answered before any pixel is
// touched: prepare() opens the image, settles the plan, and gives the headers that name the answer
// (ETag, Last-Modified, Content-Type, Link ...); render() finds or makes the body.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "engine/base/budget.h"
#include "engine/base/derived_data_cache.h"
#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/cache/open_image_cache.h"
#include "engine/confined/confined_decoders.h"
#include "engine/model/settings.h"
#include "engine/protocol/request.h"
#include "engine/service/answer.h"
#include "engine/service/host_state.h"
#include "engine/service/open_image.h"
#include "engine/service/pictures.h"
#include "engine/service/prepared.h"
#include "engine/service/service_context.h"

namespace iip {

struct ServiceLimits {
  std::size_t open_images = 1000;
  std::uint64_t request_memory = std::uint64_t{256} << 20U;  // bytes of pixels in one request
  std::uint64_t render_memory = std::uint64_t{1} << 30U;     // ... in all requests of the host
  std::uint32_t renders = 0;  // pictures that are made at a time on the host; 0: by its processors
  std::uint32_t waiting = 256;  // requests that wait for one of those slots
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
