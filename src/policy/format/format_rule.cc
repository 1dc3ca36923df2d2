// Packages, imports and rules.
#include <algorithm>
#include <string>

#include "policy/format/same_syntax.h"
#include "policy/format/writer.h"
#include "policy/parse/lexer.h"
#include "policy/term/print.h"

namespace writ::rego {
namespace {

using ast::Import;
using ast::Rule;

bool is_true(const ast::Term& term) {
  return term.is(ast::Term::Kind::scalar) && term.value.is_true();
}

// Whether the parts of the package's path are written with dots, as they stand in the source.
std::vector<bool> dotted_parts(std::string_view source, std::size_t begin, bool is_v0) {
  std::vector<bool> out;
  const std::string_view rest = source.substr(begin);
  Lexer lexer(rest, is_v0);
  lexer.next();
  lexer.next();
  for (Token sign = lexer.next(); sign.is(".") || sign.is("["); sign = lexer.next()) {
    out.push_back(sign.is("."));
    lexer.next();
    if (!out.back()) lexer.next();
  }
  return out;
}

// The order of imports in a group: by path, then by alias.
bool comes_before(const Import* a, const Import* b) {
  const auto key = [](const Import& import) {
    std::vector<std::string> out{import.path.parts[0].name};
    for (std::size_t i = 1; i < import.path.parts.size(); ++i) {
      out.emplace_back(import.path.parts[i].value.text());
    }
    return out;
  };
  const auto left = key(*a);
  const auto right = key(*b);
  return left != right ? left < right : a->has_alias < b->has_alias || (a->alias < b->alias);
}

}  // namespace

std::string Writer::write_module() {
  write_package();
  auto import = module_.imports.begin();
  auto rule = module_.rules.begin();
  while (import != module_.imports.end() || rule != module_.rules.end()) {
    std::vector<const Import*> imports;
    for (;
         import != module_.imports.end() && (rule == module_.rules.end() || import->at < rule->at);
         ++import) {
      imports.push_back(&*import);
    }
    write_imports(std::move(imports));
    std::vector<const Rule*> rules;
    for (;
         rule != module_.rules.end() && (import == module_.imports.end() || rule->at < import->at);
         ++rule) {
      rules.push_back(&*rule);
    }
    write_rules(rules);
  }
  if (page_.has_comment_before(kNowhere)) page_.blank_line();
  page_.lead(kNowhere);
  std::string out = page_.take();
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

void Writer::write_package() {
  const std::size_t begin = page_.offset_of(module_.package_at);
  page_.start_line(begin);
  page_.write("package ");
  page_.write(module_.package[0].text());
  const std::vector<bool> dotted = dotted_parts(page_.source(), begin, module_.is_v0);
  for (std::size_t i = 1; i < module_.package.size(); ++i) {
    const std::string_view name = module_.package[i].text();
    const bool is_free = ast::is_plain_name(name) && !is_reserved(name, module_.is_v0);
    if (dotted[i - 1] || is_free) {
      page_.write(".");
      page_.write(name);
    } else {
      std::string quoted;
      append_quoted(quoted, name);
      page_.write("[" + quoted + "]");
    }
  }
  page_.end_line();
}

// Groups are what empty lines or comments separate; each is sorted.
void Writer::write_imports(std::vector<const ast::Import*> imports) {
  for (std::size_t begin = 0; begin < imports.size();) {
    std::size_t end = begin + 1;
    while (end < imports.size() && imports[end]->at.line <= imports[end - 1]->at.line + 1) ++end;
    page_.blank_line();
    page_.lead(page_.offset_of(imports[begin]->at));
    // Lines are written in the order of the source, for the comments' sake, and sorted then.
    std::vector<std::pair<const Import*, std::string>> lines;
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t before = page_.size();
      const Page::Limit limit(page_, i + 1 < end ? page_.offset_of(imports[i + 1]->at) : kNowhere);
      write_import(*imports[i]);
      lines.emplace_back(imports[i], page_.cut(before));
    }
    std::ranges::stable_sort(
        lines, [](const auto& a, const auto& b) { return comes_before(a.first, b.first); });
    for (const auto& [import, line] : lines) page_.write(line);
    begin = end;
  }
}

void Writer::write_import(const ast::Import& import) {
  page_.start_line(page_.offset_of(import.at));
  page_.attempt(page_.offset_of(import.at), import.end, [&] {
    page_.write("import ");
    if (import.path.parts.size() == 1) {
      page_.at(offset(import.path));
      page_.write(import.path.parts[0].name);
    } else {
      write_ref(import.path);
    }
    if (import.has_alias) page_.write(" as " + import.alias);
    page_.at(import.end - 1);
  });
  page_.end_line();
}

// Rules of one line that stand below each other stay so; all others are set apart.
void Writer::write_rules(const std::vector<const ast::Rule*>& rules) {
  const auto is_short = [](const Rule& rule) { return rule.body.size() <= 1 && !rule.is_default; };
  bool was_line = false;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const bool follows = was_line && !module_.is_v0 && is_short(*rules[i - 1]) &&
                         is_short(*rules[i]) && rules[i]->at.line == rules[i - 1]->at.line + 1;
    if (!follows) page_.blank_line();
    const std::size_t next = i + 1 < rules.size() ? page_.offset_of(rules[i + 1]->at) : kNowhere;
    page_.lead(page_.offset_of(rules[i]->at));
    const std::size_t before = page_.size();
    {
      const Page::Limit limit(page_, next);
      write_rule(*rules[i]);
    }
    was_line = page_.text().substr(before).find('\n') + 1 == page_.size() - before;
  }
}

// In v0 a member stands behind the name as a key does.
bool Writer::is_v0_member(const ast::Rule& rule) const {
  const char sign = page_.source()[rule.ref.end];
  return module_.is_v0 && (sign == '[' || sign == '.');
}

// `p if true`: the value is all that it says.
bool Writer::is_constant(const ast::Rule& rule) const {
  return rule.body.size() == 1 && rule.otherwise.empty() && is_constant_true(rule.body[0]) &&
         !page_.has_own_lines(rule.head_end, rule.end);
}

void Writer::write_rule(const ast::Rule& rule) {
  page_.lead(page_.offset_of(rule.at));
  page_.attempt(page_.offset_of(rule.at), rule.end, [&] { write_parts(rule); });
  page_.end_line();
}

void Writer::write_parts(const ast::Rule& rule) {
  const Branch branch{rule.body, rule.head_end, rule.body_end, rule.has_if};
  const bool constant = is_constant(rule);
  {
    const bool is_before_body = !rule.body.empty() && !constant;
    const Page::Limit limit(page_, is_before_body ? rule.body[0].begin : kNowhere);
    page_.start_line(page_.offset_of(rule.at));
    page_.attempt(rule.begin, rule.head_end, [&] { write_head(rule, constant); });
  }
  if (constant) page_.at(rule.end - 1);
  Shape shape = Shape::line;
  if (!rule.body.empty() && !constant) shape = write_branch_body(branch);
  for (const ast::Else& otherwise : rule.otherwise) shape = write_else(rule, otherwise, shape);
}

void Writer::write_head(const ast::Rule& rule, bool is_constant) {
  if (rule.is_default) page_.write("default ");
  write_name(rule.ref);
  if (rule.is_function) {
    page_.write("(");
    write_list(rule.ref.end, rule.args_end - 1, items_of(rule.args, 0, false));
    page_.write(")");
  }
  if (rule.member) {
    if (is_v0_member(rule)) {
      const bool is_dotted = page_.source()[rule.ref.end] == '.';
      page_.write(is_dotted ? "." : "[");
      if (is_dotted) page_.write(rule.member->value.text());
      if (!is_dotted) write_term(*rule.member);
      if (!is_dotted) page_.write("]");
      return;
    }
    page_.write(" contains ");
    write_term(*rule.member);
    return;
  }
  const bool is_implied = !rule.body.empty() && !is_constant && rule.ref.is_var();
  if (!rule.value && is_constant) page_.write(module_.is_v0 ? " = true" : " := true");
  if (rule.value && !(is_implied && is_true(*rule.value))) {
    write_value(*rule.value, rule.is_assigned);
  }
}

// `p["x"]` and `p.x` stay what they are.
void Writer::write_name(const ast::Term& ref) {
  const bool keeps_bracket = ref.is(ast::Term::Kind::ref) && ref.parts.size() == 2 &&
                             ref.parts[1].is_string() &&
                             page_.source()[offset(ref.parts[1])] == '"';
  if (!keeps_bracket) return write_term(ref);
  write_term(ref.parts[0]);
  page_.write("[");
  write_term(ref.parts[1]);
  page_.write("]");
}

void Writer::write_value(const ast::Term& value, bool is_assigned) {
  page_.write(module_.is_v0 && !is_assigned ? " = " : " := ");
  write_term(value);
}

// A body of one statement stays on the line of its head.
bool Writer::fits_line(const Branch& branch) const {
  if (!branch.has_if || branch.body.size() != 1) return false;
  const ast::Statement& only = branch.body[0];
  const std::size_t close = branch.body_end == 0 ? only.end : branch.body_end;
  const bool has_brace =
      only.kind == ast::Statement::Kind::term && !only.negated && begins_with_brace(only.terms[0]);
  return !has_brace && page_.row_of(only.begin) == page_.last_row(branch.head_end) &&
         !page_.has_own_lines(branch.head_end, only.begin) && !page_.has_own_lines(only.end, close);
}

Writer::Shape Writer::write_branch_body(const Branch& branch) {
  if (branch.has_if) page_.write(" if");
  const bool has_braces = branch.body_end != 0;
  if (fits_line(branch)) {
    page_.write(" ");
    page_.at(branch.body[0].begin);
    write_statement(branch.body[0]);
    if (has_braces) page_.at(branch.body_end - 1);
    return Shape::line;
  }
  page_.write(" {");
  page_.break_line(branch.body[0].begin);
  page_.indent();
  const std::size_t close = has_braces ? branch.body_end - 1 : kNowhere;
  if (has_braces) {
    write_body(branch.body, close);
  } else {
    page_.start_line(branch.body[0].begin);
    write_statement(branch.body[0]);
    page_.end_line();
  }
  page_.outdent();
  if (has_braces) page_.start_line(close);
  page_.write("}");
  return Shape::block;
}

Writer::Shape Writer::write_else(const ast::Rule& rule, const ast::Else& otherwise, Shape before) {
  const Branch branch{otherwise.body, otherwise.head_end, otherwise.body_end, otherwise.has_if};
  const std::size_t begin = page_.offset_of(otherwise.keyword_at);
  const bool goes_on = before == Shape::block && !page_.begins_line(begin) &&
                       otherwise.keyword_at.line > rule.at.line &&
                       !page_.has_comment_before(begin) && !page_.has_line_end();
  const Page::Limit limit(page_, otherwise.body.empty() ? kNowhere : otherwise.body[0].begin);
  if (goes_on) {
    page_.write(" ");
    page_.at(begin);
  } else {
    page_.end_line();
    page_.blank_line();
    page_.start_line(begin);
  }
  page_.attempt(begin, otherwise.head_end, [&] {
    page_.write("else");
    const bool is_implied = !otherwise.body.empty();
    if (otherwise.value && !(is_implied && is_true(*otherwise.value))) {
      write_value(*otherwise.value, otherwise.is_assigned);
    }
  });
  return otherwise.body.empty() ? Shape::line : write_branch_body(branch);
}

}  // namespace writ::rego
