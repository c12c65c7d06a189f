#include "memcached_support.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <algorithm>
#include <array>
#include <sstream>

namespace iip {

namespace {

using namespace std::chrono_literals;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A socket bound to a free port of 127.0.0.1.
int bind_socket(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  socklen_t length = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  port = ntohs(address.sin_port);
  return fd;
}

std::uint16_t free_port() {
  std::uint16_t port = 0;
  ::close(bind_socket(port));
  return port;
}

bool say_to(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

// ---- The real one ----

RealMemcached::RealMemcached(std::vector<std::string> options, std::string socket,
                             const std::string& address)
    : name_(socket.empty() ? ServerName{address, free_port(), {}}.text() : std::move(socket)),
      command_{"memcached", "-U", "0", "-t", "2"} {
  const ServerName name = *parse_server_name(name_, 0);
  if (name.path.empty()) {
    command_.insert(command_.end(), {"-l", name.host, "-p", std::to_string(name.port)});
  } else {
    command_.insert(command_.end(), {"-s", name.path});
  }
  if (::geteuid() == 0) command_.insert(command_.end(), {"-u", "nobody"});
  command_.insert(command_.end(), options.begin(), options.end());
  start();
}

void RealMemcached::start() {
  // It ends at once where somebody else has its port, a test that runs beside this one.
  ASSERT_TRUE(wait_for([this] {
    if (process_ > 0 && ::waitpid(process_, nullptr, WNOHANG) == process_) process_ = -1;
    if (process_ <= 0) launch();
    return is_up();
  })) << "memcached does not start: is it installed, and is "
      << name_ << " free?";
}

void RealMemcached::launch() {
  std::vector<char*> arguments;
  for (std::string& word : command_) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  process_ = ::fork();
  if (process_ == 0) {
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
}

int RealMemcached::connect() const {
  const SocketAddress address = look_up(*parse_server_name(name_, 0)).at(0);
  const int fd = ::socket(address.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{10, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(fd, address.get(), address.length) == 0) return fd;
  ::close(fd);
  return -1;
}

// It, and not somebody else who listens there.
bool RealMemcached::is_up() const {
  return ask("stats\r\n").starts_with("STAT pid " + std::to_string(process_) + "\r\n");
}

void RealMemcached::kill() {
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

void RealMemcached::stop() {
  ::kill(process_, SIGSTOP);
  int status = 0;
  ::waitpid(process_, &status, WUNTRACED);
}

void RealMemcached::resume() { ::kill(process_, SIGCONT); }

std::string RealMemcached::ask(std::string_view command) const {
  const int fd = connect();
  if (fd < 0) return {};
  say_to(fd, command);
  std::string answer;
  std::array<char, 4096> piece{};
  while (answer.find("\r\n") == std::string::npos) {
    const ssize_t got = ::recv(fd, piece.data(), piece.size(), 0);
    if (got <= 0) break;
    answer.append(piece.data(), static_cast<std::size_t>(got));
  }
  ::close(fd);
  return answer;
}

// ---- The fake one ----

void FakeClient::say(std::string_view text) {
  if (!say_to(fd_, text)) hung_up_ = true;
}

void FakeClient::drip(std::string_view text, std::chrono::milliseconds each) {
  for (std::size_t i = 0; i < text.size() && !hung_up_ && !ended_; ++i) {
    say(text.substr(i, 1));
    std::this_thread::sleep_for(each);
  }
}

void FakeClient::pour(std::string_view text) {
  while (!hung_up_ && !ended_) say(text);
}

void FakeClient::be_silent() {
  while (!ended_) std::this_thread::sleep_for(10ms);
}

FakeMemcached::FakeMemcached() {
  listener_ = bind_socket(port_);
  ::listen(listener_, 128);
  acceptor_ = std::thread([this] { accept_all(); });
}

FakeMemcached::~FakeMemcached() {
  ended_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : fds_) ::shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  for (const int fd : fds_) ::close(fd);
}

void FakeMemcached::forget() {
  std::vector<std::thread> threads;
  std::vector<int> fds;
  {
    const std::lock_guard lock(mutex_);
    threads.swap(threads_);
    fds.swap(fds_);
  }
  for (std::thread& thread : threads) thread.join();
  for (const int fd : fds) ::close(fd);
}

void FakeMemcached::behave(Behaviour behaviour) {
  const std::lock_guard lock(mutex_);
  behaviour_ = std::move(behaviour);
}

void FakeMemcached::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    ++connections_;
    const int on = 1;  // each piece is sent by itself
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex_);
    fds_.push_back(fd);
    threads_.emplace_back([this, fd] { serve(fd); });
  }
}

void FakeMemcached::serve(int fd) {
  FakeClient client(fd, ended_);
  std::string buffer;
  for (FakeRequest request; !client.hung_up() && read_request(fd, buffer, request); request = {}) {
    Behaviour behaviour;
    {
      const std::lock_guard lock(mutex_);
      behaviour = behaviour_;
      if (request.is_set) {
        kept_[request.key] = request.value;
      } else if (const auto kept = kept_.find(request.key); kept != kept_.end()) {
        request.is_kept = true;
        request.value = kept->second;
      }
    }
    (behaviour ? behaviour : be_honest)(client, request);
  }
  ::shutdown(fd, SHUT_RDWR);
}

// "get <key>" or "set <key> <flags> <expiry> <size> " and as many bytes, or "version". false: it is
// "quit", or the client has gone.
bool FakeMemcached::read_request(int fd, std::string& buffer, FakeRequest& request) {
  const auto need = [fd, &buffer](auto is_there) {
    std::array<char, 65536> piece{};
    while (!is_there()) {
      const ssize_t got = ::recv(fd, piece.data(), piece.size(), 0);
      if (got <= 0) return false;
      buffer.append(piece.data(), static_cast<std::size_t>(got));
    }
    return true;
  };
  if (!need([&buffer] { return buffer.find("\r\n") != std::string::npos; })) return false;
  const auto line_end = buffer.find("\r\n");
  std::istringstream line(buffer.substr(0, line_end));
  buffer.erase(0, line_end + 2);
  std::string command;
  std::uint64_t flags = 0;
  std::size_t size = 0;
  line >> command >> request.key >> flags >> request.expiry >> size;
  request.is_set = command == "set";
  if (!request.is_set) return command != "quit";
  if (!need([&buffer, size] { return buffer.size() >= size + 2; })) return false;
  request.value = buffer.substr(0, size);
  buffer.erase(0, size + 2);
  return true;
}

void FakeMemcached::be_honest(FakeClient& client, const FakeRequest& request) {
  if (request.is_set) {
    client.say("STORED\r\n");
  } else if (request.is_kept) {
    client.say("VALUE " + request.key + " 0 " + std::to_string(request.value.size()) + "\r\n" +
               request.value + "\r\nEND\r\n");
  } else {
    client.say("END\r\n");
  }
}

// ---- The tier ----

Tier::Tier(const std::vector<std::string>& names, const Options& options)
    : site(
          std::make_shared<MemcachedSite>(options.site, options.secret, options.expiry, *counted)) {
  std::vector<std::shared_ptr<MemcachedServer>> servers;
  servers.reserve(names.size());
  for (const std::string& name : names) {
    servers.push_back(std::make_shared<MemcachedServer>(
        name, look_up(*parse_server_name(name, 11211)), log, clock, options.limits));
  }
  store = std::make_unique<MemcachedStore>(std::move(servers), site, options.deadline);
}

bool Tier::settle() const {
  const MemcachedCounters& c = counters();
  return wait_for([&c] { return c.stored + c.refused + c.dropped + c.too_large == c.stores; });
}

Digest tile_key(int number) {
  Hasher hasher;
  hasher.add(number);
  return hasher.digest();
}

Bytes tile_of(int number, std::size_t size) {
  ByteVector tile(size);
  std::uint32_t state = static_cast<std::uint32_t>(number) * 2654435761U + 1U;
  for (std::uint8_t& byte : tile) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(state >> 24);
  }
  return Bytes(std::move(tile));
}

void store_tile(Tier& tier, int number, std::size_t size) {
  tier.store->store(tile_key(number), tile_of(number, size));
}

Found find_tile(Tier& tier, int number, std::size_t size) {
  const auto tile = tier.store->find(tile_key(number));
  if (!tile) return Found::miss;
  return std::ranges::equal(tile->span(), tile_of(number, size).span()) ? Found::hit : Found::wrong;
}

bool wait_for(const std::function<bool()>& done) {
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (!done()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

int hits(Tier& tier, int first, int last) {
  int count = 0;
  for (int i = first; i < last; ++i) {
    const Found found = find_tile(tier, i);
    EXPECT_NE(found, Found::wrong) << i;
    count += found == Found::hit;
  }
  return count;
}

void store_tiles(Tier& tier, int first, int last) {
  for (int i = first; i < last; ++i) store_tile(tier, i);
  EXPECT_TRUE(tier.settle());
}

}  // namespace iip
