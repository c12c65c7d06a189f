#include "engine/formats/jpeg/transcode.h"

#include <algorithm>
#include <exception>

#include "engine/formats/jpeg/library.h"

namespace iip {

namespace {

constexpr std::uint64_t kFirstBytes = std::uint64_t{256} << 10;

std::uint64_t coefficient_bytes(const JpegHeader& header) {
  constexpr std::uint64_t kBlockBytes = 128;
  std::int64_t across = 1;
  std::int64_t down = 1;
  for (const JpegComponent& part : header.components) {
    across = std::max<std::int64_t>(across, part.horizontal);
    down = std::max<std::int64_t>(down, part.vertical);
  }
  std::uint64_t blocks = 0;
  for (int i = 0; i < header.component_count; ++i) {
    const JpegComponent& part = header.components[static_cast<std::size_t>(i)];
    blocks +=
        static_cast<std::uint64_t>(ceil_div(header.size.width, 8 * across) * part.horizontal) *
        static_cast<std::uint64_t>(ceil_div(header.size.height, 8 * down) * part.vertical);
  }
  return blocks * kBlockBytes;
}

// The bytes that libjpeg writes, counted before they are there.
struct Output {
  jpeg_destination_mgr manager{};
  JpegLibrary* library = nullptr;
  MemoryBudget* budget = nullptr;
  SequentialJpeg result;
};

Output& output_of(j_compress_ptr info) {
  return *reinterpret_cast<Output*>(info->dest);  // its first member
}

// Why there is no room for `size` bytes, if so.
std::optional<Error> resize(Output& output, std::size_t size) {
  Result<Reservation> memory = output.budget->reserve(size);
  if (!memory) return std::move(memory.error());
  output.result.bytes.resize(size);
  output.result.memory = std::move(*memory);
  return std::nullopt;
}

void use_from(Output& output, std::size_t from) {
  output.manager.next_output_byte = output.result.bytes.data() + from;
  output.manager.free_in_buffer = output.result.bytes.size() - from;
}

boolean grow(j_compress_ptr info) noexcept;

void start(j_compress_ptr info) noexcept { grow(info); }

boolean grow(j_compress_ptr info) noexcept {
  Output& output = output_of(info);
  const std::size_t full = output.result.bytes.size();
  const std::size_t size = std::max<std::size_t>(kFirstBytes, full + full / 2);
  if (!output.library->note([&] { return resize(output, size); })) output.library->leave();
  use_from(output, full);
  return TRUE;
}

void finish(j_compress_ptr info) noexcept {
  Output& output = output_of(info);
  output.result.bytes.resize(output.result.bytes.size() - output.manager.free_in_buffer);
}

bool run(JpegLibrary& library, jpeg_decompress_struct& from, jpeg_compress_struct& to,
         Output& output) noexcept {
  if (setjmp(library.escape()) != 0) return false;
  jpeg_create_decompress(&from);
  library.attach(from);
  jpeg_create_compress(&to);
  jpeg_read_header(&from, TRUE);
  jvirt_barray_ptr* coefficients = jpeg_read_coefficients(&from);
  to.dest = &output.manager;
  jpeg_copy_critical_parameters(&from, &to);
  jpeg_write_coefficients(&to, coefficients);
  jpeg_finish_compress(&to);
  return true;
}

}  // namespace

Result<SequentialJpeg> make_sequential(ByteFeed& feed, const JpegHeader& header,
                                       MemoryBudget& budget, const Deadline& deadline) {
  const Result<Reservation> coefficients = budget.reserve(coefficient_bytes(header));
  if (!coefficients) return tl::unexpected(coefficients.error());
  JpegLibrary library(feed, deadline);
  Output output;
  output.library = &library;
  output.budget = &budget;
  output.manager.init_destination = start;
  output.manager.empty_output_buffer = grow;
  output.manager.term_destination = finish;
  jpeg_decompress_struct from{};
  jpeg_compress_struct to{};
  from.err = to.err = library.errors();
  from.client_data = to.client_data = &library;
  const bool done = run(library, from, to, output);
  jpeg_destroy_compress(&to);
  jpeg_destroy_decompress(&from);
  if (!done) return library.failure();
  if (library.reached_end_of_feed()) {
    return damaged("JPEG: cut short");
  }
  return std::move(output.result);
}

}  // namespace iip
