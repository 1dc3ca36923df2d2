#pragma once
// Writ's own documents against the contracts that are built into the binary.
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/result.h"
#include "contract/schema.h"

namespace writ::contract {

// The names that validate_document takes: "spec" for contracts/spec.schema.json, sorted.
std::vector<std::string_view> contract_names();

// The compiled contract. Contracts refer to each other by their `$id`.
// Errors: not_found (no such contract, with the nearest name).
Result<Schema> load_contract(std::string_view name);

// The contract's text. Errors: as load_contract.
Result<Document> own_contract(std::string_view name);

// A contract by its `$id`, as `SchemaOptions::resolver` takes it. Errors: not_found.
Result<Value> read_contract(std::string_view uri);

// Whether messages say the value that is wrong. In configuration it may be a secret.
enum class Values { shown, hidden };

// Compiles contracts/<name>.schema.json and holds the document to it. A caller with many
// documents keeps the Schema of load_contract instead.
// Errors: invalid_input with a diagnostic for every violation, in document order, at the value
// (at the key, for an unknown key); not_found (no such contract).
Result<void> validate_document(std::string_view name, const Document& document,
                               Values values = Values::shown);
Result<void> validate_document(const Schema& schema, const Document& document,
                               Values values = Values::shown);

// One diagnostic a violation.
std::vector<Diagnostic> to_diagnostics(const ValidationResult& result, const Document& document,
                                       Values values = Values::shown);

}  // namespace writ::contract
