// Commands of IIP that somebody made up to do harm.
#include <string>
#include <vector>

#include "iip_parsing.h"

namespace iip {
namespace {

// Each numeric field with each hostile number: refused as malformed, or taken within the range that
// is written here.
TEST(IipHostile, NumericFields) {
  const std::vector<std::string> refused_everywhere = {
      "nan",   "inf",   "-inf",  "NaN",      "infinity",     "0x10",
      " 1",    "1 ",    "\t1",   "1\n",      "--1",          "+-1",
      "-",     "+",     ".",     "e5",       "1e",           "1e+",
      "1.2.3", "1_000", "1'000", "\xD9\xA3", "\xEF\xBC\x91", "%31",
      "1%20",  "1e999", "1\x01", "one",      "1f",           "1L"};
  const std::vector<std::string> fields = {
      "WID=#",        "HEI=#",           "ROT=#",           "ROT=!#",          "QLT=#",
      "QLT=jpeg:#",   "LYR=#",           "SDS=#",           "SDS=0,#",         "RGN=#,0,1,1",
      "RGN=0,#,1,1",  "RGN=0,0,#,1",     "RGN=0,0,1,#",     "CNT=#",           "GAM=#",
      "JTL=#,0",      "JTL=0,#",         "PTL=#,0",         "JTLS=#,0,0,90",   "JTLS=0,#,0,0",
      "JTLS=0,0,#,0", "JTLS=0,0,0,#",    "TIL=#,0",         "TIL=0,#",         "TIL=0,0-#",
      "TIL=0,#-1",    "TIL=0,0-1,#",     "BIT=#",           "WTL=#,0",         "ATL=0,#",
      "TTL=#,0",      "MINMAX=0:#,1",    "MINMAX=0:0,#",    "MINMAX=-:#,1",    "SHD=#,30",
      "SHD=30,#",     "SPECTRA=#,0,0,0", "SPECTRA=0,#,0,0", "SPECTRA=0,0,#,0", "SPECTRA=0,0,0,#",
      "PFL=#:0,0",    "PFL=0:#,0",       "PFL=0:0,#",       "PFL=0:0,0-#,1",   "PFL=0:0,0-1,#"};
  for (const std::string& field : fields) {
    for (const std::string& value : refused_everywhere) {
      std::string command = field;
      command.replace(command.find('#'), 1, value);
      EXPECT_EQ(error_kind("FIF=a&" + command + "&CVT=jpeg"), ErrorKind::malformed) << command;
      EXPECT_THAT(error_line("FIF=a&" + command + "&CVT=jpeg"), testing::HasSubstr(":2 1 "));
    }
  }
  // Whole numbers without a sign.
  for (const char* field :
       {"WID=#", "HEI=#", "JTL=#,0", "JTL=0,#", "PTL=0,#", "JTLS=0,#,0,0", "JTLS=0,0,#,0",
        "TIL=#,0", "TIL=0,#,0", "TIL=0,0-#", "BIT=#", "TTL=0,#", "SPECTRA=#,0,0,0",
        "SPECTRA=0,0,0,#", "PFL=#:0,0", "PFL=0:#,0", "PFL=0:0,0-0,#"}) {
    for (const char* value :
         {"-1", "-0", "+1", "1e9", "1e-45", "18446744073709551616", "99999999999999999999999999"}) {
      std::string command = field;
      command.replace(command.find('#'), 1, value);
      EXPECT_EQ(error_kind("FIF=a&" + command + "&CVT=jpeg"), ErrorKind::malformed) << command;
    }
  }
  for (const char* command : {"JTL=0.1,0",
                              "JTL=0",
                              "JTL=0,0,",
                              "JTL=,0",
                              "JTL=0,",
                              "JTL=0,0,0",
                              "JTL",
                              "JTLS=0,0,0",
                              "JTLS=0,0,0,0,0",
                              "TIL=0",
                              "TIL=0,0-",
                              "TIL=0,-1",
                              "TIL=0,0-1-2",
                              "TIL=0,0,0,0",
                              "TIL=,",
                              "SDS=0,90,0",
                              "SDS=0,",
                              "QLT=75.5",
                              "QLT=jpeg:",
                              "QLT=:",
                              "QLT=a:b:1",
                              "ROT=!",
                              "ROT=!!90",
                              "ROT=90,0",
                              "LYR=1.5",
                              "OBJ=,",
                              "WID=1,2",
                              "SPECTRA=0,0,0",
                              "SPECTRA=0,0,0,0,0",
                              "SPECTRA",
                              "PFL=0,0,0",
                              "PFL=0:0",
                              "PFL=0:0,0-",
                              "PFL=0:0,0-1",
                              "PFL=0:0,0-1,1-2,2",
                              "PFL=0:0,0,1,1",
                              "PFL=:0,0",
                              "CNT=",
                              "QLT=9223372036854775808",
                              "LYR=-9223372036854775808"}) {
    const auto parsed = parse_query("FIF=a&" + std::string(command) + "&CVT=jpeg");
    if (std::string(command) == "CNT=") {
      EXPECT_TRUE(parsed) << "an empty value drops the command";
    } else {
      ASSERT_FALSE(parsed) << command;
      EXPECT_EQ(parsed.error().kind, ErrorKind::malformed) << command;
    }
  }
}

// All pairs of commands, with and without an image: never more than one answer, and without an
// image always an error.
TEST(IipHostile, AllPairsOfCommands) {
  const std::vector<std::string> commands = {
      "FIF=b",         "OBJ=max-size",    "WID=5",     "HEI=5",   "RGN=0,0,.5,.5", "QLT=5",
      "ROT=90",        "COL=grey",        "CVT=jpeg",  "CVT=png", "JTL=0,0",       "PTL=0,0",
      "JTLS=0,0,0,90", "TIL=0,0",         "SDS=0,90",  "LYR=1",   "ICC=1",         "CNT=2",
      "GAM=2",         "MINMAX=0:1,2",    "SHD=1,2",   "CMP=hot", "INV",           "CTW=[1]",
      "CNV=sobel",     "SPECTRA=0,0,0,0", "PFL=0:0,0", "WTL=0,0", "ATL=0,0",       "TTL=0,0",
      "BOGUS=1",       "IIIF=x"};
  for (const std::string& first : commands) {
    for (const std::string& second : commands) {
      const std::string pair = first + "&" + second;
      const bool names_image = pair.find("FIF") != std::string::npos;
      const auto without =
          parse({.path = "", .query = pair, .accept = ""}, {.protocol = Protocol::iip}, heap());
      if (!names_image && first != "IIIF=x" && second != "IIIF=x") {
        ASSERT_FALSE(without) << pair;
        EXPECT_FALSE(without.error().wire_body.empty()) << pair;
      }
      const auto with = parse_query("FIF=a&" + pair);
      if (!with) {
        EXPECT_THAT(with.error().wire_body, testing::StartsWith("Error/")) << pair;
        EXPECT_FALSE(with.error().message.empty()) << pair;
      }
    }
  }
}

}  // namespace
}  // namespace iip
