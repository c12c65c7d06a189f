// What commands of IIP say about the picture that an output command is to deliver: its region and
// size, how it is encoded, turned and coloured, and what becomes of its values. For one thread at a
// time.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string_view>

#include "engine/protocol/iip_values.h"
#include "engine/protocol/query.h"
#include "engine/protocol/request.h"

namespace iip {

class IipPicture {
 public:
  // `memory` is for text that is needed meanwhile.
  explicit IipPicture(std::pmr::memory_resource* memory) : memory_(memory) {}

  // Is `name` a command that says something of this kind?
  static bool has_command(std::string_view name);
  // Takes such a command. False: its value is not what it takes.
  bool set(const QueryItem& item);

  // The region at the size, as CVT delivers it.
  ImageRequest region(Format format) const;
  ImageRequest tile(Format format, const NativeTile& tile) const;
  // Quality layers, where the query says how many.
  std::optional<int> layers() const { return request_.layers; }
  // Does the rotation swap width and height?
  bool is_quarter_turned() const;

 private:
  using Setter = bool (IipPicture::*)(std::string_view value);
  static Setter find_setter(std::string_view name);

  bool set_width(std::string_view value);
  bool set_height(std::string_view value);
  bool set_region(std::string_view value);
  bool set_quality(std::string_view value);
  bool set_bits(std::string_view value);
  bool set_rotation(std::string_view value);
  bool set_colouring(std::string_view value);
  bool set_layers(std::string_view value);
  bool ignore(std::string_view /*value*/) { return true; }
  bool process(const QueryItem& item);

  SizeRequest size() const;
  void choose_encoding(ImageRequest& request, Format format) const;

  std::pmr::memory_resource* memory_;
  std::uint64_t width_ = 0;   // 0: not set
  std::uint64_t height_ = 0;  // 0: not set
  std::optional<IipQuality> quality_;
  ImageRequest request_;  // what no output command decides
};

}  // namespace iip
