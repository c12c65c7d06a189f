// The commands that say what is to be done to the values of a picture. They are those of the
// Internet Imaging Protocol; IIIF takes them in the query of an image URL, where it is extended.
//
//   MINMAX=c:min,max   the values of channel c (from 0; - for all) that become black and white
//   CNT=factor         contrast, 0 to 1e30; or CNT=stretch (st, -1), or CNT=equalization (eq)
//   SHD=h,v            hillshade: light from h degrees of the compass, v degrees (-90 to 90)
//                      above the horizon
//   CTW=[a,b;c,d]      colour twist, a row for each channel made; a second one appends its rows
//   GAM=exponent       gamma, 0 to 1000; or GAM=log (logarithm, -1)
//   INV                inversion
//   CMP=name           colour map; a name that is none switches it off
//   CNV=name, CNV=[..] convolution by a kernel, see kernel.h
//
// If a command is repeated the last one holds, except for CTW, and MINMAX of different channels.
// Numbers are finite decimals with sign and exponent; those beyond what is stated are held to it,
// values and factors to 1e30 to either side of 0. A value type; the functions keep nothing and are
// for any thread.
#pragma once

#include <memory_resource>
#include <string_view>

#include "engine/model/processing.h"

namespace iip {

struct ProcessingCommand {
  std::string_view name;
  // `value` is not percent-encoded. False: it is not what the command takes.
  bool (*set)(Processing& processing, std::string_view value);
  // The value is a list that clients percent-encode whatever the protocol, with '+' for a space.
  bool encoded = false;
};

// In any case of letters; nullptr where `name` is none of these.
const ProcessingCommand* find_processing_command(std::string_view name);

}  // namespace iip
