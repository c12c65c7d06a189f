// RemoteStore: the tier between machines, as the engine sees it.
//
// Asked after the memory of this host and before anything is rendered. The key is the digest of
// everything that changes the bytes, so an entry never goes stale; it may be gone at any time.
// What the other end says is not trusted: an implementation hands out only what it can show to be
// the tile that was stored under this key for this virtual host.
//
// Thread-safe. Nothing here fails: trouble of any kind is a miss, or is not stored.
#pragma once

#include <optional>

#include "engine/base/bytes.h"
#include "engine/base/hash.h"

namespace iip {

class RemoteStore {
 public:
  RemoteStore() = default;
  RemoteStore(const RemoteStore&) = delete;
  RemoteStore& operator=(const RemoteStore&) = delete;
  virtual ~RemoteStore() = default;

  // Waits for the answer, at most as long as the store's deadline says.
  virtual std::optional<Bytes> find(const Digest& key) = 0;

  // Returns at once: the tile is sent later, or dropped where too much waits already. Shares
  // the bytes with the caller.
  virtual void store(const Digest& key, const Bytes& tile) = 0;
};

}  // namespace iip
