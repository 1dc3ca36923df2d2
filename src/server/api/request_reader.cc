#include "server/api/request_reader.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/json.h"
#include "contract/schema/pointer.h"

namespace writ::server {
namespace {

using contract::DescribedParameter;
using contract::Place;
using contract::Scalar;

constexpr std::size_t kDepth = 64;  // of a body's nesting

// What cannot be read as its type stays text: the schema says what is wrong with it.
Value read_scalar(Scalar scalar, const std::string& text) {
  const char* const end = text.data() + text.size();
  if (scalar == Scalar::integer) {
    std::int64_t number = 0;
    const auto [at, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && at == end) return number;
  }
  if (scalar == Scalar::number) {
    double number = 0;
    const auto [at, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && at == end && number - number == 0) return number;
  }
  if (scalar == Scalar::boolean) {
    if (text.empty() || text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
  }
  return text;
}

Fault fault_of(std::string_view where, std::string_view name, std::string type,
               std::string message) {
  Fault fault;
  fault.where = where;
  if (!name.empty()) contract::append_pointer(fault.pointer, name);
  fault.type = std::move(type);
  fault.message = std::move(message);
  return fault;
}

// Puts a value that came as text under its name. false: it was there already and is no list.
bool put(Object& out, const DescribedParameter& as, const std::string& text) {
  Value value = read_scalar(as.scalar, text);
  Value* const there = out.find(as.name);
  if (!as.is_list) {
    if (there != nullptr) return false;
    out.append(as.name, std::move(value));
    return true;
  }
  Value& list = there != nullptr ? *there : out.append(as.name, Array());
  list.as_array().push_back(std::move(value));
  return true;
}

// A form's members, read as parameters of a query are.
std::vector<DescribedParameter> members_of(const contract::Description& description,
                                           const Value& schema) {
  std::vector<DescribedParameter> out;
  const Value* const properties = description.resolve(schema).find("properties");
  if (properties == nullptr || !properties->is_object()) return out;
  for (const Member& member : properties->as_object()) {
    const Value& of = description.resolve(member.value);
    DescribedParameter& one = out.emplace_back();
    one.name = member.key;
    one.is_list = of.string_or("type", "string") == "array";
    const std::string_view type = of.string_or("type", "string");
    if (type == "integer") one.scalar = Scalar::integer;
    if (type == "number") one.scalar = Scalar::number;
    if (type == "boolean") one.scalar = Scalar::boolean;
  }
  return out;
}

// {"type": "object", "properties": {…}, "required": […], "additionalProperties": false}
Value schema_of(const std::vector<DescribedParameter>& parameters, bool is_open) {
  Object properties;
  Array required;
  for (const DescribedParameter& one : parameters) {
    properties.append(one.name, one.schema.is_null() ? Value(true) : one.schema);
    if (one.is_required) required.emplace_back(one.name);
  }
  return Object{{"type", "object"},
                {"properties", std::move(properties)},
                {"required", std::move(required)},
                {"additionalProperties", is_open}};
}

// Names of a path's parameters in their order: "/users/{id}/roles/{role}".
std::vector<std::string> names_in(std::string_view path) {
  std::vector<std::string> out;
  for (std::size_t open = path.find('{'); open != std::string_view::npos; open = path.find('{')) {
    const std::size_t close = std::min(path.find('}', open), path.size());
    out.emplace_back(path.substr(open + 1, close - open - 1));
    path.remove_prefix(close);
  }
  return out;
}

std::string media_type_of(std::string_view field) {
  std::string_view text = field.substr(0, std::min(field.find(';'), field.size()));
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

Result<RequestReader> RequestReader::compile(const contract::Description& description,
                                             const contract::DescribedOperation& operation) {
  const std::vector<std::string> names = names_in(operation.path);
  std::vector<Parameter> parameters;
  std::set<std::string_view> seen;
  for (const DescribedParameter& one : operation.parameters) {
    if (!seen.insert(one.name).second) {
      return fail(Code::invalid_input,
                  "`" + operation.id + "` has two parameters `" + one.name + "`");
    }
    const auto at = std::ranges::find(names, one.name);
    parameters.push_back({one, static_cast<std::size_t>(at - names.begin())});
  }
  WRIT_TRY(contract::Schema schema,
           description.compile(schema_of(operation.parameters, operation.takes_unknown_query)));
  RequestReader out(std::move(parameters), std::move(schema));
  for (const contract::DescribedBody& body : operation.bodies) {
    WRIT_TRY(contract::Schema of, description.compile(body.schema));
    out.bodies_.push_back({body.media_type, body.is_json(), body.is_form(), std::move(of),
                           members_of(description, body.schema)});
  }
  out.needs_body_ = operation.needs_body;
  out.takes_unknown_query_ = operation.takes_unknown_query;
  out.body_limit_ = operation.body_limit;
  return out;
}

const DescribedParameter* RequestReader::find(Place in, std::string_view name) const {
  for (const Parameter& one : parameters_) {
    if (one.described.in == in && one.described.name == name) return &one.described;
  }
  return nullptr;
}

void RequestReader::read_query(std::string_view query, ReadRequest& out) const {
  const auto pairs = net::parse_query(query);
  if (!pairs) {
    out.faults.push_back(fault_of("query", {}, "value_error", pairs.error().message));
    return;
  }
  for (const auto& [name, text] : *pairs) {
    const DescribedParameter* const as = find(Place::query, name);
    if (as != nullptr && !put(out.parameters, *as, text)) {
      out.faults.push_back(fault_of("query", name, "value_error", "is given more than once"));
    } else if (as == nullptr && !takes_unknown_query_) {
      out.faults.push_back(
          fault_of("query", name, "extra_forbidden", "there is no such parameter"));
    }
  }
}

void RequestReader::read_parameters(const net::Request& request,
                                    const std::vector<std::string>& path, ReadRequest& out) const {
  read_query(request.query, out);
  for (const Parameter& one : parameters_) {
    const DescribedParameter& as = one.described;
    if (as.in == Place::path && one.position < path.size()) {
      put(out.parameters, as, path[one.position]);
    }
    if (as.in == Place::header) {
      if (const auto field = request.fields.find(as.name)) {
        put(out.parameters, as, std::string(*field));
      }
    }
    const bool is_there = out.parameters.contains(as.name);
    if (!is_there && as.fallback) out.parameters.append(as.name, *as.fallback);
  }
  const Value whole(out.parameters);
  if (schema_.is_valid(whole)) return;
  for (const contract::Violation& violation : schema_.validate(whole).violations) {
    Fault fault = to_fault("query", violation, whole);
    const auto tokens = contract::parse_pointer(fault.pointer);
    const std::string name = tokens && !tokens->empty() ? tokens->front() : std::string();
    if (find(Place::path, name) != nullptr) out.has_no_such_path = true;
    if (find(Place::header, name) != nullptr) fault.where = "header";
    out.faults.push_back(std::move(fault));
  }
}

const RequestReader::Body* RequestReader::body_of(std::string_view content_type) const {
  const std::string wanted = media_type_of(content_type);
  for (const Body& body : bodies_) {
    if (body.media_type == wanted) return &body;
  }
  return nullptr;
}

void RequestReader::read_form(const Body& body, std::string_view text, ReadRequest& out) const {
  const auto pairs = net::parse_query(text);
  if (!pairs) {
    out.faults.push_back(fault_of("body", {}, "value_error", pairs.error().message));
    return;
  }
  Object form;
  for (const auto& [name, value] : *pairs) {
    DescribedParameter as;
    as.name = name;
    const auto known = std::ranges::find(body.members, name, &DescribedParameter::name);
    if (!put(form, known == body.members.end() ? as : *known, value)) {
      out.faults.push_back(fault_of("body", name, "value_error", "is given more than once"));
    }
  }
  out.body = std::move(form);
}

void RequestReader::read_body(const net::Request& request, ReadRequest& out) const {
  const std::string_view text = request.body;
  if (bodies_.empty()) {
    // Clients that send something with every POST send one of these.
    const std::string_view said = trimmed(text);
    if (!said.empty() && said != "{}" && said != "null") {
      out.faults.push_back(fault_of("body", {}, "extra_forbidden", "no body is taken here"));
    }
    return;
  }
  if (text.empty()) {
    if (needs_body_) out.faults.push_back(fault_of("body", {}, "missing", "Field required"));
    return;
  }
  const Body* const body = body_of(request.fields.value_or("Content-Type", ""));
  if (body == nullptr) {
    out.has_wrong_media = true;
    return;
  }
  if (!body->is_json && !body->is_form) return;
  if (body->is_form) {
    read_form(*body, text, out);
  } else {
    DocumentLimits limits;
    limits.max_bytes = std::max(body_limit_, text.size());
    limits.max_depth = kDepth;
    auto parsed = parse_json(text, {}, limits);
    if (!parsed) {
      out.faults.push_back(fault_of("body", {}, "json_invalid", parsed.error().message));
      return;
    }
    out.body = *std::move(parsed);
  }
  if (!out.faults.empty() || body->schema.is_valid(out.body)) return;
  for (const contract::Violation& violation : body->schema.validate(out.body).violations) {
    out.faults.push_back(to_fault("body", violation, out.body));
  }
}

ReadRequest RequestReader::read(const net::Request& request,
                                const std::vector<std::string>& path) const {
  ReadRequest out;
  read_parameters(request, path, out);
  if (!out.has_no_such_path) read_body(request, out);
  return out;
}

}  // namespace writ::server
