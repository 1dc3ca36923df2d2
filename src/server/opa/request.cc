#include "server/opa/request.h"

#include "base/yaml.h"
#include "policy/term/json.h"

namespace writ::server {

Result<std::vector<std::string>> document_path(const net::Request& request,
                                               std::string_view below) {
  std::vector<std::string> out;
  std::string_view rest = request.path.substr(below.size());
  if (rest.starts_with('/')) rest.remove_prefix(1);
  while (!rest.empty()) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    WRIT_TRY(std::string segment, net::percent_decode(rest.substr(0, slash)));
    out.push_back(std::move(segment));
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  return out;
}

Result<rego::Term> parse_document(rego::Arena& arena, const net::Request& request) {
  const std::string_view type = request.fields.value_or("Content-Type", "");
  if (type.find("yaml") == std::string_view::npos) return rego::parse_json(arena, request.body);
  WRIT_TRY(const Value value, parse_yaml(request.body));
  return from_value(arena, value);
}

}  // namespace writ::server
