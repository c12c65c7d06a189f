// An answer between its two steps: its head, and what the body is to be made from.
//
// Belongs to one request, and must not outlive its ServiceContext.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/base/hash.h"
#include "engine/plan/plan.h"
#include "engine/service/answer.h"
#include "engine/service/open_image.h"

namespace iip {

class Frames;

// What Service::render() makes the body from.
struct RenderInput {
  Digest key;  // in the memory that processes share; all zero for a short document
  // The whole body of a short document; empty for an info.json, which render() finds or writes, and
  // for a picture.
  std::pmr::string text;
  std::shared_ptr<const OpenImage> image;
  std::shared_ptr<const Frames> frames;  // for answers about all of them; valid with the context
  std::optional<Plan> plan;              // of a picture
};

struct Prepared {
  AnswerHead head;
  RenderInput input;
};

}  // namespace iip
