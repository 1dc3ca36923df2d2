#pragma once
// The text of a template, as Go's text/template has them, taken apart: text and actions in double
// braces. Known are if, with, range, break, continue, variables, pipelines and functions; define,
// block and template are refused.
#include <string>
#include <string_view>
#include <vector>

#include "policy/term/arena.h"
#include "policy/term/term.h"

namespace writ::rego {

struct TemplatePipeline;

struct TemplateOperand {
  enum class Form { dot, variable, literal, function, parentheses };

  Form form = Form::dot;
  std::string name;                     // of a variable ("$x") or a function
  Term literal;                         // undefined: nil
  std::vector<TemplatePipeline> inner;  // in parentheses: one
  std::vector<std::string> fields;      // behind it: .a.b
};

using TemplateCommand = std::vector<TemplateOperand>;

struct TemplatePipeline {
  std::vector<std::string> variables;  // that are set
  bool declares = false;               // := and not =
  std::vector<TemplateCommand> commands;
};

struct TemplateNode {
  enum class Form { text, action, condition, with, range, leave, next };

  Form form = Form::text;
  std::string text;
  TemplatePipeline pipeline;
  std::vector<TemplateNode> body;
  std::vector<TemplateNode> otherwise;
  std::size_t line = 1;
};

struct TemplateText {
  std::vector<TemplateNode> nodes;
  std::string problem;  // "template: template:1: unclosed action", or nothing
};

// Literals stand in `arena`.
TemplateText parse_template(Arena& arena, std::string_view text);

}  // namespace writ::rego
