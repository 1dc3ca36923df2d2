#include "contract/schema/registry.h"

#include "base/json.h"
#include "contract/embedded.h"
#include "contract/schema/pointer.h"
#include "contract/schema/uri.h"

namespace writ::contract {
namespace {

constexpr std::string_view kDefaultDialect = "https://json-schema.org/draft/2020-12/schema";

std::unexpected<Error> defect(const Value& at, std::string message, std::string remedy = {}) {
  return fail(std::vector<Diagnostic>{{{}, at.at(), std::move(message), std::move(remedy)}});
}

// The embedded file that a published meta-schema's URI names; empty when it is none.
std::string embedded_name(std::string_view uri) {
  if (uri.ends_with("/draft-07/schema")) return "draft-07.schema.json";
  constexpr std::string_view kPrefix = "https://json-schema.org/draft/";
  if (!uri.starts_with(kPrefix)) return {};
  uri.remove_prefix(kPrefix.size());
  const auto slash = uri.find('/');
  if (slash == std::string_view::npos) return {};
  const std::string draft(uri.substr(0, slash));
  uri.remove_prefix(slash + 1);
  if (uri == "schema") return draft + ".schema.json";
  if (!uri.starts_with("meta/")) return {};
  return draft + "." + std::string(uri.substr(5)) + ".json";
}

const EmbeddedFile* find_metaschema(std::string_view uri) {
  if (!published_dialect(uri) && !uri.starts_with("https://json-schema.org/")) return nullptr;
  const std::string name = embedded_name(uri);
  for (const EmbeddedFile& file : embedded::metaschemas()) {
    if (file.path == name) return &file;
  }
  return nullptr;
}

// Calls f(schema, pointer) for the schemas that stand directly in a keyword's value.
template <typename F>
void each_subschema(const KeywordRow& row, const Value& value, const std::string& pointer, F&& f) {
  const auto each_item = [&] {
    for (std::size_t i = 0; i < value.as_array().size(); ++i) {
      std::string at = pointer;
      append_pointer(at, i);
      f(value.as_array()[i], std::move(at));
    }
  };
  const auto each_member = [&] {
    for (const Member& member : value.as_object()) {
      if (member.value.is_array()) continue;  // the strings of `dependencies`
      std::string at = pointer;
      append_pointer(at, member.key);
      f(member.value, std::move(at));
    }
  };
  switch (row.holds) {
    case Holds::schema:
      return f(value, pointer);
    case Holds::schemas:
      return value.is_array() ? each_item() : void();
    case Holds::schema_or_schemas:
      return value.is_array() ? each_item() : f(value, pointer);
    case Holds::schema_map:
    case Holds::dependencies:
      return value.is_object() ? each_member() : void();
    default:
      return;
  }
}

}  // namespace

Result<void> Registry::add(const std::string& uri, const Value& root) {
  const std::string base(split_fragment(uri).first);
  WRIT_TRY(const auto fallback,
           dialect_of(Value(Object{{"$schema", options_.default_dialect}}), {}));
  WRIT_TRY(const Dialect dialect, dialect_of(root, fallback));
  const auto id = static_cast<std::uint32_t>(resources_.size());
  resources_.push_back({base, &root, dialect, {}, {}});
  by_uri_.emplace(base, id);
  return index(root, id, {});
}

Result<void> Registry::index(const Value& root, std::uint32_t resource, std::string pointer) {
  std::vector<Visit> open;
  open.push_back({&root, resource, std::move(pointer)});
  while (!open.empty()) {
    Visit visit = std::move(open.back());
    open.pop_back();
    WRIT_CHECK(index_schema(std::move(visit), open));
  }
  return {};
}

Result<void> Registry::index_schema(Visit visit, std::vector<Visit>& open) {
  const Value& schema = *visit.schema;
  if (homes_.contains(&schema)) return {};
  if (homes_.size() >= options_.max_schemas) {
    return defect(schema, "the schema has more than " + std::to_string(options_.max_schemas) +
                              " sub-schemas");
  }
  if (schema.is_object()) {
    WRIT_TRY(visit.resource, enter_identified(schema, visit));
    WRIT_CHECK(index_anchors(schema, visit.resource));
    const Dialect dialect = resources_[visit.resource].dialect;
    for (const Member& member : schema.as_object()) {
      const KeywordRow* row = find_keyword(member.key, dialect);
      if (row == nullptr) continue;
      std::string pointer = visit.pointer;
      append_pointer(pointer, member.key);
      each_subschema(*row, member.value, pointer, [&](const Value& sub, std::string at) {
        open.push_back({&sub, visit.resource, std::move(at)});
      });
    }
  }
  homes_.emplace(&schema, Home{visit.resource, std::move(visit.pointer)});
  return {};
}

// The resource that `schema` belongs to: a new one when it identifies itself.
Result<std::uint32_t> Registry::enter_identified(const Value& schema, Visit& visit) {
  const Value* id = schema.find("$id");
  const bool is_draft7 = resources_[visit.resource].dialect.draft == Draft::draft7;
  // Draft-07: whatever stands beside `$ref` is ignored.
  if (id == nullptr || !id->is_string() || (is_draft7 && schema.find("$ref") != nullptr)) {
    return visit.resource;
  }
  const auto [location, fragment] = split_fragment(id->as_string());
  if (!fragment.empty()) {
    if (!is_draft7) {
      return defect(*id, "`$id` must not have a fragment: " + id->as_string(),
                    "Use `$anchor` for the part after #");
    }
    if (location.empty()) {
      resources_[visit.resource].anchors.emplace(fragment, &schema);
      return visit.resource;
    }
  }
  std::string uri = resolve_uri(resources_[visit.resource].uri, location);
  if (&schema == resources_[visit.resource].root) {  // the document's own root
    resources_[visit.resource].uri = uri;
    by_uri_.emplace(std::move(uri), visit.resource);
    return visit.resource;
  }
  if (const auto known = by_uri_.find(uri); known != by_uri_.end()) {
    return defect(*id, "two schemas have the `$id` " + uri, "Give each schema its own `$id`");
  }
  WRIT_TRY(const Dialect dialect, dialect_of(schema, resources_[visit.resource].dialect));
  const auto number = static_cast<std::uint32_t>(resources_.size());
  resources_.push_back({uri, &schema, dialect, {}, {}});
  by_uri_.emplace(std::move(uri), number);
  visit.pointer.clear();
  if (!fragment.empty()) resources_[number].anchors.emplace(fragment, &schema);
  return number;
}

Result<void> Registry::index_anchors(const Value& schema, std::uint32_t id) {
  Resource& resource = resources_[id];
  for (const std::string_view keyword : {"$anchor", "$dynamicAnchor"}) {
    const Value* name = schema.find(keyword);
    if (name == nullptr || !name->is_string() || find_keyword(keyword, resource.dialect) == nullptr)
      continue;
    const auto [at, is_new] = resource.anchors.emplace(name->as_string(), &schema);
    if (!is_new && at->second != &schema) {
      return defect(*name, "two schemas have the anchor `" + name->as_string() + "`",
                    "Give each its own name");
    }
    if (keyword == "$dynamicAnchor") resource.dynamic_anchors.emplace(name->as_string(), &schema);
  }
  if (resource.dialect.draft == Draft::draft2019_09 && &schema == resource.root &&
      schema.bool_or("$recursiveAnchor", false)) {
    resource.dynamic_anchors.emplace("", &schema);
  }
  return {};
}

Result<Dialect> Registry::dialect_of(const Value& schema, const Dialect& inherited) {
  const Value* name = schema.find("$schema");
  if (name == nullptr || !name->is_string()) return inherited;
  if (const auto published = published_dialect(name->as_string())) return *published;
  auto dialect = custom_dialect(std::string(split_fragment(name->as_string()).first));
  if (!dialect) {
    return std::unexpected(std::move(dialect).error().context("reading the dialect of a schema"));
  }
  return dialect;
}

// A meta-schema that is not published: its `$vocabulary` says which keywords count.
Result<Dialect> Registry::custom_dialect(const std::string& uri) {
  if (const auto known = dialects_.find(uri); known != dialects_.end()) {
    if (known->second) return *known->second;
    return fail(Code::unsupported, "the meta-schema " + uri + " is described by itself alone",
                "Let its `$schema` name a published dialect");
  }
  dialects_.emplace(uri, std::nullopt);
  auto text = read(uri);
  if (!text) {
    return fail(Code::unsupported,
                "unknown JSON Schema dialect " + uri + ": " + text.error().message,
                "Use `$schema`: " + std::string(kDefaultDialect));
  }
  loaded_.push_back(std::make_unique<const Value>(*std::move(text)));
  const Value& root = *loaded_.back();
  WRIT_TRY(Dialect dialect, dialect_of(root, *published_dialect(kDefaultDialect)));
  if (const Value* vocabularies = root.find("$vocabulary");
      vocabularies != nullptr && vocabularies->is_object()) {
    dialect.vocabularies = kCore;
    for (const Member& member : vocabularies->as_object()) {
      const auto bits = vocabulary_bits(member.key);
      if (!bits && member.value == Value(true)) {
        return fail(Code::unsupported, "the vocabulary " + member.key + " is required by " + uri,
                    "Mark it as optional, or use a published dialect");
      }
      dialect.vocabularies |= bits.value_or(0);
    }
  }
  dialects_[uri] = dialect;
  return dialect;
}

Result<Value> Registry::read(const std::string& uri) {
  if (const EmbeddedFile* file = find_metaschema(uri)) return parse_json(file->bytes, uri);
  if (options_.resolver) return options_.resolver(uri);
  return fail(Code::not_found, "nothing is known of " + uri);
}

Result<std::uint32_t> Registry::find_or_load(const std::string& uri) {
  if (const auto known = by_uri_.find(uri); known != by_uri_.end()) return known->second;
  WRIT_TRY(Value value, read(uri));
  loaded_.push_back(std::make_unique<const Value>(std::move(value)));
  WRIT_CHECK(add(uri, *loaded_.back()));
  return by_uri_.at(uri);
}

Result<const Value*> Registry::resolve(std::uint32_t from, std::string_view reference) {
  const std::string absolute = resolve_uri(resources_[from].uri, reference);
  const auto [location, fragment] = split_fragment(absolute);
  WRIT_TRY(const std::uint32_t to, find_or_load(std::string(location)));
  const std::string name = percent_decode(fragment);
  if (name.empty()) return resources_[to].root;
  if (name.front() == '/') return follow_pointer(to, name);
  const auto& anchors = resources_[to].anchors;
  const auto anchor = anchors.find(name);
  if (anchor == anchors.end()) {
    return fail(Code::invalid_input, "there is no anchor `" + name + "` in " +
                                         (location.empty() ? "the schema" : std::string(location)));
  }
  return anchor->second;
}

Result<const Value*> Registry::follow_pointer(std::uint32_t id, const std::string& pointer) {
  const auto tokens = parse_pointer(pointer);
  if (!tokens) return fail(Code::invalid_input, "malformed JSON Pointer " + pointer);
  const Value* at = resources_[id].root;
  Home home = {id, {}};
  for (const std::string& token : *tokens) {
    at = pointer_step(*at, token);
    if (at == nullptr) {
      return fail(Code::invalid_input, "there is nothing at " + resources_[id].uri + "#" + pointer);
    }
    append_pointer(home.pointer, token);
    // A schema that identifies itself begins another resource.
    if (const auto known = homes_.find(at); known != homes_.end()) home = known->second;
  }
  // A place that no keyword holds becomes a schema by being referred to.
  WRIT_CHECK(index(*at, home.resource, home.pointer));
  return at;
}

}  // namespace writ::contract
