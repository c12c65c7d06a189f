#include "engine/base/deadline.h"

#include <gtest/gtest.h>

namespace iip {
namespace {

TEST(Deadline, NoneIsNeverOver) { EXPECT_TRUE(Deadline().check()); }

TEST(Deadline, IsOverWhenItsTimeIs) {
  EXPECT_TRUE(Deadline::after(std::chrono::seconds(60)).check());
  const auto over = Deadline::after(std::chrono::seconds(-1)).check();
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().kind, ErrorKind::busy);
}

}  // namespace
}  // namespace iip
