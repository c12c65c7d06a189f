#include "engine/service/service.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/protocol/parse.h"

namespace iip {
namespace {

class QuietLog : public LogSink {
 public:
  bool enabled(LogLevel) const override { return false; }
  void write(LogLevel, std::string_view) override {}
};

// One request in document mode for a file that scripts/make_test_images.py made.
class Client {
 public:
  explicit Client(Service& service, const char* name = "pyr_jpeg.tif")
      : service_(service), file_(open_image(name)) {}

  Result<Prepared> prepare(std::string_view path) {
    Target target;
    target.path = path;
    auto parsed = parse_document(target, {}, &memory_);
    if (!parsed || !*parsed) return fail(ErrorKind::malformed, "not a request");
    parsed_ = std::move(**parsed);
    return service_.prepare(parsed_, *file_, settings, context_);
  }
  Result<Body> get(std::string_view path) {
    auto prepared = prepare(path);
    if (!prepared) return pass_on(prepared);
    return service_.render(parsed_, *prepared, *file_, settings, context_);
  }

  static Result<File> open_image(const char* name) {
    const std::string path = std::string(std::getenv("IIP_TEST_IMAGES")) + "/" + name;
    return File::adopt(UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)));
  }

  Settings settings;

 private:
  Service& service_;
  Result<File> file_;
  std::pmr::monotonic_buffer_resource memory_;
  QuietLog log_;
  ServiceContext context_{&memory_, log_, "http://example.org/image", "image.tif"};
  Parsed parsed_;
};

constexpr const char* kTile = "/0,0,128,128/128,128/0/default.jpg";
constexpr const char* kRegion = "/10,10,200,200/100,/0/default.jpg";

TEST(Service, AStoredTileIsASliceOfTheFile) {
  Service service({});
  const auto body = Client(service).get(kTile);
  ASSERT_TRUE(body) << body.error().message;
  EXPECT_GT(body->file_length, 0U);
  EXPECT_LT(body->bytes.size(), 1000U) << "the head alone";
  const auto region = Client(service).get(kRegion);
  ASSERT_TRUE(region) << region.error().message;
  EXPECT_EQ(region->file_length, 0U);
  EXPECT_GT(region->bytes.size(), 0U);
}

TEST(Service, EqualRequestsHaveEqualNamesAndOthersHaveNot) {
  Service service({});
  Client client(service);
  const auto digest = [&](std::string_view path) { return client.prepare(path)->etag; };
  EXPECT_EQ(digest("/0,0,128,128/128,128/0/default.jpg"), digest("/0,0,128,128/max/0.0/color.jpg"));
  EXPECT_NE(digest(kTile), digest(kRegion));
  EXPECT_NE(digest("/full/100,/0/default.jpg"), digest("/full/100,/0/default.png"));
  EXPECT_NE(digest("/full/100,/0/default.jpg"), digest("/full/100,/90/default.jpg"));
  EXPECT_NE(digest("/full/100,/0/default.jpg"), digest("/full/100,/0/gray.jpg"));
  const Digest before = digest("/full/100,/0/default.jpg");
  client.settings.jpeg_quality = 40;
  EXPECT_NE(digest("/full/100,/0/default.jpg"), before);
}

TEST(Service, MemoryIsGivenBackAfterEveryPicture) {
  Service service({});
  ASSERT_TRUE(Client(service).get(kRegion));
  EXPECT_EQ(service.render_memory_used(), 0U);
}

TEST(Service, WhatNeverFitsIsTooLarge) {
  ServiceLimits limits;
  limits.request_memory = 1000;
  Service small(limits);
  const auto refused = Client(small).get(kRegion);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::too_large);
  EXPECT_TRUE(Client(small).get(kTile)) << "a stored tile needs no pixels";
}

TEST(Service, TimeThatIsOverEndsAPicture) {
  const Result<File> file = Client::open_image("pyr_jpeg.tif");
  QuietLog log;
  const auto source = open_source(*file, {}, log);
  ASSERT_TRUE(source);
  MemoryPool pool(1U << 30U);
  MemoryBudget budget(pool, 1U << 30U);
  const ReadContext late{*file, budget, log, Deadline::after(std::chrono::seconds(-1))};
  const auto refused = (*source)->read(late, 0, {0, 0, 300, 300});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::busy);
  const ReadContext in_time{*file, budget, log, Deadline::after(std::chrono::seconds(60))};
  EXPECT_TRUE((*source)->read(in_time, 0, {0, 0, 300, 300}));
}

TEST(Service, MorePicturesThanAllowedAreBusyButStoredTilesAreNot) {
  ServiceLimits limits;
  limits.renders = 1;
  Service service(limits);
  constexpr int kThreads = 4;
  std::latch start(kThreads);
  std::atomic<int> made{0};
  std::atomic<int> busy{0};
  std::atomic<int> other{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        Client client(service);
        start.arrive_and_wait();
        // Enlarging takes long enough that the threads meet.
        for (int round = 0; round < 10; ++round) {
          const auto body = client.get("/full/^1500,/0/default.png");
          if (body) {
            ++made;
          } else {
            ++(body.error().kind == ErrorKind::busy ? busy : other);
          }
          if (!client.get(kTile)) ++other;
        }
      });
    }
  }
  EXPECT_EQ(other, 0);
  EXPECT_GT(made, 0);
  EXPECT_GT(busy, 0);
  EXPECT_EQ(made + busy, kThreads * 10);
  EXPECT_TRUE(Client(service).get(kRegion)) << "the place is free again";
}

TEST(Service, AHostWithASmallerLimitDoesNotServeWhatAnotherOpened) {
  Service service({});
  ASSERT_TRUE(Client(service).get(kRegion));
  Client strict(service);
  strict.settings.max_source_pixels = 1000;
  const auto refused = strict.prepare(kRegion);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::too_large);
}

}  // namespace
}  // namespace iip
