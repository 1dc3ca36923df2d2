#include "contract/openapi/read_operation.h"

#include <algorithm>
#include <set>
#include <utility>

#include "contract/openapi/components.h"

namespace writ::contract {
namespace {

constexpr std::size_t kUsualBody = std::size_t{1} << 20;
constexpr std::int64_t kUsualTimeout = 30'000;

class Reader {
 public:
  Reader(const Document& document, std::vector<Diagnostic>& wrong)
      : document_(document), wrong_(wrong) {}

  DescribedOperation operation(std::string_view path, const Value& item, const Member& member);

 private:
  void say(Position at, std::string message, std::string remedy) {
    wrong_.push_back(document_.diagnostic(at, std::move(message), std::move(remedy)));
  }
  const Value& resolve(const Value& value);
  void words(const Value& text, DescribedOperation& out);
  void access(const Value& text, DescribedOperation& out);
  void vocabulary(const Value& text, DescribedOperation& out);
  void parameters(const Value& list, DescribedOperation& out);
  DescribedParameter parameter(const Value& text);
  void read_schema(DescribedParameter& out);
  std::vector<DescribedBody> bodies(const Value& holder);
  void responses(const Value& text, DescribedOperation& out);
  void check_path(const DescribedOperation& operation);
  void check_errors(const DescribedOperation& operation, const Value& text);

  const Document& document_;
  std::vector<Diagnostic>& wrong_;
};

const Value& Reader::resolve(const Value& value) {
  const Value* at = &value;
  // As many references in a row as anybody would write.
  for (int hops = 0; hops < 8; ++hops) {
    const Value* const reference = at->find("$ref");
    if (reference == nullptr || !reference->is_string()) return *at;
    const std::string& text = reference->as_string();
    if (!text.starts_with('#')) return *at;  // another contract's
    const Value* const found = find_component(document_.root, text);
    if (found == nullptr) {
      say(reference->at(), "there is no " + text, "Add it to the components");
      return *at;
    }
    at = found;
  }
  return *at;
}

void Reader::words(const Value& text, DescribedOperation& out) {
  out.id = text.string_or("operationId", "");
  out.summary = text.string_or("summary", "");
  out.description = text.string_or("description", "");
  const Array& tags = text.find("tags")->as_array();
  out.family = tags.front().as_string();
}

void Reader::access(const Value& text, DescribedOperation& out) {
  if (const Value* const security = text.find("security")) {
    const Array& ways = security->as_array();
    const bool has_none =
        std::ranges::any_of(ways, [](const Value& way) { return way.as_object().empty(); });
    out.asker = ways.empty() ? Asker::anyone : has_none ? Asker::either : Asker::known;
  }
  out.needs_superuser = text.bool_or("x-superuser", false);
  const Value* const scope = text.find("x-scope");
  if (scope != nullptr && scope->is_string()) out.scopes.push_back(scope->as_string());
  if (scope != nullptr && scope->is_array()) {
    for (const Value& one : scope->as_array()) out.scopes.push_back(one.as_string());
  }
  const bool is_said = scope != nullptr || out.needs_superuser;
  if (out.asker == Asker::known && !is_said && !out.is_raw) {
    say(out.at, "`" + out.id + "` does not say who may ask",
        "Add `x-scope` (`[]`: whoever has signed in), `x-superuser: true` or `security: []`");
  }
  if (out.asker != Asker::known && is_said) {
    say(out.at, "`" + out.id + "` asks for a scope of whoever comes without a credential",
        "Remove `x-scope` and `x-superuser`, or `security`");
  }
}

void Reader::vocabulary(const Value& text, DescribedOperation& out) {
  out.rate = text.string_or("x-rate", out.method == "GET" ? "read" : "write");
  out.errors =
      kErrorShapes.parse(text.string_or("x-errors", "problem")).value_or(ErrorShape::problem);
  out.runs_on_loop = text.string_or("x-runs", "pool") == "loop";
  out.takes_unknown_query = text.bool_or("x-open-query", false);
  out.answers_clients = text.string_or("x-origins", "") == "clients";
  out.timeout_ms = text.integer_or("x-timeout", kUsualTimeout);
  const std::int64_t usual = out.bodies.empty() ? 0 : static_cast<std::int64_t>(kUsualBody);
  out.body_limit = static_cast<std::size_t>(text.integer_or("x-body-limit", usual));
  if (out.runs_on_loop && out.asker != Asker::anyone && !out.is_raw) {
    say(out.at, "`" + out.id + "` runs on the loop and has callers to look up, which may block",
        "Remove `x-runs: loop`, or add `security: []`");
  }
}

void Reader::read_schema(DescribedParameter& out) {
  const Value& schema = resolve(out.schema);
  if (const Value* const fallback = schema.find("default")) out.fallback = *fallback;
  out.is_list = schema.string_or("type", "string") == "array";
  const Value* const items = out.is_list ? schema.find("items") : &schema;
  const std::string_view type =
      items == nullptr ? "string" : resolve(*items).string_or("type", "string");
  if (type == "integer") out.scalar = Scalar::integer;
  if (type == "number") out.scalar = Scalar::number;
  if (type == "boolean") out.scalar = Scalar::boolean;
}

DescribedParameter Reader::parameter(const Value& text) {
  DescribedParameter out;
  out.name = text.string_or("name", "");
  const std::string_view in = text.string_or("in", "query");
  out.in = in == "path" ? Place::path : in == "header" ? Place::header : Place::query;
  out.is_required = text.bool_or("required", false);
  out.takes_rest = text.bool_or("x-rest", false);
  if (const Value* const schema = text.find("schema")) out.schema = *schema;
  read_schema(out);
  if (out.in == Place::path && !out.is_required) {
    say(text.at(), "the path's parameter `" + out.name + "` is not required",
        "Add `required: true`");
  }
  return out;
}

void Reader::parameters(const Value& list, DescribedOperation& out) {
  for (const Value& each : list.as_array()) {
    const Value& text = resolve(each);
    if (text.find("name") == nullptr) continue;  // a reference that leads nowhere
    out.parameters.push_back(parameter(text));
  }
}

std::vector<DescribedBody> Reader::bodies(const Value& holder) {
  std::vector<DescribedBody> out;
  const Value* const content = holder.find("content");
  if (content == nullptr) return out;
  for (const Member& member : content->as_object()) {
    DescribedBody& body = out.emplace_back();
    body.media_type = member.key;
    body.at = member.key_at;
    if (const Value* const schema = member.value.find("schema")) body.schema = *schema;
  }
  return out;
}

void Reader::responses(const Value& text, DescribedOperation& out) {
  for (const Member& member : text.as_object()) {
    const Value& response = resolve(member.value);
    out.responses.push_back(
        {member.key, std::string(response.string_or("description", "")), bodies(response)});
  }
  const bool has_success = std::ranges::any_of(out.responses, [](const DescribedResponse& one) {
    return one.status.starts_with('2') || one.status.starts_with('3') || one.status == "101";
  });
  if (!has_success) {
    say(out.at, "`" + out.id + "` does not say what it answers when all goes well",
        "Add a response of 2XX or 3XX");
  }
}

// Names in braces are parameters, and the other way round.
void Reader::check_path(const DescribedOperation& operation) {
  std::set<std::string, std::less<>> named;
  std::string_view rest = operation.path;
  for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    const std::size_t close = std::min(rest.find('}', open), rest.size());
    named.insert(std::string(rest.substr(open + 1, close - open - 1)));
    rest.remove_prefix(close);
  }
  for (const DescribedParameter& parameter : operation.parameters) {
    if (parameter.in == Place::path && named.erase(parameter.name) == 0) {
      say(operation.at, "`" + operation.path + "` has no place for `" + parameter.name + "`",
          "Write {" + parameter.name + "} into the path, or remove the parameter");
    }
  }
  for (const std::string& name : named) {
    say(operation.at, "`" + operation.id + "` does not describe `" + name + "` of its path",
        "Add a parameter with `in: path`");
  }
}

void Reader::check_errors(const DescribedOperation& operation, const Value& text) {
  if (operation.is_raw) return;
  const std::string wanted =
      "#/components/responses/" + std::string(kErrorShapes.name(operation.errors));
  const Value* const fallback = text.at_path({"responses", "default"});
  if (fallback != nullptr && fallback->string_or("$ref", "") == wanted) return;
  say(operation.at, "`" + operation.id + "` does not describe its errors",
      "Add the response `default: {$ref: '" + wanted + "'}`");
}

DescribedOperation Reader::operation(std::string_view path, const Value& item,
                                     const Member& member) {
  const Value& text = member.value;
  DescribedOperation out;
  for (const char c : member.key) out.method += static_cast<char>(c - 'a' + 'A');
  out.path = path;
  out.at = member.key_at;
  words(text, out);
  out.is_raw = text.bool_or("x-raw", false);
  if (const Value* const shared = item.find("parameters")) parameters(*shared, out);
  if (const Value* const own = text.find("parameters")) parameters(*own, out);
  if (const Value* const body = text.find("requestBody")) {
    const Value& resolved = resolve(*body);
    out.needs_body = resolved.bool_or("required", false);
    out.bodies = bodies(resolved);
  }
  access(text, out);
  vocabulary(text, out);
  responses(*text.find("responses"), out);
  check_path(out);
  check_errors(out, text);
  return out;
}

}  // namespace

DescribedOperation read_operation(const Document& document, std::string_view path,
                                  const Value& item, const Member& member,
                                  std::vector<Diagnostic>& wrong) {
  return Reader(document, wrong).operation(path, item, member);
}

}  // namespace writ::contract
