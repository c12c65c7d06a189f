#include "engine/confined/confined_block.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

namespace iip {

namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 40U;

// At the beginning of the block. All zero: nothing was decided.
struct Verdict {
  enum State : std::uint32_t { kNone, kDone, kFailed };
  std::uint32_t state = kNone;
  std::uint32_t kind = 0;
  std::uint32_t length = 0;
  std::array<char, 244> detail{};
};
static_assert(sizeof(Verdict) % kAlignment == 0);

std::uint64_t answer_at(const ConfinedBlock::Sizes& sizes) {
  const std::uint64_t end = sizeof(Verdict) + sizes.question;
  return (end + kAlignment - 1) / kAlignment * kAlignment;
}

// nullopt: the numbers are none of a block.
std::optional<std::size_t> size_of(const ConfinedBlock::Sizes& sizes) {
  if (sizes.question > kMostBytes || sizes.answer > kMostBytes) return std::nullopt;
  return answer_at(sizes) + sizes.answer;
}

std::span<std::uint8_t> map_shared(int descriptor, std::size_t size) {
  void* start = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor,
                       /*offset=*/0);
  if (start == MAP_FAILED) return {};
  return {static_cast<std::uint8_t*>(start), size};
}

tl::unexpected<Error> no_memory(std::size_t size) {
  return fail(ErrorKind::busy, "The server is busy; try again shortly",
              "no shared memory of " + std::to_string(size) +
                  " bytes: " + std::generic_category().message(errno));
}

// Memory that has its size for good. Where the kernel knows of it, it can not be executed either.
UniqueFd sealed_memory(std::size_t size) {
#ifndef MFD_NOEXEC_SEAL
  constexpr unsigned MFD_NOEXEC_SEAL = 8;
#endif
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  UniqueFd memory(::memfd_create("iip-confined", kFlags | MFD_NOEXEC_SEAL));
  if (!memory) memory = UniqueFd(::memfd_create("iip-confined", kFlags));
  if (!memory) return memory;
  // To run out of memory at an access would be a signal, here it is an error.
  if (::fallocate(memory.get(), 0, 0, static_cast<off_t>(size)) != 0) return {};
  constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  if (::fcntl(memory.get(), F_ADD_SEALS, kSeals) != 0) return {};
  return memory;
}

// The kinds of error that a file can cause: no other is believed.
bool is_of_a_file(ErrorKind kind) {
  return kind == ErrorKind::corrupt || kind == ErrorKind::unsupported ||
         kind == ErrorKind::too_large || kind == ErrorKind::busy;
}

const char* message_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::unsupported:
      return "This kind of image is not supported";
    case ErrorKind::too_large:
      return "The image is larger than this server allows";
    case ErrorKind::busy:
      return "The server is busy; try again shortly";
    default:
      return "The image file is damaged";
  }
}

}  // namespace

Result<ConfinedBlock> ConfinedBlock::create(const Sizes& sizes, MemoryBudget& budget) {
  const std::optional<std::size_t> size = size_of(sizes);
  if (!size) {
    return fail(ErrorKind::too_large, "The image is larger than this server allows",
                "a decoder's question or answer of more than 2^40 bytes");
  }
  Result<Reservation> reservation = budget.reserve(*size);
  if (!reservation) return pass_on(reservation);
  UniqueFd memory = sealed_memory(*size);
  if (!memory) return no_memory(*size);
  const std::span<std::uint8_t> mapping = map_shared(memory.get(), *size);
  if (mapping.empty()) return no_memory(*size);
  return ConfinedBlock(sizes, std::move(memory), mapping, std::move(*reservation));
}

std::optional<ConfinedBlock> ConfinedBlock::map(UniqueFd memory, const Sizes& sizes) {
  const std::optional<std::size_t> size = size_of(sizes);
  if (!size) return std::nullopt;
  const std::span<std::uint8_t> mapping = map_shared(memory.get(), *size);
  if (mapping.empty()) return std::nullopt;
  return ConfinedBlock(sizes, std::move(memory), mapping, Reservation());
}

ConfinedBlock::~ConfinedBlock() {
  if (!mapping_.empty()) ::munmap(mapping_.data(), mapping_.size());
}

std::span<std::uint8_t> ConfinedBlock::question() const {
  return mapping_.subspan(sizeof(Verdict), sizes_.question);
}

std::span<std::uint8_t> ConfinedBlock::answer() const {
  return mapping_.subspan(answer_at(sizes_), sizes_.answer);
}

void ConfinedBlock::set_verdict(const Status& status) const {
  Verdict verdict;
  verdict.state = status ? Verdict::kDone : Verdict::kFailed;
  if (!status) {
    const std::string& detail = status.error().detail;
    verdict.kind = static_cast<std::uint32_t>(status.error().kind);
    verdict.length = static_cast<std::uint32_t>(std::min(detail.size(), verdict.detail.size()));
    std::copy_n(detail.begin(), verdict.length, verdict.detail.begin());
  }
  std::memcpy(mapping_.data(), &verdict, sizeof verdict);
}

Status ConfinedBlock::verdict() const {
  Verdict verdict;
  std::memcpy(&verdict, mapping_.data(), sizeof verdict);
  if (verdict.state == Verdict::kDone) return {};
  if (verdict.state != Verdict::kFailed) {
    return fail(ErrorKind::internal, "The request failed", "ended without an answer");
  }
  const auto stated = static_cast<ErrorKind>(verdict.kind);
  const ErrorKind kind = is_of_a_file(stated) ? stated : ErrorKind::corrupt;
  std::string detail(verdict.detail.data(),
                     std::min<std::size_t>(verdict.length, verdict.detail.size()));
  std::ranges::replace_if(
      detail, [](char letter) { return letter < ' ' || letter > '~'; }, '?');
  return fail(kind, message_of(kind), std::move(detail));
}

}  // namespace iip
