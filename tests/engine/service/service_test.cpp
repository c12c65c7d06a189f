#include "engine/service/service.h"
#include "engine/formats/open_source.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/protocol/parse.h"
#include "engine/service/private_host.h"

namespace iip {
namespace {

// A service with the host to itself. The block is larger than the smallest that a tile cache takes.
struct TestService : private PrivateHost, public Service {
  explicit TestService(const ServiceLimits& limits = {}, std::uint64_t cache_bytes = 4U << 20U)
      : PrivateHost(std::move(*PrivateHost::create({cache_bytes, 2, 0}))),
        Service(limits, PrivateHost::state()) {}
  using PrivateHost::state;
  std::uint64_t count(Work work) { return state().work(CacheClient{0}).get(work); }
};

// One request in document mode for a file that scripts/make_test_images.py made.
class Client {
 public:
  explicit Client(Service& service, const char* name = "pyr_jpeg.tif",
                  std::uint64_t purge_epoch = 0)
      : service_(service), file_(open_image(name)) {
    context_.purge_epoch = purge_epoch;
  }

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
    return finish(*prepared);
  }
  std::optional<std::uint64_t> known_length(const Prepared& prepared) {
    return service_.known_length(parsed_, prepared, *file_, settings, context_);
  }
  Result<Body> finish(Prepared& prepared) {
    return service_.render(parsed_, prepared, *file_, settings, context_);
  }

  // An absolute path, or the name of a test picture.
  static std::string path_of(const std::string& name) {
    return name.starts_with('/') ? name : std::string(std::getenv("IIP_TEST_IMAGES")) + "/" + name;
  }
  static Result<File> open_image(const char* name) {
    const std::string path = path_of(name);
    return File::adopt(UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)));
  }

  Settings settings;
  Digest& site() { return context_.site; }

 private:
  Service& service_;
  Result<File> file_;
  std::pmr::monotonic_buffer_resource memory_;
  NoLog log_;
  ServiceContext context_{&memory_, log_, "http://example.org/image", "image.tif"};
  Parsed parsed_;
};

constexpr const char* kTile = "/0,0,128,128/128,128/0/default.jpg";
constexpr const char* kRegion = "/10,10,200,200/100,/0/default.jpg";

TEST(Service, AStoredTileIsASliceOfTheFile) {
  TestService service;
  const auto body = Client(service).get(kTile);
  ASSERT_TRUE(body) << body.error().message;
  EXPECT_GT(body->file_length, 0U);
  EXPECT_LT(body->bytes.size(), 1000U) << "the head alone";
  const auto region = Client(service).get(kRegion);
  ASSERT_TRUE(region) << region.error().message;
  EXPECT_EQ(region->file_length, 0U);
  EXPECT_GT(region->bytes.size(), 0U);
}

TEST(Service, TheLengthOfWhatNeedsNoMakingIsKnown) {
  TestService service;
  for (const char* path : {kTile, "/info.json"}) {
    Client client(service);
    auto prepared = client.prepare(path);
    ASSERT_TRUE(prepared) << prepared.error().message;
    const std::optional<std::uint64_t> length = client.known_length(*prepared);
    const auto body = client.finish(*prepared);
    ASSERT_TRUE(body) << body.error().message;
    EXPECT_EQ(length, body->length()) << path;
  }
  Client client(service);
  const auto prepared = client.prepare(kRegion);
  ASSERT_TRUE(prepared) << prepared.error().message;
  EXPECT_EQ(client.known_length(*prepared), std::nullopt);
  EXPECT_EQ(service.count(Work::regions_made), 0U);
}

TEST(Service, EqualRequestsHaveEqualNamesAndOthersHaveNot) {
  TestService service;
  Client client(service);
  const auto digest = [&](std::string_view path) { return client.prepare(path)->head.etag; };
  EXPECT_EQ(digest("/0,0,128,128/128,128/0/default.jpg"), digest("/0,0,128,128/max/0.0/color.jpg"));
  EXPECT_NE(digest(kTile), digest(kRegion));
  EXPECT_NE(digest("/full/100,/0/default.jpg"), digest("/full/100,/0/default.png"));
  EXPECT_NE(digest("/full/100,/0/default.jpg"), digest("/full/100,/90/default.jpg"));
  EXPECT_NE(digest("/full/100,/0/default.jpg"), digest("/full/100,/0/gray.jpg"));
  const Digest before = digest("/full/100,/0/default.jpg");
  client.settings.jpeg_quality = 40;
  EXPECT_NE(digest("/full/100,/0/default.jpg"), before);
}

// The same picture has one ETag, and a key of its own for each virtual host in each block.
TEST(Service, WhatIsSharedHasAKeyThatNobodyCanWorkOut) {
  TestService service;
  TestService other_block;
  Client client(service);
  Client neighbour(service);
  neighbour.site() = Digest{1, 2};
  Client elsewhere(other_block);
  for (const char* path : {kRegion, "/info.json"}) {
    const auto mine = client.prepare(path);
    const auto its = neighbour.prepare(path);
    const auto other = elsewhere.prepare(path);
    ASSERT_TRUE(mine && its && other);
    EXPECT_EQ(mine->head.etag, its->head.etag);
    EXPECT_EQ(mine->head.etag, other->head.etag);
    const std::array keys{mine->head.etag, mine->input.key, its->input.key, other->input.key};
    for (std::size_t i = 0; i < keys.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) EXPECT_NE(keys[i], keys[j]) << i << " and " << j;
    }
  }
}

TEST(Service, AVirtualHostDoesNotGetWhatWasMadeForAnother) {
  TestService service;
  Client client(service);
  Client neighbour(service);
  neighbour.site() = Digest{1, 2};
  EXPECT_EQ(client.get(kRegion)->course.origin, PictureOrigin::made);
  EXPECT_EQ(client.get(kRegion)->course.origin, PictureOrigin::cache);
  EXPECT_EQ(neighbour.get(kRegion)->course.origin, PictureOrigin::made);
  EXPECT_EQ(neighbour.get(kRegion)->course.origin, PictureOrigin::cache);
}

TEST(Service, MemoryIsGivenBackAfterEveryPicture) {
  TestService service;
  ASSERT_TRUE(Client(service).get(kRegion));
  // The image that is known now, and a decoder for it.
  const std::uint64_t kept = service.render_memory_used();
  EXPECT_LT(kept, std::uint64_t{1} << 19U);
  for (const char* format : {"png", "webp", "tif"}) {
    ASSERT_TRUE(Client(service).get(std::string("/10,10,200,200/100,/0/default.") + format));
    EXPECT_EQ(service.render_memory_used(), kept);
  }
}

TEST(Service, MemoryOfImagesThatAreNotKeptIsGivenBack) {
  ServiceLimits limits;
  limits.open_images = 0;
  TestService service(limits);
  ASSERT_TRUE(Client(service).get(kRegion));
  EXPECT_EQ(service.render_memory_used(), 0U);
}

TEST(Service, WhatNeverFitsIsTooLarge) {
  ServiceLimits limits;
  limits.request_memory = 1000;
  TestService small(limits);
  const auto refused = Client(small).get(kRegion);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::too_large);
  EXPECT_TRUE(Client(small).get(kTile)) << "a stored tile needs no pixels";
}

TEST(Service, TimeThatIsOverEndsAPicture) {
  const Result<File> file = Client::open_image("pyr_jpeg.tif");
  NoLog log;
  MemoryPool pool(1U << 30U);
  MemoryBudget budget(pool, 1U << 30U);
  const auto source = open_source({*file, budget, log});
  ASSERT_TRUE(source);
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
  limits.waiting = 0;
  TestService service(limits);
  // Opening waits for a place as well, so the image is known before.
  ASSERT_TRUE(Client(service).get(kTile));
  constexpr int kThreads = 4;
  std::latch start(kThreads);
  std::atomic<int> made{0};
  std::atomic<int> busy{0};
  std::atomic<int> other{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        Client client(service);
        start.arrive_and_wait();
        for (int round = 0; round < 10; ++round) {
          // Each another picture, and enlarged, so that the threads meet.
          const auto body =
              client.get("/full/^" + std::to_string(1500 + 10 * i + round) + ",/0/default.png");
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

TEST(Service, APictureIsMadeOnce) {
  TestService service;
  const auto first = Client(service).get(kRegion);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->course.origin, PictureOrigin::made);
  const auto second = Client(service).get("/010,10,200,200/100,100/0.0/color.jpg");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->course.origin, PictureOrigin::cache) << "the same in other words";
  EXPECT_TRUE(std::ranges::equal(first->bytes.span(), second->bytes.span()));
  EXPECT_EQ(service.count(Work::tiles_made), 1U);
}

TEST(Service, APurgedImageIsMadeAnew) {
  TestService service;
  ASSERT_TRUE(Client(service).get(kRegion));
  Client later(service, "pyr_jpeg.tif", /*purge_epoch=*/77);
  EXPECT_EQ(later.get(kRegion)->course.origin, PictureOrigin::made);
  EXPECT_EQ(later.get(kRegion)->course.origin, PictureOrigin::cache);
}

// A copy of a test picture that the test may write to.
class ChangingFile : public testing::Test {
 protected:
  ChangingFile() : path_(testing::TempDir() + "iip_changing_" + std::to_string(getpid())) {
    write("pyr_jpeg.tif");
  }
  ~ChangingFile() override { std::filesystem::remove(path_); }
  void write(const char* name) {
    std::filesystem::copy_file(Client::path_of(name), path_,
                               std::filesystem::copy_options::overwrite_existing);
  }
  const std::string path_;
};

TEST_F(ChangingFile, WhatMayChangeUnseenIsNotKept) {
  using std::filesystem::file_time_type;
  TestService service;
  // A time to come is not past for a second, however long this takes.
  std::filesystem::last_write_time(path_, file_time_type::clock::now() + std::chrono::hours(1));
  for (int i = 0; i < 2; ++i) {
    const auto body = Client(service, path_.c_str()).get(kRegion);
    ASSERT_TRUE(body);
    EXPECT_EQ(body->course.origin, PictureOrigin::made);
  }
  write("pyr_jpeg.tif");
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  EXPECT_EQ(Client(service, path_.c_str()).get(kRegion)->course.origin, PictureOrigin::made);
  EXPECT_EQ(Client(service, path_.c_str()).get(kRegion)->course.origin, PictureOrigin::cache);
}

TEST_F(ChangingFile, AFileThatIsTouchedBackInTimeIsANewOne) {
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  TestService service;
  const auto time = std::filesystem::last_write_time(path_);
  const Digest before = Client(service, path_.c_str()).prepare(kRegion)->head.etag;
  EXPECT_EQ(Client(service, path_.c_str()).prepare(kRegion)->head.etag, before);
  write("pyr_jpeg.tif");
  std::filesystem::last_write_time(path_, time);
  EXPECT_NE(Client(service, path_.c_str()).prepare(kRegion)->head.etag, before);
}

TEST_F(ChangingFile, APictureOfTwoVersionsIsNotSent) {
  TestService service;
  Client client(service, path_.c_str());
  auto prepared = client.prepare(kRegion);
  ASSERT_TRUE(prepared);
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) + 1);
  const auto body = client.finish(*prepared);
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().kind, ErrorKind::busy);
}

TEST(Service, AHostWithASmallerLimitDoesNotServeWhatAnotherOpened) {
  TestService service;
  ASSERT_TRUE(Client(service).get(kRegion));
  Client strict(service);
  strict.settings.max_source_pixels = 1000;
  const auto refused = strict.prepare(kRegion);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::too_large);
}

}  // namespace
}  // namespace iip
