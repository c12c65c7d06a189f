// What a request lends to each step that is done for it: memory, and time. Belongs to the thread of
// its request.
#pragma once

#include "engine/base/budget.h"
#include "engine/base/deadline.h"

namespace iip {

struct Allowance {
  MemoryBudget& budget;
  Deadline deadline = {};  // asked within the step, see checkpoint.h
};

}  // namespace iip
