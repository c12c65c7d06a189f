#include "engine/formats/jpeg2000/openjpeg/decoder.h"

#include <vector>

#include "engine/formats/jpeg2000/codestream/errors.h"
#include "engine/formats/jpeg2000/codestream/geometry.h"
#include "engine/formats/jpeg2000/openjpeg/library.h"
#include "engine/source/source_decoder.h"

namespace iip {

namespace {

// The planes of the part, without samples yet.
std::vector<J2kPlane> planes_of(const J2kHeader& header, const J2kDecodeRequest& request) {
  std::vector<J2kPlane> planes;
  for (const J2kComponent& component : header.components) {
    const Rect rect = shift_up(divide_up(request.area, component.dx, component.dy), request.reduce);
    planes.push_back({rect.x + request.moved_x / component.dx,
                      rect.y + request.moved_y / component.dy, rect.width, rect.height,
                      component.bits, component.is_signed, nullptr});
  }
  return planes;
}

void paste(const std::vector<J2kPlane>& planes, std::span<const std::uint8_t> answer,
           J2kPicture& out) {
  const auto* samples = reinterpret_cast<const std::int32_t*>(answer.data());
  for (std::size_t i = 0; i < planes.size(); ++i) {
    J2kPlane plane = planes[i];
    plane.samples = samples;
    out.paste(i, plane);
    samples += plane.width * plane.height;
  }
}

}  // namespace

Status decode_j2k(const ReadContext& context, const J2kInput& input,
                  const J2kDecodeRequest& request, J2kPicture& out) {
  if (context.decoders == nullptr) {
    return unsupported_codestream("what only OpenJPEG decodes, and there are no confined decoders");
  }
  const J2kHeader& header = input.header;
  const Result<Reservation> reservation = context.budget.reserve(input.memory);
  if (!reservation) return tl::unexpected(reservation.error());

  const std::vector<J2kPlane> planes = planes_of(header, request);
  std::vector<OpenJpegPlane> asked;
  std::uint64_t samples = 0;
  for (const J2kPlane& plane : planes) {
    asked.push_back({plane.width, plane.height, plane.bits, plane.is_signed ? 1 : 0});
    samples += asked.back().samples();
  }
  const std::size_t head = openjpeg_head_size(asked.size());
  const auto block =
      ConfinedBlock::create({head + input.length, samples * sizeof(std::int32_t)}, context.budget);
  if (!block) return tl::unexpected(block.error());
  const OpenJpegPart part{request.reduce, request.layers, request.area};
  write_openjpeg_head(part, asked, block->question());
  Status status = input.copy_to(block->question().subspan(head));
  if (!status) return status;
  status = context.decoders->run({number_of(SourceDecoder::openjpeg), input.memory}, *block,
                                 context.deadline);
  if (status) paste(planes, block->answer(), out);
  return status;
}

}  // namespace iip
