#include "policy/builtins/hosts.h"

#include <algorithm>

namespace writ::rego {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return out;
}

}  // namespace

bool may_reach(const Services& services, std::string_view host) {
  const std::string wanted = lower(host);
  return std::ranges::any_of(services.hosts, [&](const std::string& allowed) {
    return allowed == "*" || lower(allowed) == wanted;
  });
}

std::string unallowed(std::string_view host) { return "unallowed host: " + std::string(host); }

std::string host_of_url(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return {};
  const std::string scheme = lower(url.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return {};
  std::string_view authority = url.substr(scheme_end + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  // Whatever reads the URL next might take another '@' or a backslash for the end of the host.
  if (authority.find_first_of("@\\ \t\r\n") != std::string_view::npos) return {};
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    return end == std::string_view::npos ? std::string() : lower(authority.substr(1, end - 1));
  }
  return lower(authority.substr(0, authority.find(':')));
}

}  // namespace writ::rego
