#include "engine/service/process_liveness.h"

#include <cerrno>
#include <csignal>
#include <fstream>
#include <string>

namespace iip {

namespace {

// Looks at the letter of the process's state, which follows its name in parentheses. The name may
// hold parentheses itself, so the last one counts.
bool is_zombie(std::int32_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(") ");
  return name_end != std::string::npos && line.compare(name_end, 3, ") Z") == 0;
}

}  // namespace

bool is_process_alive(std::int32_t process) {
  const bool exists = ::kill(process, 0) == 0 || errno == EPERM;
  return exists && !is_zombie(process);
}

}  // namespace iip
