// `# METADATA` comment blocks: YAML that belongs to the package or rule below it.
#include <algorithm>

#include "base/yaml.h"
#include "policy/parse/token_stream.h"
#include "policy/term/build.h"
#include "policy/term/json.h"

namespace writ::rego {
namespace {

bool opens_block(const ast::Comment& comment) {
  std::string_view text = comment.text;
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text == "METADATA";
}

// {name: …} for authors that are given as "Name <email>" or plain text.
rego::Term author(Arena& arena, const rego::Term& given) {
  if (!given.is_string()) return given;
  std::string_view text = given.text();
  std::vector<Member> members;
  const auto open = text.rfind('<');
  if (open != std::string_view::npos && text.ends_with('>')) {
    members.push_back({make_string(arena, "email"),
                       make_string(arena, text.substr(open + 1, text.size() - open - 2))});
    text = text.substr(0, open);
    while (text.ends_with(' ')) text.remove_suffix(1);
  }
  if (!text.empty()) members.push_back({make_string(arena, "name"), make_string(arena, text)});
  return make_object(arena, std::move(members));
}

rego::Term resource(Arena& arena, const rego::Term& given) {
  if (!given.is_string()) return given;
  return make_object(arena, {{make_string(arena, "ref"), given}});
}

rego::Term each(Arena& arena, const rego::Term& list,
                rego::Term (*change)(Arena&, const rego::Term&)) {
  if (!list.is_array()) return list;
  std::vector<rego::Term> items;
  for (const rego::Term& item : list.items()) items.push_back(change(arena, item));
  return make_array(arena, items);
}

rego::Term normalized(Arena& arena, const rego::Term& given, std::string_view scope) {
  std::vector<Member> members;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const rego::Term& key = given.keys()[i];
    rego::Term value = given.values()[i];
    if (key == borrow_string("authors")) value = each(arena, value, &author);
    if (key == borrow_string("related_resources")) value = each(arena, value, &resource);
    members.push_back({key, value});
  }
  members.push_back({make_string(arena, "scope"), make_string(arena, scope)});
  return make_object(arena, std::move(members));
}

std::string_view default_scope(const rego::Term& given, bool is_package) {
  if (const rego::Term* scope = given.find("scope"); scope != nullptr && scope->is_string()) {
    return scope->text();
  }
  if (is_package) return "package";
  const rego::Term* entrypoint = given.find("entrypoint");
  return entrypoint != nullptr && entrypoint->is_true() ? "document" : "rule";
}

struct Block {
  Position at;
  Position end;
  std::string yaml;
};

// Comments on lines that follow each other, from a METADATA line on.
std::vector<Block> blocks_of(const std::vector<ast::Comment>& comments) {
  std::vector<Block> out;
  for (std::size_t i = 0; i < comments.size(); ++i) {
    if (!opens_block(comments[i])) continue;
    Block block{comments[i].at, comments[i].at, {}};
    while (i + 1 < comments.size() && comments[i + 1].at.line == block.end.line + 1 &&
           comments[i + 1].at.column == block.at.column && !opens_block(comments[i + 1])) {
      ++i;
      block.end = comments[i].at;
      std::string_view line = comments[i].text;
      block.yaml.append(line).append("\n");
    }
    out.push_back(std::move(block));
  }
  return out;
}

// Where a block belongs: the package, a rule, or nowhere.
struct Target {
  bool is_package = false;
  ast::Rule* rule = nullptr;
};

Target target_of(ast::Module& module, const Block& block) {
  if (block.at < module.package_at) return {true, nullptr};
  for (ast::Rule& rule : module.rules) {
    if (rule.at > block.at) return {false, &rule};
  }
  return {};
}

bool read_block(ast::Module& module, TokenStream& in, const Block& block) {
  const Target target = target_of(module, block);
  if (!target.is_package && target.rule == nullptr) {
    return in.refuse_at(block.at, "annotation declared without a rule or package below it");
  }
  auto value = parse_yaml(block.yaml);
  if (!value) {
    const auto& found = value.error().diagnostics;
    Position at = block.at;
    if (!found.empty()) at.line += std::max<std::uint32_t>(found[0].at.line, 1);
    return in.refuse_at(at, "yaml: " + (found.empty() ? value.error().message : found[0].message));
  }
  if (!value->is_object())
    return in.refuse_at(block.at, "expected METADATA block, found whitespace");
  Arena& arena = *module.arena;
  const rego::Term given = from_value(arena, *value);
  ast::Annotations out;
  out.at = block.at;
  out.end = block.end;
  out.scope = default_scope(given, target.is_package);
  out.value = normalized(arena, given, out.scope);
  const bool for_package =
      target.is_package || out.scope == "package" || out.scope == "subpackages";
  (for_package ? module.package_annotations : target.rule->annotations).push_back(std::move(out));
  return true;
}

}  // namespace

bool attach_annotations(ast::Module& module, TokenStream& in) {
  for (const Block& block : blocks_of(module.comments)) {
    if (!read_block(module, in, block)) return false;
  }
  return true;
}

}  // namespace writ::rego
