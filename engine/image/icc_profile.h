// What loading an ICC profile would cost, told from its tables before a library reads it.
//
// Little CMS makes room for what a table claims, and reads what an element refers to once for each
// element that does, however many refer to the same bytes. So the tables are gone through here
// first, as deep as elements lie in one another, and what they claim is added up.
//
// Source: ICC.1:2022 clauses 7 and 10.
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace iip {

// Whether the profile can be loaded at a cost in proportion to its length. A profile that makes no
// sense passes: whoever reads it finds out. Errors: corrupt, with what is too much.
Status check_icc_profile(ByteSpan profile);

}  // namespace iip
