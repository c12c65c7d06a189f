// What httpd does for the client: APR is initialised, and SIGPIPE ignored.
#include <gtest/gtest.h>

#include <csignal>

#include <apr_general.h>

namespace {

class Apr : public testing::Environment {
 public:
  void SetUp() override {
    ASSERT_EQ(apr_initialize(), APR_SUCCESS);
    std::signal(SIGPIPE, SIG_IGN);
  }
  void TearDown() override { apr_terminate(); }
};

// GoogleTest owns it.
const testing::Environment* const kApr = testing::AddGlobalTestEnvironment(new Apr);

}  // namespace
