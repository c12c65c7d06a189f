#include "httpd/request/question.h"

#include <algorithm>
#include <array>

#include "httpd/request/form_body.h"

namespace iip {

namespace {

constexpr std::size_t kLongestQuestion = 1024;  // thousands of them are kept

std::string_view text_of(const char* text) { return text ? text : std::string_view(); }

}  // namespace

std::string_view question_of(request_rec* r, const DirConfig& dir, const RequestState& state) {
  if (r->method_number != M_GET || r->header_only || r->main || dir.identity == 0) return {};
  if (has_body(r)) return {};
  const std::array<std::uint64_t, 3> numbers{
      reinterpret_cast<std::uintptr_t>(&server_config(r->server)), dir.identity,
      ap_get_server_port(r)};
  const std::array texts{// How httpd is called, for the URLs in headers.
                         text_of(ap_http_scheme(r)),
                         text_of(ap_get_server_name_for_url(r)),
                         text_of(state.service_path),
                         text_of(state.encoded_path),
                         text_of(state.decoded_path),
                         text_of(r->uri),
                         text_of(r->args),
                         text_of(apr_table_get(r->headers_in, "Accept"))};
  std::array<std::uint32_t, texts.size()> lengths{};
  std::size_t size = sizeof numbers + sizeof lengths;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].size() > kLongestQuestion) return {};
    lengths[i] = static_cast<std::uint32_t>(texts[i].size());
    size += texts[i].size();
  }
  if (size > kLongestQuestion) return {};
  auto* question = static_cast<char*>(apr_palloc(r->pool, size));
  char* end = question;
  const auto append = [&end](const void* bytes, std::size_t count) {
    end = std::copy_n(static_cast<const char*>(bytes), count, end);
  };
  append(numbers.data(), sizeof numbers);
  append(lengths.data(), sizeof lengths);
  for (const std::string_view text : texts) append(text.data(), text.size());
  return {question, size};
}

}  // namespace iip
