#include "server/api/errors.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/json.h"
#include "contract/schema/pointer.h"
#include "net/problem.h"
#include "server/api/answers.h"
#include "server/opa/answers.h"

namespace writ::server {
namespace {

using contract::ErrorShape;

// Longer texts are not repeated to whoever sent them.
constexpr std::size_t kRepeated = 200;
constexpr std::array<std::string_view, 10> kSecretWords = {
    "password", "secret", "token",    "otp",       "code",
    "key",      "proof",  "passcode", "assertion", "credential"};

// How pydantic calls what a keyword of JSON Schema asks for.
struct Kind {
  std::string_view keyword;
  std::string_view type;
};
constexpr std::array<Kind, 17> kKinds = {{{"required", "missing"},
                                          {"dependentRequired", "missing"},
                                          {"additionalProperties", "extra_forbidden"},
                                          {"unevaluatedProperties", "extra_forbidden"},
                                          {"minLength", "string_too_short"},
                                          {"maxLength", "string_too_long"},
                                          {"pattern", "string_pattern_mismatch"},
                                          {"enum", "enum"},
                                          {"const", "literal_error"},
                                          {"minimum", "greater_than_equal"},
                                          {"exclusiveMinimum", "greater_than"},
                                          {"maximum", "less_than_equal"},
                                          {"exclusiveMaximum", "less_than"},
                                          {"minItems", "too_short"},
                                          {"maxItems", "too_long"},
                                          {"multipleOf", "multiple_of"},
                                          {"json", "json_invalid"}}};
constexpr std::array<Kind, 7> kTypes = {{{"string", "string_type"},
                                         {"integer", "int_type"},
                                         {"number", "float_type"},
                                         {"boolean", "bool_type"},
                                         {"array", "list_type"},
                                         {"object", "dict_type"},
                                         {"null", "none_required"}}};

template <std::size_t N>
std::string_view kind_of(const std::array<Kind, N>& rows, std::string_view keyword) {
  for (const Kind& row : rows) {
    if (row.keyword == keyword) return row.type;
  }
  return "value_error";
}

const Value* at_pointer(const Value& root, const std::vector<std::string>& tokens) {
  const Value* at = &root;
  for (const std::string& token : tokens) {
    if (at != nullptr) at = contract::pointer_step(*at, token);
  }
  return at;
}

bool may_be_repeated(const Value& value) {
  if (value.is_array() || value.is_object()) return false;
  return !value.is_string() || value.as_string().size() <= kRepeated;
}

std::string without_ticks(std::string_view text) {
  if (text.size() >= 2 && text.starts_with('`') && text.ends_with('`')) {
    text = text.substr(1, text.size() - 2);
  }
  return std::string(text);
}

bool is_index(std::string_view token) {
  return !token.empty() && token.size() < 10 &&
         std::ranges::all_of(token, [](char c) { return c >= '0' && c <= '9'; });
}

// ["body", "members", 0, "email"]
Value place_of(const Fault& fault) {
  Array out{Value(fault.where)};
  for (const std::string& token :
       contract::parse_pointer(fault.pointer).value_or(std::vector<std::string>())) {
    if (is_index(token)) {
      out.emplace_back(std::stol(token));
    } else {
      out.emplace_back(token);
    }
  }
  return out;
}

Value problem_row(const Fault& fault) {
  Object row{{"detail", fault.message}};
  if (fault.where == "body") {
    row.append("pointer", "#" + fault.pointer);
  } else if (!fault.pointer.empty()) {
    row.append("parameter", fault.pointer.substr(1));
  }
  if (!fault.remedy.empty()) row.append("remedy", fault.remedy);
  return row;
}

Value detail_row(const Fault& fault) {
  return Object{{"type", fault.type},
                {"loc", place_of(fault)},
                {"msg", fault.message},
                {"input", fault.input}};
}

std::string sentence_of(const std::vector<Fault>& faults) {
  const Fault& first = faults.front();
  std::string out(first.where);
  if (!first.pointer.empty()) out += " " + first.pointer.substr(1);
  return out + ": " + first.message;
}

net::Response problem_of_faults(const std::vector<Fault>& faults, std::string_view trace) {
  Error error;
  error.code = Code::invalid_input;
  error.message = "the request does not keep to the contract: " + sentence_of(faults);
  error.remediation = "Correct what `errors` names; GET /openapi.json has the contract";
  net::Response response = net::to_problem(error, trace);
  auto body = parse_json(response.body);
  Array rows;
  for (const Fault& fault : faults) rows.push_back(problem_row(fault));
  if (body) {
    body->as_object().append("errors", std::move(rows));
    response.body = to_json(*body);
  }
  return response;
}

net::Response detail_of(const Error& error) {
  const int status = error_row(error.code).http_status;
  // What clients of these paths know by the status alone is said by its phrase.
  const bool is_known = status == 401 || status == 403 || status == 404 || status == 429;
  if (is_known || status >= 500) return detail(status, net::reason_phrase(status));
  std::string word(error_row(error.code).name);
  std::ranges::transform(word, word.begin(),
                         [](char c) { return static_cast<char>(std::toupper(c)); });
  return detail(status, word, error.message);
}

std::string_view oauth_word(Code code) {
  switch (code) {
    case Code::unauthenticated:
      return "invalid_token";
    case Code::not_permitted:
    case Code::signature_bad:
      return "access_denied";
    case Code::overloaded:
    case Code::unavailable:
    case Code::timed_out:
    case Code::storage_failed:
      return "temporarily_unavailable";
    case Code::internal:
    case Code::tampered:
      return "server_error";
    default:
      return "invalid_request";
  }
}

net::Response oauth_of(const Error& error) {
  const int status = error_row(error.code).http_status;
  const std::string_view said = status >= 500 ? net::reason_phrase(status) : error.message;
  return oauth_error(status, oauth_word(error.code), said);
}

// Where nothing was done for a reason that passes: as a problem says it, who knows the status alone
// hears it here.
net::Response with_wait(net::Response response, const Error& error) {
  const ErrorRow& row = error_row(error.code);
  if (row.retry == Retry::again && row.http_status >= 429) {
    response.fields.emplace_back("Retry-After", "1");
  }
  return response;
}

net::Response marked(net::Response response, std::string_view trace) {
  if (!trace.empty()) response.fields.emplace_back("X-Trace-Id", trace);
  return response;
}

}  // namespace

bool is_secret_name(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::any_of(
      kSecretWords, [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

Fault to_fault(std::string_view where, const contract::Violation& violation, const Value& root) {
  Fault fault;
  fault.where = where;
  fault.pointer = violation.instance;
  fault.message = violation.message;
  fault.remedy = violation.remedy;
  fault.type = violation.keyword == "type" ? kind_of(kTypes, violation.expected)
                                           : kind_of(kKinds, violation.keyword);
  auto tokens = contract::parse_pointer(violation.instance).value_or(std::vector<std::string>());
  if (fault.type == "missing") {
    contract::append_pointer(fault.pointer, without_ticks(violation.expected));
    fault.message = "Field required";
    return fault;
  }
  const bool is_secret = std::ranges::any_of(tokens, &is_secret_name);
  if (is_secret && fault.type != "extra_forbidden") {
    fault.message = "does not keep to `" + violation.keyword + "`: " + violation.expected;
  }
  const Value* const value = at_pointer(root, tokens);
  if (!is_secret && value != nullptr && may_be_repeated(*value)) fault.input = *value;
  return fault;
}

net::Response render_error(ErrorShape shape, const Error& error, std::string_view trace,
                           int status) {
  if (shape == ErrorShape::problem) return marked(net::to_problem(error, trace, status), trace);
  net::Response out = shape == ErrorShape::opa     ? opa_error(error)
                      : shape == ErrorShape::oauth ? marked(oauth_of(error), trace)
                                                   : marked(detail_of(error), trace);
  if (shape != ErrorShape::opa) out = with_wait(std::move(out), error);
  if (status != 0) out.status = status;
  // As problems say it (net/problem.cc).
  if (out.status == 503) out.fields.emplace_back("Retry-After", "1");
  return out;
}

net::Response render_faults(ErrorShape shape, const std::vector<Fault>& faults,
                            std::string_view trace) {
  if (shape == ErrorShape::problem) return marked(problem_of_faults(faults, trace), trace);
  if (shape == ErrorShape::oauth) {
    return marked(oauth_error(400, "invalid_request", sentence_of(faults)), trace);
  }
  if (shape == ErrorShape::opa) return opa_error(400, "invalid_parameter", sentence_of(faults));
  Array rows;
  for (const Fault& fault : faults) rows.push_back(detail_row(fault));
  return marked(json(422, Object{{"detail", std::move(rows)}}), trace);
}

net::Response unsupported_media(ErrorShape shape, std::string_view taken, std::string_view trace) {
  Error error;
  error.code = Code::invalid_input;
  error.message = "the body is of a media type that is not taken here";
  error.remediation = "Send Content-Type: " + std::string(taken);
  return render_error(shape, error, trace, 415);
}

}  // namespace writ::server
