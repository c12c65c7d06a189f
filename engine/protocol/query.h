// A query string taken apart: name=value, separated by '&'. A value type; the functions keep
// nothing and are for any thread.
#pragma once

#include <string_view>

#include "engine/base/text.h"

namespace iip {

struct QueryItem {
  std::string_view text;   // the whole of it
  std::string_view name;   // empty: there is nothing left
  std::string_view value;  // empty where there is no '='
  explicit operator bool() const { return !name.empty(); }
};

// Takes the next item that is one off the front of `query`. An item with an empty name ("=x") or
// with '=' and an empty value ("x=") is none.
inline QueryItem take_query_item(std::string_view& query) {
  while (!query.empty()) {
    QueryItem item;
    item.text = take_until(query, '&');
    item.value = item.text;
    item.name = take_until(item.value, '=');
    const bool is_bare = item.name.size() == item.text.size();
    if (!item.name.empty() && (is_bare || !item.value.empty())) return item;
  }
  return {};
}

}  // namespace iip
