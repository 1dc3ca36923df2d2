#include "policy/parse/ast_term.h"

#include "policy/parse/token_stream.h"
#include "policy/term/build.h"

namespace writ::rego {
namespace {

using Form = ast::Term::Kind;

class Writer {
 public:
  explicit Writer(Arena& arena) : arena_(arena) {}

  Term module(const ast::Module& of) {
    std::vector<Term> path{typed("var", text("data"))};
    for (const Term& key : of.package) path.push_back(typed("string", key));
    std::vector<Member> members{
        {text("package"), make_object(arena_, {{text("path"), make_array(arena_, path)}})}};
    std::vector<Term> imports;
    for (const ast::Import& one : of.imports) imports.push_back(import(one));
    if (!imports.empty()) members.push_back({text("imports"), make_array(arena_, imports)});
    std::vector<Term> rules;
    for (const ast::Rule& one : of.rules) rules.push_back(rule(one));
    if (!rules.empty()) members.push_back({text("rules"), make_array(arena_, rules)});
    return make_object(arena_, std::move(members));
  }

  Term query(const ast::Body& of) {
    std::vector<Term> out;
    for (std::size_t i = 0; i < of.size(); ++i) out.push_back(statement(of[i], i));
    return make_array(arena_, out);
  }

 private:
  Term text(std::string_view value) { return make_string(arena_, value); }

  Term typed(std::string_view type, Term value) {
    return make_object(arena_, {{text("type"), text(type)}, {text("value"), value}});
  }

  Term list(const std::vector<ast::Term>& terms, std::size_t from = 0) {
    std::vector<Term> out;
    for (std::size_t i = from; i < terms.size(); ++i) out.push_back(term(terms[i]));
    return make_array(arena_, out);
  }

  // What is called is always a reference, also where the parser wrote an operator's name.
  Term callee(const ast::Term& of) {
    if (!of.is_var()) return term(of);
    std::vector<Term> parts;
    std::string_view rest = of.name;
    for (std::size_t dot = 0; dot != std::string_view::npos;) {
      dot = rest.find('.');
      parts.push_back(typed(parts.empty() ? "var" : "string", text(rest.substr(0, dot))));
      if (dot != std::string_view::npos) rest.remove_prefix(dot + 1);
    }
    return typed("ref", make_array(arena_, parts));
  }

  Term call_parts(const ast::Term& call) {
    std::vector<Term> out{callee(call.parts[0])};
    for (std::size_t i = 1; i < call.parts.size(); ++i) out.push_back(term(call.parts[i]));
    return make_array(arena_, out);
  }

  Term as_ref(const ast::Term& of) {
    return of.is_var() ? typed("ref", make_array(arena_, {term(of)})) : term(of);
  }

  Term pairs(const std::vector<ast::Term>& parts) {
    std::vector<Term> out;
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
      out.push_back(make_array(arena_, {term(parts[i]), term(parts[i + 1])}));
    }
    return make_array(arena_, out);
  }

  Term comprehension(const ast::Term& of, std::string_view type) {
    std::vector<Member> members{{text("body"), body(*of.body)}};
    if (of.parts.size() == 2) {
      members.push_back({text("key"), term(of.parts[0])});
      members.push_back({text("value"), term(of.parts[1])});
    } else {
      members.push_back({text("term"), term(of.parts[0])});
    }
    return typed(type, make_object(arena_, std::move(members)));
  }

  Term template_string(const ast::Term& of) {
    std::vector<Term> out;
    for (std::size_t i = 0; i < of.parts.size(); ++i) {
      out.push_back(term(of.parts[i]));
      if (i < of.body->size()) out.push_back(statement((*of.body)[i], i));
    }
    return typed("templatestring", make_object(arena_, {{text("parts"), make_array(arena_, out)}}));
  }

  Term term(const ast::Term& of) {
    switch (of.kind) {
      case Form::scalar:
        return typed(kind_name(of.value.kind()), of.value);
      case Form::var:
        return typed("var", text(of.name));
      case Form::ref:
        return typed("ref", list(of.parts));
      case Form::call:
        return typed("call", call_parts(of));
      case Form::array:
        return typed("array", list(of.parts));
      case Form::set:
        return typed("set", list(of.parts));
      case Form::object:
        return typed("object", pairs(of.parts));
      case Form::array_comprehension:
        return comprehension(of, "arraycomprehension");
      case Form::set_comprehension:
        return comprehension(of, "setcomprehension");
      case Form::object_comprehension:
        return comprehension(of, "objectcomprehension");
      case Form::template_string:
        return template_string(of);
    }
    return {};
  }

  Term some_terms(const ast::Statement& of) {
    Term symbols = list(of.terms);
    if (of.kind == ast::Statement::Kind::some_in) {
      const std::string_view name =
          of.terms.size() == 3 ? "internal.member_3" : "internal.member_2";
      symbols = make_array(arena_, {term(make_call(name, of.terms, of.at))});
    }
    return make_object(arena_, {{text("symbols"), symbols}});
  }

  Term every_terms(const ast::Statement& of) {
    const bool has_key = of.terms.size() == 3;
    return make_object(arena_, {{text("body"), body(*of.body)},
                                {text("domain"), term(of.terms.back())},
                                {text("key"), has_key ? term(of.terms[0]) : Term::null()},
                                {text("value"), term(of.terms[has_key ? 1 : 0])}});
  }

  Term statement(const ast::Statement& of, std::size_t index) {
    std::vector<Member> members{{text("index"), Term::integer(static_cast<std::int64_t>(index))}};
    if (of.negated) members.push_back({text("negated"), Term::boolean(true)});
    Term terms;
    switch (of.kind) {
      case ast::Statement::Kind::term:
        terms = of.terms[0].is(Form::call) ? call_parts(of.terms[0]) : term(of.terms[0]);
        break;
      case ast::Statement::Kind::every:
        terms = every_terms(of);
        break;
      default:
        terms = some_terms(of);
    }
    members.push_back({text("terms"), terms});
    std::vector<Term> with;
    for (const ast::With& one : of.with) {
      with.push_back(make_object(
          arena_, {{text("target"), as_ref(one.target)}, {text("value"), term(one.value)}}));
    }
    if (!with.empty()) members.push_back({text("with"), make_array(arena_, with)});
    return make_object(arena_, std::move(members));
  }

  Term body(const ast::Body& of) {
    std::vector<Term> out;
    for (std::size_t i = 0; i < of.size(); ++i) out.push_back(statement(of[i], i));
    // A body that always holds is written down as `true`.
    if (out.empty()) {
      ast::Statement always;
      always.terms.push_back(make_scalar(Term::boolean(true), {}));
      out.push_back(statement(always, 0));
    }
    return make_array(arena_, out);
  }

  Term import(const ast::Import& of) {
    std::vector<Member> members{{text("path"), term(of.path)}};
    if (of.has_alias) members.push_back({text("alias"), text(of.alias)});
    return make_object(arena_, std::move(members));
  }

  Term head(const ast::Rule& of, const std::optional<ast::Term>& value) {
    const ast::Term& name = of.ref.is(Form::ref) ? of.ref.parts[0] : of.ref;
    const Term ref = of.ref.is(Form::ref) ? list(of.ref.parts) : make_array(arena_, {term(of.ref)});
    std::vector<Member> members{{text("name"), text(name.name)}, {text("ref"), ref}};
    if (of.member) {
      members.push_back({text("key"), term(*of.member)});
    } else {
      members.push_back(
          {text("value"), value ? term(*value) : typed("boolean", Term::boolean(true))});
    }
    if (of.is_assigned) members.push_back({text("assign"), Term::boolean(true)});
    if (!of.args.empty()) members.push_back({text("args"), list(of.args)});
    return make_object(arena_, std::move(members));
  }

  Term rule(const ast::Rule& of) {
    std::vector<Member> members{{text("head"), head(of, of.value)}, {text("body"), body(of.body)}};
    if (of.is_default) members.push_back({text("default"), Term::boolean(true)});
    Term otherwise;
    for (auto branch = of.otherwise.rbegin(); branch != of.otherwise.rend(); ++branch) {
      std::vector<Member> inner{{text("head"), head(of, branch->value)},
                                {text("body"), body(branch->body)}};
      if (otherwise.is_defined()) inner.push_back({text("else"), otherwise});
      otherwise = make_object(arena_, std::move(inner));
    }
    if (otherwise.is_defined()) members.push_back({text("else"), otherwise});
    return make_object(arena_, std::move(members));
  }

  Arena& arena_;
};

}  // namespace

Term to_term(Arena& arena, const ast::Module& module) {
  // Constants stand in the module's arena, which does not last.
  Arena scratch;
  return copy_term(arena, Writer(scratch).module(module));
}

Term to_term(Arena& arena, const ast::Body& query) {
  Arena scratch;
  return copy_term(arena, Writer(scratch).query(query));
}

}  // namespace writ::rego
