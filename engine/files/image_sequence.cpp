#include "engine/files/image_sequence.h"

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "engine/base/text.h"

namespace iip {

namespace {

// The most entries that the folder may have, whatever they are: all of them are looked through.
constexpr std::size_t kMostEntries = 100'000;
constexpr std::size_t kLeastDigits = 3;
constexpr std::size_t kMostDigits = 9;
constexpr std::int64_t kLargestAngle = 999'999'999;

void append_angle(std::string& out, std::int64_t angle) {
  const std::string digits = std::to_string(angle);
  out.append(kLeastDigits - std::min(kLeastDigits, digits.size()), '0');
  out += digits;
}

// Takes the digits at the front of `text`. More than three do not begin with a 0: each view has one
// name.
std::optional<std::int64_t> take_angle(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view digits = text.substr(0, end);
  if (end < kLeastDigits || end > kMostDigits) return std::nullopt;
  if (end > kLeastDigits && digits.starts_with('0')) return std::nullopt;
  text.remove_prefix(end);
  const auto angle = parse_unsigned(digits);
  return angle ? std::optional(static_cast<std::int64_t>(*angle)) : std::nullopt;
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

tl::unexpected<Error> unreadable(int number) {
  return fail(ErrorKind::not_found, "The image is not there",
              "the folder: " + std::generic_category().message(number));
}

// Two files may differ in their extension alone.
void sort_and_unite(std::vector<std::int64_t>& angles) {
  std::sort(angles.begin(), angles.end());
  angles.erase(std::unique(angles.begin(), angles.end()), angles.end());
}

}  // namespace

std::optional<std::string> frame_stem(std::string_view stem, const View& view) {
  for (const std::int64_t angle : {view.horizontal, view.vertical}) {
    if (angle < 0 || angle > kLargestAngle) return std::nullopt;
  }
  std::string name(stem);
  append_angle(name, view.horizontal);
  name += '_';
  append_angle(name, view.vertical);
  return name;
}

std::optional<View> view_of_frame(std::string_view name, std::string_view stem) {
  if (!name.starts_with(stem)) return std::nullopt;
  name.remove_prefix(stem.size());
  const auto horizontal = take_angle(name);
  if (!horizontal || !name.starts_with('_')) return std::nullopt;
  name.remove_prefix(1);
  const auto vertical = take_angle(name);
  if (!vertical || !name.starts_with('.')) return std::nullopt;
  return View{*horizontal, *vertical};
}

Result<SequenceViews> list_views(UniqueFd folder, std::string_view stem) {
  const std::unique_ptr<DIR, CloseFolder> entries(::fdopendir(folder.get()));
  if (!entries) return unreadable(errno);
  static_cast<void>(folder.release());  // closed with the list
  SequenceViews views;
  std::size_t frames = 0;
  errno = 0;
  // One list is one thread's: the C library says that readdir() is safe then.
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  for (std::size_t count = 0; const dirent* entry = ::readdir(entries.get()); errno = 0) {
    if (++count > kMostEntries) {
      return fail(ErrorKind::too_large,
                  "The folder of the image has too many files to look for views");
    }
    const auto view = view_of_frame(entry->d_name, stem);
    if (!view) continue;
    if (++frames > kMostFrames) break;
    if (view->vertical == 90) views.horizontal.push_back(view->horizontal);
    if (view->horizontal == 0) views.vertical.push_back(view->vertical);
  }
  if (errno != 0) return unreadable(errno);
  sort_and_unite(views.horizontal);
  sort_and_unite(views.vertical);
  return views;
}

}  // namespace iip
