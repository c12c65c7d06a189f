// PrivateHost: a HostState of its own, for a program that is the only process of its host: the
// command-line tool, tests, measurements. The object is for one thread at a time; its state is
// thread-safe, as host_state.h says.
#pragma once

#include <utility>

#include "engine/cache/shared_block.h"
#include "engine/service/host_state.h"

namespace iip {

class PrivateHost {
 public:
  static Result<PrivateHost> create(const HostLayout& layout) {
    auto block = SharedBlock::create(HostState::block_size(layout));
    if (!block) return pass_on(block);
    auto state = HostState::create(block->span(), layout);
    if (!state) return pass_on(state);
    return PrivateHost(std::move(*block), *state);
  }

  HostState& state() { return state_; }

 private:
  PrivateHost(SharedBlock block, const HostState& state)
      : block_(std::move(block)), state_(state) {}
  SharedBlock block_;
  HostState state_;
};

}  // namespace iip
