// The ICC profile that a file brings, as far as anybody may use it.
#pragma once

#include <utility>

#include "engine/base/bytes.h"
#include "engine/base/log.h"
#include "engine/image/icc_profile.h"

namespace iip {

// `profile`, or nothing where it would cost too much to load: with a line in the log, since its
// picture is then shown in colours that are not its own.
inline Bytes embedded_profile(Bytes profile, LogSink& log) {
  if (profile.empty()) return profile;
  const Status checked = check_icc_profile(profile.span());
  if (checked) return profile;
  log.write(LogLevel::warning, "The picture's profile is left out: " + checked.error().detail);
  return {};
}

}  // namespace iip
