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

Result<Picture> Pictures::find_or_make(const PictureWish& wish, const Make& make) {
  if (auto cached = find_in_cache(wish.key, wish.cost.client)) {
    work(wish).add(Work::cache_hits);
    return Picture{std::move(*cached), PictureOrigin::cache, {}, {}};
  }
  work(wish).add(Work::cache_misses);
  const Clock::time_point start = Clock::now();
  Course course;
  auto landing =
      flights_.run(wish.key, wish.patience, wish.client, [&] { return lead(wish, make, course); });
  if (landing.took_over) work(wish).add(Work::takeovers);
  if (!landing.value) return pass_on(landing.value);
  if (landing.shared) work(wish).add(Work::shared_pictures);
  return Picture{std::move(*landing.value), course.origin, since(start) - course.made_in,
                 course.made_in};
}

Result<Admission::Place> Pictures::enter(const RenderCost& cost, std::chrono::milliseconds patience,
                                         ClientWatch* client) const {
  auto place = admission_.enter(cost, patience, client);
  if (place && place->waited()) host_.work(cost.client).add(Work::place_waits);
  return place;
}

std::optional<std::uint64_t> Pictures::known_length(const Digest& key, CacheClient client) {
  const auto cached = find_in_cache(key, client);
  if (!cached) return std::nullopt;
  return cached->size();
}

std::optional<Bytes> Pictures::find_in_cache(const Digest& key, CacheClient client) {
  if (host_.tiles() == nullptr) return std::nullopt;
  auto cached = host_.tiles()->find(key, client);
  if (!cached) return std::nullopt;
  return std::move(cached->body);
}

// For all of this process that want the picture.
Result<Bytes> Pictures::lead(const PictureWish& wish, const Make& make, Course& course) {
  SharedFlights::Turn turn;
  if (host_.tiles() != nullptr) {
    turn = host_.flights().take(wish.key, wish.patience, wish.client);
    if (turn.waited()) work(wish).add(Work::flight_waits);
    if (turn.took_over()) work(wish).add(Work::takeovers);
    // Made by another since this request looked, whether it waited or not.
    if (auto cached = find_in_cache(wish.key, wish.cost.client)) return std::move(*cached);
  }
  if (wish.client != nullptr && wish.client->gone()) {
    return fail(ErrorKind::client_gone, "The client has left");
  }
  if (wish.remote != nullptr && wish.keep) {
    if (auto remote = wish.remote->find(wish.name)) {
      work(wish).add(Work::remote_hits);
      course.origin = PictureOrigin::remote;
      if (host_.tiles() != nullptr) {
        host_.tiles()->store(wish.key, {}, remote->body.span(), wish.cost.client);
      }
      return std::move(remote->body);
    }
  }
  return render(wish, make, course);
}

Result<Bytes> Pictures::render(const PictureWish& wish, const Make& make, Course& course) {
  const auto place = enter(wish.cost, wish.patience, wish.client);
  if (!place) return tl::unexpected(place.error());
  const Clock::time_point start = Clock::now();
  auto bytes = make_in_turn(*place, make);
  course.made_in = since(start);
  course.origin = PictureOrigin::made;
  work(wish).add(wish.cost.lane == Lane::tiles ? Work::tiles_made : Work::regions_made);
  work(wish).add(Work::render_microseconds, static_cast<std::uint64_t>(course.made_in.count()));
  if (bytes && wish.keep) keep(wish, *bytes);
  return bytes;
}

// One that wants no more than its share goes before a virtual host that wants more.
Result<Bytes> Pictures::make_in_turn(const Admission::Place& place, const Make& make) {
  if (!place.gives_way()) return make();
  std::optional<Result<Bytes>> made;
  background_.run([&] { made = make(); });
  return std::move(*made);
}

void Pictures::keep(const PictureWish& wish, const Bytes& bytes) {
  if (host_.tiles() != nullptr) {
    host_.tiles()->store(wish.key, {}, bytes.span(), wish.cost.client);
  }
  if (wish.remote != nullptr) wish.remote->store(wish.name, {}, bytes);
}

}  // namespace iip
