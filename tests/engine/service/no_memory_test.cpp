// Each allocation of a request fails once, and each is the last that succeeds: the request ends
// with an error that says so, and the next one is answered as ever.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>

#include "engine/protocol/parse.h"
#include "engine/service/private_host.h"
#include "engine/service/service.h"
#include "support/failing_new.h"

namespace iip::test {
namespace {

struct Question {
  const char* file;
  const char* query;
};

// With the coders of every format among them, and what is kept between requests.
constexpr Question kQuestions[] = {
    {"pyr_jpeg.tif", "WID=100&CVT=jpeg"},
    {"pyr_jpeg.tif", "WID=90&CVT=png"},
    {"pyr_jpeg.tif", "WID=90&CVT=webp"},
    {"pyr_jpeg.tif", "WID=90&QLT=-1&CVT=webp"},
    {"pyr_jpeg.tif", "WID=90&CVT=tif"},
    {"pyr_jpeg.tif", "JTL=0,0"},
    {"pyr_jpeg.tif", "TIL=1,0-1"},
    {"pyr_jpeg.tif", "SPECTRA=0,0,1,1"},
    {"pyr_jpeg.tif", "PFL=0:0,0-20,20"},
    {"pyr_jpeg.tif", "OBJ=IIP,1.0&OBJ=Max-size&OBJ=Tile-size&OBJ=Resolution-number"},
    {"pyr_jpeg.tif", "ROT=33&WID=80&CVT=jpeg"},
    {"pyr_jpeg.tif", "COL=binary&WID=80&CVT=png"},
    {"pyr_jpeg.tif", "CNT=eq&GAM=2&WID=80&CVT=jpeg"},
    {"jpeg_420_progressive.jpg", "WID=60&CVT=jpeg"},
    {"png_grey16_interlaced.png", "WID=6&CVT=jpeg"},
    {"j_own_progressive.tif", "WID=60&CVT=jpeg"},
    {"base_palette.tif", "OBJ=metadata"},
};

// Each of the first allocations fails, then one in so many: there are a thousand, much alike.
constexpr std::size_t kEach = 60;
constexpr std::size_t kStride = 13;

// A host and a service, as they are when a child process starts.
struct Server : private PrivateHost, public Service {
  Server()
      : PrivateHost(std::move(*PrivateHost::create({4U << 20U, 2, 0}))),
        Service(ServiceLimits{}, PrivateHost::state()) {}
};

class NoMemoryTest : public ::testing::Test {
 protected:
  Result<std::string> ask(const Question& question) {
    const std::string path = std::string(std::getenv("IIP_TEST_IMAGES")) + "/" + question.file;
    std::pmr::monotonic_buffer_resource memory;
    NoLog log;
    ServiceContext context{&memory, log, "http://example.org/image", "image"};
    Settings settings;
    auto file = File::adopt(UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)));
    if (!file) return pass_on(file);
    Target target;
    target.query = question.query;
    auto parsed = parse_document(target, {}, &memory);
    if (!parsed) return fail(ErrorKind::malformed, "not a request");
    if (!*parsed) return pass_on(*parsed);
    auto prepared = server_->prepare(**parsed, *file, settings, context);
    if (!prepared) return pass_on(prepared);
    auto body = server_->render(**parsed, *prepared, *file, settings, context);
    if (!body) return pass_on(body);
    std::string text(body->text);
    text.append(body->bytes.span().begin(), body->bytes.span().end());
    return text + std::to_string(body->file_offset) + "+" + std::to_string(body->file_length);
  }

  // nullopt: what was thrown reached the rim, which makes 503 of it.
  std::optional<Result<std::string>> ask_without_memory(const Question& question, std::size_t after,
                                                        Shortage shortage, bool& was_felt) {
    const NoMemory no_memory(after, shortage);
    std::optional<Result<std::string>> answer;
    try {
      answer = ask(question);
    } catch (const std::bad_alloc&) {
    }
    was_felt = no_memory.was_felt();
    return answer;
  }

  void check(const Question& question, Shortage shortage) {
    SCOPED_TRACE(std::string(question.file) + " " + question.query);
    server_.emplace();
    const Result<std::string> expected = ask(question);
    std::size_t after = 0;
    for (bool was_felt = true; was_felt; after += after < kEach ? 1 : kStride) {
      server_.emplace();
      const auto answer = ask_without_memory(question, after, shortage, was_felt);
      if (answer && *answer) {
        ASSERT_TRUE(expected);
        ASSERT_EQ(**answer, *expected) << after;
      } else if (answer && (*answer).error().kind != ErrorKind::busy) {
        ASSERT_FALSE(expected) << after << ": " << (*answer).error().detail;
      }
      ASSERT_EQ(server_->admission().waiting, 0U) << after;
      ASSERT_EQ(server_->admission().tiles_inside + server_->admission().regions_inside, 0U)
          << after;
      const Result<std::string> next = ask(question);
      ASSERT_EQ(next.has_value(), expected.has_value()) << after;
      if (next) {
        ASSERT_EQ(*next, *expected) << after;
      }
    }
    EXPECT_GT(after, 10U) << "the allocations were not seen";
  }

  std::optional<Server> server_;
};

TEST_F(NoMemoryTest, OneAllocationFails) {
  for (const Question& question : kQuestions) check(question, Shortage::once);
}

TEST_F(NoMemoryTest, NoneSucceedsAnyMore) {
  for (const Question& question : kQuestions) check(question, Shortage::lasting);
}

}  // namespace
}  // namespace iip::test
