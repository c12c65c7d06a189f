#include "engine/service/fair_share.h"

#include <algorithm>

namespace iip {

namespace {

using State = AdmissionRecord::State;

}  // namespace

AdmissionState count_renders(std::span<const AdmissionRecord> records,
                             const AdmissionLimits& limits) {
  AdmissionState sum;
  sum.slots = limits.slots;
  for (const AdmissionRecord& record : records) {
    if (record.state == State::waiting) ++sum.waiting;
    if (record.state != State::inside) continue;
    ++(record.lane == Lane::tiles ? sum.tiles_inside : sum.regions_inside);
    sum.memory += record.bytes;
  }
  return sum;
}

std::uint64_t most_of_one(const AdmissionLimits& limits) {
  return std::max(limits.memory - std::min(limits.memory, limits.reserved), limits.memory / 2);
}

FairShare::FairShare(std::span<AdmissionRecord> records, ModestHosts& modest,
                     const AdmissionLimits& limits, std::int64_t now)
    : records_(records),
      modest_(modest),
      limits_(limits),
      now_(now),
      state_(count_renders(records, limits)) {
  if (state_.waiting == 0) return;  // nobody asks for shares
  for (const AdmissionRecord& record : records_) {
    if (record.state == State::unused) continue;
    ++known(record.client).wanted;
    if (record.state == State::inside) count_inside(record);
  }
  const auto active = static_cast<std::uint32_t>(clients_.size());
  share_ = (limits_.slots + active - 1) / active;
  memory_share_ = limits_.memory / std::max(2U, active);
}

AdmissionRecord* FairShare::let_in_next() {
  if (state_.waiting == 0) return nullptr;
  AdmissionRecord* record = next();
  if (record == nullptr) return nullptr;
  const Client& client = find(record->client);
  if (is_within(client)) note_modest(client.number);
  record->gives_way = gives_way(client);
  record->state = State::inside;
  count_inside(*record);
  ++(record->lane == Lane::tiles ? state_.tiles_inside : state_.regions_inside);
  state_.memory += record->bytes;
  --state_.waiting;
  return record;
}

const FairShare::Client& FairShare::find(std::uint16_t number) const {
  return *std::ranges::find(clients_, number, &Client::number);
}

FairShare::Client& FairShare::known(std::uint16_t number) {
  const auto found = std::ranges::find(clients_, number, &Client::number);
  return found != clients_.end() ? *found : clients_.emplace_back(Client{number});
}

void FairShare::count_inside(const AdmissionRecord& record) {
  Client& client = known(record.client);
  ++client.slots;
  client.bytes += record.bytes;
  if (record.lane == Lane::regions) ++client.regions;
}

// Would the render's host be within its share of the memory with it?
bool FairShare::has_memory_for(const Client& client, const AdmissionRecord& wanted) const {
  return wanted.bytes <= memory_share_ && client.bytes <= memory_share_ - wanted.bytes;
}

// The slots that are held by all hosts which want more than their share.
std::uint32_t FairShare::slots_beyond() const {
  std::uint32_t sum = 0;
  for (const Client& client : clients_) sum += is_within(client) ? 0 : client.slots;
  return sum;
}

bool FairShare::gives_way(const Client& client) const {
  if (is_within(client)) return false;
  const std::int64_t since = now_ - limits_.courtesy.count();
  return std::ranges::any_of(modest_, [&](const ModestHost& host) {
    return host.client != client.number && host.last >= since;
  });
}

bool FairShare::fits(const AdmissionRecord& wanted) const {
  const Client& client = find(wanted.client);
  const bool with_spare = limits_.spare && is_within(client);
  if (limits_.spare && gives_way(client) && slots_beyond() >= limits_.giving_way) return false;
  const std::uint32_t inside = state_.tiles_inside + state_.regions_inside;
  if (inside >= (with_spare ? 2 : 1) * limits_.slots) return false;
  const std::uint32_t region_slots = std::max(1U, limits_.slots / 2);
  const std::uint32_t regions = with_spare ? client.regions : state_.regions_inside;
  if (wanted.lane == Lane::regions && regions >= region_slots) return false;
  const std::uint64_t free = limits_.memory - std::min(limits_.memory, state_.memory);
  const std::uint64_t kept_free = has_memory_for(client, wanted) ? 0 : limits_.reserved;
  return wanted.bytes <= free && kept_free <= free - wanted.bytes;
}

AdmissionRecord* FairShare::next() const {
  AdmissionRecord* best = nullptr;
  std::uint32_t best_slots = 0;
  for (AdmissionRecord& record : records_) {
    if (record.state != State::waiting || !fits(record)) continue;
    const std::uint32_t slots = find(record.client).slots;
    const bool better = best == nullptr || slots < best_slots ||
                        (slots == best_slots && record.ticket < best->ticket);
    if (!better) continue;
    best = &record;
    best_slots = slots;
  }
  return best;
}

void FairShare::note_modest(std::uint16_t client) {
  ModestHost& last = modest_[0];
  if (last.client != client) modest_[1] = last;
  last = {client, now_};
}

}  // namespace iip
