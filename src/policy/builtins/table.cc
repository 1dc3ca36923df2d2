#include "policy/builtins/table.h"

#include "policy/builtins/families.h"

namespace writ::rego {
namespace {

// clang-format off: one a line, so that changes merge
constexpr Family kFamilies[] = {
    &affix_builtins,
    &aggregate_builtins,
    &arithmetic_builtins,
    &array_builtins,
    &aws_builtins,
    &bit_builtins,
    &comparison_builtins,
    &crypto_builtins,
    &deprecated_builtins,
    &encoding_builtins,
    &glob_builtins,
    &globs_match_builtins,
    &graph_builtins,
    &graphql_builtins,
    &http_builtins,
    &json_patch_builtins,
    &json_path_builtins,
    &json_schema_builtins,
    &json_text_builtins,
    &jwt_builtins,
    &jwt_claim_builtins,
    &language_builtins,
    &net_builtins,
    &number_builtins,
    &object_builtins,
    &regex_builtins,
    &replacing_builtins,
    &semver_builtins,
    &set_builtins,
    &sprintf_builtins,
    &string_builtins,
    &template_builtins,
    &time_builtins,
    &type_builtins,
    &unit_builtins,
    &uuid_builtins,
    &walk_builtins,
    &x509_builtins,
    &yaml_builtins,
};
// clang-format on

// The kind that every value of `type` has, undefined when there are several.
Kind only_kind(const Type& type) {
  const std::uint16_t kinds = kinds_of(type);
  for (unsigned k = 0; k <= static_cast<unsigned>(Kind::set); ++k) {
    if (kinds == kind_bit(static_cast<Kind>(k))) return static_cast<Kind>(k);
  }
  return Kind::undefined;
}

}  // namespace

const BuiltinTable& BuiltinTable::standard() {
  static const BuiltinTable kTable{{}};
  return kTable;
}

BuiltinTable::BuiltinTable(std::span<const Builtin> extra) {
  for (const Family family : kFamilies) add(family());
  add(extra);
}

void BuiltinTable::add(std::span<const Builtin> rows) {
  for (const Builtin& row : rows) {
    BuiltinEntry entry{&row, parse_signature(row.signature), {}};
    for (const Parameter& parameter : entry.signature.parameters) {
      entry.operand_kinds.push_back(entry.is(Trait::checks_operands) ? Kind::undefined
                                                                     : only_kind(parameter.type));
    }
    entries_.insert_or_assign(row.name, std::move(entry));
  }
}

const BuiltinEntry* BuiltinTable::find(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

const BuiltinEntry* BuiltinTable::find_infix(std::string_view sign) const {
  for (const auto& [name, entry] : entries_) {
    if (entry.row->infix == sign) return &entry;
  }
  return nullptr;
}

Outcome invoke(const BuiltinEntry& builtin, Call& call) {
  for (std::size_t i = 0; i < builtin.operand_kinds.size(); ++i) {
    const Kind wanted = builtin.operand_kinds[i];
    if (wanted != Kind::undefined && call.arg(i).kind() != wanted) {
      return call.wrong_type(i, kind_name(wanted));
    }
  }
  return builtin.row->call(call);
}

}  // namespace writ::rego
