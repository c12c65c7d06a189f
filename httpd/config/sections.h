// Sections of the configuration as the core keeps them, and those that hold for URLs: <Location>
// and <LocationMatch>.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "httpd/apr/apache.h"

namespace iip {

const core_dir_config& core_config(const ap_conf_vector_t* section);
const core_server_config& core_config(const server_rec* server);

// A virtual host's sections for URLs, in the order in which they apply: a later one overrides those
// before it.
std::span<ap_conf_vector_t* const> url_sections(const server_rec* server);

// Path segments: what stands between slashes, the empty ones not counted.
std::size_t count_segments(std::string_view path);
// The length of the front of `path` that holds its first `count` segments.
std::size_t front_of(std::string_view path, std::size_t count);

// How much of `uri` the path of a section covers; nullopt if it does not apply. httpd matches the
// same way.
std::optional<std::size_t> covered(const core_dir_config& section, const char* uri);

}  // namespace iip
