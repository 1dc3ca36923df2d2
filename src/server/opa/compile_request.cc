#include "server/opa/compile_request.h"

#include <utility>

#include "server/opa/answers.h"
#include "server/opa/service.h"

namespace writ::server {

using rego::Term;

Result<std::vector<std::string>> texts_of(const Term& list, std::string_view name) {
  std::vector<std::string> out;
  bool is_list = list.is_array();
  for (std::size_t i = 0; is_list && i < list.size(); ++i) {
    const Term& item = list.items()[i];
    is_list = item.is_string();
    if (is_list) out.emplace_back(item.text());
  }
  if (is_list) return out;
  return fail(Code::invalid_input, std::string(name) + " must be an array of strings");
}

Result<rego::PartialOptions> partial_options(const Term& body, const OpaService& service,
                                             const net::Context& context,
                                             const Parameters& parameters) {
  rego::PartialOptions out;
  out.limits = service.options().limits;
  out.stop = context.stop;
  out.strict_builtin_errors = parameters.is_set("strict-builtin-errors");
  const Term* const unknowns = body.find("unknowns");
  if (unknowns != nullptr && !unknowns->is_null()) {
    WRIT_TRY(out.unknowns, texts_of(*unknowns, "unknowns"));
  }
  const Term* const options = body.find("options");
  if (options == nullptr || options->is_null()) return out;
  if (!options->is_object()) return fail(Code::invalid_input, "options must be an object");
  if (const Term* const disabled = options->find("disableInlining")) {
    WRIT_TRY(out.disable_inlining, texts_of(*disabled, "options.disableInlining"));
  }
  const Term* const calls = options->find("nondeterministicBuiltins");
  out.calls_nondeterministic = calls != nullptr && calls->is_true();
  return out;
}

net::Response refused_compile(const rego::PolicyErrors& errors) {
  const std::string& code = errors.front().code;
  if (code == rego::kParseError) {
    return opa_error(400, "invalid_parameter", "error(s) occurred while parsing query", errors);
  }
  if (code.starts_with("rego_")) {
    return opa_error(400, "invalid_parameter", "error(s) occurred while compiling query", errors);
  }
  return opa_error(500, "internal_error", "error(s) occurred while evaluating query", errors);
}

}  // namespace writ::server
