// An admission table in shared memory, and renders of two virtual hosts.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <new>

#include "engine/cache/shared_block.h"
#include "engine/service/admission.h"

namespace iip::test {

inline constexpr CacheClient kFirst{0};
inline constexpr CacheClient kSecond{1};
inline constexpr RenderCost kTile{Lane::tiles, 10, kFirst};
inline constexpr RenderCost kRegion{Lane::regions, 10, kFirst};

class AdmissionTest : public testing::Test {
 protected:
  AdmissionTest()
      : block_(SharedBlock::create(sizeof(AdmissionTable)).value()),
        table_(new (block_.span().data()) AdmissionTable) {
    EXPECT_TRUE(table_->format());
  }
  Admission admission(std::uint32_t slots, std::uint32_t waiting = 100,
                      std::uint64_t memory = 1000) {
    return Admission(*table_, {slots, memory, waiting});
  }

  SharedBlock block_;
  AdmissionTable* table_;
};

}  // namespace iip::test
