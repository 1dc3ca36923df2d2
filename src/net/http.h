#pragma once
// What travels in HTTP/1.1 (RFC 9110, 9112): methods, header fields, targets, responses.
// Views only; nothing here does I/O.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace writ::net {

// What a server of ours answers. Any other method is 501.
enum class Method : std::uint8_t { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS };
std::string_view method_name(Method method);
std::optional<Method> parse_method(std::string_view text);

struct Field {
  std::string_view name;  // as sent; names are compared without regard to case
  std::string_view value;
};

// The header fields of a message, in the order in which they came.
class Fields {
 public:
  void clear() { fields_.clear(); }
  void add(std::string_view name, std::string_view value) { fields_.push_back({name, value}); }
  // The first field of that name; nullopt when there is none.
  std::optional<std::string_view> find(std::string_view name) const;
  std::string_view value_or(std::string_view name, std::string_view fallback) const;
  // Whether a comma-separated list names `token`, without regard to case: `Connection: close`.
  bool has_token(std::string_view name, std::string_view token) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  auto begin() { return fields_.begin(); }
  auto end() { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

bool equals_ignoring_case(std::string_view a, std::string_view b);

// An answer, or what a client received.
struct Response {
  int status = 200;
  std::string content_type;  // empty: no Content-Type
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;

  // The first field of that name, without regard to case; empty when there is none.
  std::string_view field(std::string_view name) const;
};

// "Not Found"; "Unknown" for a number without a phrase.
std::string_view reason_phrase(int status);

// Percent-decoding of a path segment (RFC 3986 section 2.1). Errors: invalid_input (a broken
// escape, an escaped NUL).
Result<std::string> percent_decode(std::string_view text);
// The same for a query's names and values, where `+` is a blank.
Result<std::string> form_decode(std::string_view text);
// Everything but unreserved characters becomes %XX.
std::string percent_encode(std::string_view text);
// The pairs of `a=1&b=2`, in order, decoded. Errors: invalid_input.
Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

// Seconds since the epoch as an IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110
// section 5.6.7).
std::string to_http_date(std::int64_t seconds);

}  // namespace writ::net
