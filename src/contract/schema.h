#pragma once
// JSON Schema 2020-12, 2019-09 and draft-07, compiled once to a program of flat instructions and
// then run over instances. The dialect comes from `$schema`.
//
//   WRIT_TRY(const Schema schema, Schema::compile(document));
//   const ValidationResult result = schema.validate(instance);
//
// A Schema is immutable and cheap to copy; any number of threads may validate with one.
// For JSON text at speed see contract/byte_validator.h.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/result.h"
#include "base/value.h"

namespace writ::contract {

struct Program;  // contract/schema/program.h

// One way in which an instance breaks its schema.
struct Violation {
  std::string instance;  // JSON Pointer to the offending value
  std::string keyword;   // the keyword that it breaks
  std::string schema;    // absolute location of that keyword: <uri>#<pointer>
  std::string expected;  // short text: `string`, `>= 3`, `"a", "b"`
  std::string actual;    // short text: the value, or what of it is wrong
  std::string message;   // one sentence for people, no full stop
  std::string remedy;    // what to do about it; may be empty
  Position at;           // of the value (of the key, where the key is what is wrong)
};

struct ValidationResult {
  // Empty exactly when the instance is valid. At most ValidationLimits::violations.
  std::vector<Violation> violations;
  bool more = false;  // there were further violations

  bool is_valid() const { return violations.empty(); }
};

struct ValidationLimits {
  std::size_t violations = 100;
  // Schemas entered while validating one instance: stops schemas that fan out without end.
  std::uint64_t steps = 20'000'000;
  // Nesting of schemas; an instance of depth 100 rarely needs 400.
  std::uint32_t depth = 1'000;
};

enum class Format : std::uint8_t { annotation, assertion };

struct SchemaOptions {
  // The URI that the schema was read from: the base of relative references before any `$id`.
  std::string base_uri;
  // For schemas that say no `$schema`; a published meta-schema's URI.
  std::string default_dialect = "https://json-schema.org/draft/2020-12/schema";
  // Annotation: `format` never fails, as the specification has it.
  Format format = Format::annotation;
  // Reads the schema at an absolute URI (no fragment). Absent, nothing but the schema itself and
  // the published meta-schemas can be referred to; nothing is ever fetched by itself.
  std::function<Result<Value>(std::string_view uri)> resolver;
  // Sub-schemas in one program.
  std::size_t max_schemas = 100'000;
  ValidationLimits limits;
};

class Schema {
 public:
  // Errors: invalid_input with a diagnostic for each defect of the schema (wrong shape, a
  // reference that leads nowhere, a schema that refers to itself without end, a pattern that is
  // malformed), unsupported (unknown dialect or required vocabulary, look-around in a pattern),
  // and those of the resolver.
  static Result<Schema> compile(const Document& document, const SchemaOptions& options = {});
  static Result<Schema> compile(const Value& schema, const SchemaOptions& options = {});

  // Every violation, in document order of the schema, each with the value's position.
  ValidationResult validate(const Value& instance) const;
  // The yes or no alone, faster.
  bool is_valid(const Value& instance) const;

  const Program& program() const { return *program_; }

 private:
  explicit Schema(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  friend class ByteValidator;

  std::shared_ptr<const Program> program_;  // shared by copies of the Schema
};

}  // namespace writ::contract
