// What must hold for every text whatever that the URL parsers are given. Each function parses its
// input in all the ways it can be meant, and returns what is wrong with the results: an empty text
// where all is well. The fuzzers and the replay of their corpus share them.
#pragma once

#include <string>
#include <string_view>

namespace iip {

std::string check_iip(std::string_view query);
// The path, and after a line feed the Accept header.
std::string check_iiif(std::string_view input);
std::string check_tiles(std::string_view path);
// Path, query and Accept header, separated by line feeds.
std::string check_target(std::string_view input);

}  // namespace iip
