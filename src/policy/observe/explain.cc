#include "policy/observe/explain.h"

#include <algorithm>

#include "policy/term/build.h"
#include "policy/term/cut_text.h"
#include "policy/term/json.h"

namespace writ::rego {
namespace {

constexpr std::size_t kLongestValue = 200;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string shown(const Term* value) {
  if (value == nullptr || !value->is_defined()) return "undefined";
  return cut_text(to_json(*value), kLongestValue);
}

// The end of one more step of a reference that stands before `end`: `.name` or `["name"]`. The key
// is `key`; `end` itself when there is none.
std::size_t next_key(std::string_view statement, std::size_t end, std::string_view& key) {
  constexpr std::string_view kOpening = "[\"";
  constexpr std::string_view kClosing = "\"]";
  if (end + 1 < statement.size() && statement[end] == '.' && is_name(statement[end + 1])) {
    std::size_t stop = end + 1;
    while (stop < statement.size() && is_name(statement[stop])) ++stop;
    key = statement.substr(end + 1, stop - end - 1);
    return stop;
  }
  if (!statement.substr(end).starts_with(kOpening)) return end;
  const std::size_t begin = end + kOpening.size();
  const std::size_t stop = statement.find(kClosing, begin);
  if (stop == std::string_view::npos) return end;
  key = statement.substr(begin, stop - begin);
  return key.find('\\') == std::string_view::npos ? stop + kClosing.size() : end;
}

// References to the input by constant names, and what they are.
std::map<std::string, std::string> named_values(std::string_view statement, const Term& input) {
  constexpr std::string_view kInput = "input";
  std::map<std::string, std::string> out;
  for (std::size_t at = statement.find(kInput); at != std::string_view::npos;
       at = statement.find(kInput, at + 1)) {
    const bool is_part = at > 0 && (is_name(statement[at - 1]) || statement[at - 1] == '.');
    std::size_t end = at + kInput.size();
    if (is_part) continue;
    const Term* value = &input;
    std::string_view key;
    const std::size_t begin = end;
    for (std::size_t stop = 0; (stop = next_key(statement, end, key)) != end; end = stop) {
      value = value != nullptr && value->is_object() ? value->find(key) : nullptr;
    }
    if (end == begin) continue;
    out.emplace(statement.substr(at, end - at), shown(value));
  }
  return out;
}

bool has_held(const std::vector<RuleVerdict>& verdicts, std::string_view rule) {
  return std::ranges::any_of(verdicts, [&](const RuleVerdict& one) {
    return one.rule == rule && one.outcome == RuleVerdict::Outcome::held;
  });
}

}  // namespace

std::string_view to_text(RuleVerdict::Outcome outcome) {
  constexpr std::string_view kNames[] = {"held", "fell_back", "failed", "skipped"};
  return kNames[static_cast<std::size_t>(outcome)];
}

void Explanation::begin(const Observe& place) {
  // The way back to where the rule was entered; bodies within bodies lead to none.
  std::size_t reached = 1;
  const Observe* first = &place;
  for (; first->before != nullptr; first = first->before) ++reached;
  if (first->kind != Observe::Kind::enter || first->file == nullptr) return;
  Seen& seen = rules_[{*first->file, first->at}];
  seen.rule = first->text;
  if (place.kind == Observe::Kind::exit) seen.has_held = true;
  if (reached <= seen.reached) return;
  seen.reached = reached;
  seen.furthest = &place;
}

RuleVerdict Explanation::verdict(const PlaceOf& place, const Seen& seen, const Term& input) const {
  RuleVerdict out;
  out.rule = seen.rule;
  out.file = place.file;
  out.at = place.at;
  out.outcome = seen.has_held ? RuleVerdict::Outcome::held : RuleVerdict::Outcome::failed;
  if (seen.has_held) return out;
  // Where no statement was reached, the head did not fit: arguments of a function.
  const bool is_statement = seen.furthest->kind == Observe::Kind::statement;
  out.statement = is_statement ? seen.furthest->text : seen.rule;
  out.statement_at = seen.furthest->at;
  out.values = named_values(out.statement, input);
  return out;
}

void Explanation::add(const Definition& definition, const Node& node, bool is_fallback,
                      const Term& input, std::vector<RuleVerdict>& out) const {
  const PlaceOf place{definition.file != nullptr ? *definition.file : std::string(), definition.at};
  const auto seen = rules_.find(place);
  if (seen != rules_.end()) {
    out.push_back(verdict(place, seen->second, input));
  } else {
    RuleVerdict skipped;
    skipped.rule = to_text(node);
    skipped.file = place.file;
    skipped.at = place.at;
    out.push_back(std::move(skipped));
  }
  RuleVerdict& added = out.back();
  if (is_fallback && added.outcome == RuleVerdict::Outcome::held) {
    added.outcome = RuleVerdict::Outcome::fell_back;
  }
}

void Explanation::add_all(const Node& node, const Term& input,
                          std::vector<RuleVerdict>& out) const {
  if (node.rules && node.rules->kind != RuleSet::Kind::function) {
    for (const auto& definition : node.rules->definitions) {
      for (const Definition* one = definition.get(); one != nullptr; one = one->otherwise.get()) {
        add(*one, node, false, input, out);
      }
    }
    if (node.rules->fallback) add(*node.rules->fallback, node, true, input, out);
  }
  for (const auto& [key, child] : node.children) add_all(*child, input, out);
}

std::vector<RuleVerdict> Explanation::candidates(const Program& program,
                                                 const std::vector<std::string>& path,
                                                 const Term& input) const {
  const Node* node = program.root.get();
  for (const std::string& key : path) {
    const Node* const next = node->child(borrow_string(key));
    if (next == nullptr) break;  // within the value of a rule
    node = next;
  }
  std::vector<RuleVerdict> out;
  if (node != program.root.get() || path.empty()) add_all(*node, input, out);
  // A default that was looked at beside a rule that held decided nothing.
  for (RuleVerdict& one : out) {
    const bool falls_back = one.outcome == RuleVerdict::Outcome::fell_back;
    if (falls_back && has_held(out, one.rule)) one.outcome = RuleVerdict::Outcome::skipped;
  }
  return out;
}

std::vector<RuleVerdict> Explanation::helpers(const std::vector<RuleVerdict>& candidates,
                                              const Term& input) const {
  std::vector<RuleVerdict> out;
  for (const auto& [place, seen] : rules_) {
    const bool is_candidate = std::ranges::any_of(candidates, [&](const RuleVerdict& one) {
      return one.file == place.file && one.at == place.at;
    });
    if (!is_candidate) out.push_back(verdict(place, seen, input));
  }
  return out;
}

}  // namespace writ::rego
