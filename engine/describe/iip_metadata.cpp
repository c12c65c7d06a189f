// The two objects of IIP that are JSON. Text from the file may be anything: bytes that are not
// UTF-8 are replaced, and everything is escaped.
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/describe/describe.h"

namespace iip {

namespace {

using nlohmann::json;

std::string text_of(const json& value, int indent = -1) {
  return value.dump(indent, '\t', false, json::error_handler_t::replace);
}

// JSON can not write infinities and NaN: they become null.
std::string number_text(double value) {
  if (!std::isfinite(value)) return "null";
  std::pmr::string out;
  append_number(out, value);
  return std::string(out);
}

}  // namespace

std::string metadata_json(const ImageInfo& info, std::string_view rights) {
  const Metadata& values = info.metadata;
  json object = json::object();  // keeps its keys in alphabetical order
  const auto add = [&](const char* key, std::string_view value) {
    if (!value.empty()) object[key] = value;
  };
  add("creator", values.creator);
  add("date", values.date);
  add("description", values.description);
  add("make", values.make);
  add("model", values.model);
  add("pagename", values.page_name);
  add("rights", rights);
  add("software", values.software);
  add("title", values.title);
  return object.empty() ? std::string("{\n}") : text_of(object, 1);
}

// In the layout that clients have always been given.
std::string stack_json(const ImageInfo& info) {
  std::string out = "[ ";
  for (std::size_t i = 0; i < info.pages.size(); ++i) {
    const Page& page = info.pages[i];
    out += i == 0 ? "\n\t{" : ",\n\t{";
    out += "\n\t\t\"id\": " + std::to_string(i) + ",";
    out += "\n\t\t\"name\": " + text_of(page.name) + ",";
    out += "\n\t\t\"scale\": " + number_text(page.scale) + "\n\t}";
  }
  return out + "\n]";
}

}  // namespace iip
