// Whose turn it is: which of the renders that wait may go in, by the slots, the memory, and what
// their virtual hosts have of both.
//
// Two lanes: tiles, which cost a few milliseconds, may hold every slot; regions at most half of
// them, so that exports do not stop a viewer. Of those that wait, the virtual host that holds the
// fewest slots goes first, then the one that came first: a host that floods waits for itself.
//
// A virtual host's share is the slots over the hosts that have renders here, rounded up. One that
// has no more renders here than its share, those that wait included, is within it. Its renders may
// have `spare` slots besides, as many as there are slots, so that they need not wait until a host
// that wants more has done with its own, nor its regions for those of another host. A host that
// wants more than its share is asked to give way on the processors too
// (AdmissionRecord::gives_way), as long as there is another to give way to: one that was within its
// own when it last had a render let in, and that not longer ago than `courtesy`.
//
// Memory has shares likewise: the bytes over the hosts that have renders here, and over two at
// least. What goes beyond its host's share leaves `reserved` bytes free, so that one large picture
// does not keep another host's small one waiting until it is done.
//
// It knows no clock, lock or process: who asks says what time it is, and keeps the others away from
// the records while a FairShare lives. In the
// server that is the thread that holds the lock of their table.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/service/admission_table.h"

namespace iip {

struct AdmissionLimits {
  std::uint32_t slots = 0;                         // 0: half as many again as there are processors
  std::uint64_t memory = std::uint64_t{1} << 30U;  // bytes
  std::uint32_t waiting = 256;
  bool spare = false;  // as many slots again, for hosts within their share
  std::chrono::milliseconds courtesy{1000};
  std::uint32_t giving_way = 0;  // 0: one less than there are processors, and at least one
  std::uint64_t reserved = 0;    // bytes of the memory for hosts within their share of it
};

struct AdmissionState {
  std::uint32_t slots = 0;
  std::uint32_t tiles_inside = 0;
  std::uint32_t regions_inside = 0;
  std::uint32_t waiting = 0;
  std::uint64_t memory = 0;  // bytes that those inside were estimated at
};

AdmissionState count_renders(std::span<const AdmissionRecord> records,
                             const AdmissionLimits& limits);

// The most bytes that a render can ever be let in with.
std::uint64_t most_of_one(const AdmissionLimits& limits);

class FairShare {
 public:
  // `now` in milliseconds, by any clock that does not go back. None of the limits is 0 but
  // `reserved`. All three must outlive it.
  FairShare(std::span<AdmissionRecord> records, ModestHosts& modest, const AdmissionLimits& limits,
            std::int64_t now);

  // Lets in the next one whose turn it is, and tells whom. nullptr: nobody who waits fits.
  AdmissionRecord* let_in_next();

 private:
  // What a virtual host has of the slots and the memory, and wants.
  struct Client {
    std::uint16_t number = 0;
    std::uint32_t wanted = 0;  // those inside included
    std::uint32_t slots = 0;
    std::uint32_t regions = 0;  // how many of the slots hold regions
    std::uint64_t bytes = 0;    // that those inside were estimated at
  };

  const Client& find(std::uint16_t number) const;
  Client& known(std::uint16_t number);
  void count_inside(const AdmissionRecord& record);
  bool is_within(const Client& client) const { return client.wanted <= share_; }
  bool has_memory_for(const Client& client, const AdmissionRecord& wanted) const;
  std::uint32_t slots_beyond() const;
  bool gives_way(const Client& client) const;
  bool fits(const AdmissionRecord& wanted) const;
  AdmissionRecord* next() const;
  void note_modest(std::uint16_t client);

  const std::span<AdmissionRecord> records_;
  ModestHosts& modest_;
  const AdmissionLimits& limits_;
  const std::int64_t now_;
  AdmissionState state_;
  std::vector<Client> clients_;
  std::uint32_t share_ = 0;
  std::uint64_t memory_share_ = 0;
};

}  // namespace iip
