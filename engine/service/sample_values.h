// Values of samples as text: what SPECTRA and PFL of IIP answer.
//
// Values are those of the file, of every channel (alpha last), whatever its depth; the order of
// frames is that of Frames. Both fail with not_found for a resolution or tile that is not there,
// malformed for pixels outside, too_large for more values than one request may ask for.
#pragma once

#include "engine/base/bytes.h"
#include "engine/protocol/request.h"
#include "engine/service/admission.h"
#include "engine/service/frames.h"

namespace iip {

// application/xml. A point for each channel of each frame: `wavelength` is the frame's name, or,
// of one picture alone that has several channels, the channel's number from 0. `reflectance` is the
// value, of integers up to 16 bits as a part of the largest that they can hold.
Result<Bytes> spectrum_xml(const SpectrumRequest& request, const Frames& frames,
                           const ReadContext& context);

// application/json. `profile` is the list of values, pixel by pixel; of several frames an object
// with such a list under the name of each. Values are multiplied by the frame's scale. Integers are
// written without a point, as long as the scale leaves them whole, and floats with nine decimals;
// what is not a number is null.
Result<Bytes> profile_json(const ProfileRequest& request, const Frames& frames,
                           const ReadContext& context);

// `info` is of one of the frames.
RenderCost cost_of_spectrum(std::size_t frames, const ImageInfo& info, CacheClient client);
RenderCost cost_of_profile(const ProfileRequest& request, std::size_t frames, const ImageInfo& info,
                           CacheClient client);

}  // namespace iip
