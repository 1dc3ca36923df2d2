// strings.render_template: Go's text/template over a term. What is missing shows as <undefined>.
#include <fmt/format.h>

#include <algorithm>

#include "policy/builtins/bounded_text.h"
#include "policy/builtins/families.h"
#include "policy/builtins/go_format.h"
#include "policy/builtins/operands.h"
#include "policy/builtins/template_parse.h"
#include "policy/term/json.h"
#include "policy/term/number.h"

namespace writ::rego {
namespace {

// A value in a template. Numbers of the data are texts to Go, where a text counts (json.Number);
// indexes, lengths and literals are numbers.
struct Cell {
  Term term;  // undefined: nothing there
  bool is_native = false;
};
Cell native(std::int64_t n) { return {Term::integer(n), true}; }
Cell native(bool b) { return {Term::boolean(b), true}; }

bool is_truth(const Cell& cell) {
  const Term& term = cell.term;
  switch (term.kind()) {
    case Kind::undefined:
    case Kind::null:
      return false;
    case Kind::boolean:
      return term.is_true();
    case Kind::number:
      return !cell.is_native || term != Term::integer(0);
    case Kind::string:
      return !term.text().empty();
    default:
      return term.size() > 0;
  }
}

std::string key_text(const Term& key) {
  return key.is_string() ? std::string(key.text()) : to_json(key);
}

// As Go's %v writes it inside of others: map[a:1 b:[x y]].
void append_value(std::string& out, const Term& term) {
  if (term.is_string()) {
    out += term.text();
  } else if (term.is_object()) {
    out += "map[";
    for (std::size_t i = 0; i < term.size(); ++i) {
      if (i > 0) out += ' ';
      out += key_text(term.keys()[i]) + ":";
      append_value(out, term.values()[i]);
    }
    out += ']';
  } else if (term.is_collection()) {
    out += '[';
    for (std::size_t i = 0; i < term.size(); ++i) {
      if (i > 0) out += ' ';
      append_value(out, term.items()[i]);
    }
    out += ']';
  } else {
    out += term.is_null() || !term.is_defined() ? "<nil>" : to_json(term);
  }
}

bool is_nothing(const Term& term) { return term.is_null() || !term.is_defined(); }

std::string shown(const Term& term) {
  std::string out;
  if (is_nothing(term)) return "<undefined>";
  append_value(out, term);
  return out;
}

GoValue go_value(const Cell& cell) {
  const Term& term = cell.term;
  if (cell.is_native && term.is_small_integer()) return GoValue::of(term.as_small_integer());
  if (cell.is_native && term.is_number()) return GoValue::of(to_double(term));
  GoValue value = GoValue::of(is_nothing(term) ? std::string("<nil>") : shown(term));
  if (term.is_boolean()) value.type = GoValue::Type::boolean;
  value.type_name = term.is_number()    ? "json.Number"
                    : term.is_boolean() ? "bool"
                    : term.is_object()  ? "map[string]interface {}"
                    : term.is_array()   ? "[]interface {}"
                                        : "string";
  return value;
}

// How running a list of nodes ended.
enum class Flow { going, left, next, stopped };

class TemplateRun {
 public:
  TemplateRun(Call& call, const Term& data) : call_(call), out_(call) {
    variables_.push_back({"$", {data, false}});
  }

  Outcome run(const std::vector<TemplateNode>& nodes) {
    const Flow flow = run_nodes(nodes, variables_.front().value);
    if (!problem_.empty()) return call_.error(problem_);
    return flow == Flow::stopped ? Outcome::undefined() : Outcome(out_.term());
  }

 private:
  using Form = TemplateNode::Form;
  struct Variable {
    std::string name;
    Cell value;
  };

  Flow stop(std::string problem) {
    if (problem_.empty()) {
      problem_ = fmt::format("template: template:{}: executing \"template\": {}", line_, problem);
    }
    return Flow::stopped;
  }
  std::optional<Cell> refuse(std::string problem) {
    stop(std::move(problem));
    return std::nullopt;
  }

  Flow run_nodes(const std::vector<TemplateNode>& nodes, const Cell& dot) {
    const std::size_t known = variables_.size();
    Flow flow = Flow::going;
    for (const TemplateNode& node : nodes) {
      if (!call_.keep_going()) return Flow::stopped;
      line_ = node.line;
      flow = run_node(node, dot);
      if (flow != Flow::going) break;
    }
    variables_.resize(known);
    return flow;
  }

  Flow run_node(const TemplateNode& node, const Cell& dot) {
    switch (node.form) {
      case Form::text:
        return out_.append(node.text) ? Flow::going : Flow::stopped;
      case Form::leave:
        return Flow::left;
      case Form::next:
        return Flow::next;
      case Form::action:
        return show(node, dot);
      case Form::condition:
      case Form::with:
      case Form::range:
        break;
    }
    const std::size_t known = variables_.size();
    const Flow flow = node.form == Form::range ? repeat(node, dot) : choose(node, dot);
    variables_.resize(known);
    return flow;
  }

  Flow show(const TemplateNode& node, const Cell& dot) {
    const auto value = evaluate(node.pipeline, dot);
    if (!value || !set_variables(node.pipeline, *value)) return Flow::stopped;
    if (!node.pipeline.variables.empty()) return Flow::going;
    if (!text_fits(call_, value->term)) return Flow::stopped;
    return out_.append(shown(value->term)) ? Flow::going : Flow::stopped;
  }

  Flow choose(const TemplateNode& node, const Cell& dot) {
    const auto value = evaluate(node.pipeline, dot);
    if (!value || !set_variables(node.pipeline, *value)) return Flow::stopped;
    if (!is_truth(*value)) return run_nodes(node.otherwise, dot);
    return run_nodes(node.body, node.form == Form::with ? *value : dot);
  }

  Flow repeat(const TemplateNode& node, const Cell& dot) {
    const auto over = evaluate(node.pipeline, dot);
    if (!over) return Flow::stopped;
    const Term& term = over->term;
    if (!is_nothing(term) && !term.is_collection()) {
      return stop("range can't iterate over " + shown(term));
    }
    if (is_nothing(term) || term.size() == 0) return run_nodes(node.otherwise, dot);
    for (std::size_t i = 0; i < term.size(); ++i) {
      const Cell item{term.is_object() ? term.values()[i] : term.items()[i], false};
      const Cell key = term.is_object() ? Cell{call_.string(key_text(term.keys()[i])), false}
                                        : native(static_cast<std::int64_t>(i));
      const std::size_t known = variables_.size();
      if (!set_items(node.pipeline, key, item)) return Flow::stopped;
      const Flow flow = run_nodes(node.body, item);
      variables_.resize(known);
      if (flow == Flow::stopped) return flow;
      if (flow == Flow::left) break;
    }
    return Flow::going;
  }

  // One variable of a range is the element, two are the index or key and the element.
  bool set_items(const TemplatePipeline& pipeline, const Cell& key, const Cell& item) {
    const auto& names = pipeline.variables;
    if (names.size() == 1) return set(names[0], item, pipeline.declares);
    if (names.size() != 2) return true;
    return set(names[0], key, pipeline.declares) && set(names[1], item, pipeline.declares);
  }

  bool set_variables(const TemplatePipeline& pipeline, const Cell& value) {
    for (const std::string& name : pipeline.variables) {
      if (!set(name, value, pipeline.declares)) return false;
    }
    return true;
  }

  bool set(const std::string& name, const Cell& value, bool declares) {
    if (declares) {
      variables_.push_back({name, value});
      return true;
    }
    Variable* const known = find_variable(name);
    if (known == nullptr) return stop("undefined variable: " + name) == Flow::going;
    known->value = value;
    return true;
  }

  Variable* find_variable(std::string_view name) {
    for (std::size_t i = variables_.size(); i > 0; --i) {
      if (variables_[i - 1].name == name) return &variables_[i - 1];
    }
    return nullptr;
  }

  std::optional<Cell> evaluate(const TemplatePipeline& pipeline, const Cell& dot) {
    std::optional<Cell> value;
    for (const TemplateCommand& command : pipeline.commands) {
      const bool is_call = command[0].form == TemplateOperand::Form::function;
      if (!is_call && (command.size() > 1 || value)) {
        return refuse("can't give argument to non-function");
      }
      value = is_call ? run_function(command, value, dot) : operand(command[0], dot);
      if (!value) return value;
    }
    return value;
  }

  std::optional<Cell> operand(const TemplateOperand& from, const Cell& dot) {
    std::optional<Cell> cell;
    switch (from.form) {
      case TemplateOperand::Form::dot:
        cell = dot;
        break;
      case TemplateOperand::Form::literal:
        return Cell{from.literal, true};
      case TemplateOperand::Form::function:
        return run_function({from}, std::nullopt, dot);
      case TemplateOperand::Form::parentheses:
        cell = evaluate(from.inner[0], dot);
        break;
      case TemplateOperand::Form::variable: {
        const Variable* const known = find_variable(from.name);
        if (known == nullptr) return refuse("undefined variable: " + from.name);
        cell = known->value;
        break;
      }
    }
    for (const std::string& field : from.fields) {
      if (!cell) return cell;
      if (is_nothing(cell->term)) return Cell{};
      if (!cell->term.is_object()) {
        return refuse(
            fmt::format("can't evaluate field {} in type {}", field, kind_name(cell->term.kind())));
      }
      const Term* const value = cell->term.find(field);
      cell = Cell{value == nullptr ? Term() : *value, false};
    }
    return cell;
  }

  // `piped`: the value of the command before, the last argument.
  std::optional<Cell> run_function(const TemplateCommand& command, const std::optional<Cell>& piped,
                                   const Cell& dot) {
    const std::string& name = command[0].name;
    std::vector<Cell> args;
    for (std::size_t i = 1; i < command.size(); ++i) {
      // and, or: what comes after the argument that decides is not looked at.
      const bool decides = !args.empty() && ((name == "and" && !is_truth(args.back())) ||
                                             (name == "or" && is_truth(args.back())));
      if (decides) return args.back();
      const auto arg = operand(command[i], dot);
      if (!arg) return arg;
      args.push_back(*arg);
    }
    if (piped) args.push_back(*piped);
    struct Row {
      std::string_view name;
      std::size_t least;
      std::optional<Cell> (TemplateRun::*run)(std::string_view name, std::span<const Cell> args);
    };
    static constexpr Row kFunctions[] = {
        {"and", 1, &TemplateRun::decide},    {"eq", 2, &TemplateRun::equal},
        {"ge", 2, &TemplateRun::order},      {"gt", 2, &TemplateRun::order},
        {"html", 1, &TemplateRun::html},     {"index", 1, &TemplateRun::index},
        {"le", 2, &TemplateRun::order},      {"len", 1, &TemplateRun::length},
        {"lt", 2, &TemplateRun::order},      {"ne", 2, &TemplateRun::equal},
        {"not", 1, &TemplateRun::negate},    {"or", 1, &TemplateRun::decide},
        {"print", 0, &TemplateRun::print},   {"printf", 1, &TemplateRun::printf},
        {"println", 0, &TemplateRun::print},
    };
    const auto found = std::ranges::find(kFunctions, name, &Row::name);
    if (found == std::end(kFunctions)) return refuse("function " + go_quote(name) + " not defined");
    if (args.size() < found->least) {
      return refuse(fmt::format("wrong number of args for {}: want at least {} got {}", name,
                                found->least, args.size()));
    }
    return (this->*found->run)(name, args);
  }

  std::optional<Cell> decide(std::string_view name, std::span<const Cell> args) {
    for (const Cell& arg : args) {
      if (is_truth(arg) == (name == "or")) return arg;
    }
    return args.back();
  }

  std::optional<Cell> negate(std::string_view, std::span<const Cell> args) {
    return native(!is_truth(args[0]));
  }

  std::optional<Cell> equal(std::string_view name, std::span<const Cell> args) {
    const Term& first = args[0].term;
    bool is_equal = false;
    for (const Cell& other : args.subspan(1)) {
      if (first.is_collection() || other.term.is_collection()) {
        return refuse("non-comparable type " + std::string(kind_name(first.kind())));
      }
      const bool either_is_nothing = is_nothing(first) || is_nothing(other.term);
      if (!either_is_nothing && first.kind() != other.term.kind()) {
        return refuse("incompatible types for comparison");
      }
      is_equal = is_equal || first == other.term || (is_nothing(first) && is_nothing(other.term));
    }
    return native(is_equal == (name == "eq"));
  }

  std::optional<Cell> order(std::string_view name, std::span<const Cell> args) {
    const Term& a = args[0].term;
    const Term& b = args[1].term;
    if (a.kind() != b.kind() || (!a.is_number() && !a.is_string())) {
      return refuse("incompatible types for comparison");
    }
    const auto compared = compare(a, b);
    const bool includes_equal = name[1] == 'e';
    const bool holds = name[0] == 'l' ? compared < 0 : compared > 0;
    return native(holds || (includes_equal && compared == 0));
  }

  std::optional<Cell> length(std::string_view, std::span<const Cell> args) {
    const Term& term = args[0].term;
    if (term.is_string()) return native(static_cast<std::int64_t>(term.text().size()));
    if (term.is_collection()) return native(static_cast<std::int64_t>(term.size()));
    return refuse("error calling len: len of type " + std::string(kind_name(term.kind())));
  }

  std::optional<Cell> index(std::string_view, std::span<const Cell> args) {
    Term at = args[0].term;
    for (const Cell& step : args.subspan(1)) {
      if (!at.is_object() && !at.is_array()) {
        return refuse("error calling index: can't index item of type " +
                      std::string(kind_name(at.kind())));
      }
      const Term* const next = at.at(step.term);
      if (next == nullptr && at.is_array()) {
        return refuse("error calling index: index out of range: " + shown(step.term));
      }
      at = next == nullptr ? Term() : *next;
    }
    return Cell{at, false};
  }

  // A blank stands between two that are no texts (print) or between all (println).
  std::optional<Cell> print(std::string_view name, std::span<const Cell> args) {
    const bool is_line = name == "println";
    const auto is_text = [](const Cell& cell) {
      return cell.term.is_string() || (cell.term.is_number() && !cell.is_native);
    };
    BoundedText text(call_);
    for (std::size_t i = 0; i < args.size(); ++i) {
      const bool apart = i > 0 && (is_line || (!is_text(args[i - 1]) && !is_text(args[i])));
      if (!text_fits(call_, args[i].term)) return std::nullopt;
      std::string shown_arg;
      append_value(shown_arg, args[i].term);
      if (!text.append(apart ? " " + shown_arg : shown_arg)) return std::nullopt;
    }
    if (is_line && !text.append("\n")) return std::nullopt;
    return Cell{text.term(), false};
  }

  std::optional<Cell> printf(std::string_view, std::span<const Cell> args) {
    if (!args[0].term.is_string()) return refuse("wrong type for value; expected string");
    std::vector<GoValue> values;
    for (const Cell& arg : args.subspan(1)) {
      if (!text_fits(call_, arg.term)) return std::nullopt;
      values.push_back(go_value(arg));
    }
    BoundedText text(call_);
    if (!go_format(text, args[0].term.text(), values)) return std::nullopt;
    return Cell{text.term(), false};
  }

  std::optional<Cell> html(std::string_view, std::span<const Cell> args) {
    if (!text_fits(call_, args[0].term)) return std::nullopt;
    std::string text;
    append_value(text, args[0].term);
    BoundedText out(call_);
    for (const char c : text) {
      constexpr std::string_view kSpecial = "&<>'\"";
      constexpr std::string_view kEscapes[] = {"&amp;", "&lt;", "&gt;", "&#39;", "&#34;"};
      const auto special = kSpecial.find(c);
      const bool going =
          special == std::string_view::npos ? out.append(1, c) : out.append(kEscapes[special]);
      if (!going) return std::nullopt;
    }
    return Cell{out.term(), false};
  }

  Call& call_;
  BoundedText out_;
  std::vector<Variable> variables_;
  std::size_t line_ = 1;
  std::string problem_;
};

Outcome render_template(Call& call) {
  const TemplateText text = parse_template(call.arena(), call.arg(0).text());
  if (!text.problem.empty()) return call.error(text.problem);
  return TemplateRun(call, call.arg(1)).run(text.nodes);
}

constexpr Builtin kTemplate[] = {
    {"strings.render_template", "(value: string, vars: object[string: any]) => (result: string)",
     &render_template},
};

}  // namespace

std::span<const Builtin> template_builtins() { return kTemplate; }

}  // namespace writ::rego
