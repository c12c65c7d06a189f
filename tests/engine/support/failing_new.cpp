#include "support/failing_new.h"

#include <cstdlib>
#include <new>

namespace iip::test {
namespace {

struct State {
  bool armed = false;
  bool felt = false;
  bool lasting = false;
  std::size_t left = 0;
};

thread_local State state;
thread_local std::uint64_t asked_for = 0;

bool fails() {
  if (!state.armed) return false;
  if (state.felt) return state.lasting;
  if (state.left-- != 0) return false;
  state.felt = true;
  return true;
}

void* allocate_if_there_is(std::size_t size) {
  asked_for += size;
  return fails() ? nullptr : std::malloc(size == 0 ? 1 : size);
}

void* allocate(std::size_t size) {
  void* const memory = allocate_if_there_is(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* allocate_aligned(std::size_t size, std::size_t alignment) {
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  asked_for += rounded;
  void* const memory = fails() ? nullptr : std::aligned_alloc(alignment, rounded);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

NoMemory::NoMemory(std::size_t after, Shortage shortage) {
  state = {true, false, shortage == Shortage::lasting, after};
}

NoMemory::~NoMemory() { state.armed = false; }

bool NoMemory::was_felt() const { return state.felt; }

std::uint64_t allocated_bytes() { return asked_for; }

}  // namespace iip::test

void* operator new(std::size_t size) { return iip::test::allocate(size); }
void* operator new[](std::size_t size) { return iip::test::allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return iip::test::allocate_if_there_is(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return iip::test::allocate_if_there_is(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return iip::test::allocate_aligned(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return iip::test::allocate_aligned(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
