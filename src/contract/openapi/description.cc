#include "contract/openapi/description.h"

#include <algorithm>
#include <utility>

#include "base/yaml.h"
#include "contract/embedded.h"
#include "contract/openapi/components.h"
#include "contract/openapi/read_operation.h"
#include "contract/validate_document.h"

namespace writ::contract {
namespace {

constexpr std::string_view kFile = "contracts/openapi.yaml";
// Relative references of its schemas lead to Writ's other contracts.
constexpr std::string_view kBase = "https://writ.dev/contracts/openapi.yaml";
// Members of a path item that are operations.
const std::set<std::string_view> kMethods{"get",   "put",  "post",   "delete",
                                          "patch", "head", "options"};

// References to Writ's other contracts lead to where the server hands them out.
void rewrite_references(Value& root) {
  constexpr std::string_view kSuffix = ".schema.json";
  std::vector<Value*> open{&root};
  while (!open.empty()) {
    Value& one = *open.back();
    open.pop_back();
    if (one.is_array()) {
      for (Value& item : one.as_array()) open.push_back(&item);
    }
    if (!one.is_object()) continue;
    for (Member& member : one.as_object()) {
      open.push_back(&member.value);
      if (member.key != "$ref" || !member.value.is_string()) continue;
      const std::string& text = member.value.as_string();
      const std::size_t end = std::min(text.find('#'), text.size());
      if (!text.substr(0, end).ends_with(kSuffix)) continue;
      const std::size_t slash = text.rfind('/', end);
      member.value = Value("/contracts/" + text.substr(slash == std::string::npos ? 0 : slash + 1));
    }
  }
}

// Every schema with where it stands: what is said about one that is wrong.
struct Named {
  std::string place;
  const Value* schema;
};

std::vector<Named> all_schemas(const Value& root, const std::vector<DescribedOperation>& all) {
  std::vector<Named> out;
  if (const Value* const schemas = root.at_path({"components", "schemas"})) {
    for (const Member& one : schemas->as_object()) {
      out.push_back({"the schema " + one.key, &one.value});
    }
  }
  for (const DescribedOperation& operation : all) {
    for (const DescribedParameter& one : operation.parameters) {
      out.push_back({"the parameter " + one.name + " of " + operation.id, &one.schema});
    }
    for (const DescribedBody& one : operation.bodies) {
      out.push_back({"the body of " + operation.id, &one.schema});
    }
    for (const DescribedResponse& response : operation.responses) {
      for (const DescribedBody& one : response.bodies) {
        out.push_back({"the response " + response.status + " of " + operation.id, &one.schema});
      }
    }
  }
  return out;
}

}  // namespace

Result<Description> Description::read(Document document) {
  WRIT_CHECK(validate_document("openapi", document));
  Description out(std::move(document));
  const Document& text = out.document_;
  std::vector<Diagnostic> wrong;
  for (const Value& tag : text.root.find("tags")->as_array()) {
    out.families_.emplace_back(tag.string_or("name", ""));
  }
  const std::set<std::string, std::less<>> known(out.families_.begin(), out.families_.end());
  for (const Member& path : text.root.find("paths")->as_object()) {
    for (const Member& member : path.value.as_object()) {
      if (!kMethods.contains(member.key)) continue;
      DescribedOperation one = read_operation(text, path.key, path.value, member, wrong);
      if (!out.by_id_.emplace(one.id, out.operations_.size()).second) {
        wrong.push_back(text.diagnostic(one.at, "there are two operations `" + one.id + "`",
                                        "Give one of them another operationId"));
      }
      if (!known.contains(one.family)) {
        wrong.push_back(text.diagnostic(one.at, "there is no family `" + one.family + "`",
                                        "Add it to `tags`, or name one that is there"));
      }
      out.operations_.push_back(std::move(one));
    }
  }
  if (!wrong.empty()) return fail(std::move(wrong));
  return out;
}

Result<Document> own_description() {
  std::string text(embedded::api().front().bytes);
  WRIT_TRY(Value root, parse_yaml(text, kFile));
  return Document{std::string(kFile), std::move(text), std::move(root)};
}

Result<Description> Description::own() {
  WRIT_TRY(Document document, own_description());
  return read(std::move(document));
}

const DescribedOperation* Description::find(std::string_view id) const {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : &operations_[at->second];
}

const Value& Description::resolve(const Value& value) const {
  const Value* at = &value;
  for (int hops = 0; hops < 8; ++hops) {
    const Value* const reference = at->find("$ref");
    const Value* const found = reference == nullptr || !reference->is_string()
                                   ? nullptr
                                   : find_component(document_.root, reference->as_string());
    if (found == nullptr) return *at;
    at = found;
  }
  return *at;
}

// A schema's references start at the root of the document: it is compiled with those components
// beside it that it needs.
Result<Schema> Description::compile(const Value& schema) const {
  SchemaOptions options;
  options.base_uri = std::string(kBase);
  options.format = Format::assertion;
  options.resolver = &read_contract;
  if (!schema.is_object()) {
    return Schema::compile(Document{document_.name, {}, schema.is_null() ? Value(true) : schema},
                           options);
  }
  std::set<std::string> needed;
  collect_references(document_.root, schema, needed);
  Object alone = schema.as_object();
  if (Object components = pick_components(document_.root, needed); !components.empty()) {
    alone.append("components", std::move(components));
  }
  Value root(std::move(alone));
  root.set_at(schema.at());
  return Schema::compile(Document{document_.name, document_.text, std::move(root)}, options);
}

Result<void> Description::check_schemas() const {
  std::vector<Diagnostic> wrong;
  for (const Named& one : all_schemas(document_.root, operations_)) {
    const auto compiled = compile(*one.schema);
    if (compiled) continue;
    wrong.push_back(document_.diagnostic(one.schema->at(),
                                         one.place + ": " + compiled.error().message,
                                         std::string(compiled.error().remedy())));
    for (const Diagnostic& each : compiled.error().diagnostics) wrong.push_back(each);
  }
  if (!wrong.empty()) return fail(std::move(wrong));
  return {};
}

Value Description::excerpt(const std::set<std::string, std::less<>>& families,
                           std::string_view version) const {
  Object paths;
  for (const Member& path : document_.root.find("paths")->as_object()) {
    Object item;
    bool has_any = false;
    for (const Member& member : path.value.as_object()) {
      const bool is_operation = kMethods.contains(member.key);
      if (is_operation &&
          !families.contains(member.value.find("tags")->as_array().front().as_string())) {
        continue;
      }
      has_any = has_any || is_operation;
      item.append(member.key, member.value);
    }
    if (has_any) paths.append(path.key, std::move(item));
  }
  Array tags;
  for (const Value& tag : document_.root.find("tags")->as_array()) {
    if (families.contains(tag.string_or("name", ""))) tags.push_back(tag);
  }
  Object out = document_.root.as_object();
  out.set("paths", Value(std::move(paths)));
  out.set("tags", std::move(tags));
  if (Value* const info = out.find("info")) info->as_object().set("version", version);
  Object components;
  if (const Value* const all = document_.root.find("components")) {
    std::set<std::string> needed;
    collect_references(document_.root, *out.find("paths"), needed);
    components = pick_components(document_.root, needed);
    if (const Value* const schemes = all->find("securitySchemes")) {
      components.set("securitySchemes", *schemes);
    }
  }
  out.set("components", std::move(components));
  Value whole(std::move(out));
  rewrite_references(whole);
  return whole;
}

}  // namespace writ::contract
