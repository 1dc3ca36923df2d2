#pragma once
// The spec: the work order itself.
#include "protocol/reading.h"

namespace writ::protocol {

struct InputSource {
  std::string name;
  std::string path;
  Position at;
};

struct SpecSource {
  Law law;
  std::vector<InputSource> inputs;
  Circumstances circumstances;
};

// Fills what the spec itself says about the plan: module, scope, risk, acceptance, groups … Its
// law has the head only.
SpecSource read_spec(Reading& reading, Plan& plan);

}  // namespace writ::protocol
