// What httpd's core has looked at on its way to a request's file.
//
// Its directory walk asks for the status of each component of the path that may not be any link:
// where Options do not say FollowSymLinks, or say SymLinksIfOwnerMatch. Where links may be followed
// anyhow it does not ask. The answers are kept with the request, so that the file can be opened by
// the same way. Belongs to the thread of the request.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/files/open_walked.h"
#include "httpd/apr/apache.h"

namespace iip {

// Called when the module registers its hooks.
void register_walk();

// The way to `path`, which is r->filename, or a folder that the core has passed on its way there.
// `prefix`, with a '/' at its end, is the front of it that no link below may lead out of; nullptr:
// there is none.
struct WalkedFile {
  std::string start;
  std::vector<PathComponent> components;
  std::size_t confined_from = SIZE_MAX;
};
WalkedFile walked_file(request_rec* r, std::string_view path, const char* prefix);

// Whether each link on the way may be followed.
bool may_follow_all_links(request_rec* r);

// Has the next walk, of a subrequest or after an internal redirect, look at everything anew.
void forget_walk(request_rec* r);

}  // namespace iip
