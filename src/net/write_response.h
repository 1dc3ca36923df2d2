#pragma once
// A response as bytes (RFC 9112 section 3).
#include <cstdint>
#include <string>
#include <string_view>

#include "net/handler.h"

namespace writ::net {

struct Framing {
  bool keeps_alive = true;
  bool is_head = false;     // of a HEAD request: the length is said, the body left out
  bool is_chunked = false;  // a body of unknown length follows (HTTP/1.1 only)
  bool is_old = false;      // HTTP/1.0: keep-alive must be said
  std::string_view date;    // IMF-fixdate
};

// Appends head and body. Fields with a line break in them are left out: they would be two.
void write_response(std::string& out, const Response& response, const Framing& framing);

// Appends `bytes` as one chunk; nothing for no bytes, which would be the end.
void write_chunk(std::string& out, std::string_view bytes);
void write_last_chunk(std::string& out);

}  // namespace writ::net
