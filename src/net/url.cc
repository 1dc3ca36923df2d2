#include "net/url.h"

#include <arpa/inet.h>

#include <algorithm>

namespace writ::net {
namespace {

std::unexpected<Error> bad(std::string_view text, const std::string& why) {
  return fail(Code::invalid_input, "cannot call " + std::string(text) + ": " + why,
              "Write http://HOST[:PORT]/PATH, https://… or unix:SOCKET:/PATH");
}

bool is_target(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != 0x7f; });
}

Result<Url> parse_unix(std::string_view text) {
  const std::string_view rest = text.substr(5);
  const std::size_t colon = rest.find(':');
  Url url;
  url.scheme = Url::Scheme::unix_socket;
  url.host = rest.substr(0, colon);
  url.target = colon == std::string_view::npos ? "/" : std::string(rest.substr(colon + 1));
  if (url.host.empty()) return bad(text, "there is no socket");
  if (!url.target.starts_with('/') || !is_target(url.target)) return bad(text, "the path is none");
  return url;
}

// HOST, HOST:PORT, [IPV6], [IPV6]:PORT into `url`.
bool split_authority(std::string_view authority, Url& url) {
  std::size_t end = authority.find(':');
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return false;
    url.host = authority.substr(1, bracket - 1);
    end = bracket + 1;
    if (end < authority.size() && authority[end] != ':') return false;
  } else {
    url.host = authority.substr(0, end);
  }
  if (end < authority.size()) url.port = authority.substr(end + 1);
  const bool has_digits =
      std::all_of(url.port.begin(), url.port.end(), [](char c) { return c >= '0' && c <= '9'; });
  return !url.host.empty() && has_digits && url.port.size() <= 5;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  if (text.starts_with("unix:")) return parse_unix(text);
  Url url;
  std::string_view rest = text;
  if (text.starts_with("http://")) {
    rest.remove_prefix(7);
  } else if (text.starts_with("https://")) {
    rest.remove_prefix(8);
    url.scheme = Url::Scheme::https;
  } else {
    return bad(text, "the scheme is not known");
  }
  rest = rest.substr(0, rest.find('#'));
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  if (authority.find('@') != std::string_view::npos) {
    return fail(Code::invalid_input, "a URL holds credentials",
                "Send them in a header field: URLs end up in logs");
  }
  if (!split_authority(authority, url)) return bad(text, "the host is none");
  if (url.port.empty()) url.port = url.scheme == Url::Scheme::https ? "443" : "80";
  url.target = rest.substr(end);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  if (!is_target(url.target)) return bad(text, "the path holds blanks or control characters");
  return url;
}

std::string Url::origin() const {
  if (scheme == Scheme::unix_socket) return "unix:" + host;
  const bool is_v6 = host.find(':') != std::string::npos;
  return (scheme == Scheme::https ? "https://" : "http://") + (is_v6 ? "[" + host + "]" : host) +
         ":" + port;
}

std::string Url::host_field() const {
  if (scheme == Scheme::unix_socket) return "localhost";
  const std::string text = host.find(':') != std::string::npos ? "[" + host + "]" : host;
  const bool is_usual = port == (scheme == Scheme::https ? "443" : "80");
  return is_usual ? text : text + ":" + port;
}

bool Url::is_of_this_machine() const {
  if (scheme == Scheme::unix_socket || host == "localhost") return true;
  in_addr v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  in6_addr v6{};
  return ::inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace writ::net
