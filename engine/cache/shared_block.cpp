#include "engine/cache/shared_block.h"

#include <sys/mman.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace iip {

Result<SharedBlock> SharedBlock::create(std::size_t bytes) {
  void* start =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, /*fd=*/-1, 0);
  if (start == MAP_FAILED) {
    return fail(ErrorKind::internal, "No shared memory",
                std::to_string(bytes) + " bytes: " + std::generic_category().message(errno));
  }
  return SharedBlock({static_cast<std::byte*>(start), bytes});
}

SharedBlock::~SharedBlock() { unmap(block_); }

void SharedBlock::unmap(std::span<std::byte> block) {
  if (!block.empty()) munmap(block.data(), block.size());
}

}  // namespace iip
