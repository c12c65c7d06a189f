// Where tests may look in on a tile cache, and end a process at the worst moment. Called by any
// thread that uses the cache, by several at a time.
#pragma once

namespace iip {

enum class TileCacheMoment {
  // With the shard's lock held.
  locked,          // nothing changed yet
  unlinked,        // an entry is out of the index, but still queued and holding its segments
  segments_freed,  // its segments are free, its record is not
  segments_taken,  // a new entry has segments, and is in no queue
  indexed,         // an entry is in the index, and not yet marked as published
  resetting,       // half of a shard is emptied
  unlocking,       // everything is changed
  // Without a lock.
  copying_in,
  copied_in,
  copying_out,
  copied_out,
};

class TileCacheProbe {
 public:
  virtual ~TileCacheProbe() = default;
  virtual void reached(TileCacheMoment moment) = 0;
};

}  // namespace iip
