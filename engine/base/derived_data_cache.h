// DerivedDataCache: what was made from a file at some cost, is too large to keep for each open
// image, and is too dear to make for each request: decoded pixels, mostly.
//
// What is kept belongs to an owner, a tag that the open image holds, and may be one of many things
// of that owner, told apart by numbers; it is never found under another. It is counted in the
// process's MemoryPool like everything else, up to a limit of its own, and leaves, the least
// recently used first, when there is more of it, or as soon as a request needs the memory. Users
// hold what they found while they use it.
//
// Thread-safe. Each thing is made by one thread; others that want it wait, within their deadlines.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "engine/base/budget.h"
#include "engine/base/deadline.h"
#include "engine/base/mutex.h"
#include "engine/base/result.h"

namespace iip {

// Something that can be kept. Its memory is reserved in the pool, by reservations that outlive
// their budget.
class Kept {
 public:
  virtual ~Kept() = default;
  virtual std::uint64_t bytes() const = 0;

 protected:
  Kept() = default;
  Kept(const Kept&) = default;
  Kept& operator=(const Kept&) = default;
};

struct KeptTag {};
using KeptOwner = std::shared_ptr<const KeptTag>;

// One of an owner's things. Refers to its owner: for arguments only.
struct KeptName {
  const KeptOwner& owner;
  std::uint64_t number = 0;
};

class DerivedDataCache : public MemoryReclaimer {
 public:
  // Registers with the pool, which must outlive the cache.
  DerivedDataCache(MemoryPool& pool, std::uint64_t limit);
  DerivedDataCache(const DerivedDataCache&) = delete;
  DerivedDataCache& operator=(const DerivedDataCache&) = delete;
  ~DerivedDataCache() override;

  // What is kept under `name`, or what `make()`, which returns Result<std::shared_ptr<const T>>,
  // gives; always the same T for one name. Errors: those of make(); busy.
  template <class T, class Make>
  Result<std::shared_ptr<const T>> find_or_make(const KeptName& name, const Deadline& deadline,
                                                Make make) {
    Result<std::shared_ptr<const Kept>> found = find_or_claim(name, deadline);
    if (!found) return pass_on(found);
    if (*found) return std::static_pointer_cast<const T>(std::move(*found));
    const Claim claim(*this, name);
    Result<std::shared_ptr<const T>> made = make();
    if (made) keep(name, *made);
    return made;
  }

  bool reclaim(std::uint64_t bytes) override;
  std::uint64_t bytes() const;

 private:
  struct Key {
    const KeptTag* owner = nullptr;
    std::uint64_t number = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  struct Entry {
    Key key;
    // Tells whether the owner in `key` is still there: another may be given its address later.
    std::weak_ptr<const KeptTag> owner;
    std::shared_ptr<const Kept> kept;  // null while it is being made
    std::uint64_t bytes = 0;
  };
  using Entries = std::list<Entry>;

  // While something is made; then what was not kept is nobody's again.
  class Claim {
   public:
    Claim(DerivedDataCache& store, const KeptName& name) : store_(store), name_(name) {}
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;
    ~Claim() { store_.give_up(name_); }

   private:
    DerivedDataCache& store_;
    const KeptName& name_;
  };

  // Null where the caller is the one who makes it.
  Result<std::shared_ptr<const Kept>> find_or_claim(const KeptName& name, const Deadline& deadline);
  void keep(const KeptName& name, std::shared_ptr<const Kept> kept);
  void give_up(const KeptName& name);
  static Key key_of(const KeptName& name) { return {name.owner.get(), name.number}; }
  // Moves entries out, the oldest first, until they have so many bytes, if there are as many.
  std::vector<std::shared_ptr<const Kept>> evict(std::uint64_t bytes) IIP_REQUIRES(mutex_);

  MemoryPool& pool_;
  const std::uint64_t limit_;
  mutable Mutex mutex_;
  ConditionVariable made_;
  std::uint64_t bytes_ IIP_GUARDED_BY(mutex_) = 0;
  Entries entries_ IIP_GUARDED_BY(mutex_);  // the most recently used first
  std::unordered_map<Key, Entries::iterator, KeyHash> index_ IIP_GUARDED_BY(mutex_);
};

}  // namespace iip
