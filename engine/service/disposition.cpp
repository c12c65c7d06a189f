#include "engine/service/disposition.h"

#include <algorithm>

#include "engine/base/text.h"

namespace iip {

namespace {

std::string_view stem_of(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? name : name.substr(0, dot);
}

bool may_be_quoted(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

}  // namespace

std::pmr::string content_disposition(bool as_attachment, std::string_view image_name,
                                     const Size& size, Format format,
                                     std::pmr::memory_resource* memory) {
  std::pmr::string name(stem_of(image_name), memory);
  name += '_';
  append_number(name, size.width);
  name += 'x';
  append_number(name, size.height);
  name += '.';
  name += extension_of(format);

  std::pmr::string out(as_attachment ? "attachment; filename=\"" : "inline; filename=\"", memory);
  for (const char c : name) out += may_be_quoted(c) ? c : '_';
  out += '"';
  if (!std::all_of(name.begin(), name.end(), may_be_quoted)) {
    out += "; filename*=UTF-8''";
    out += percent_encode(name, memory);
  }
  return out;
}

}  // namespace iip
