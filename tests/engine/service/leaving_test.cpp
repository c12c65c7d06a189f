// Each stage of a picture asks whether the client is still there and the time not over, and where
// the answer is no, the request ends there and holds nothing any more.
#include <execinfo.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unwind.h>

#include <array>
#include <chrono>
#include <map>
#include <memory_resource>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/formats/encode_raster.h"
#include "engine/image/box_shrink.h"
#include "engine/pipeline/colour/srgb_transform.h"
#include "engine/pipeline/process.h"
#include "engine/pipeline/stages.h"
#include "engine/protocol/parse.h"
#include "engine/service/open_image.h"
#include "engine/service/private_host.h"
#include "engine/service/service.h"
#include "support/python.h"
#include "support/rasters.h"

namespace iip::test {
namespace {

using std::chrono::seconds;

enum class Stage { decode, scale, colours, process, rotate, convert, encode };
using Stages = std::set<Stage>;

void PrintTo(Stage stage, std::ostream* out) {
  constexpr std::array kNames = {"decode", "scale",   "colours", "process",
                                 "rotate", "convert", "encode"};
  *out << kNames[static_cast<std::size_t>(stage)];
}

template <class Function>
const void* address_of(Function function) {
  // Of a function, and of a member that is not virtual, it comes first in the Itanium C++ ABI.
  const void* address = nullptr;
  std::memcpy(&address, &function, sizeof address);
  return address;
}

// By the functions through which each is entered; the innermost decides.
const std::map<const void*, Stage>& entrances() {
  static const std::map<const void*, Stage> kEntrances = {
      {address_of(&OpenImage::read_processed), Stage::decode},
      {address_of(&resample), Stage::scale},
      {address_of(&box_shrink), Stage::scale},
      {address_of(&SrgbTransform::convert), Stage::colours},
      {address_of(&process), Stage::process},
      {address_of(&rotate), Stage::rotate},
      {address_of(&mirror_and_turn), Stage::rotate},
      {address_of(&to_grey), Stage::convert},
      {address_of(&to_bitonal), Stage::convert},
      {address_of(&flatten_on_white), Stage::convert},
      {address_of(&encode), Stage::encode},
  };
  return kEntrances;
}

// The stage that is under way in the calling thread.
std::optional<Stage> current_stage() {
  std::array<void*, 64> frames{};
  const int count = ::backtrace(frames.data(), static_cast<int>(frames.size()));
  for (int i = 0; i < count; ++i) {
    // A return address may be the first byte behind its function.
    auto* const inside = static_cast<char*>(frames[static_cast<std::size_t>(i)]) - 1;
    const auto found = entrances().find(::_Unwind_FindEnclosingFunction(inside));
    if (found != entrances().end()) return found->second;
  }
  return std::nullopt;
}

// Leaves at the `last` question, or lets time pass at it.
class Watch : public ClientWatch {
 public:
  enum class End { never, leaves, is_late };

  explicit Watch(End end = End::never, std::size_t last = 0) : end_(end), last_(last) {}

  bool gone() override {
    ++asked_;
    if (const auto stage = current_stage()) first_.try_emplace(*stage, asked_);
    if (asked_ < last_ || end_ == End::never) return false;
    if (end_ == End::leaves) return true;
    if (asked_ == last_) std::this_thread::sleep_for(seconds(1));
    return false;
  }

  std::size_t asked() const { return asked_; }
  // The number of each stage's first question.
  const std::map<Stage, std::size_t>& first() const { return first_; }

 private:
  const End end_;
  const std::size_t last_;
  std::size_t asked_ = 0;
  std::map<Stage, std::size_t> first_;
};

struct Question {
  const char* query;
  Stages stages = {};  // besides decode and encode, which all have
  const char* profile = "";
};

std::ostream& operator<<(std::ostream& out, const Question& question) {
  return out << question.query << " " << question.profile;
}

// A host and a service, as they are when a child process starts.
struct Server : private PrivateHost, public Service {
  Server()
      : PrivateHost(std::move(*PrivateHost::create({32U << 20U, 2, 0}))),
        Service(ServiceLimits{}, PrivateHost::state()) {}
  using PrivateHost::state;
};

class Leaving : public ::testing::TestWithParam<Question> {
 protected:
  static constexpr Size kSize{900, 640};

  // A picture with the question's profile.
  void SetUp() override {
    Memory memory;
    PictureExtras extras;
    const std::string profile = GetParam().profile;
    if (profile == "tables") {
      run_python("tests/engine/pipeline/colours.py", {"tables_profile", folder_.file("icc")});
    } else if (!profile.empty()) {
      run_python("tests/engine/pipeline/colours.py",
                 {"profile", profile, folder_.file(""), folder_.file("icc")});
    }
    if (!profile.empty()) extras.icc_profile = Bytes(read_file(folder_.file("icc")));
    const Raster raster = make_raster(kSize, kRgb, memory, [](auto x, auto y, int c) {
      return (x * (3 + c) + y * 7 + x * y / 64) % 256;
    });
    const Bytes file =
        must(encode(raster, {Format::tiff, 1, TiffScheme::deflate}, extras, memory.allowance));
    write_file(folder_.file("picture.tif"), file.span().data(), file.span().size());
  }

  Result<std::size_t> ask(Service& service, Watch* watch, std::uint32_t timeout = 0) {
    std::pmr::monotonic_buffer_resource memory;
    NoLog log;
    ServiceContext context{&memory, log, "http://example.org/image", "image"};
    context.watch = watch;
    Settings settings;
    settings.render_timeout = timeout;
    if (*GetParam().profile != '\0') settings.colour = ColourPolicy::srgb;
    const std::string path = folder_.file("picture.tif");
    auto file = File::adopt(UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)));
    if (!file) return pass_on(file);
    Target target;
    target.query = GetParam().query;
    auto parsed = parse_document(target, {}, &memory);
    if (!parsed || !*parsed) return fail(ErrorKind::malformed, "not a request");
    auto prepared = service.prepare(**parsed, *file, settings, context);
    if (!prepared) return pass_on(prepared);
    auto body = service.render(**parsed, *prepared, *file, settings, context);
    if (!body) return pass_on(body);
    return body->bytes.size();
  }

  void expect_nothing_held(Server& server) {
    const AdmissionState state = server.admission();
    EXPECT_EQ(state.tiles_inside + state.regions_inside + state.waiting, 0U);
    EXPECT_EQ(state.memory, 0U);
    EXPECT_EQ(server.state().tiles()->counters().total.entries, 0U) << "half a picture was kept";
    // The request's own memory. That of an open image, and of what it keeps, is not the request's.
    EXPECT_LT(server.render_memory_used(), 1U << 20U);
  }

  ScratchFolder folder_;
};

TEST_P(Leaving, EachStageAsks) {
  Server server;
  Watch watch;
  const auto length = ask(server, &watch);
  ASSERT_TRUE(length) << length.error().message << ": " << length.error().detail;
  Stages asked;
  for (const auto& [stage, number] : watch.first()) asked.insert(stage);
  Stages expected = GetParam().stages;
  expected.insert({Stage::decode, Stage::encode});
  for (const Stage stage : expected) {
    EXPECT_TRUE(asked.contains(stage)) << ::testing::PrintToString(stage);
  }
}

// At each question, or at some evenly spread where there are many.
TEST_P(Leaving, EndsTheRequestAtOnce) {
  constexpr std::size_t kMost = 10;
  std::size_t questions = 0;
  Result<std::size_t> expected{0};
  {
    Server server;
    Watch watch;
    expected = ask(server, &watch);
    questions = watch.asked();
  }
  ASSERT_TRUE(expected);
  ASSERT_GT(questions, 4U);
  const std::size_t step = (questions + kMost - 1) / kMost;
  for (std::size_t last = 1; last <= questions; last += step) {
    SCOPED_TRACE(std::to_string(last) + " of " + std::to_string(questions));
    Server server;
    Watch watch(Watch::End::leaves, last);
    const auto stopped = ask(server, &watch);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, ErrorKind::client_gone) << stopped.error().detail;
    EXPECT_LE(watch.asked(), last + 1) << "it went on";  // libwebp asks again on its way out
    expect_nothing_held(server);
    EXPECT_EQ(ask(server, nullptr).value(), *expected) << "another who asks";
  }
}

// At the first question of each stage the time is over.
TEST_P(Leaving, TheTimeEndsEachStage) {
  Watch all;
  {
    Server server;
    ASSERT_TRUE(ask(server, &all));
  }
  for (const auto& [stage, number] : all.first()) {
    SCOPED_TRACE(::testing::PrintToString(stage));
    Server server;
    Watch watch(Watch::End::is_late, number);
    const auto stopped = ask(server, &watch, /*timeout=*/1);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, ErrorKind::busy) << stopped.error().detail;
    EXPECT_LE(watch.asked(), number + 1) << "it went on";
    expect_nothing_held(server);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Pictures, Leaving,
    ::testing::Values(Question{"CVT=jpeg"}, Question{"CVT=png"}, Question{"CVT=webp"},
                      Question{"QLT=-1&CVT=webp"}, Question{"CVT=tif"},
                      Question{"WID=700&CVT=jpeg", {Stage::scale}},
                      Question{"GAM=2&CVT=jpeg", {Stage::process}},
                      Question{"CNV=1,1,1,1,1,1,1,1,1&CVT=jpeg", {Stage::process}},
                      Question{"ROT=90&CVT=jpeg", {Stage::rotate}},
                      Question{"ROT=33&CVT=png", {Stage::rotate}},
                      Question{"COL=grey&CVT=jpeg", {Stage::convert}},
                      Question{"COL=binary&CVT=png", {Stage::convert}},
                      Question{"CVT=jpeg", {Stage::colours}, "p3"},
                      Question{"CVT=jpeg", {Stage::colours}, "tables"}));

}  // namespace
}  // namespace iip::test
