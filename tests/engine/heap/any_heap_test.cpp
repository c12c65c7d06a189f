// No answer shows what memory held before it: every picture there is, those of the fuzzers' corpora
// too, is answered for twice, with memory that is filled with one pattern and then with another
// when it is allocated, and the answers are the same, byte for byte.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "../../fuzz/heap_pattern.h"
#include "engine/base/hash.h"
#include "engine/formats/source_decoders.h"
#include "engine/protocol/parse.h"
#include "engine/service/private_host.h"
#include "engine/service/service.h"
#include "support/images.h"
#include "support/instrumented.h"
#include "support/source_tree.h"

namespace iip::test {
namespace {

namespace fs = std::filesystem;

// Every decoder, level and stage, and every encoder but that of AVIF, which takes a hundred times
// as long as the others.
constexpr std::array<std::string_view, 9> kRequests{
    "/info.json",
    "/full/!200,200/0/default.jpg",
    "/full/!90,70/90/gray.png",
    "/pct:30,20,45,50/!50,50/22.5/default.webp",
    "/0,0,150,150/max/0/default.tif",
    "?JTL=0,0",
    "?RGN=0.6,0.6,0.4,0.4&WID=60&CNT=1.5&ROT=270&CVT=png",
    "?SPECTRA=0,0,0,0",
    "?OBJ=IIP,1.0&OBJ=metadata&OBJ=statistics",
};
constexpr std::string_view kAvif = "/full/!60,60/0/default.avif";
constexpr std::size_t kAvifEvery = 40;

std::vector<fs::path> pictures() {
  constexpr std::array<std::string_view, 6> kTypes{".tif", ".jpg", ".png",
                                                   ".jp2", ".j2k", ".refused"};
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(image_path(""))) {
    if (std::ranges::count(kTypes, entry.path().extension()) != 0) found.push_back(entry.path());
  }
  for (const char* corpus : {"tiff", "jpeg", "png", "jp2"}) {
    for (const auto& entry :
         fs::directory_iterator(fs::path(source_root()) / "tests/fuzz/corpus" / corpus)) {
      found.push_back(entry.path());
    }
  }
  std::ranges::sort(found);
  return found;
}

// What there is to see of an answer.
std::string answer(Service& service, const File& file, std::string_view request) {
  std::pmr::monotonic_buffer_resource memory;
  NoLog log;
  const Settings settings;
  const ServiceContext context{&memory, log, "http://example.org/image", "image"};
  Target target;
  const std::size_t query = std::min(request.find('?'), request.size());
  target.path = request.substr(0, query);
  target.query = request.substr(std::min(query + 1, request.size()));
  auto parsed = parse_document(target, {}, &memory);
  if (!parsed || !*parsed) return "not a request";
  auto prepared = service.prepare(**parsed, file, settings, context);
  if (!prepared) return prepared.error().message + prepared.error().detail;
  auto body = service.render(**parsed, *prepared, file, settings, context);
  if (!body) return body.error().message + body.error().detail;
  std::string all(body->text);
  all.append(reinterpret_cast<const char*>(body->bytes.data()), body->bytes.size());
  return all + std::to_string(body->file_offset) + "+" + std::to_string(body->file_length);
}

// Of each picture a digest of each answer, all by a service of its own.
std::vector<std::vector<Digest>> answers(const std::vector<fs::path>& paths) {
  PrivateHost host = must(PrivateHost::create({4U << 20U, 2, 0}));
  UnconfinedDecoders decoders(source_decoders());  // under the pattern, too
  Service service({}, host.state(), &decoders);
  std::vector<std::vector<Digest>> all;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const File file = open_file(paths[i]);
    std::vector<Digest>& digests = all.emplace_back();
    const auto add = [&](std::string_view request) {
      Hasher hasher;
      hasher.add(answer(service, file, request));
      digests.push_back(hasher.digest());
    };
    for (const std::string_view request : kRequests) add(request);
    if (i % kAvifEvery == 0) add(kAvif);
  }
  return all;
}

constexpr std::size_t kParts = 4;

class AnyHeap : public testing::TestWithParam<std::size_t> {};

TEST_P(AnyHeap, GivesTheSameAnswers) {
  const std::vector<fs::path> all = pictures();
  std::vector<fs::path> paths;
  for (std::size_t i = GetParam(); i < all.size(); i += kParts) paths.push_back(all[i]);
  ASSERT_GT(paths.size(), 100U);
  const auto under = [&paths](std::uint8_t pattern) {
    const HeapPattern filled(pattern);
    return answers(paths);
  };
  const auto first = under(0x5A);
  const auto second = under(0xC3);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    for (std::size_t r = 0; r < first[i].size(); ++r) {
      EXPECT_EQ(first[i][r], second[i][r])
          << paths[i] << (r < kRequests.size() ? kRequests[r] : kAvif);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Part, AnyHeap, testing::Range<std::size_t>(0, kParts));

// What the others rest on.
TEST(HeapPattern, FillsWhatIsAllocatedAndNothingElse) {
  const HeapPattern filled(0x5A);
  const std::unique_ptr<std::uint8_t[]> some(new std::uint8_t[1000]);
  EXPECT_EQ(std::count(some.get(), some.get() + 1000, 0x5A), 1000);
  const std::vector<std::uint8_t> zeros(1000);
  EXPECT_EQ(std::count(zeros.begin(), zeros.end(), 0), 1000);
  const auto free_it = [](void* memory) { std::free(memory); };
  for (const std::size_t bytes : {100U, 1000000U}) {
    const std::unique_ptr<void, decltype(free_it)> cleared(std::calloc(1, bytes), free_it);
    const auto* first = static_cast<const std::uint8_t*>(cleared.get());
    EXPECT_EQ(std::count(first, first + bytes, 0), static_cast<std::ptrdiff_t>(bytes));
    const std::unique_ptr<void, decltype(free_it)> aligned(std::aligned_alloc(64, bytes / 64 * 64),
                                                           free_it);
    first = static_cast<const std::uint8_t*>(aligned.get());
    if (bytes <= 65536 || !kIsInstrumented) {
      EXPECT_EQ(first[0], 0x5A);
    }
  }
}

}  // namespace
}  // namespace iip::test
