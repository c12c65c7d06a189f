// CrossProcessSingleFlight: who makes which picture at the moment, in all processes of the host, so
// that a picture that is wanted by many is made by one.
//
// A table of robust locks in shared memory. Who holds the lock that belongs to a key makes its
// picture; the others wait for the lock, and find the picture in the tile cache once they have it.
// The system hands the lock of a process that died to one who waits. A holder that is stopped or
// too slow is left to itself after `patience`: those who waited meet at another lock of the table,
// so that again one goes ahead.
//
// Nothing here fails: at worst a picture is made twice. Thread-safe, and safe between processes; a
// LockGuard belongs to the thread that took it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "engine/base/client_watch.h"
#include "engine/base/hash.h"
#include "engine/cache/robust_mutex.h"

namespace iip {

class CrossProcessSingleFlight {
 public:
  // One lock, and the mark of the key that its holder works for, zero while nobody does. One word,
  // so that no one reads half of it: a holder taken for one of another key is not waited for.
  struct alignas(64) Slot {
    RobustMutex mutex;
    std::atomic<std::uint64_t> mark;
  };

  class LockGuard {
   public:
    LockGuard() = default;
    LockGuard(LockGuard&& other) noexcept
        : waited_(other.waited_),
          took_over_(other.took_over_),
          slot_(std::exchange(other.slot_, nullptr)) {}
    LockGuard& operator=(LockGuard&& other) noexcept {
      std::swap(slot_, other.slot_);
      std::swap(waited_, other.waited_);
      std::swap(took_over_, other.took_over_);
      return *this;
    }
    ~LockGuard();

    bool waited() const { return waited_; }        // somebody made this key meanwhile, or tried to
    bool took_over() const { return took_over_; }  // ... and died, or was too slow

   private:
    friend class CrossProcessSingleFlight;
    bool waited_ = false;
    bool took_over_ = false;
    Slot* slot_ = nullptr;
  };

  CrossProcessSingleFlight() = default;  // no table: every guard is granted at once
  explicit CrossProcessSingleFlight(std::span<Slot> slots) : slots_(slots) {}

  // Once, before anybody takes a guard. False: the system gives no lock that processes can share.
  bool format() const;

  // Comes back at once where nobody works for the key; else when the lock is free, when `patience`
  // with each of a few locks is over, or when the client has gone (ask it).
  LockGuard take(const Digest& key, std::chrono::milliseconds patience, ClientWatch* client) const;

 private:
  enum class Outcome { mine, other_key, slow, client_gone };
  Outcome take_slot(Slot& slot, const Digest& key, std::chrono::milliseconds patience,
                    ClientWatch* client, LockGuard& guard) const;

  std::span<Slot> slots_;
};

}  // namespace iip
