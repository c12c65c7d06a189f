// Commands of the Internet Imaging Protocol in any order, with any numbers, from text to answer.
// What an answer looks like is tested elsewhere: here every request has an answer, and it is one or
// the other, a picture or a refusal of what was asked.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory_resource>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/protocol/parse.h"
#include "engine/service/private_host.h"
#include "engine/service/service.h"

namespace iip {
namespace {

// '#' stands for a number.
constexpr std::string_view kCommands[] = {"MINMAX=0:#,#",
                                          "MINMAX=-:#,#",
                                          "MINMAX=#:0,1",
                                          "CNT=#",
                                          "CNT=eq",
                                          "CNT=stretch",
                                          "GAM=#",
                                          "GAM=log",
                                          "SHD=#,#",
                                          "INV",
                                          "CMP=jet",
                                          "CMP=viridis",
                                          "CTW=[#,#;#]",
                                          "CTW=[#]",
                                          "CNV=[#]",
                                          "CNV=emboss",
                                          "COL=grey",
                                          "COL=binary",
                                          "WID=#",
                                          "HEI=#",
                                          "WID=60",
                                          "ROT=#",
                                          "ROT=!270",
                                          "RGN=#,#,#,#",
                                          "RGN=.1,.2,.5,.6",
                                          "QLT=#",
                                          "BIT=#",
                                          "BIT=16",
                                          "LYR=#",
                                          "SDS=#,#",
                                          "CNV=[#,#,#,#,#,#,#,#,#]"};
constexpr std::string_view kOutputs[] = {
    "CVT=jpeg",  "CVT=png",       "CVT=tiff",    "JTL=0,0",
    "PTL=#,#",   "TTL=0,0",       "TIL=0,0-1",   "SPECTRA=0,0,#,#",
    "PFL=0:#,#", "PFL=0:1,1-#,#", "OBJ=IIP,1.0", "OBJ=min-max-sample-values"};
constexpr std::string_view kNumbers[] = {
    "0",          "1",           "2",
    "0.5",        "-1",          "100",
    "65535",      "-0",          "1e-320",
    "1e30",       "-1e30",       "1e300",
    "-1e300",     "1e999",       "nan",
    "inf",        "-inf",        "0x10",
    "",           "4294967296",  "18446744073709551616",
    "2147483647", "-2147483648", "340282350000000000000000000000000000001"};
constexpr const char* kImages[] = {"pyr_jpeg.tif",
                                   "d_u12_pyramid.tif",
                                   "d_f32_rgba_tile.tif",
                                   "d_f16_grey_tile.tif",
                                   "d_f32_bands_tile.tif",
                                   "d_i16_rgb_tile.tif",
                                   "d_u12_cmyk_spot_tile.tif",
                                   "d_lab8_cielab_tile.tif"};

class Dice {
 public:
  std::size_t below(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(engine_);
  }
  template <class T, std::size_t n>
  const T& one_of(const T (&choices)[n]) {
    return choices[below(n)];
  }

 private:
  std::mt19937 engine_{5489};  // the same in each run
};

std::string with_numbers(std::string_view command, Dice& dice) {
  std::string text;
  for (const char c : command) {
    if (c == '#') {
      text += dice.one_of(kNumbers);
    } else {
      text += c;
    }
  }
  return text;
}

// The image may be named anywhere, and again.
std::string any_query(Dice& dice) {
  std::vector<std::string> parts;
  for (std::size_t n = dice.below(7); n > 0; --n) {
    parts.push_back(with_numbers(dice.one_of(kCommands), dice));
  }
  for (std::size_t n = dice.below(8) == 0 ? 2 : 1; n > 0; --n) {
    const auto place = static_cast<std::ptrdiff_t>(dice.below(parts.size() + 1));
    parts.insert(parts.begin() + place, "FIF=any.tif");
  }
  parts.push_back(with_numbers(dice.one_of(kOutputs), dice));
  std::string query;
  for (const std::string& part : parts) query += (query.empty() ? "" : "&") + part;
  return query;
}

Result<Body> answer(Service& service, const std::string& query, const File& file,
                    std::pmr::memory_resource* memory) {
  Target target;
  target.query = query;
  auto parsed = parse(target, {Protocol::iip}, memory);
  if (!parsed) return pass_on(parsed);
  NoLog log;
  Settings settings;
  settings.max_cvt = 500;
  const ServiceContext context{memory, log, "http://example.org/image", "any.tif"};
  auto prepared = service.prepare(*parsed, file, settings, context);
  if (!prepared) return pass_on(prepared);
  return service.render(*parsed, *prepared, file, settings, context);
}

TEST(AnyCommands, HaveAnAnswer) {
  auto host = PrivateHost::create({4U << 20U, 2, 0});
  ASSERT_TRUE(host);
  Service service({}, host->state());
  Dice dice;
  int answers = 0;
  int refusals = 0;
  for (int n = 0; n < 1500; ++n) {
    const std::string path =
        std::string(std::getenv("IIP_TEST_IMAGES")) + "/" + dice.one_of(kImages);
    auto file = File::adopt(UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)));
    ASSERT_TRUE(file) << path;
    const std::string query = any_query(dice);
    std::pmr::monotonic_buffer_resource memory;
    const auto body = answer(service, query, *file, &memory);
    if (body) {
      EXPECT_GT(body->length(), 0U) << query;
      ++answers;
    } else {
      const ErrorKind kind = body.error().kind;
      EXPECT_TRUE(kind == ErrorKind::malformed || kind == ErrorKind::not_found ||
                  kind == ErrorKind::too_large)
          << path << " " << query << ": " << body.error().message << " " << body.error().detail;
      ++refusals;
    }
  }
  // Neither is the exception.
  EXPECT_GT(answers, 100);
  EXPECT_GT(refusals, 100);
}

}  // namespace
}  // namespace iip
