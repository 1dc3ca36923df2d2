// json.match_schema and json.verify_schema: the schema engine is Writ's own, the answers have the
// shape and the words of gojsonschema, which OPA uses.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "contract/schema.h"
#include "contract/schema/pointer.h"
#include "policy/builtins/families.h"
#include "policy/builtins/json_schema_form.h"
#include "policy/builtins/object_builder.h"
#include "policy/term/json.h"

namespace writ::rego {
namespace {

using contract::Schema;
using contract::Violation;

// JSON text, or the document itself.
Result<Value> document_of(Call& call, const Term& arg) {
  if (arg.is_object() || arg.is_array()) return to_value(arg);
  if (!arg.is_string()) {
    return fail(Code::invalid_input, "wrong type, expected string or object");
  }
  const auto json = parse_json(call.arena(), arg.text());
  if (!json) return fail(Code::invalid_input, "invalid JSON string");
  return to_value(*json);
}

// A compiled schema beside the document it was made from.
struct Compiled {
  Value document;
  Schema schema;
};

Result<Compiled> compile(Call& call, const Term& arg) {
  WRIT_TRY(const Value given, document_of(call, arg));
  WRIT_TRY(Value document, as_draft_07(given));
  contract::SchemaOptions options;
  options.default_dialect = "http://json-schema.org/draft-07/schema#";
  options.format = contract::Format::assertion;
  auto schema = Schema::compile(document, options);
  if (!schema) {
    const auto& defects = schema.error().diagnostics;
    return fail(Code::invalid_input,
                defects.empty() ? schema.error().message : defects.front().message);
  }
  return Compiled{std::move(document), *std::move(schema)};
}

const Value* at_pointer(const Value& root, std::string_view pointer) {
  const auto tokens = contract::parse_pointer(pointer);
  const Value* at = &root;
  for (std::size_t i = 0; tokens && at != nullptr && i < tokens->size(); ++i) {
    at = contract::pointer_step(*at, (*tokens)[i]);
  }
  return tokens ? at : nullptr;
}

// "a.0.b"; "(root)" for the document.
std::string field_of(std::string_view pointer) {
  const auto tokens = contract::parse_pointer(pointer);
  if (!tokens || tokens->empty()) return "(root)";
  return fmt::format("{}", fmt::join(*tokens, "."));
}

struct Finding {
  std::string type;
  std::string description;
};

std::string type_of(const Value& value) {
  if (value.is_null()) return "null";
  if (value.is_bool()) return "boolean";
  if (value.is_integer()) return "integer";
  if (value.is_number()) return "number";
  if (value.is_string()) return "string";
  return value.is_array() ? "array" : "object";
}

std::string shown(const Value* value) {
  if (value == nullptr) return {};
  return value->is_string() ? value->as_string() : to_json(*value);
}

// A keyword with gojsonschema's name for it and what it says; {} stands for the keyword's value.
struct Words {
  std::string_view keyword;
  std::string_view type;
  std::string_view description;
};
constexpr Words kWords[] = {
    {"additionalItems", "array_no_additional_items", "No additional items allowed on array"},
    {"allOf", "number_all_of", "Must validate all the schemas (allOf)"},
    {"anyOf", "number_any_of", "Must validate at least one schema (anyOf)"},
    {"contains", "contains", "At least one of the items must match"},
    {"else", "condition_else", "Must validate \"else\" as \"if\" was not valid"},
    {"exclusiveMaximum", "number_lt", "Must be less than {}"},
    {"exclusiveMinimum", "number_gt", "Must be greater than {}"},
    {"format", "format", "Does not match format '{}'"},
    {"maxItems", "array_max_items", "Array must have at most {} items"},
    {"maxLength", "string_lte", "String length must be less than or equal to {}"},
    {"maxProperties", "array_max_properties", "Must have at most {} properties"},
    {"maximum", "number_lte", "Must be less than or equal to {}"},
    {"minItems", "array_min_items", "Array must have at least {} items"},
    {"minLength", "string_gte", "String length must be greater than or equal to {}"},
    {"minProperties", "array_min_properties", "Must have at least {} properties"},
    {"minimum", "number_gte", "Must be greater than or equal to {}"},
    {"multipleOf", "multiple_of", "Must be a multiple of {}"},
    {"not", "number_not", "Must not validate the schema (not)"},
    {"oneOf", "number_one_of", "Must validate one and only one schema (oneOf)"},
    {"pattern", "pattern", "Does not match pattern '{}'"},
    {"then", "condition_then", "Must validate \"then\" as \"if\" was valid"},
    {"uniqueItems", "unique", "array items must be unique"},
};

std::string joined(const Value* list, std::string_view separator) {
  if (list == nullptr || !list->is_array()) return shown(list);
  std::string out;
  for (const Value& one : list->as_array()) {
    out += (out.empty() ? "" : std::string(separator)) +
           (one.is_string() && separator == "," ? one.as_string() : to_json(one));
  }
  return out;
}

Finding describe(const Violation& violation, const Value* keyword, const Value* instance,
                 const std::string& field) {
  if (violation.keyword == "type" && instance != nullptr) {
    return {"invalid_type", fmt::format("Invalid type. Expected: {}, given: {}",
                                        joined(keyword, ","), type_of(*instance))};
  }
  if (violation.keyword == "enum") {
    return {"enum",
            fmt::format("{} must be one of the following: {}", field, joined(keyword, ", "))};
  }
  if (violation.keyword == "const") {
    return {"const", fmt::format("{} does not match: {}", field,
                                 keyword == nullptr ? "" : to_json(*keyword))};
  }
  const auto* const words = std::ranges::find(kWords, violation.keyword, &Words::keyword);
  if (words == std::end(kWords)) return {violation.keyword, violation.message};
  std::string text(words->description);
  if (const std::size_t at = text.find("{}"); at != std::string::npos) {
    text.replace(at, 2, shown(keyword));
  }
  return {std::string(words->type), text};
}

class Findings {
 public:
  Findings(Arena& arena, const Compiled& compiled, const Value& document)
      : arena_(arena), compiled_(compiled), document_(document) {}

  Term run() {
    for (const Violation& violation : compiled_.schema.validate(document_).violations) {
      add(violation);
    }
    return make_array(arena_, out_);
  }

 private:
  void add(const Violation& violation) {
    const std::size_t hash = violation.schema.find('#');
    const Value* const keyword =
        hash == std::string::npos
            ? nullptr
            : at_pointer(compiled_.document, violation.schema.substr(hash + 1));
    const Value* const instance = at_pointer(document_, violation.instance);
    const std::string field = field_of(violation.instance);
    if (violation.keyword == "required" && keyword != nullptr && keyword->is_array()) {
      for (const Value& name : keyword->as_array()) {
        if (!name.is_string() || instance == nullptr || instance->find(name.as_string())) continue;
        add_once(field, {"required", name.as_string() + " is required"});
      }
      return;
    }
    if (violation.keyword == "additionalProperties" || violation.keyword == "propertyNames") {
      add_unknown(violation);
      return;
    }
    add_once(field, describe(violation, keyword, instance, field));
  }

  // The violation stands at the property that should not be there.
  void add_unknown(const Violation& violation) {
    const auto tokens = contract::parse_pointer(violation.instance);
    const std::size_t slash = violation.instance.rfind('/');
    if (!tokens || tokens->empty() || slash == std::string::npos) {
      add_once("(root)", {violation.keyword, violation.message});
      return;
    }
    const std::string field = field_of(std::string_view(violation.instance).substr(0, slash));
    if (violation.keyword == "propertyNames") {
      add_once(field, {"invalid_property_name",
                       "Property name of \"" + tokens->back() + "\" does not match"});
    } else {
      add_once(field, {"additional_property_not_allowed",
                       "Additional property " + tokens->back() + " is not allowed"});
    }
  }

  void add_once(const std::string& field, const Finding& finding) {
    ObjectBuilder object(arena_);
    object.add("desc", std::string_view(finding.description))
        .add("error", std::string_view(field + ": " + finding.description))
        .add("field", std::string_view(field))
        .add("type", std::string_view(finding.type));
    const Term term = object.build();
    if (std::ranges::find(out_, term) == out_.end()) out_.push_back(term);
  }

  Arena& arena_;
  const Compiled& compiled_;
  const Value& document_;
  std::vector<Term> out_;
};

Outcome match_schema(Call& call) {
  const auto document = document_of(call, call.arg(0));
  if (!document) return call.error(document.error().message);
  using Cached = Result<Compiled>;
  const auto compiled = call.cached<Cached>("json.schema", to_json(call.arg(1)), [&] {
    return std::make_shared<const Cached>(compile(call, call.arg(1)));
  });
  if (!compiled->has_value()) return call.error(compiled->error().message);
  const Term findings = Findings(call.arena(), **compiled, *document).run();
  return make_array(call.arena(), {Term::boolean(findings.size() == 0), findings});
}

Outcome verify_schema(Call& call) {
  const auto compiled = compile(call, call.arg(0));
  const Term problem =
      compiled ? Term::null() : call.string("jsonschema: " + compiled.error().message);
  return make_array(call.arena(), {Term::boolean(compiled.has_value()), problem});
}

constexpr Builtin kSchema[] = {
    {"json.match_schema",
     "(document: any<string, object[any: any]>, schema: any<string, object[any: any]>) => "
     "(output: array<boolean, array[object<desc: string, error: string, field: string, type: "
     "string>]>)",
     &match_schema},
    {"json.verify_schema",
     "(schema: any<string, object[any: any]>) => (output: array<boolean, any<null, string>>)",
     &verify_schema},
};

}  // namespace

std::span<const Builtin> json_schema_builtins() { return kSchema; }

}  // namespace writ::rego
