// The socket of a connection that apr_memcache has made, which the library keeps to itself.
//
// NewConnection finds its descriptor, LibrarySocket watches it: whether the library still uses it,
// whether the server has spoken unasked or hung up, and, from any thread, how much it has said, and
// it ends whatever the library waits for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/mutex.h"
#include "httpd/memcache/server_address.h"

namespace iip {

// Made before the library connects, and asked afterwards: of all connections of this process to
// such a peer, which one is new?
class NewConnection {
 public:
  explicit NewConnection(const SocketAddress& peer);

  // Its descriptor; nullopt where there is not exactly one.
  std::optional<int> find() const;

 private:
  struct Known {
    int descriptor;
    std::string socket;  // its name, which, unlike the descriptor, no other open socket has
  };
  std::vector<Known> connections() const;

  const SocketAddress peer_;
  std::vector<Known> before_;
};

// All but arrived() and shut_down() is for the thread that calls the library.
class LibrarySocket {
 public:
  LibrarySocket() = default;
  LibrarySocket(const LibrarySocket&) = delete;
  LibrarySocket& operator=(const LibrarySocket&) = delete;
  ~LibrarySocket() { release(); }

  // `descriptor` stays the library's: a duplicate is watched, so that what is shut down is this
  // socket and none that has got its number since. false: there is no descriptor to be had.
  bool watch(int descriptor);
  void release();

  // The library has neither closed the connection nor made another one.
  bool is_kept() const;
  // The server has said nothing that nobody asked for, and has not hung up.
  bool is_quiet() const;
  // From now on arrived() counts.
  void count_anew();
  // For any thread: what has come from the server, in bytes. A piece that the network brought
  // counts as kLeastSegment more, whatever its length: the library takes a buffer of 8000 bytes
  // whenever it reads anything, so that pieces of one byte would cost the most. Of a socket in the
  // file system the bytes that have been read are counted, and no pieces.
  std::uint64_t arrived();
  // For any thread: whoever reads or writes returns at once.
  void shut_down();

 private:
  std::string librarys_;  // the descriptor
  std::string socket_;    // its name; empty: none is watched
  mutable Mutex mutex_;
  int duplicate_ IIP_GUARDED_BY(mutex_) = -1;
  std::uint64_t counted_from_ IIP_GUARDED_BY(mutex_) = 0;
};

// Whoever has much to say sends it in segments of at least so many bytes: an Ethernet's have 1448,
// the smallest ones of IPv6 1220.
inline constexpr std::uint64_t kLeastSegment = 1200;

}  // namespace iip
