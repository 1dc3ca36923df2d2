#include <algorithm>
#include <optional>

#include "base/text_check.h"
#include "base/yaml.h"
#include "base/yaml_events.h"
#include "base/yaml_scalar.h"

namespace writ {
namespace {

// Makes the Value of a list of events. A build_… function returns whether it went well; if not,
// `problem_` says what was wrong. The depth is bounded by the limits, aliases included.
class ValueBuilder {
 public:
  ValueBuilder(const std::vector<YamlEvent>& events, std::string_view name,
               const DocumentLimits& limits)
      : events_(events), name_(name), limits_(limits) {}

  Result<Value> build() {
    Value root;
    std::size_t next = 0;
    if (!build_value(next, 0, root)) return fail({*std::move(problem_)});
    return root;
  }

 private:
  bool problem(Diagnostic found) {
    // What an alias brings in is wrong where the alias stands.
    if (alias_at_) found.at = *alias_at_;
    problem_ = std::move(found);
    return false;
  }
  bool problem(Position at, std::string message, std::string remedy) {
    return problem(Diagnostic{std::string(name_), at, std::move(message), std::move(remedy)});
  }

  // Builds what begins at `next` and moves on behind it. `depth`: collections around it.
  bool build_value(std::size_t& next, std::size_t depth, Value& out) {
    const YamlEvent& event = events_[next];
    if (event.kind == YamlEvent::Kind::alias) return build_alias(next, depth, out);
    if (++nodes_ > limits_.max_nodes) return problem(too_many_nodes(name_, event.at, limits_));
    if (!build_bare_value(next, depth, out)) return false;
    out.set_at(event.at);
    return true;
  }

  bool build_bare_value(std::size_t& next, std::size_t depth, Value& out) {
    const YamlEvent& event = events_[next];
    switch (event.kind) {
      case YamlEvent::Kind::sequence:
      case YamlEvent::Kind::map: {
        if (depth == std::min(limits_.max_depth, kDeepestNesting)) {
          return problem(too_deep(name_, event.at, limits_));
        }
        ++next;
        return event.kind == YamlEvent::Kind::map ? build_object(next, depth + 1, out)
                                                  : build_array(next, depth + 1, out);
      }
      case YamlEvent::Kind::plain:
        ++next;
        return build_plain(event, out);
      case YamlEvent::Kind::quoted:
        ++next;
        out = Value(event.text);
        return count_text(event);
      case YamlEvent::Kind::null:
        ++next;
        out = Value();
        return true;
      case YamlEvent::Kind::alias:
      case YamlEvent::Kind::end:
        break;
    }
    WRIT_ASSERT(false);  // build_value takes aliases, the collections their ends
  }

  bool build_alias(std::size_t& next, std::size_t depth, Value& out) {
    const YamlEvent& event = events_[next++];
    const bool outermost = !alias_at_;
    if (outermost) alias_at_ = event.at;
    std::size_t target = event.target;
    if (!build_value(target, depth, out)) return false;
    if (outermost) alias_at_.reset();
    out.set_at(event.at);
    return true;
  }

  bool build_array(std::size_t& next, std::size_t depth, Value& out) {
    Array array;
    while (events_[next].kind != YamlEvent::Kind::end) {
      if (!build_value(next, depth, array.emplace_back())) return false;
    }
    ++next;
    out = Value(std::move(array));
    return true;
  }

  bool build_object(std::size_t& next, std::size_t depth, Value& out) {
    Object object;
    while (events_[next].kind != YamlEvent::Kind::end) {
      const YamlEvent& key = events_[next++];
      if (!check_key(key) || !count_text(key)) return false;
      Value& value = object.append(key.text, {}, key.at);
      if (!build_value(next, depth, value)) return false;
      // yaml-cpp places a missing value at the next token, which is another key's.
      if (value.is_null() && value.at().line != key.at.line) value.set_at(key.at);
    }
    ++next;
    if (const auto keys = find_duplicate_key(object)) {
      return problem(duplicate_key_found(name_, *keys));
    }
    out = Value(std::move(object));
    return true;
  }

  bool check_key(const YamlEvent& key) {
    switch (key.kind) {
      case YamlEvent::Kind::quoted:
        return true;
      case YamlEvent::Kind::plain:
        return check_plain_key(key);
      case YamlEvent::Kind::null:
        return problem(key.at, "a key that is empty or null", "Write the key, or put it in quotes");
      case YamlEvent::Kind::alias:
        return problem(key.at, "an alias as a key", "Write the key out");
      case YamlEvent::Kind::sequence:
      case YamlEvent::Kind::map:
      case YamlEvent::Kind::end:
        break;
    }
    return problem(key.at, "a key that is no string", "Use a string as the key");
  }

  bool check_plain_key(const YamlEvent& key) {
    if (key.text == "<<") {
      return problem(key.at, "a merge key `<<`",
                     "Write the members out, or put the key in quotes to mean it");
    }
    const PlainScalar meaning = read_plain_scalar(key.text);
    if (meaning.value && meaning.value->is_string()) return true;
    const std::string kind(meaning.value ? kind_name(meaning.value->kind()) : "number");
    return problem(key.at, "the key " + shown_in_quotes(key.text) + " is a " + kind,
                   "Put it in quotes");
  }

  bool build_plain(const YamlEvent& event, Value& out) {
    PlainScalar meaning = read_plain_scalar(event.text);
    if (!meaning.value) {
      return problem(event.at, shown_in_quotes(event.text) + " " + std::string(meaning.problem),
                     "Put it in quotes to mean the text");
    }
    out = *std::move(meaning.value);
    return count_text(event);
  }

  // Texts that aliases repeat may not add up to more than the document itself may have.
  bool count_text(const YamlEvent& event) {
    if (!alias_at_) return true;
    repeated_bytes_ += event.text.size();
    if (repeated_bytes_ <= limits_.max_bytes) return true;
    return problem(event.at,
                   "aliases that repeat more than " + std::to_string(limits_.max_bytes) + " bytes",
                   "Use fewer aliases");
  }

  const std::vector<YamlEvent>& events_;
  std::string_view name_;
  const DocumentLimits& limits_;
  std::size_t nodes_ = 0;
  std::size_t repeated_bytes_ = 0;
  std::optional<Position> alias_at_;  // the outermost alias that is being expanded
  std::optional<Diagnostic> problem_;
};

}  // namespace

Result<Value> parse_yaml(std::string_view text, std::string_view name,
                         const DocumentLimits& limits) {
  WRIT_TRY(const std::vector<YamlEvent> events, read_yaml_events(text, name, limits));
  return ValueBuilder(events, name, limits).build();
}

}  // namespace writ
