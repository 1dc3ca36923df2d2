// regex.*: RE2 syntax, linear time, and the rules of Go's regexp for what matches one after
// another.
#include <fmt/format.h>

#include "policy/builtins/bounded_text.h"
#include "policy/builtins/families.h"
#include "policy/builtins/go_format.h"
#include "policy/builtins/pattern.h"
#include "policy/builtins/runes.h"

namespace writ::rego {
namespace {

using Match = std::vector<Pattern::Span>;

std::shared_ptr<const Pattern> compiled(Call& call, std::string_view source) {
  return call.cached<Pattern>("regex", source, [&] { return std::make_shared<Pattern>(source); });
}

std::size_t width_at(std::string_view text, std::size_t at) {
  return first_rune(text.substr(at)).length;
}

// Calls `take` for up to `most` matches (below 0: all), left to right. An empty match right
// behind another one does not count. False when the call is to end.
template <typename Take>
bool each_match(const Call& call, const Pattern& pattern, std::string_view text, std::int64_t most,
                Take take) {
  std::ptrdiff_t previous_end = -1;
  for (std::size_t at = 0; most != 0 && at <= text.size();) {
    if (!call.keep_going()) return false;
    const auto match = pattern.find(text, at);
    if (!match) break;
    const auto [begin, end] = match->front();
    const bool is_empty_here = static_cast<std::size_t>(end) == at;
    const bool counts = !is_empty_here || begin != previous_end;
    at = is_empty_here ? at + std::max<std::size_t>(width_at(text, at), 1)
                       : static_cast<std::size_t>(end);
    previous_end = end;
    if (!counts) continue;
    take(*match);
    --most;
  }
  return true;
}

Outcome is_valid(Call& call) {
  const Term& source = call.arg(0);
  return Term::boolean(source.is_string() && compiled(call, source.text())->is_valid());
}

Outcome match(Call& call) {
  const auto pattern = compiled(call, call.arg(0).text());
  if (!pattern->is_valid()) return call.error(pattern->problem());
  return Term::boolean(pattern->matches(call.arg(1).text()));
}

Outcome find_n(Call& call) {
  const auto most = call.integer(2);
  if (!most) return call.failed();
  const auto pattern = compiled(call, call.arg(0).text());
  if (!pattern->is_valid()) return call.error(pattern->problem());
  const std::string_view text = call.arg(1).text();
  std::vector<Term> found;
  const bool going = each_match(call, *pattern, text, *most, [&](const Match& match) {
    found.push_back(call.string(match.front().in(text)));
  });
  return going ? make_array(call.arena(), found) : Term();
}

Outcome find_groups_n(Call& call) {
  const auto most = call.integer(2);
  if (!most) return call.failed();
  const auto pattern = compiled(call, call.arg(0).text());
  if (!pattern->is_valid()) return call.error(pattern->problem());
  const std::string_view text = call.arg(1).text();
  std::vector<Term> found;
  const bool going = each_match(call, *pattern, text, *most, [&](const Match& match) {
    std::vector<Term> groups;
    for (const Pattern::Span& group : match) groups.push_back(call.string(group.in(text)));
    found.push_back(make_array(call.arena(), groups));
  });
  return going ? make_array(call.arena(), found) : Term();
}

Outcome split(Call& call) {
  const auto pattern = compiled(call, call.arg(0).text());
  if (!pattern->is_valid()) return call.error(pattern->problem());
  const std::string_view text = call.arg(1).text();
  if (!call.arg(0).text().empty() && text.empty()) return make_array(call.arena(), {call.arg(1)});
  std::vector<Term> parts;
  std::size_t begin = 0;
  std::size_t end = 0;
  const bool going = each_match(call, *pattern, text, -1, [&](const Match& match) {
    end = static_cast<std::size_t>(match.front().begin);
    const auto match_end = static_cast<std::size_t>(match.front().end);
    if (match_end != 0) parts.push_back(call.string(text.substr(begin, end - begin)));
    begin = match_end;
  });
  if (!going) return Outcome::undefined();
  if (end != text.size()) parts.push_back(call.string(text.substr(begin)));
  return make_array(call.arena(), parts);
}

bool is_name_rune(char32_t c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= 0x80 && to_upper(c) != to_lower(c));
}

// A replacement with $1, $name and ${name}. The longest name counts: $1x is the group "1x".
class Template {
 public:
  Template(const Pattern& pattern, std::string_view source) : pattern_(pattern) {
    while (true) {
      const std::size_t dollar = source.find('$');
      add_text(source.substr(0, dollar));
      if (dollar == std::string_view::npos) return;
      source.remove_prefix(dollar + 1);
      if (source.starts_with('$')) {
        add_text("$");
        source.remove_prefix(1);
      } else if (!add_name(source)) {
        add_text("$");
      }
    }
  }

  bool expand(BoundedText& out, std::string_view text, const Match& match) const {
    for (const Part& part : parts_) {
      const bool is_text = part.group == kText;
      const std::string_view group =
          is_text || part.group >= match.size() ? std::string_view{} : match[part.group].in(text);
      if (!out.append(is_text ? std::string_view(part.text) : group)) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t kText = static_cast<std::size_t>(-1);
  struct Part {
    std::string text;
    std::size_t group = kText;
  };

  void add_text(std::string_view text) {
    if (!text.empty()) parts_.push_back({std::string(text), kText});
  }

  // The name that `source` begins with is taken off it. False if there is none.
  bool add_name(std::string_view& source) {
    const bool braced = source.starts_with('{');
    std::size_t end = braced ? 1 : 0;
    while (end < source.size() && is_name_rune(first_rune(source.substr(end)).code)) {
      end += width_at(source, end);
    }
    const std::string_view name = source.substr(braced ? 1 : 0, end - (braced ? 1 : 0));
    if (name.empty() || (braced && (end == source.size() || source[end] != '}'))) return false;
    source.remove_prefix(braced ? end + 1 : end);
    if (const auto group = group_of(name)) parts_.push_back({{}, *group});
    return true;
  }

  std::optional<std::size_t> group_of(std::string_view name) const {
    if (name.find_first_not_of("0123456789") != std::string_view::npos || name.size() > 8 ||
        (name.size() > 1 && name.starts_with('0'))) {
      return pattern_.group(name);
    }
    std::size_t number = 0;
    for (const char c : name) number = number * 10 + static_cast<std::size_t>(c - '0');
    return number;
  }

  const Pattern& pattern_;
  std::vector<Part> parts_;
};

// As Go's ReplaceAll: an empty match right behind another one is not replaced.
Outcome replace(Call& call) {
  const auto pattern = compiled(call, call.arg(1).text());
  if (!pattern->is_valid()) return call.error(pattern->problem());
  const std::string_view text = call.arg(0).text();
  const Template by(*pattern, call.arg(2).text());
  BoundedText out(call);
  std::size_t copied = 0;
  for (std::size_t at = 0; at <= text.size();) {
    if (!call.keep_going()) return Outcome::undefined();
    const auto found = pattern->find(text, at);
    if (!found) break;
    const auto begin = static_cast<std::size_t>(found->front().begin);
    const auto end = static_cast<std::size_t>(found->front().end);
    if (!out.append(text.substr(copied, begin - copied))) return Outcome::undefined();
    if ((end > copied || begin == 0) && !by.expand(out, text, *found)) return Outcome::undefined();
    copied = end;
    at = std::max(end, at + std::max<std::size_t>(width_at(text, at), 1));
  }
  if (copied < text.size() && !out.append(text.substr(copied))) return Outcome::undefined();
  return out.term();
}

// Text with regular expressions between delimiters, as one expression: <…> may be nested.
// Without a value `problem` is what is wrong.
std::optional<std::string> template_pattern(std::string_view source, char start, char end,
                                            std::string& problem) {
  std::string out = "^";
  int level = 0;
  std::size_t from = 0;  // of the text or the expression that is being read
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] == start) {
      if (++level > 1) continue;
      out += quoted_pattern(source.substr(from, i - from));
      from = i + 1;
    } else if (source[i] == end) {
      if (--level > 0) continue;
      if (level < 0) break;
      const std::string inner(source.substr(from, i - from));
      if (const Pattern alone("^" + inner + "$"); !alone.is_valid()) {
        problem = alone.problem();
        return std::nullopt;
      }
      out += "(" + inner + ")";
      from = i + 1;
    }
  }
  if (level != 0) {
    problem = "unbalanced braces in " + go_quote(source);
    return std::nullopt;
  }
  return out + quoted_pattern(source.substr(from)) + "$";
}

Outcome template_match(Call& call) {
  const std::string_view start = call.arg(2).text();
  const std::string_view end = call.arg(3).text();
  if (start.size() != 1) {
    return call.error(fmt::format(
        "start delimiter has to be exactly one character long but is {} long", start.size()));
  }
  if (end.size() != 1) {
    return call.error(fmt::format(
        "end delimiter has to be exactly one character long but is {} long", end.size()));
  }
  std::string problem;
  const auto source = template_pattern(call.arg(0).text(), start[0], end[0], problem);
  if (!source) return call.error(problem);
  const auto pattern = compiled(call, *source);
  if (!pattern->is_valid()) return call.error(pattern->problem());
  return Term::boolean(pattern->matches(call.arg(1).text()));
}

constexpr std::string_view kMatch = "(pattern: string, value: string) => (result: boolean)";
constexpr Builtin kRegex[] = {
    {"re_match", kMatch, &match, Trait::deprecated},
    {"regex.find_all_string_submatch_n",
     "(pattern: string, value: string, number: number) => (output: array[array[string]])",
     &find_groups_n},
    {"regex.find_n", "(pattern: string, value: string, number: number) => (output: array[string])",
     &find_n},
    {"regex.is_valid", "(pattern: string) => (result: boolean)", &is_valid, Trait::checks_operands},
    {"regex.match", kMatch, &match},
    {"regex.replace", "(s: string, pattern: string, value: string) => (output: string)", &replace},
    {"regex.split", "(pattern: string, value: string) => (output: array[string])", &split},
    {"regex.template_match",
     "(template: string, value: string, delimiter_start: string, delimiter_end: string) => "
     "(result: boolean)",
     &template_match},
};

}  // namespace

std::span<const Builtin> regex_builtins() { return kRegex; }

}  // namespace writ::rego
