#include "contract/schema.h"

#include "contract/schema/compile.h"
#include "contract/schema/probe.h"
#include "contract/schema/program.h"
#include "contract/schema/report.h"

namespace writ::contract {

Result<Schema> Schema::compile(const Document& document, const SchemaOptions& options) {
  WRIT_TRY(auto program, compile_program(document.root, options, document.name));
  return Schema(std::move(program));
}

Result<Schema> Schema::compile(const Value& schema, const SchemaOptions& options) {
  WRIT_TRY(auto program, compile_program(schema, options, {}));
  return Schema(std::move(program));
}

bool Schema::is_valid(const Value& instance) const {
  Budget budget(program_->limits);
  return Probe(*program_, budget).holds(program_->root, ValueNode(instance)) && !budget.gave_up;
}

ValidationResult Schema::validate(const Value& instance) const {
  if (is_valid(instance)) return {};
  Budget budget(program_->limits);
  return Reporter(*program_, budget).run(instance);
}

}  // namespace writ::contract
