// Objects and std::pmr memory in an APR pool.
//
// The memory of a pool is given back when the pool is destroyed and not before; a pool belongs to
// one thread. APR aligns to 8 bytes only, so that stricter alignments are made here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <new>
#include <type_traits>
#include <utility>

#include "httpd/apr/apache.h"

namespace iip {

inline void* pool_allocate(apr_pool_t* pool, std::size_t bytes, std::size_t alignment) {
  constexpr std::size_t kPoolAlignment = 8;
  if (alignment <= kPoolAlignment) return apr_palloc(pool, bytes);
  if (bytes > SIZE_MAX - alignment) throw std::bad_alloc();
  void* start = apr_palloc(pool, bytes + alignment - kPoolAlignment);
  const auto address = reinterpret_cast<std::uintptr_t>(start);
  const std::uintptr_t aligned = (address + alignment - 1) & ~(alignment - 1);
  return static_cast<char*>(start) + (aligned - address);
}

// A T that lives as long as the pool. Its destructor, where it has one, runs as a cleanup of the
// pool (not in programs that httpd starts).
template <class T, class... Args>
T* pool_new(apr_pool_t* pool, Args&&... args) {
  T* object = new (pool_allocate(pool, sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
  if constexpr (!std::is_trivially_destructible_v<T>) {
    constexpr auto destroy = [](void* data) -> apr_status_t {
      static_cast<T*>(data)->~T();
      return APR_SUCCESS;
    };
    apr_pool_cleanup_register(pool, object, destroy, apr_pool_cleanup_null);
  }
  return object;
}

class PoolResource : public std::pmr::memory_resource {
 public:
  explicit PoolResource(apr_pool_t* pool) : pool_(pool) {}

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    return pool_allocate(pool_, bytes, alignment);
  }
  void do_deallocate(void*, std::size_t, std::size_t) override {}
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

  apr_pool_t* const pool_;
};

}  // namespace iip
