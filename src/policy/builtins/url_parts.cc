#include "policy/builtins/url_parts.h"

#include <algorithm>
#include <optional>

#include "policy/builtins/time_layout.h"

namespace writ::rego {
namespace {

constexpr std::string_view kPathChars = "-_.~$&+,/:;=@";
constexpr std::string_view kFragmentChars = "-_.~$&+,/:;=?@!()*'";

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) {
      return std::nullopt;
    }
    out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
    i += 2;
  }
  return out;
}

std::string encoded(std::string_view text, std::string_view allowed) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_alpha(c) || is_digit(c) || allowed.contains(c)) {
      out += c;
    } else {
      out += '%';
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

// The length of a scheme at the front, without its colon; 0: there is none.
std::size_t scheme_size(std::string_view text) {
  if (text.empty() || !is_alpha(text[0])) return 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == ':') return i;
    if (!is_alpha(text[i]) && !is_digit(text[i]) && !std::string_view("+-.").contains(text[i])) {
      return 0;
    }
  }
  return 0;
}

std::unexpected<Error> unparsable(std::string_view text, std::string_view why) {
  return fail(Code::invalid_input, "parse " + go_quoted(text) + ": " + std::string(why));
}

Result<void> read_fragment(std::string_view whole, std::string_view& left, UrlParts& out) {
  const std::size_t hash = left.find('#');
  if (hash == std::string_view::npos) return {};
  const std::string_view raw = left.substr(hash + 1);
  const auto text = decoded(raw);
  if (!text) return unparsable(whole, "invalid URL escape");
  out.fragment = *text;
  if (encoded(*text, kFragmentChars) != raw) out.raw_fragment = raw;
  left = left.substr(0, hash);
  return {};
}

void read_query(std::string_view& left, UrlParts& out) {
  const std::size_t mark = left.find('?');
  if (mark == std::string_view::npos) return;
  out.query = left.substr(mark + 1);
  out.force_query = out.query.empty();
  left = left.substr(0, mark);
}

void read_authority(std::string_view& left, UrlParts& out) {
  if (!left.starts_with("//")) return;
  std::string_view authority = left.substr(2, std::min(left.find('/', 2), left.size()) - 2);
  left.remove_prefix(2 + authority.size());
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    out.has_user = true;
    authority.remove_prefix(at + 1);
  }
  out.host = authority;
}

}  // namespace

std::string UrlParts::escaped_path() const {
  if (!raw_path.empty()) return raw_path;
  return path == "*" ? path : encoded(path, kPathChars);
}

Result<UrlParts> parse_url(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
  if (std::ranges::any_of(text, is_control)) {
    return unparsable(text, "net/url: invalid control character in URL");
  }
  UrlParts out;
  std::string_view left = text;
  WRIT_CHECK(read_fragment(text, left, out));
  if (left.starts_with(':')) return unparsable(text, "missing protocol scheme");
  if (const std::size_t size = scheme_size(left); size > 0) {
    out.scheme = left.substr(0, size);
    std::ranges::transform(out.scheme, out.scheme.begin(),
                           [](char c) { return is_alpha(c) ? static_cast<char>(c | 0x20) : c; });
    left.remove_prefix(size + 1);
  }
  read_query(left, out);
  if (!left.starts_with('/')) {
    if (!out.scheme.empty()) {
      out.opaque = left;
      return out;
    }
    if (left.substr(0, left.find('/')).contains(':')) {
      return unparsable(text, "first path segment in URL cannot contain colon");
    }
  }
  if (!left.starts_with("///")) read_authority(left, out);
  const auto path = decoded(left);
  if (!path) return unparsable(text, "invalid URL escape");
  out.path = *path;
  if (encoded(*path, kPathChars) != left) out.raw_path = left;
  return out;
}

}  // namespace writ::rego
