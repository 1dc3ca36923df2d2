#pragma once
// Schemas to programs.
#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/value.h"
#include "contract/schema.h"
#include "contract/schema/program.h"

namespace writ::contract {

// `name` is the file that diagnostics name. Errors: those of Schema::compile.
Result<std::shared_ptr<const Program>> compile_program(const Value& schema,
                                                       const SchemaOptions& options,
                                                       std::string_view name);

}  // namespace writ::contract
