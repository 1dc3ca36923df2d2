#pragma once
// The schema resources that one compilation sees: which URI, anchor and pointer names which
// schema, and in which dialect. Loads further documents through the resolver on first use.
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "contract/schema.h"
#include "contract/schema/dialect.h"

namespace writ::contract {

struct Resource {
  std::string uri;  // absolute unless the schema has no identifier at all
  const Value* root = nullptr;
  Dialect dialect;
  std::map<std::string, const Value*, std::less<>> anchors;          // dynamic ones too
  std::map<std::string, const Value*, std::less<>> dynamic_anchors;  // "": $recursiveAnchor
};

// Where a schema stands.
struct Home {
  std::uint32_t resource = 0;
  std::string pointer;  // from the resource's root
};

class Registry {
 public:
  // `options` must outlive the registry.
  explicit Registry(const SchemaOptions& options) : options_(options) {}

  // Indexes a document that is read from `uri`; `root` must outlive the registry.
  Result<void> add(const std::string& uri, const Value& root);

  // The schema that `reference`, written in a schema of `resource`, means. It has a home.
  // Errors: invalid_input (leads nowhere), and the resolver's.
  Result<const Value*> resolve(std::uint32_t resource, std::string_view reference);

  const Home& home(const Value& schema) const { return homes_.at(&schema); }
  const Resource& resource(std::uint32_t id) const { return resources_[id]; }
  std::size_t resource_count() const { return resources_.size(); }

 private:
  struct Visit {
    const Value* schema;
    std::uint32_t resource;
    std::string pointer;
  };

  Result<void> index(const Value& root, std::uint32_t resource, std::string pointer);
  Result<void> index_schema(Visit visit, std::vector<Visit>& open);
  Result<std::uint32_t> enter_identified(const Value& schema, Visit& visit);
  Result<void> index_anchors(const Value& schema, std::uint32_t resource);
  Result<Dialect> dialect_of(const Value& schema, const Dialect& inherited);
  Result<Dialect> custom_dialect(const std::string& uri);
  Result<std::uint32_t> find_or_load(const std::string& uri);
  Result<Value> read(const std::string& uri);
  Result<const Value*> follow_pointer(std::uint32_t resource, const std::string& pointer);

  const SchemaOptions& options_;
  std::deque<Resource> resources_;
  std::map<std::string, std::uint32_t, std::less<>> by_uri_;
  std::unordered_map<const Value*, Home> homes_;
  std::vector<std::unique_ptr<const Value>> loaded_;
  std::map<std::string, std::optional<Dialect>, std::less<>> dialects_;  // nothing: being read
};

}  // namespace writ::contract
