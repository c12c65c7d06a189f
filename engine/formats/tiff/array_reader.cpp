#include "engine/formats/tiff/array_reader.h"

#include <algorithm>

namespace iip {

Result<std::uint64_t> TiffArrayReader::at(std::uint64_t index) {
  if (index - first_ < values_.size()) return values_[static_cast<std::size_t>(index - first_)];
  const bool goes_on = run_ != 0 && index == next_;
  run_ = goes_on ? std::min({2 * run_, kMostAtOnce, array_.count() - index}) : 1;
  next_ = index + run_;
  if (run_ == 1) return array_.at(file_, index);
  Result<std::vector<std::uint64_t>> values = array_.range(file_, index, run_);
  if (!values) return pass_on(values);
  values_ = std::move(*values);
  first_ = index;
  return values_.front();
}

}  // namespace iip
