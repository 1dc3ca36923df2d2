#include <algorithm>

#include "base/json.h"
#include "base/json_reader.h"
#include "base/text_check.h"

namespace writ {
namespace {

// Recursive descent; the depth is bounded by the limits. A read_… function returns whether it
// went well; if not, the reader has the problem.
class JsonParser {
 public:
  JsonParser(std::string_view text, std::string_view name, const DocumentLimits& limits)
      : in_(text, name), name_(name), limits_(limits) {}

  Result<Value> parse() {
    Value root;
    if (!read_document(root)) return fail({*std::move(in_.problem())});
    return root;
  }

 private:
  bool read_document(Value& root) {
    in_.skip_space();
    if (!read_value(root)) return false;
    in_.skip_space();
    return in_.at_end() || in_.refuse(in_.here(), "more text after the value: " + in_.found_here(),
                                      "Keep one value in the file");
  }

  bool read_value(Value& out) {
    const Position start = in_.here();
    if (++nodes_ > limits_.max_nodes) return in_.refuse(too_many_nodes(name_, start, limits_));
    if (!read_bare_value(out)) return false;
    out.set_at(start);
    return true;
  }

  bool read_bare_value(Value& out) {
    switch (in_.peek()) {
      case '{':
        return read_object(out);
      case '[':
        return read_array(out);
      case '"':
        return read_string(out);
      case 't':
        out = Value(true);
        return in_.read_word("true");
      case 'f':
        out = Value(false);
        return in_.read_word("false");
      case 'n':
        out = Value();
        return in_.read_word("null");
      default:
        break;
    }
    if (in_.peek() == '-' || (in_.peek() >= '0' && in_.peek() <= '9')) return in_.read_number(out);
    return in_.unexpected("a value", "Write an object, array, string, number, true, false or null");
  }

  // Past the opening bracket.
  bool enter(char open) {
    if (++depth_ > std::min(limits_.max_depth, kDeepestNesting)) {
      return in_.refuse(too_deep(name_, in_.here(), limits_));
    }
    in_.take(open);
    in_.skip_space();
    return true;
  }

  // After an element: goes on behind a comma (`more` true) or past the closing bracket.
  bool read_separator(char close, bool& more) {
    in_.skip_space();
    more = false;
    if (in_.take(close)) return true;
    const Position comma = in_.here();
    if (!in_.take(',')) {
      return in_.unexpected(close == ']' ? "`,` or `]`" : "`,` or `}`",
                            "Separate with a comma, or close what was opened");
    }
    in_.skip_space();
    if (in_.peek() == close) {
      return in_.refuse(comma, "a comma before the closing bracket", "Remove the comma");
    }
    more = true;
    return true;
  }

  bool read_array(Value& out) {
    if (!enter('[')) return false;
    Array array;
    for (bool more = !in_.take(']'); more;) {
      if (!read_value(array.emplace_back()) || !read_separator(']', more)) return false;
    }
    --depth_;
    out = Value(std::move(array));
    return true;
  }

  bool read_object(Value& out) {
    if (!enter('{')) return false;
    Object object;
    for (bool more = !in_.take('}'); more;) {
      if (!read_member(object) || !read_separator('}', more)) return false;
    }
    --depth_;
    if (const auto keys = find_duplicate_key(object)) {
      return in_.refuse(duplicate_key_found(name_, *keys));
    }
    out = Value(std::move(object));
    return true;
  }

  bool read_member(Object& object) {
    if (in_.peek() != '"') return in_.unexpected("a key", "Put keys into double quotes");
    const Position key_at = in_.here();
    std::string key;
    if (!in_.read_string(key)) return false;
    in_.skip_space();
    if (!in_.take(':'))
      return in_.unexpected("`:` after the key", "Put a colon between key and value");
    in_.skip_space();
    return read_value(object.append(std::move(key), {}, key_at));
  }

  bool read_string(Value& out) {
    std::string text;
    if (!in_.read_string(text)) return false;
    out = Value(std::move(text));
    return true;
  }

  JsonReader in_;
  std::string_view name_;
  const DocumentLimits& limits_;
  std::size_t depth_ = 0;
  std::size_t nodes_ = 0;
};

}  // namespace

Result<Value> parse_json(std::string_view text, std::string_view name,
                         const DocumentLimits& limits) {
  if (auto found = check_text(text, name, limits)) return fail({*std::move(found)});
  return JsonParser(text, name, limits).parse();
}

}  // namespace writ
