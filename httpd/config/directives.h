// The directives of the module, made of their table, see directive_table.h.
#pragma once

#include "httpd/apr/apache.h"

namespace iip {

// The records by which httpd reads configurations. Ends with an empty record, as httpd expects.
const command_rec* directives() noexcept;

// Writes the table to standard output: a line for each directive, with its name, context, default,
// syntax and range, parted by tabs, in the words of docs/directives.md.
void list_directives();

}  // namespace iip
