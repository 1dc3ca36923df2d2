#include "contract/types/write_types.h"

#include "contract/types/write_cpp.h"
#include "contract/types/write_typescript.h"

namespace writ::contract {

std::string write_types(const TypeModel& model, Language language, const WriteOptions& options) {
  switch (language) {
    case Language::cpp_header:
      return cpp_header(model, options);
    case Language::cpp_source:
      return cpp_source(model, options);
    case Language::typescript:
      break;
  }
  return typescript(model, options);
}

Result<TypeModel> types_of(const Value& document, std::string_view name) {
  if (document.find("openapi") != nullptr) {
    const Value* const schemas = document.at_path({"components", "schemas"});
    if (schemas == nullptr || !schemas->is_object()) return TypeModel{};
    return read_types(schemas->as_object(), "#/components/schemas/");
  }
  if (!document.is_object() || document.find("$schema") == nullptr) {
    return fail(Code::invalid_input, "this is neither a JSON Schema nor an OpenAPI description",
                "Name a document with `$schema` or `openapi`");
  }
  Object schemas;
  const Value* const definitions = document.find("$defs");
  if (definitions != nullptr && definitions->is_object()) schemas = definitions->as_object();
  schemas.set(std::string(name), document);
  return read_types(schemas, "#/$defs/");
}

}  // namespace writ::contract
