#include "contract/schema/uri.h"

namespace writ::contract {
namespace {

struct Parts {
  std::string_view scheme;
  std::string_view authority;
  std::string_view path;
  std::string_view query;
  std::string_view fragment;
  bool has_scheme = false;
  bool has_authority = false;
  bool has_query = false;
  bool has_fragment = false;
};

// The split of RFC 3986 appendix B.
Parts split(std::string_view uri) {
  Parts parts;
  if (const auto hash = uri.find('#'); hash != std::string_view::npos) {
    parts.fragment = uri.substr(hash + 1);
    parts.has_fragment = true;
    uri = uri.substr(0, hash);
  }
  if (const auto question = uri.find('?'); question != std::string_view::npos) {
    parts.query = uri.substr(question + 1);
    parts.has_query = true;
    uri = uri.substr(0, question);
  }
  const auto colon = uri.find_first_of(":/");
  if (colon != std::string_view::npos && colon > 0 && uri[colon] == ':') {
    parts.scheme = uri.substr(0, colon);
    parts.has_scheme = true;
    uri = uri.substr(colon + 1);
  }
  if (uri.starts_with("//")) {
    const auto end = uri.find('/', 2);
    parts.authority = uri.substr(2, end == std::string_view::npos ? end : end - 2);
    parts.has_authority = true;
    uri = end == std::string_view::npos ? std::string_view() : uri.substr(end);
  }
  parts.path = uri;
  return parts;
}

// RFC 3986 section 5.2.4.
std::string remove_dot_segments(std::string_view in) {
  std::string out;
  const auto drop_last = [&out] {
    const auto slash = out.rfind('/');
    out.resize(slash == std::string::npos ? 0 : slash);
  };
  while (!in.empty()) {
    if (in.starts_with("../")) {
      in.remove_prefix(3);
    } else if (in.starts_with("./") || in.starts_with("/./")) {
      in.remove_prefix(2);
    } else if (in == "/.") {
      in = "/";
    } else if (in.starts_with("/../")) {
      in.remove_prefix(3);
      drop_last();
    } else if (in == "/..") {
      in = "/";
      drop_last();
    } else if (in == "." || in == "..") {
      in = {};
    } else {
      const auto end = in.find('/', in.front() == '/' ? 1 : 0);
      out += in.substr(0, end);
      in = end == std::string_view::npos ? std::string_view() : in.substr(end);
    }
  }
  return out;
}

std::string merge_paths(const Parts& base, std::string_view path) {
  if (base.has_authority && base.path.empty()) return "/" + std::string(path);
  const auto slash = base.path.rfind('/');
  std::string merged(slash == std::string_view::npos ? std::string_view()
                                                     : base.path.substr(0, slash + 1));
  return merged.append(path);
}

std::string compose(const Parts& parts, std::string_view path) {
  std::string uri;
  if (parts.has_scheme) uri.append(parts.scheme).append(":");
  if (parts.has_authority) uri.append("//").append(parts.authority);
  uri.append(path);
  if (parts.has_query) uri.append("?").append(parts.query);
  if (parts.has_fragment) uri.append("#").append(parts.fragment);
  return uri;
}

}  // namespace

std::string resolve_uri(std::string_view base_text, std::string_view reference) {
  const Parts base = split(base_text);
  Parts target = split(reference);
  if (target.has_scheme) {
    // An opaque path (urn:…) has no dot segments to remove.
    const bool hierarchical = target.has_authority || target.path.starts_with('/');
    return compose(target,
                   hierarchical ? remove_dot_segments(target.path) : std::string(target.path));
  }
  target.scheme = base.scheme;
  target.has_scheme = base.has_scheme;
  if (target.has_authority) return compose(target, remove_dot_segments(target.path));
  target.authority = base.authority;
  target.has_authority = base.has_authority;
  if (target.path.empty()) {
    if (!target.has_query) {
      target.query = base.query;
      target.has_query = base.has_query;
    }
    return compose(target, base.path);
  }
  if (target.path.front() == '/') return compose(target, remove_dot_segments(target.path));
  return compose(target, remove_dot_segments(merge_paths(base, target.path)));
}

std::pair<std::string_view, std::string_view> split_fragment(std::string_view uri) {
  const auto hash = uri.find('#');
  if (hash == std::string_view::npos) return {uri, {}};
  return {uri.substr(0, hash), uri.substr(hash + 1)};
}

std::string percent_decode(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace writ::contract
