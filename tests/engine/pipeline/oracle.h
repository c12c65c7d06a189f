// The tasks of oracle.py, on rasters.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "support/python.h"
#include "support/rasters.h"
#include "support/source_tree.h"

namespace iip::test {

class Oracle {
 public:
  explicit Oracle(Memory& memory) : memory_(memory) {}

  // A photograph of samples/photos.
  Raster photo(const std::string& name) {
    std::istringstream printed(
        run({"photo", source_root() + "/samples/photos/" + name, folder_.file("out")}));
    Size size;
    printed >> size.width >> size.height;
    return result(size, kRgb);
  }

  // `arguments` follow the picture and its size.
  Raster transformed(const std::string& task, const Raster& input,
                     const std::vector<std::string>& arguments, const Size& size,
                     const PixelFormat& format) {
    ask(task, input, arguments, {folder_.file("out")});
    return result(size, format);
  }

  std::string printed(const std::string& task, const Raster& input) {
    return ask(task, input, {}, {});
  }

 private:
  std::string run(std::vector<std::string> arguments) {
    return run_python("tests/engine/pipeline/oracle.py", arguments);
  }

  std::string ask(const std::string& task, const Raster& input,
                  const std::vector<std::string>& arguments, const std::vector<std::string>& out) {
    write_file(folder_.file("in"), packed(input));
    std::vector<std::string> all{task, folder_.file("in"), std::to_string(input.size().width),
                                 std::to_string(input.size().height)};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.insert(all.end(), out.begin(), out.end());
    return run(all);
  }

  Raster result(const Size& size, const PixelFormat& format) {
    return unpacked(read_file(folder_.file("out")), size, format, memory_);
  }

  Memory& memory_;
  ScratchFolder folder_;
};

}  // namespace iip::test
