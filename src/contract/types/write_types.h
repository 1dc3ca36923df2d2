#pragma once
// Types as source text. What is written stands alone: C++ rests on contract/types/convert.h,
// TypeScript on nothing.
#include <string>
#include <string_view>

#include "base/result.h"
#include "contract/types/model.h"

namespace writ::contract {

enum class Language : std::uint8_t { cpp_header, cpp_source, typescript };

struct WriteOptions {
  std::string origin = {};   // what it was made from: "contracts/openapi.yaml"
  std::string space = {};    // C++: "writ::api"
  std::string include = {};  // C++ source: the path of its header
};

std::string write_types(const TypeModel& model, Language language, const WriteOptions& options);

// The model of a document: the components of a description, or a contract and its `$defs`. `name`:
// what the contract's own type is called.
// Errors: invalid_input (neither of them), those of read_types.
Result<TypeModel> types_of(const Value& document, std::string_view name);

}  // namespace writ::contract
