// The files of an image sequence, as httpd's core allows them.
//
// Where a service's image is no file, the name may be that of a sequence (engine/files/
// image_sequence.h). Each frame is then looked up as a subrequest, so that <Directory>, <Files>,
// Require and symbolic-link options hold for it as they would for the file itself, and the sections
// for its own URL. Belongs to the thread of the request.
#pragma once

#include <optional>

#include "engine/files/image_sequence.h"
#include "httpd/config/config.h"
#include "httpd/request/state.h"

namespace iip {

// A frame that is there and allowed.
struct FrameFile {
  const char* filename;  // absolute
  File file;
};

class RequestSequence final : public ImageSequence {
 public:
  // `r` is a request for a service, with its state, and lives longer.
  RequestSequence(request_rec* r, const DirConfig& dir, const RequestState& state);

  Result<FrameFile> find(const View& view) const;

  Result<SequenceViews> views() const override;
  Result<File> open(const View& view) const override;

 private:
  // `name` is below the prefix, without the suffix.
  Result<FrameFile> look_up(const char* name) const;
  Result<File> open_allowed(const FileLookup& lookup, const char* image_file) const;

  request_rec* const r_;
  const RequestState& state_;
  const char* const prefix_;
  const char* const stem_;    // below the prefix, with the pattern; nullptr: no sequences here
  const char* const suffix_;  // of IIPFilesystemSuffix; "": the known extensions are tried
};

}  // namespace iip
