#include "engine/service/counted_answer.h"

#include <gtest/gtest.h>

#include <string>

namespace iip {
namespace {

TEST(CountedAnswer, IsWhatWasAddedInItsOrder) {
  MemoryPool pool(1000);
  MemoryBudget budget(pool, 1000);
  CountedAnswer answer(budget);
  ASSERT_TRUE(answer.add("head "));
  const auto room = answer.extend(3);
  ASSERT_TRUE(room);
  std::fill(room->begin(), room->end(), std::uint8_t{'x'});
  ASSERT_TRUE(answer.add(ByteSpan()));
  ASSERT_TRUE(answer.add(" end"));
  EXPECT_GE(budget.used(), 12U);
  const Bytes bytes = answer.take();
  EXPECT_EQ(std::string(bytes.span().begin(), bytes.span().end()), "head xxx end");
  EXPECT_EQ(budget.used(), 0U);
}

TEST(CountedAnswer, EndsWhereTheBudgetDoes) {
  MemoryPool pool(1000);
  MemoryBudget budget(pool, 100);
  CountedAnswer answer(budget);
  ASSERT_TRUE(answer.add(std::string(60, 'a')));
  const Status refused = answer.add(std::string(60, 'b'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::too_large);
  EXPECT_LE(budget.used(), 100U);
}

TEST(CountedAnswer, IsNeverLongerThanAClientNeeds) {
  MemoryPool pool(std::uint64_t{1} << 40U);
  MemoryBudget budget(pool, std::uint64_t{1} << 40U);
  CountedAnswer answer(budget);
  ASSERT_TRUE(answer.extend(CountedAnswer::kMostBytes));
  const Status refused = answer.add("x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::too_large);
  EXPECT_FALSE(CountedAnswer(budget).extend(std::uint64_t{1} << 60U));
}

}  // namespace
}  // namespace iip
