#include "engine/service/host_state.h"

#include <gtest/gtest.h>

#include "engine/cache/shared_block.h"

namespace iip {
namespace {

constexpr HostLayout kLayout{.cache_bytes = 4U << 20U, .clients = 3, .seed = 7};
constexpr Digest kKey{5, 6};
constexpr CacheClient kClient{1};

SharedBlock block_for(const HostLayout& layout) {
  return SharedBlock::create(HostState::block_size(layout)).value();
}

TEST(HostState, WhatOneWroteAnotherReads) {
  const SharedBlock block = block_for(kLayout);
  auto first = HostState::create(block.span(), kLayout);
  ASSERT_TRUE(first) << first.error().detail;
  first->work(kClient).add(Work::requests, 5);
  first->purges().purge("/srv");
  ByteVector body{1, 2, 3};
  ASSERT_TRUE(first->tiles()->store(kKey, body, kClient));

  auto second = HostState::attach(block.span(), kLayout);
  ASSERT_TRUE(second) << second.error().detail;
  EXPECT_EQ(second->work(kClient).get(Work::requests), 5U);
  EXPECT_EQ(second->work(CacheClient{0}).get(Work::requests), 0U);
  EXPECT_NE(second->purges().epoch_of("/srv/a.tif"), 0U);
  const auto found = second->tiles()->find(kKey, kClient);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->size(), 3U);
}

TEST(HostState, OnlyTheSameLayoutIsJoined) {
  const SharedBlock block = block_for(kLayout);
  EXPECT_FALSE(HostState::attach(block.span(), kLayout)) << "never formatted";
  ASSERT_TRUE(HostState::create(block.span(), kLayout));
  HostLayout other = kLayout;
  other.clients = 4;
  EXPECT_FALSE(HostState::attach(block.span(), other));
  other = kLayout;
  other.cache_bytes += 4096;
  EXPECT_FALSE(HostState::attach(block.span(), other));
  other = kLayout;
  other.seed = 8;
  EXPECT_TRUE(HostState::attach(block.span(), other)) << "the seed in the block holds";
}

TEST(HostState, WithoutATileCache) {
  HostLayout layout = kLayout;
  layout.cache_bytes = 0;
  const SharedBlock block = block_for(layout);
  auto state = HostState::create(block.span(), layout);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->tiles(), nullptr);
  EXPECT_TRUE(HostState::attach(block.span(), layout));
}

TEST(HostState, MoreClientsThanCountersShare) {
  const SharedBlock block = block_for(kLayout);
  auto state = HostState::create(block.span(), kLayout);
  ASSERT_TRUE(state);
  state->work(CacheClient{4}).add(Work::requests);
  EXPECT_EQ(state->work(kClient).get(Work::requests), 1U);
}

TEST(HostState, CountersThatChangeHandsStartAgain) {
  const SharedBlock block = block_for(kLayout);
  auto state = HostState::create(block.span(), kLayout);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->work(kClient).owner(), 0U) << "nobody's";
  constexpr CacheClient kOther{2};
  for (const CacheClient client : {kClient, kOther}) {
    state->give_to(client, 10);
    state->work(client).add(Work::requests, 3);
    state->memcached(client).hits = 4;
    state->memcached(client).too_large = 5;
  }
  state->give_to(kClient, 11);
  auto joined = HostState::attach(block.span(), kLayout);
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->work(kClient).owner(), 11U);
  EXPECT_EQ(joined->work(kClient).get(Work::requests), 0U);
  EXPECT_EQ(joined->memcached(kClient).hits, 0U);
  EXPECT_EQ(joined->memcached(kClient).too_large, 0U);
  EXPECT_EQ(joined->work(kOther).owner(), 10U);
  EXPECT_EQ(joined->work(kOther).get(Work::requests), 3U);
  EXPECT_EQ(joined->memcached(kOther).hits, 4U);
}

TEST(WorkCounters, EachKindHasAName) {
  for (std::size_t i = 0; i < kWorkKinds; ++i) {
    EXPECT_FALSE(name_of(static_cast<Work>(i)).empty());
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_NE(name_of(static_cast<Work>(i)), name_of(static_cast<Work>(j)));
    }
  }
}

}  // namespace
}  // namespace iip
