// Whether anybody still waits for the answer. The adaptor implements it over the connection; long
// work asks it now and then, so that a client who left frees what his request holds. Belongs to one
// request and its thread.
#pragma once

namespace iip {

class ClientWatch {
 public:
  virtual ~ClientWatch() = default;
  virtual bool gone() = 0;
};

}  // namespace iip
