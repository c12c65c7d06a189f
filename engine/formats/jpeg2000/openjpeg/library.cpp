#include "engine/formats/jpeg2000/openjpeg/library.h"

#include <openjpeg.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

namespace iip {

namespace {

constexpr OPJ_SIZE_T kStreamBuffer = std::size_t{1} << 16;

// What the callbacks know. They are called from C: nothing may be thrown through it.
struct Session {
  ByteSpan codestream;
  std::size_t position = 0;
  std::string complaint = {};  // the first error that OpenJPEG reports
};

OPJ_SIZE_T read_stream(void* buffer, OPJ_SIZE_T count, void* user) noexcept {
  constexpr auto kEnd = static_cast<OPJ_SIZE_T>(-1);
  auto& session = *static_cast<Session*>(user);
  const std::size_t taken =
      std::min<std::size_t>(count, session.codestream.size() - session.position);
  if (taken == 0) return kEnd;
  std::memcpy(buffer, session.codestream.data() + session.position, taken);
  session.position += taken;
  return taken;
}

OPJ_OFF_T skip_stream(OPJ_OFF_T count, void* user) noexcept {
  auto& session = *static_cast<Session*>(user);
  const std::size_t left = session.codestream.size() - session.position;
  if (count < 0 || static_cast<std::uint64_t>(count) > left) return -1;
  session.position += static_cast<std::size_t>(count);
  return count;
}

OPJ_BOOL seek_stream(OPJ_OFF_T position, void* user) noexcept {
  auto& session = *static_cast<Session*>(user);
  if (position < 0 || static_cast<std::uint64_t>(position) > session.codestream.size()) {
    return OPJ_FALSE;
  }
  session.position = static_cast<std::size_t>(position);
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
struct DestroyImage {
  void operator()(opj_image_t* image) const { opj_image_destroy(image); }
};
using Codec = std::unique_ptr<opj_codec_t, DestroyCodec>;
using Stream = std::unique_ptr<opj_stream_t, DestroyStream>;
using Image = std::unique_ptr<opj_image_t, DestroyImage>;

Codec open_codec(const OpenJpegPart& part, Session& session) {
  Codec codec(opj_create_decompress(OPJ_CODEC_J2K));
  if (!codec) return codec;
  opj_set_error_handler(codec.get(), keep_complaint, &session);
  opj_set_warning_handler(codec.get(), ignore, nullptr);
  opj_set_info_handler(codec.get(), ignore, nullptr);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  parameters.cp_reduce = static_cast<OPJ_UINT32>(part.reduce);
  parameters.cp_layer = static_cast<OPJ_UINT32>(part.layers);
  if (!opj_setup_decoder(codec.get(), &parameters)) codec.reset();
  if (codec && !opj_decoder_set_strict_mode(codec.get(), OPJ_TRUE)) codec.reset();
  return codec;
}

Stream open_stream(Session& session) {
  const auto buffer = std::clamp<OPJ_SIZE_T>(session.codestream.size(), 64, kStreamBuffer);
  Stream stream(opj_stream_create(buffer, OPJ_TRUE));
  if (!stream) return stream;
  opj_stream_set_read_function(stream.get(), read_stream);
  opj_stream_set_skip_function(stream.get(), skip_stream);
  opj_stream_set_seek_function(stream.get(), seek_stream);
  opj_stream_set_user_data(stream.get(), &session, nullptr);
  opj_stream_set_user_data_length(stream.get(), session.codestream.size());
  return stream;
}

tl::unexpected<Error> failure(const Session& session, const char* what) {
  std::string complaint = session.complaint.substr(0, session.complaint.find('\n'));
  return damaged(complaint.empty() ? std::string(what) + " failed" : std::move(complaint));
}

Result<Image> decode(const OpenJpegPart& part, Session& session) {
  const Codec codec = open_codec(part, session);
  const Stream input = open_stream(session);
  if (!codec || !input) {
    return fail(ErrorKind::busy, "The server is busy; try again shortly",
                "OpenJPEG could not be set up");
  }
  opj_image_t* header = nullptr;
  const bool has_header = opj_read_header(input.get(), codec.get(), &header) != OPJ_FALSE;
  Image image(header);
  if (!has_header || !image) return failure(session, "reading the header");
  const Rect& area = part.area;
  if (!opj_set_decode_area(codec.get(), image.get(), static_cast<OPJ_INT32>(area.x),
                           static_cast<OPJ_INT32>(area.y), static_cast<OPJ_INT32>(area.right()),
                           static_cast<OPJ_INT32>(area.bottom()))) {
    return failure(session, "setting the area");
  }
  if (!opj_decode(codec.get(), input.get(), image.get())) return failure(session, "decoding");
  return image;
}

// "Decoded" says little in OpenJPEG: a component may be of another size, or have no samples.
bool is_as_asked(const opj_image_comp_t& component, const OpenJpegPlane& plane) {
  return component.data != nullptr && component.w == static_cast<std::uint64_t>(plane.width) &&
         component.h == static_cast<std::uint64_t>(plane.height) &&
         component.prec == static_cast<OPJ_UINT32>(plane.bits) &&
         (component.sgnd != 0) == (plane.is_signed != 0);
}

Status copy_samples(const opj_image_t& image, std::span<const OpenJpegPlane> planes,
                    std::span<std::uint8_t> answer) {
  if (image.numcomps != planes.size()) return damaged("components are missing");
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const std::size_t bytes = planes[i].samples() * sizeof(std::int32_t);
    if (!is_as_asked(image.comps[i], planes[i]) || bytes > answer.size()) {
      return damaged("component " + std::to_string(i) + " was not decoded as a whole");
    }
    std::memcpy(answer.data(), image.comps[i].data, bytes);
    answer = answer.subspan(bytes);
  }
  return {};
}

struct Head {
  OpenJpegPart part;
  std::uint64_t planes = 0;
};

}  // namespace

std::size_t openjpeg_head_size(std::size_t planes) {
  return sizeof(Head) + planes * sizeof(OpenJpegPlane);
}

void write_openjpeg_head(const OpenJpegPart& part, std::span<const OpenJpegPlane> planes,
                         std::span<std::uint8_t> question) {
  const Head head{part, planes.size()};
  std::memcpy(question.data(), &head, sizeof head);
  std::memcpy(question.data() + sizeof head, planes.data(), planes.size_bytes());
}

Status decode_with_openjpeg(ByteSpan question, std::span<std::uint8_t> answer) {
  Head head;
  if (question.size() < sizeof head) return damaged("a question without a head");
  std::memcpy(&head, question.data(), sizeof head);
  if (head.planes > (question.size() - sizeof head) / sizeof(OpenJpegPlane)) {
    return damaged("a question without its planes");
  }
  std::vector<OpenJpegPlane> planes(head.planes);
  std::memcpy(planes.data(), question.data() + sizeof head, planes.size() * sizeof(OpenJpegPlane));
  Session session{question.subspan(openjpeg_head_size(planes.size()))};
  const Result<Image> image = decode(head.part, session);
  if (!image) return tl::unexpected(image.error());
  return copy_samples(**image, planes, answer);
}

}  // namespace iip
