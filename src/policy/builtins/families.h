#pragma once
// The families of builtins, one source each. A new family: a function here, its rows and
// functions in builtins/<family>.cc, its name in kFamilies (builtins/table.cc).
#include <span>

#include "policy/builtins/builtin.h"

namespace writ::rego {

using Family = std::span<const Builtin> (*)();

std::span<const Builtin> affix_builtins();
std::span<const Builtin> aggregate_builtins();
std::span<const Builtin> arithmetic_builtins();
std::span<const Builtin> array_builtins();
std::span<const Builtin> aws_builtins();
std::span<const Builtin> bit_builtins();
std::span<const Builtin> comparison_builtins();
std::span<const Builtin> crypto_builtins();
std::span<const Builtin> deprecated_builtins();
std::span<const Builtin> encoding_builtins();
std::span<const Builtin> glob_builtins();
std::span<const Builtin> globs_match_builtins();
std::span<const Builtin> graph_builtins();
std::span<const Builtin> graphql_builtins();
std::span<const Builtin> http_builtins();
std::span<const Builtin> json_patch_builtins();
std::span<const Builtin> json_path_builtins();
std::span<const Builtin> json_schema_builtins();
std::span<const Builtin> json_text_builtins();
std::span<const Builtin> jwt_builtins();
std::span<const Builtin> jwt_claim_builtins();
std::span<const Builtin> language_builtins();
std::span<const Builtin> net_builtins();
std::span<const Builtin> number_builtins();
std::span<const Builtin> object_builtins();
std::span<const Builtin> regex_builtins();
std::span<const Builtin> replacing_builtins();
std::span<const Builtin> semver_builtins();
std::span<const Builtin> set_builtins();
std::span<const Builtin> sprintf_builtins();
std::span<const Builtin> string_builtins();
std::span<const Builtin> template_builtins();
std::span<const Builtin> time_builtins();
std::span<const Builtin> type_builtins();
std::span<const Builtin> unit_builtins();
std::span<const Builtin> uuid_builtins();
std::span<const Builtin> walk_builtins();
std::span<const Builtin> x509_builtins();
std::span<const Builtin> yaml_builtins();

}  // namespace writ::rego
