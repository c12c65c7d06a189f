#include "engine/remote/breaker.h"

#include <gtest/gtest.h>

namespace iip {
namespace {

using namespace std::chrono_literals;
using Change = Breaker::Change;
using Pass = Breaker::Pass;
using State = Breaker::State;

// A moment of the tests' own: nothing here waits.
const Breaker::Clock::time_point kStart{1h};

Change fail_once(Breaker& breaker) { return breaker.report(breaker.enter(), false, kStart); }
Change succeed_once(Breaker& breaker) { return breaker.report(breaker.enter(), true, kStart); }

void open(Breaker& breaker) {
  for (int i = 0; i < 3; ++i) fail_once(breaker);
  ASSERT_EQ(breaker.state(), State::open);
}

TEST(Breaker, ThreeFailuresInARowOpenIt) {
  Breaker breaker(5s);
  EXPECT_EQ(fail_once(breaker), Change::none);
  EXPECT_EQ(fail_once(breaker), Change::none);
  EXPECT_EQ(breaker.enter(), Pass::normal);
  EXPECT_EQ(fail_once(breaker), Change::opened);
  EXPECT_EQ(breaker.state(), State::open);
  EXPECT_EQ(breaker.enter(), Pass::refused);
}

TEST(Breaker, RareFailuresDoNot) {
  Breaker breaker(5s);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(i % 10 == 0 ? fail_once(breaker) : succeed_once(breaker), Change::none) << i;
  }
  EXPECT_EQ(breaker.state(), State::closed);
}

TEST(Breaker, FrequentFailuresDo) {
  Breaker breaker(5s);
  int asked = 0;
  while (breaker.state() == State::closed && asked < 1000) {
    asked++ % 2 == 0 ? fail_once(breaker) : succeed_once(breaker);
  }
  EXPECT_EQ(breaker.state(), State::open);
  EXPECT_LT(asked, 20);
}

TEST(Breaker, OpensOnceForThoseThatFailTogether) {
  Breaker breaker(5s);
  Pass passes[10];
  for (Pass& pass : passes) pass = breaker.enter();
  int opened = 0;
  for (const Pass pass : passes) opened += breaker.report(pass, false, kStart) == Change::opened;
  EXPECT_EQ(opened, 1);
}

TEST(Breaker, WhatWasUnderWayDoesNotCloseIt) {
  Breaker breaker(5s);
  const Pass early = breaker.enter();
  open(breaker);
  EXPECT_EQ(breaker.report(early, true, kStart), Change::none);
  EXPECT_EQ(breaker.state(), State::open);
}

TEST(Breaker, RestsAndStaysOpenWhileTheServerFails) {
  Breaker breaker(5s);
  EXPECT_FALSE(breaker.rests_until());
  open(breaker);
  EXPECT_EQ(breaker.rests_until(), kStart + 5s);
  breaker.rested(false, kStart + 7s);
  EXPECT_EQ(breaker.state(), State::open);
  EXPECT_EQ(breaker.rests_until(), kStart + 12s);
}

TEST(Breaker, OneCallerTriesIt) {
  Breaker breaker(5s);
  open(breaker);
  breaker.rested(true, kStart + 5s);
  EXPECT_EQ(breaker.state(), State::trial);
  const Pass trial = breaker.enter();
  EXPECT_EQ(trial, Pass::trial);
  EXPECT_EQ(breaker.enter(), Pass::refused);
  EXPECT_EQ(breaker.report(trial, true, kStart + 6s), Change::closed);
  EXPECT_EQ(breaker.state(), State::closed);
  EXPECT_EQ(breaker.enter(), Pass::normal);
}

TEST(Breaker, AFailedTrialIsNoChangeToTellOf) {
  Breaker breaker(5s);
  open(breaker);
  breaker.rested(true, kStart + 5s);
  EXPECT_EQ(breaker.report(breaker.enter(), false, kStart + 6s), Change::none);
  EXPECT_EQ(breaker.state(), State::open);
  EXPECT_EQ(breaker.rests_until(), kStart + 11s);
  // And the next trial can be had.
  breaker.rested(true, kStart + 11s);
  EXPECT_EQ(breaker.enter(), Pass::trial);
}

TEST(Breaker, StartsAfreshWhenItHasClosed) {
  Breaker breaker(5s);
  open(breaker);
  breaker.rested(true, kStart + 5s);
  succeed_once(breaker);
  EXPECT_EQ(fail_once(breaker), Change::none);
  EXPECT_EQ(fail_once(breaker), Change::none);
  EXPECT_EQ(fail_once(breaker), Change::opened);
}

}  // namespace
}  // namespace iip
