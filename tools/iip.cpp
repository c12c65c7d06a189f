// iip: the engine on the command line. Answers one request for one image file, as mod_iip would in
// document mode, without a server.
//
//   iip info map.tif
//   iip get map.tif /full/600,/0/default.jpg > map.jpg
//   iip get map.tif '?WID=400&CVT=jpeg' > map.jpg
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/standard_error_log.h"
#include "engine/base/text.h"
#include "engine/confined/helpers.h"
#include "engine/formats/open_source.h"
#include "engine/formats/source_decoders.h"
#include "engine/protocol/parse.h"
#include "engine/service/private_host.h"
#include "engine/service/service.h"

namespace {

using iip::Error;
using iip::Result;

constexpr int kUsage = 2;

int complain(const Error& error) {
  std::fprintf(stderr, "iip: %s%s%s\n", error.message.c_str(), error.detail.empty() ? "" : ": ",
               error.detail.c_str());
  return 1;
}

Result<iip::File> open_file(const char* name) {
  iip::UniqueFd fd(::open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return iip::fail(iip::ErrorKind::not_found, "The file can not be opened", name);
  return iip::File::adopt(std::move(fd));
}

void put(std::span<const std::uint8_t> bytes) {
  std::fwrite(bytes.data(), 1, bytes.size(), stdout);
}

int print_info(const iip::File& file) {
  iip::StandardErrorLog log(iip::LogLevel::info);
  constexpr std::uint64_t kMemory = std::uint64_t{1} << 30U;
  iip::MemoryPool pool(kMemory);
  iip::MemoryBudget budget(pool, kMemory);
  const auto source = iip::open_source({file, budget, log});
  if (!source) return complain(source.error());
  const iip::ImageInfo& info = (*source)->info();
  std::printf("%.*s, %d x %d bits, %s\n", static_cast<int>(info.type_name.size()),
              info.type_name.data(), info.stored_channels, info.stored_bits,
              info.tiled ? "tiled" : "not tiled");
  for (const iip::Level& level : info.levels) {
    std::printf("%lld x %lld in tiles of %lld x %lld\n", static_cast<long long>(level.size.width),
                static_cast<long long>(level.size.height), static_cast<long long>(level.tile.width),
                static_cast<long long>(level.tile.height));
  }
  return 0;
}

Result<iip::Parsed> parse_request(std::string_view text, std::pmr::memory_resource* memory) {
  iip::Target target;
  target.path = iip::take_until(text, '?');
  target.query = text;
  auto parsed = iip::parse_document(target, {}, memory);
  if (!parsed) return iip::fail(iip::ErrorKind::malformed, "The request names no picture");
  return std::move(*parsed);
}

int answer(const iip::File& file, const char* name, std::string_view text,
           iip::ConfinedDecoders& decoders) {
  std::pmr::monotonic_buffer_resource memory;
  iip::StandardErrorLog log(iip::LogLevel::info);
  const auto parsed = parse_request(text, &memory);
  if (!parsed) return complain(parsed.error());

  iip::HostLayout layout;
  layout.cache_bytes = 0;  // one request: nobody to keep anything for
  layout.clients = 1;
  auto host = iip::PrivateHost::create(layout);
  if (!host) return complain(host.error());
  iip::Service service({}, host->state(), &decoders);
  const iip::Settings settings;
  const iip::ServiceContext context{&memory, log, "file://", name};
  auto prepared = service.prepare(*parsed, file, settings, context);
  if (!prepared) return complain(prepared.error());
  const auto body = service.render(*parsed, *prepared, file, settings, context);
  if (!body) return complain(body.error());

  std::fwrite(body->text.data(), 1, body->text.size(), stdout);
  put(body->bytes.span());
  std::vector<std::uint8_t> slice(body->file_length);
  if (const auto read = file.read_at(body->file_offset, slice); !read)
    return complain(read.error());
  put(slice);
  return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv, argv + argc);
  const bool is_info = words.size() == 3 && words[1] == "info";
  const bool is_get = words.size() == 4 && words[1] == "get";
  if (!is_info && !is_get) {
    std::fprintf(stderr,
                 "usage: iip info FILE\n"
                 "       iip get FILE REQUEST    as in a URL, behind the file's name:\n"
                 "                               /full/600,/0/default.jpg  ?WID=400&CVT=jpeg\n");
    return kUsage;
  }
  // Before there are threads, and before any file is open.
  const auto helpers = iip::Helpers::start(iip::source_decoders());
  if (!helpers) return complain(helpers.error());
  const auto file = open_file(argv[2]);
  if (!file) return complain(file.error());
  return is_info ? print_info(*file) : answer(*file, argv[2], words[3], **helpers);
}
