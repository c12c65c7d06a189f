#include "engine/protocol/kernel.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "engine/base/text.h"
#include "engine/protocol/number_list.h"

namespace iip {

namespace {

struct NamedKernel {
  std::string_view name;
  std::array<float, 9> weights;
};

constexpr std::array<NamedKernel, 7> kKernels = {{
    {"sobel", {-1, 0, 1, -2, 0, 2, -1, 0, 1}},
    {"prewitt", {1, 0, -1, 1, 0, -1, 1, 0, -1}},
    {"scharr", {-3, 0, 3, -10, 0, 10, -3, 0, 3}},
    {"laplace", {-1, -1, -1, -1, 8, -1, -1, -1, -1}},
    {"gaussian", {1, 2, 1, 2, 4, 2, 1, 2, 1}},
    {"sharpen", {0, -1, 0, -1, 5, -1, 0, -1, 0}},
    {"emboss", {-2, -1, 0, -1, 1, 1, 0, 1, 2}},
}};

std::optional<int> side_of(std::size_t weights) {
  return weights == 1    ? std::optional(1)
         : weights == 9  ? std::optional(3)
         : weights == 25 ? std::optional(5)
                         : std::nullopt;
}

std::optional<Kernel> find_kernel(std::string_view name) {
  for (const NamedKernel& known : kKernels) {
    if (!equal_ignoring_case(known.name, name)) continue;
    Kernel kernel{3, {}};
    std::copy(known.weights.begin(), known.weights.end(), kernel.weights.begin());
    return kernel;
  }
  return std::nullopt;
}

}  // namespace

std::string_view without_brackets(std::string_view text) {
  text = trim(text);
  if (text.starts_with('[')) text.remove_prefix(1);
  if (text.ends_with(']')) text.remove_suffix(1);
  return trim(text);
}

std::optional<float> parse_factor(std::string_view text) {
  const auto number = parse_signed_decimal(trim(text));
  if (!number) return std::nullopt;
  return static_cast<float>(std::clamp(*number, -1e30, 1e30) + 0.0);  // -0 becomes 0
}

std::optional<std::optional<Kernel>> parse_kernel(std::string_view text) {
  const bool is_list = text.find_first_of("[,") != std::string_view::npos;
  text = without_brackets(text);
  const auto side = side_of(count_list_items(text));
  if (!is_list && !parse_factor(text)) return find_kernel(text);
  if (!side) return std::optional<Kernel>();
  Kernel kernel{*side, {}};
  for (int i = 0; i < *side * *side; ++i) {
    const auto weight = parse_factor(take_until(text, ','));
    if (!weight) return std::nullopt;
    kernel.weights[static_cast<std::size_t>(i)] = *weight;
  }
  return std::optional(kernel);
}

}  // namespace iip
