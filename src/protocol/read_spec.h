#pragma once
// The spec: the work order itself.
#include "protocol/reading.h"

namespace writ::protocol {

// An input as it was declared, or named on the command line.
struct InputSource {
  std::string name;
  std::string path;    // as written; empty: a URI without a copy
  std::string uri;     // empty: a path
  std::string digest;  // that the document must have, hex; empty: whatever it has
  Position at;
};

// "https://…", "file:docs/design.md": what is no path.
bool is_uri(std::string_view text);

struct SpecSource {
  Law law;
  std::vector<InputSource> inputs;
  Circumstances circumstances;
};

// Fills what the spec itself says about the plan: module, scope, risk, acceptance, groups … Its
// law has the head only.
SpecSource read_spec(Reading& reading, Plan& plan);

}  // namespace writ::protocol
