// What one request lends to the service while it is answered.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <string_view>

#include "engine/base/client_watch.h"
#include "engine/base/hash.h"
#include "engine/base/log.h"
#include "engine/cache/tile_cache.h"
#include "engine/files/image_sequence.h"
#include "engine/remote/remote_store.h"

namespace iip {

// Nothing is owned. The memory resource must outlive Prepared and Body.
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

}  // namespace iip
