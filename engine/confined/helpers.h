// Helpers: decoders that run in processes of their own.
//
// Each question goes to a new process that has its bytes, room for the answer, and nothing else; if
// it ends there, by a signal or a limit, or does not end in time, that is an error of the one
// request. These processes are forked by another, the parent of helpers (helper_parent.h), which is
// started here once. It ends with the Helpers, and with the thread that made them: make them in a
// thread that lives as long as the process does, and before there are others.
//
// Without the parent, which nothing but a kill from outside ends, every question is `busy`: a new
// one could only be forked from a process that has threads and other people's pictures by now.
//
// Thread-safe.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <span>

#include "engine/base/file.h"
#include "engine/confined/confined_decoders.h"
#include "engine/confined/helper_counters.h"

namespace iip {

class Helpers : public ConfinedDecoders {
 public:
  static constexpr std::chrono::seconds kMostProcessorTime = std::chrono::minutes(10);

  // Forks. The table must live as long as the program, and the counters, which may be null, as long
  // as the Helpers. No question gets more processor time, also where its request has no deadline.
  // Errors: internal.
  static Result<std::unique_ptr<Helpers>> start(
      std::span<const ConfinedDecoder> table,
      std::chrono::seconds most_processor_time = kMostProcessorTime,
      HelperCounters* counters = nullptr);
  ~Helpers() override;

  // Errors besides the decoder's own: corrupt where it ended by a signal or wanted more memory,
  // internal where it was not done within the deadline or used up as much processor time; busy
  // where there is no process to be had.
  Status run(const ConfinedTask& task, const ConfinedBlock& block,
             const Deadline& deadline) override;

  pid_t parent() const { return parent_; }

 private:
  Helpers(std::span<const ConfinedDecoder> table, std::chrono::seconds most_processor_time,
          HelperCounters* counters, UniqueFd socket, pid_t parent)
      : table_(table),
        most_processor_time_(most_processor_time),
        counters_(counters),
        socket_(std::move(socket)),
        parent_(parent) {}

  void count(HelperCounters::Counter HelperCounters::*counter) const;
  // Counts a question that was refused, and returns its error as it is.
  tl::unexpected<Error> refused(tl::unexpected<Error> error) const;
  Result<UniqueFd> send(const ConfinedTask& task, const ConfinedBlock& block,
                        const Deadline& deadline) const;

  const std::span<const ConfinedDecoder> table_;
  const std::chrono::seconds most_processor_time_;
  HelperCounters* const counters_;
  UniqueFd socket_;
  const pid_t parent_;
};

}  // namespace iip
