#include "engine/service/pictures.h"

#include <optional>
#include <utility>

namespace iip {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

microseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<microseconds>(Clock::now() - start);
}

}  // namespace

struct Pictures::Course {
  PictureOrigin origin = PictureOrigin::another_request;
  microseconds made_in{0};
};

Pictures::Pictures(const HostState& host, const AdmissionLimits& limits)
    : host_(host), admission_(host_.admission(), limits) {}

Result<Picture> Pictures::find_or_make(const RenderRequest& request, const Make& make) {
  if (auto cached = find_in_cache(request.key, request.cost.client)) {
    work(request).add(Work::cache_hits);
    return Picture{std::move(*cached), PictureOrigin::cache, {}, {}};
  }
  work(request).add(Work::cache_misses);
  const Clock::time_point start = Clock::now();
  Course course;
  auto outcome = flights_.run(request.key, request.patience, request.client,
                              [&] { return make_once(request, make, course); });
  if (outcome.took_over) work(request).add(Work::takeovers);
  if (!outcome.value) return pass_on(outcome.value);
  if (outcome.shared) work(request).add(Work::shared_pictures);
  return Picture{std::move(*outcome.value), course.origin, since(start) - course.made_in,
                 course.made_in};
}

Result<Admission::Slot> Pictures::enter(const RenderCost& cost, std::chrono::milliseconds patience,
                                        ClientWatch* client) const {
  auto slot = admission_.enter(cost, patience, client);
  if (slot && slot->waited()) host_.work(cost.client).add(Work::slot_waits);
  return slot;
}

std::optional<std::uint64_t> Pictures::known_length(const Digest& key, CacheClient client) {
  const auto cached = find_in_cache(key, client);
  if (!cached) return std::nullopt;
  return cached->size();
}

std::optional<Bytes> Pictures::find_in_cache(const Digest& key, CacheClient client) {
  if (host_.tiles() == nullptr) return std::nullopt;
  return host_.tiles()->find(key, client);
}

// For all of this process that want the picture.
Result<Bytes> Pictures::make_once(const RenderRequest& request, const Make& make, Course& course) {
  CrossProcessSingleFlight::LockGuard guard;
  if (host_.tiles() != nullptr) {
    guard = host_.flights().take(request.key, request.patience, request.client);
    if (guard.waited()) work(request).add(Work::flight_waits);
    if (guard.took_over()) work(request).add(Work::takeovers);
    // Made by another since this request looked, whether it waited or not.
    if (auto cached = find_in_cache(request.key, request.cost.client)) return std::move(*cached);
  }
  if (request.client != nullptr && request.client->gone()) {
    return fail(ErrorKind::client_gone, "The client has left");
  }
  if (request.remote != nullptr && request.keep) {
    if (auto remote = request.remote->find(request.name)) {
      work(request).add(Work::remote_hits);
      course.origin = PictureOrigin::remote;
      if (host_.tiles() != nullptr) {
        host_.tiles()->store(request.key, remote->span(), request.cost.client);
      }
      return std::move(*remote);
    }
  }
  return render(request, make, course);
}

Result<Bytes> Pictures::render(const RenderRequest& request, const Make& make, Course& course) {
  const auto slot = enter(request.cost, request.patience, request.client);
  if (!slot) return tl::unexpected(slot.error());
  const Clock::time_point start = Clock::now();
  auto bytes = make_in_turn(*slot, make);
  course.made_in = since(start);
  course.origin = PictureOrigin::made;
  work(request).add(request.cost.lane == Lane::tiles ? Work::tiles_made : Work::regions_made);
  work(request).add(Work::render_microseconds, static_cast<std::uint64_t>(course.made_in.count()));
  if (bytes && request.keep) keep(request, *bytes);
  return bytes;
}

// One that wants no more than its share goes before a virtual host that wants more.
Result<Bytes> Pictures::make_in_turn(const Admission::Slot& slot, const Make& make) {
  if (!slot.gives_way()) return make();
  std::optional<Result<Bytes>> made;
  background_.run([&] { made = make(); });
  return std::move(*made);
}

void Pictures::keep(const RenderRequest& request, const Bytes& bytes) {
  if (host_.tiles() != nullptr) {
    host_.tiles()->store(request.key, bytes.span(), request.cost.client);
  }
  if (request.remote != nullptr) request.remote->store(request.name, bytes);
}

}  // namespace iip
