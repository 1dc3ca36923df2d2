#pragma once
// A URL taken apart the way Go's net/url does it.
#include <string>
#include <string_view>

#include "base/result.h"

namespace writ::rego {

struct UrlParts {
  std::string scheme;  // lower-case
  std::string opaque;  // "a" of mailto:a
  bool has_user = false;
  std::string host;      // with port
  std::string path;      // decoded
  std::string raw_path;  // as it was written, if Go would encode `path` in another way
  bool force_query = false;
  std::string query;     // as it was written
  std::string fragment;  // decoded
  std::string raw_fragment;

  // The path as it goes over the wire.
  std::string escaped_path() const;
};

// Errors: invalid_input (a control character, a broken escape, a colon before any scheme).
Result<UrlParts> parse_url(std::string_view text);

}  // namespace writ::rego
