// Pictures: where a rendered picture comes from.
//
//   the tile cache, else another request that is making the same one (in this process, then in
//   another process of the host), else the store between machines, else a render
//
// In that order, so that one picture is made once on the host, however many ask for it. A render
// waits for a slot first (admission.h). It is made in the request's thread, or, where it is to
// give way to another virtual host's, in a background thread, for which the request's waits.
// Thread-safe; shared by all requests of the process.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "engine/base/background_threads.h"
#include "engine/base/bytes.h"
#include "engine/base/client_watch.h"
#include "engine/base/hash.h"
#include "engine/base/result.h"
#include "engine/cache/single_flight.h"
#include "engine/remote/remote_store.h"
#include "engine/service/admission.h"
#include "engine/service/answer.h"
#include "engine/service/host_state.h"

namespace iip {

struct RenderRequest {
  Digest key;   // on this host
  Digest name;  // on all machines: of everything that decides the bytes
  RenderCost cost;
  std::chrono::milliseconds patience{0};  // with whom it waits for, each time
  bool keep = true;                       // false: make it, but put it nowhere
  RemoteStore* remote = nullptr;          // null: there is none
  ClientWatch* client = nullptr;          // null: nobody to ask
};

struct Picture {
  Bytes bytes;
  PictureOrigin origin = PictureOrigin::made;
  std::chrono::microseconds waited{0};  // for others, and for a slot
  std::chrono::microseconds made_in{0};
};

class Pictures {
 public:
  using Make = std::function<Result<Bytes>()>;  // called in any thread

  // The block of `host` must outlive this.
  Pictures(const HostState& host, const AdmissionLimits& limits);

  // Errors: those of make(); busy, too_large (admission); client_gone.
  Result<Picture> find_or_make(const RenderRequest& request, const Make& make);

  // A slot for other work than a picture: the opening of a file. Errors: busy, too_large;
  // client_gone.
  Result<Admission::Slot> enter(const RenderCost& cost, std::chrono::milliseconds patience,
                                ClientWatch* client) const;

  // The length of a picture that is in the tile cache; for HEAD.
  std::optional<std::uint64_t> known_length(const Digest& key, CacheClient client);

  AdmissionState admission() const { return admission_.state(); }

 private:
  // What one request went through on the way to its picture.
  struct Course;

  std::optional<Bytes> find_in_cache(const Digest& key, CacheClient client);
  Result<Bytes> make_once(const RenderRequest& request, const Make& make, Course& course);
  Result<Bytes> render(const RenderRequest& request, const Make& make, Course& course);
  Result<Bytes> make_in_turn(const Admission::Slot& slot, const Make& make);
  void keep(const RenderRequest& request, const Bytes& bytes);
  WorkCounters& work(const RenderRequest& request) const { return host_.work(request.cost.client); }

  HostState host_;
  const Admission admission_;
  SingleFlight<Bytes> flights_;
  BackgroundThreads background_;
};

}  // namespace iip
