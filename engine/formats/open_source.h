// The source of a file of any type that is read.
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/source/source.h"

namespace iip {

// Tells the type by the first bytes, never by the name. not_found: not an image, or one without
// that page; unsupported: an image that this version can not serve; corrupt: damaged; too_large:
// over the limits; busy, client_gone: those of the budget and the deadline. What the source keeps
// is no longer counted in the budget.
Result<std::shared_ptr<const Source>> open_source(const OpenContext& context);

}  // namespace iip
