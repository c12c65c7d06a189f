// What a JPEG stream says before its first entropy-coded byte, and what a TIFF's JPEGTables hold.
//
// Read by hand, because it decides whether a stored tile may go out unread (ITU-T T.81, annex B).
// Value types; the functions keep nothing and are for any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "engine/base/bytes.h"
#include "engine/image/geometry.h"

namespace iip {

// Which table slots (bit n: slot n) are defined or used.
struct JpegTableSlots {
  unsigned quantisation = 0;
  unsigned dc = 0;
  unsigned ac = 0;

  bool empty() const { return (quantisation | dc | ac) == 0; }
  bool covers(const JpegTableSlots& needed) const {
    return (needed.quantisation & ~quantisation) == 0 && (needed.dc & ~dc) == 0 &&
           (needed.ac & ~ac) == 0;
  }
  friend JpegTableSlots operator|(const JpegTableSlots& a, const JpegTableSlots& b) {
    return {a.quantisation | b.quantisation, a.dc | b.dc, a.ac | b.ac};
  }
};

struct JpegComponent {
  std::uint8_t id = 0;
  std::uint8_t horizontal = 1;
  std::uint8_t vertical = 1;
  std::uint8_t quantisation = 0;  // table slot
};

// Which Huffman tables a component of the scan uses.
struct JpegScanTables {
  std::uint8_t dc = 0;
  std::uint8_t ac = 0;
};

struct JpegHeader {
  enum class State {
    complete,   // up to the first scan, all fields below are set
    cut_short,  // the bytes given end before the first scan; fields found so far are set
    malformed,
  };
  State state = State::malformed;
  std::uint8_t frame_marker = 0;  // 0xC0 baseline, 0xC1 extended, 0xC2 progressive, ...
  int bits = 0;
  Size size;
  int component_count = 0;
  std::array<JpegComponent, 4> components;
  std::array<JpegScanTables, 4> scan_tables;  // of components[i], if the scan has all of them
  int restart_interval = 0;                   // in MCUs; 0: none
  JpegTableSlots own_tables;
  JpegTableSlots needed_tables;
  bool has_wide_quantisation = false;  // a table of 16 bits, which baseline does not know
  bool has_adobe = false;
  int adobe_transform = 0;
  bool has_other_application_data = false;  // APP1 to APP13, APP15
  bool scan_has_all_components = false;     // one interleaved scan, not the first of several
  std::size_t scan_offset = 0;              // of the first entropy-coded byte, if complete
};

JpegHeader read_jpeg_header(ByteSpan stream);

struct JpegTables {
  JpegTableSlots slots;
  Bytes segments;  // DQT and DHT, without SOI and EOI
};

// The segments of a stream up to its first scan, each with its marker and length.
struct JpegSegments {
  JpegHeader header;    // what they say; `complete` if there is a scan
  ByteVector tables;    // DQT and DHT, one after another
  ByteVector restarts;  // DRI; empty: none
  ByteVector frame;     // SOFn; empty: none
  ByteVector scan;      // SOS; empty: the stream ends before it
};

// nullopt if the stream is malformed before its first scan or its end.
std::optional<JpegSegments> read_jpeg_segments(ByteSpan stream);

// Tables alone: SOI, table segments, EOI. nullopt if it is anything else.
std::optional<JpegTables> read_jpeg_tables(ByteSpan stream);

}  // namespace iip
