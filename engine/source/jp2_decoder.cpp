#include "engine/source/jp2_decoder.h"

#include <openjpeg.h>

#include <algorithm>
#include <cstring>

#include "engine/source/j2k_geometry.h"
#include "engine/source/jpeg2000_errors.h"

namespace iip {

namespace {

constexpr OPJ_SIZE_T kStreamBuffer = std::size_t{1} << 16;

// What the callbacks know. They are called from C: nothing may be thrown through it.
struct Session {
  const J2kStream& stream;
  const Deadline& deadline;
  std::uint64_t position = 0;
  Status status = {};          // the first failure of reading
  std::string complaint = {};  // the first error that OpenJPEG reports
};

OPJ_SIZE_T read_stream(void* buffer, OPJ_SIZE_T count, void* user) noexcept {
  constexpr auto kEnd = static_cast<OPJ_SIZE_T>(-1);
  auto& session = *static_cast<Session*>(user);
  try {
    if (!session.status) return kEnd;
    session.status = session.deadline.check();
    if (!session.status) return kEnd;
    const std::uint64_t left = session.stream.size() - session.position;
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(count, left));
    if (taken == 0) return kEnd;
    session.status = session.stream.read_at(session.position,
                                            std::span(static_cast<std::uint8_t*>(buffer), taken));
    if (!session.status) return kEnd;
    session.position += taken;
    return taken;
  } catch (...) {
    return kEnd;
  }
}

OPJ_OFF_T skip_stream(OPJ_OFF_T count, void* user) noexcept {
  auto& session = *static_cast<Session*>(user);
  const std::uint64_t left = session.stream.size() - session.position;
  if (count < 0 || static_cast<std::uint64_t>(count) > left) return -1;
  session.position += static_cast<std::uint64_t>(count);
  return count;
}

OPJ_BOOL seek_stream(OPJ_OFF_T position, void* user) noexcept {
  auto& session = *static_cast<Session*>(user);
  if (position < 0 || static_cast<std::uint64_t>(position) > session.stream.size()) {
    return OPJ_FALSE;
  }
  session.position = static_cast<std::uint64_t>(position);
  return OPJ_TRUE;
}

void keep_complaint(const char* text, void* user) noexcept {
  auto& session = *static_cast<Session*>(user);
  try {
    if (session.complaint.empty() && text != nullptr) session.complaint = text;
  } catch (...) {
    session.complaint.clear();
  }
}

void ignore(const char*, void*) noexcept {}

struct DestroyCodec {
  void operator()(opj_codec_t* codec) const { opj_destroy_codec(codec); }
};
struct DestroyStream {
  void operator()(opj_stream_t* stream) const { opj_stream_destroy(stream); }
};
using Codec = std::unique_ptr<opj_codec_t, DestroyCodec>;
using Stream = std::unique_ptr<opj_stream_t, DestroyStream>;

Codec open_codec(const J2kDecodeRequest& request, Session& session) {
  Codec codec(opj_create_decompress(OPJ_CODEC_J2K));
  if (!codec) return codec;
  opj_set_error_handler(codec.get(), keep_complaint, &session);
  opj_set_warning_handler(codec.get(), ignore, nullptr);
  opj_set_info_handler(codec.get(), ignore, nullptr);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  parameters.cp_reduce = static_cast<OPJ_UINT32>(request.reduce);
  parameters.cp_layer = static_cast<OPJ_UINT32>(request.layers);
  if (!opj_setup_decoder(codec.get(), &parameters)) codec.reset();
  if (codec && !opj_decoder_set_strict_mode(codec.get(), OPJ_TRUE)) codec.reset();
  return codec;
}

Stream open_stream(Session& session) {
  const auto buffer =
      static_cast<OPJ_SIZE_T>(std::clamp<std::uint64_t>(session.stream.size(), 64, kStreamBuffer));
  Stream stream(opj_stream_create(buffer, OPJ_TRUE));
  if (!stream) return stream;
  opj_stream_set_read_function(stream.get(), read_stream);
  opj_stream_set_skip_function(stream.get(), skip_stream);
  opj_stream_set_seek_function(stream.get(), seek_stream);
  opj_stream_set_user_data(stream.get(), &session, nullptr);
  opj_stream_set_user_data_length(stream.get(), session.stream.size());
  return stream;
}

tl::unexpected<Error> failure(Session& session, const char* what) {
  if (!session.status) return pass_on(session.status);
  std::string complaint = session.complaint.substr(0, session.complaint.find('\n'));
  return damaged_codestream(complaint.empty() ? std::string(what) + " failed"
                                              : std::move(complaint));
}

}  // namespace

Status J2kMemoryStream::read_at(std::uint64_t offset, std::span<std::uint8_t> out) const {
  std::memcpy(out.data(), bytes_.data() + offset, out.size());
  return {};
}

void J2kPicture::Destroy::operator()(opj_image* image) const { opj_image_destroy(image); }

Result<J2kPicture> J2kPicture::blank(const J2kHeader& header, const Rect& area,
                                     MemoryBudget& budget) {
  J2kPicture picture(nullptr);
  std::uint64_t samples = 0;
  for (const J2kComponent& component : header.components) {
    const Rect rect = divide_up(area, component.dx, component.dy);
    picture.planes_.push_back(
        {rect.x, rect.y, rect.width, rect.height, component.bits, component.is_signed, nullptr});
    samples += static_cast<std::uint64_t>(rect.size().area());
  }
  Result<Reservation> memory = budget.reserve(samples * sizeof(std::int32_t));
  if (!memory) return pass_on(memory);
  picture.own_memory_ = std::move(*memory);
  for (J2kPlane& plane : picture.planes_) {
    picture.own_.push_back(
        std::make_unique<std::int32_t[]>(static_cast<std::size_t>(plane.width * plane.height)));
    plane.samples = picture.own_.back().get();
  }
  return picture;
}

std::int32_t* J2kPicture::place(std::size_t component, std::int64_t x, std::int64_t y) {
  const J2kPlane& plane = planes_[component];
  return own_[component].get() + (y - plane.top) * plane.width + (x - plane.left);
}

void J2kPicture::paste(const J2kPicture& part) {
  for (std::size_t i = 0; i < planes_.size(); ++i) {
    const J2kPlane& to = planes_[i];
    const J2kPlane& from = part.planes_[i];
    const Rect both = intersect({to.left, to.top, to.width, to.height},
                                {from.left, from.top, from.width, from.height});
    if (both.empty()) continue;
    for (std::int64_t y = both.y; y < both.bottom(); ++y) {
      std::copy_n(from.row(y) + (both.x - from.left), both.width, place(i, both.x, y));
    }
  }
}

// "Decoded" says little in OpenJPEG: a component may be of another size, or have no samples.
Status J2kPicture::describe(const J2kDecodeRequest& request) {
  const Rect& area = request.area;
  for (OPJ_UINT32 i = 0; i < image_->numcomps; ++i) {
    const opj_image_comp_t& component = image_->comps[i];
    if (component.dx == 0 || component.dy == 0)
      return damaged_codestream("a component without samples");
    const auto edge = [&](std::int64_t at, OPJ_UINT32 step) {
      return ceil_shift(ceil_div(at, static_cast<std::int64_t>(step)), request.reduce);
    };
    J2kPlane plane;
    const std::int64_t left = edge(area.x, component.dx);
    const std::int64_t top = edge(area.y, component.dy);
    plane.left = left + request.moved_x / component.dx;
    plane.top = top + request.moved_y / component.dy;
    plane.width = edge(area.right(), component.dx) - left;
    plane.height = edge(area.bottom(), component.dy) - top;
    plane.bits = static_cast<int>(component.prec);
    plane.is_signed = component.sgnd != 0;
    plane.samples = component.data;
    if (plane.samples == nullptr || component.w != plane.width || component.h != plane.height) {
      return damaged_codestream("component " + std::to_string(i) + " was not decoded as a whole");
    }
    planes_.push_back(plane);
  }
  return {};
}

Result<J2kPicture> decode_j2k(const J2kStream& stream, const J2kDecodeRequest& request,
                              const Deadline& deadline) {
  Session session{stream, deadline};
  const Codec codec = open_codec(request, session);
  const Stream input = open_stream(session);
  if (!codec || !input) {
    return fail(ErrorKind::busy, "The server is busy; try again shortly",
                "OpenJPEG could not be set up");
  }
  opj_image_t* header = nullptr;
  const bool has_header = opj_read_header(input.get(), codec.get(), &header) != OPJ_FALSE;
  J2kPicture picture(header);
  if (!has_header || header == nullptr) return failure(session, "reading the header");
  const Rect& area = request.area;
  if (!opj_set_decode_area(codec.get(), header, static_cast<OPJ_INT32>(area.x),
                           static_cast<OPJ_INT32>(area.y), static_cast<OPJ_INT32>(area.right()),
                           static_cast<OPJ_INT32>(area.bottom()))) {
    return failure(session, "setting the area");
  }
  if (!opj_decode(codec.get(), input.get(), header)) return failure(session, "decoding");
  Status status = picture.describe(request);
  if (!status) return pass_on(status);
  return picture;
}

}  // namespace iip
