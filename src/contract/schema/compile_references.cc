// References and the ways to combine schemas.
#include "contract/schema/compiler.h"
#include "contract/schema/uri.h"

namespace writ::contract {

BlockId Compiler::block_of_reference(Draftsheet& sheet, const Value& reference) {
  auto target = registry_.resolve(sheet.resource, reference.as_string());
  if (target) return block_of(**target);
  defect(reference, std::move(target).error().context("resolving `" + reference.as_string() + "`"));
  return kNone;
}

namespace {

// A reference whose target depends on how one came here, if the schema that it means by itself
// carries the dynamic anchor `name`.
void compile_dynamic(Compiler& compiler, Draftsheet& sheet, const Value& reference,
                     const std::string& name, std::string_view keyword) {
  const BlockId fallback = compiler.block_of_reference(sheet, reference);
  if (fallback == kNone) return;
  const std::uint32_t location = compiler.location(sheet, keyword);
  const auto target = compiler.registry().resolve(sheet.resource, reference.as_string());
  const Resource& home = compiler.registry().resource(compiler.registry().home(**target).resource);
  const auto anchor = home.dynamic_anchors.find(name);
  if (anchor == home.dynamic_anchors.end() || anchor->second != *target) {
    return sheet.emit(Section::any, Op::call, fallback, location);
  }
  auto& calls = compiler.program().dynamic_calls;
  sheet.emit(Section::any, Op::call_dynamic, static_cast<std::uint32_t>(calls.size()), location);
  calls.push_back({fallback, compiler.dynamic_anchor(name)});
}

}  // namespace

void compile_references(Compiler& compiler, Draftsheet& sheet) {
  if (const Value* ref = sheet.get(Keyword::ref)) {
    const BlockId target = compiler.block_of_reference(sheet, *ref);
    sheet.emit(Section::any, Op::call, target, compiler.location(sheet, "$ref"));
  }
  if (const Value* ref = sheet.get(Keyword::dynamic_ref)) {
    const std::string name = percent_decode(split_fragment(ref->as_string()).second);
    compile_dynamic(compiler, sheet, *ref, name, "$dynamicRef");
  }
  if (const Value* ref = sheet.get(Keyword::recursive_ref)) {
    compile_dynamic(compiler, sheet, *ref, {}, "$recursiveRef");
  }
}

std::uint32_t Compiler::branches(const Value& schemas) {
  std::vector<BlockId> blocks;
  for (const Value& schema : schemas.as_array()) blocks.push_back(block_of(schema));
  auto& all = program_.branch_blocks;
  program_.branches.push_back(
      {static_cast<std::uint32_t>(all.size()), static_cast<std::uint32_t>(blocks.size())});
  all.insert(all.end(), blocks.begin(), blocks.end());
  return static_cast<std::uint32_t>(program_.branches.size() - 1);
}

void compile_logic(Compiler& compiler, Draftsheet& sheet) {
  if (const Value* all = sheet.get(Keyword::all_of)) {
    for (std::size_t i = 0; i < all->as_array().size(); ++i) {
      sheet.emit(Section::any, Op::call, compiler.block_of(all->as_array()[i]),
                 compiler.location(sheet, "allOf", std::to_string(i)));
    }
  }
  if (const Value* any = sheet.get(Keyword::any_of)) {
    sheet.emit(Section::any, Op::any_of, compiler.branches(*any),
               compiler.location(sheet, "anyOf"));
  }
  if (const Value* one = sheet.get(Keyword::one_of)) {
    sheet.emit(Section::any, Op::one_of, compiler.branches(*one),
               compiler.location(sheet, "oneOf"));
  }
  if (const Value* negated = sheet.get(Keyword::not_)) {
    sheet.emit(Section::any, Op::negate, compiler.block_of(*negated),
               compiler.location(sheet, "not"));
  }
  if (const Value* condition = sheet.get(Keyword::if_)) {
    Conditional row;
    row.condition = compiler.block_of(*condition);
    if (const Value* then = sheet.get(Keyword::then)) row.then = compiler.block_of(*then);
    if (const Value* otherwise = sheet.get(Keyword::else_)) {
      row.otherwise = compiler.block_of(*otherwise);
    }
    auto& rows = compiler.program().conditionals;
    sheet.emit(Section::any, Op::conditional, static_cast<std::uint32_t>(rows.size()),
               compiler.location(sheet, "if"));
    rows.push_back(row);
  }
}

}  // namespace writ::contract
