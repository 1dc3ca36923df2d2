#include "net/router.h"

#include <algorithm>
#include <array>
#include <map>

namespace writ::net {
namespace {

constexpr std::size_t kMethodCount = 7;

struct Segment {
  enum class Kind : std::uint8_t { literal, one, rest };
  Kind kind = Kind::literal;
  std::string text;  // of a literal
};

Result<Segment> parse_segment(std::string_view text, std::string_view pattern, bool is_last) {
  const bool is_parameter = text.starts_with('{');
  if (is_parameter != text.ends_with('}')) {
    return fail(Code::invalid_input, "route " + std::string(pattern) + " has an open brace");
  }
  if (!is_parameter) return Segment{Segment::Kind::literal, std::string(text)};
  if (!text.ends_with("...}")) return Segment{Segment::Kind::one, {}};
  if (is_last) return Segment{Segment::Kind::rest, {}};
  return fail(Code::invalid_input,
              "route " + std::string(pattern) + " goes on after a parameter that takes the rest");
}

Result<std::vector<Segment>> parse_pattern(std::string_view pattern) {
  if (!pattern.starts_with('/')) {
    return fail(Code::invalid_input, "route " + std::string(pattern) + " must begin with /");
  }
  std::vector<Segment> out;
  std::string_view rest = pattern.substr(1);
  for (bool is_last = rest.empty(); !is_last;) {
    const std::size_t slash = rest.find('/');
    is_last = slash == std::string_view::npos;
    WRIT_TRY(Segment segment, parse_segment(rest.substr(0, slash), pattern, is_last));
    out.push_back(std::move(segment));
    if (!is_last) rest.remove_prefix(slash + 1);
  }
  return out;
}

}  // namespace

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;  // of one segment
  std::unique_ptr<Node> rest;       // a leaf: takes whatever is left
  std::array<const Route*, kMethodCount> routes{};

  bool has_routes() const {
    return std::any_of(routes.begin(), routes.end(), [](const Route* r) { return r != nullptr; });
  }

  Node& child(const Segment& segment) {
    std::unique_ptr<Node>& slot = segment.kind == Segment::Kind::literal ? literals[segment.text]
                                  : segment.kind == Segment::Kind::one   ? parameter
                                                                         : rest;
    if (slot == nullptr) slot = std::make_unique<Node>();
    return *slot;
  }

  // Depth first, literals before parameters. `values` holds the raw segments taken on the way.
  const Node* find(std::string_view path, std::vector<std::string_view>& values) const {
    if (path.empty()) {
      if (has_routes()) return this;
      if (rest == nullptr) return nullptr;
      values.push_back(path);
      return rest.get();
    }
    const std::string_view tail = path.substr(1);  // behind the slash
    const std::size_t slash = std::min(tail.find('/'), tail.size());
    const std::string_view segment = tail.substr(0, slash);
    if (const auto at = literals.find(segment); at != literals.end()) {
      if (const Node* found = at->second->find(tail.substr(slash), values)) return found;
    }
    const std::size_t taken = values.size();
    if (parameter != nullptr && !segment.empty()) {
      values.push_back(segment);
      if (const Node* found = parameter->find(tail.substr(slash), values)) return found;
      values.resize(taken);
    }
    if (rest == nullptr) return nullptr;
    values.push_back(tail);
    return rest.get();
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

Result<Router> Router::build(std::vector<Route> routes) {
  Router router;
  for (Route& route : routes) {
    WRIT_TRY(const std::vector<Segment> segments, parse_pattern(route.pattern));
    Node* node = router.root_.get();
    for (const Segment& segment : segments) node = &node->child(segment);
    const Route*& slot = node->routes[static_cast<std::size_t>(route.method)];
    if (slot != nullptr) {
      return fail(Code::invalid_input, std::string(method_name(route.method)) + " " +
                                           route.pattern + " is routed twice");
    }
    slot = router.routes_.emplace_back(std::make_unique<Route>(std::move(route))).get();
  }
  return router;
}

Result<Router::Match> Router::find(Method method, std::string_view path) const {
  std::vector<std::string_view> values;
  const Node* node = root_->find(path == "/" ? std::string_view() : path, values);
  if (node == nullptr) return Match{};
  Match match;
  match.route = node->routes[static_cast<std::size_t>(method)];
  if (match.route == nullptr && method == Method::HEAD) {
    match.route = node->routes[static_cast<std::size_t>(Method::GET)];
  }
  if (match.route == nullptr) {
    for (std::size_t i = 0; i < kMethodCount; ++i) {
      if (node->routes[i] == nullptr) continue;
      if (!match.allow.empty()) match.allow += ", ";
      match.allow += method_name(static_cast<Method>(i));
    }
    return match;
  }
  for (const std::string_view value : values) {
    WRIT_TRY(std::string decoded, percent_decode(value));
    match.parameters.push_back(std::move(decoded));
  }
  return match;
}

}  // namespace writ::net
