#include "httpd/request/walked_path.h"

#include <algorithm>
#include <string_view>

#include "engine/base/text.h"
#include "httpd/apr/pool_resource.h"

namespace iip {

namespace {

struct Seen {
  std::string_view path;
  FileIdentity identity;
  const Seen* before = nullptr;
};

// One walk after another; a walk that the core spares itself, for a file in the folder of the one
// before, looks at the file alone.
struct Trail {
  const Seen* last = nullptr;
  const char* file = nullptr;  // that was walked to
};

// Where a request's trail is kept. The number is reserved when the module registers its hooks, each
// time that it is loaded.
apr_size_t trail_number() {
  static const apr_size_t number = ap_register_request_note();
  return number;
}

Trail*& trail_note(request_rec* r) {
  return *reinterpret_cast<Trail**>(ap_get_request_note(r, trail_number()));
}

Trail& trail_of(request_rec* r) {
  Trail*& trail = trail_note(r);
  if (!trail) trail = pool_new<Trail>(r->pool);
  return *trail;
}

// Calls `use` for the request's own trail and those of the requests that it came from.
template <class Use>
void for_each_trail(request_rec* r, Use use) {
  for (; r; r = r->main ? r->main : r->prev) {
    if (const Trail* trail = trail_note(r)) use(*trail);
  }
}

const Seen* find_seen(request_rec* r, std::string_view path) {
  const Seen* found = nullptr;
  for_each_trail(r, [&](const Trail& trail) {
    for (const Seen* seen = trail.last; seen && !found; seen = seen->before) {
      if (seen->path == path) found = seen;
    }
  });
  return found;
}

bool was_walked(request_rec* r) {
  const Trail* trail = trail_note(r);
  return trail && trail->file && std::string_view(trail->file) == r->filename;
}

LinkRule rule_of(request_rec* r) {
  const int options = ap_allow_options(r);
  if (options & OPT_SYM_OWNER) return LinkRule::same_owner;
  return options & OPT_SYM_LINKS ? LinkRule::follow : LinkRule::refuse;
}

// The components of an absolute path, each with the whole path down to it.
struct Step {
  std::string_view path;
  PathComponent component;
};
std::vector<Step> steps_of(request_rec* r, std::string_view filename) {
  std::vector<Step> steps;
  const LinkRule rule = rule_of(r);
  // Unless the core has walked down to this very file, another module has found it on a way of its
  // own from a folder that was walked: what Options say there holds for the rest of the way.
  const bool walked = was_walked(r);
  bool any_seen = false;
  for (std::size_t at = 1; at < filename.size();) {
    const std::size_t end = std::min(filename.find('/', at), filename.size());
    const std::string_view path = filename.substr(0, end);
    Step step{path, {std::string(filename.substr(at, end - at))}};
    if (const Seen* seen = find_seen(r, path)) {
      step.component.walked = seen->identity;
      step.component.links = LinkRule::same_owner;
      any_seen = true;
    } else if (end == filename.size() || (any_seen && !walked)) {
      step.component.links = rule;
    }
    steps.push_back(std::move(step));
    at = end + 1;
  }
  return steps;
}

bool is_free(const PathComponent& component) {
  return !component.walked && component.links == LinkRule::follow;
}

// As the core asks it; the answer is kept.
apr_status_t note_walked(apr_finfo_t* finfo, request_rec* r, apr_int32_t wanted) noexcept {
  const apr_status_t status = apr_stat(finfo, r->filename, wanted, r->pool);
  const bool there = status == APR_SUCCESS || status == APR_INCOMPLETE;
  Trail& trail = trail_of(r);
  if ((wanted & APR_FINFO_LINK) == 0) {
    trail.file = r->filename;  // the core goes on with a copy
  } else if (there && (finfo->valid & APR_FINFO_IDENT) == APR_FINFO_IDENT) {
    const FileIdentity identity{static_cast<std::uint64_t>(finfo->device),
                                static_cast<std::uint64_t>(finfo->inode)};
    trail.last = pool_new<Seen>(r->pool, apr_pstrdup(r->pool, r->filename), identity, trail.last);
  }
  return status;
}

}  // namespace

void register_walk() {
  trail_number();
  ap_hook_dirwalk_stat(note_walked, nullptr, nullptr, APR_HOOK_LAST);
}

bool may_follow_all_links(request_rec* r) {
  bool any_seen = false;
  for_each_trail(r, [&](const Trail& trail) { any_seen = any_seen || trail.last; });
  return !any_seen && rule_of(r) == LinkRule::follow;
}

WalkedFile walked_file(request_rec* r, std::string_view path, const char* prefix) {
  const std::size_t prefix_length = prefix ? std::string_view(prefix).size() : 0;
  WalkedFile file;
  std::string_view start = "/";
  for (Step& step : steps_of(r, path)) {
    const bool is_below = prefix && step.path.size() >= prefix_length;
    const bool is_last = step.path.size() == path.size();
    if (file.components.empty() && is_free(step.component) && !is_below && !is_last) {
      start = step.path;
      continue;
    }
    if (is_below) file.confined_from = std::min(file.confined_from, file.components.size());
    file.components.push_back(std::move(step.component));
  }
  file.start = start;
  return file;
}

void forget_walk(request_rec* r) {
  *ap_get_request_note(r, AP_NOTE_DIRECTORY_WALK) = nullptr;
  r->htaccess = nullptr;
}

}  // namespace iip
