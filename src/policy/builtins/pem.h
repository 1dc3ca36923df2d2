#pragma once
// PEM blocks (RFC 7468) as Go's encoding/pem finds them in a text.
#include <optional>
#include <string>
#include <string_view>

namespace writ::rego {

struct PemBlock {
  std::string type;   // "CERTIFICATE"
  std::string bytes;  // decoded
};

// The first well-formed block of `text`, which afterwards is what follows it. Nothing, and `text`
// as it was, if there is none.
std::optional<PemBlock> take_pem_block(std::string_view& text);

}  // namespace writ::rego
