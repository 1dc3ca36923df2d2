#include "net/write_response.h"

#include <fmt/format.h>

#include <iterator>

namespace writ::net {
namespace {

// Nothing that a value holds may begin another field (RFC 9110 section 5.5).
bool is_sound(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

void add_field(std::string& out, std::string_view name, std::string_view value) {
  if (!is_sound(name) || !is_sound(value)) return;
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

// RFC 9110 section 8.6: no length where no body can be.
bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

void write_response(std::string& out, const Response& response, const Framing& framing) {
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status,
                 reason_phrase(response.status));
  if (!framing.date.empty()) add_field(out, "Date", framing.date);
  if (!response.content_type.empty()) add_field(out, "Content-Type", response.content_type);
  for (const auto& [name, value] : response.fields) add_field(out, name, value);
  if (framing.is_chunked) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (may_have_body(response.status)) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body.size());
  }
  if (!framing.keeps_alive) {
    out += "Connection: close\r\n";
  } else if (framing.is_old) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  const bool has_body = !framing.is_head && !framing.is_chunked && may_have_body(response.status);
  if (has_body) out += response.body;
}

void write_chunk(std::string& out, std::string_view bytes) {
  if (bytes.empty()) return;
  fmt::format_to(std::back_inserter(out), "{:x}\r\n", bytes.size());
  out += bytes;
  out += "\r\n";
}

void write_last_chunk(std::string& out) { out += "0\r\n\r\n"; }

}  // namespace writ::net
