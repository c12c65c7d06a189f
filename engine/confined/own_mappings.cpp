#include "engine/confined/own_mappings.h"

#include <sys/mman.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace iip {

namespace {

struct Mapping {
  std::uintptr_t start = 0;
  std::uintptr_t end = 0;
};

// A line of /proc/self/maps: "7f0000000000-7f0000001000 rw-s 00000000 00:01 2049 /dev/zero".
bool read_mapping(std::string_view line, Mapping& mapping) {
  constexpr int kHexadecimal = 16;
  const char* const end = line.data() + line.size();
  const auto start = std::from_chars(line.data(), end, mapping.start, kHexadecimal);
  if (start.ptr == end || *start.ptr != '-') return false;
  return std::from_chars(start.ptr + 1, end, mapping.end, kHexadecimal).ec == std::errc{};
}

bool is_shared(std::string_view line) {
  constexpr std::size_t kSharing = 4;  // in " rw-s"
  const std::size_t space = line.find(' ');
  return space != std::string_view::npos && space + kSharing < line.size() &&
         line[space + kSharing] == 's';
}

}  // namespace

void unmap_shared_memory() {
  std::vector<Mapping> shared;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    Mapping mapping;
    if (is_shared(line) && read_mapping(line, mapping)) shared.push_back(mapping);
  }
  for (const Mapping& mapping : shared) {
    ::munmap(reinterpret_cast<void*>(mapping.start), mapping.end - mapping.start);
  }
}

std::uint64_t mapped_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  if (!(statm >> pages)) return 0;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace iip
