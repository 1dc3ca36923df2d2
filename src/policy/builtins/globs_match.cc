// regex.globs_match: whether two simple patterns have a match in common. They know ., *, +, sets
// and escapes, so that the answer is exact: a walk over the places where both may stand.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "policy/builtins/families.h"
#include "policy/builtins/runes.h"

namespace writ::rego {
namespace {

struct Interval {
  char32_t first;
  char32_t last;
};

// One place of a pattern: some character, how often.
struct Place {
  std::vector<Interval> characters;
  bool may_be_absent = false;  // *
  bool may_repeat = false;     // * and +
};

bool overlap(const Place& a, const Place& b) {
  for (const Interval& x : a.characters) {
    for (const Interval& y : b.characters) {
      if (x.first <= y.last && y.first <= x.last) return true;
    }
  }
  return false;
}

class PlaceReader {
 public:
  explicit PlaceReader(std::string_view source) : source_(source) {
    for (; !source.empty(); source.remove_prefix(first_rune(source).length)) {
      input_ += first_rune(source).code;
    }
  }

  bool read(std::vector<Place>& places) {
    while (at_ < input_.size()) {
      Place place;
      if (!read_place(place)) return false;
      if (at_ < input_.size() && (input_[at_] == '*' || input_[at_] == '+')) {
        place.may_repeat = true;
        place.may_be_absent = input_[at_++] == '*';
      }
      places.push_back(std::move(place));
    }
    return true;
  }
  const std::string& problem() const { return problem_; }

 private:
  struct Character {
    char32_t code = 0;
    bool is_escaped = false;
    bool is(char32_t c) const { return !is_escaped && code == c; }
  };

  bool refuse(std::size_t at, std::string_view what) {
    problem_ =
        fmt::format("input:{}, pos:{}, {}: the input provided is invalid", source_, at, what);
    return false;
  }

  // Requires: there is one.
  bool take(Character& out) {
    out = {input_[at_], false};
    if (out.code == '\\') {
      if (at_ + 1 == input_.size()) {
        return refuse(at_, "input ends with a \\ (escape) character");
      }
      out = {input_[++at_], true};
    }
    ++at_;
    return true;
  }

  bool read_place(Place& place) {
    Character c;
    if (!take(c)) return false;
    if (c.is('.')) {
      place.characters.push_back({0, 0x10ffff});
      return true;
    }
    if (c.is('[')) return read_set(place);
    if (c.is(']')) return refuse(at_, "set-close ']' with no preceding '['");
    if (c.is('*') || c.is('+')) {
      return refuse(
          at_, fmt::format("flag '{}' must be preceded by a non-flag", static_cast<char>(c.code)));
    }
    place.characters.push_back({c.code, c.code});
    return true;
  }

  bool read_set(Place& place) {
    bool may_begin_range = false;
    while (at_ < input_.size()) {
      Character c;
      if (!take(c)) return false;
      if (c.is(']')) return true;
      if (!c.is('-')) {
        place.characters.push_back({c.code, c.code});
        may_begin_range = true;
        continue;
      }
      if (!may_begin_range) {
        return refuse(at_, "range character '-' must be preceded by a Unicode character");
      }
      if (!read_range_end(place)) return false;
      may_begin_range = false;
    }
    return refuse(at_, "found [ without matching ]");
  }

  bool read_range_end(Place& place) {
    if (at_ + 1 >= input_.size()) {
      return refuse(at_, "range character '-' must be followed by a Unicode character");
    }
    Character last;
    if (!take(last)) return false;
    if (last.is(']') || last.is('-')) {
      return refuse(at_, "range character '-' cannot be followed by a special symbol");
    }
    Interval& range = place.characters.back();
    if (last.code < range.first) return refuse(at_, "range is out of order");
    range.last = last.code;
    return true;
  }

  std::string_view source_;
  std::u32string input_;
  std::size_t at_ = 0;
  std::string problem_;
};

// A place in both patterns at once; `matched`: a character stands before it.
struct Both {
  std::size_t a;
  std::size_t b;
  bool matched;
  auto operator<=>(const Both&) const = default;
};

// Whether some text that is not empty is matched by both.
class Meeting {
 public:
  Meeting(const Call& call, const std::vector<Place>& a, const std::vector<Place>& b)
      : call_(call), a_(a), b_(b) {}

  bool is_possible() {
    visit({0, 0, a_.empty() && b_.empty()});
    for (std::size_t steps = 0; !open_.empty(); ++steps) {
      if (steps % 1024 == 0 && !call_.keep_going()) return false;
      const Both at = open_.back();
      open_.pop_back();
      if (at.matched && at.a == a_.size() && at.b == b_.size()) return true;
      step(at);
    }
    return false;
  }

 private:
  void visit(Both at) {
    if (seen_.insert(at).second) open_.push_back(at);
  }

  void step(Both at) {
    const bool has_a = at.a < a_.size();
    const bool has_b = at.b < b_.size();
    if (has_a && may_skip(a_, at.a)) visit({at.a + 1, at.b, at.matched});
    if (has_b && may_skip(b_, at.b)) visit({at.a, at.b + 1, at.matched});
    if (!has_a || !has_b || !overlap(a_[at.a], b_[at.b])) return;
    // A character of both: each goes on, or stays if it may repeat.
    visit({at.a + 1, at.b + 1, true});
    if (a_[at.a].may_repeat) visit({at.a, at.b + 1, true});
    if (b_[at.b].may_repeat) visit({at.a + 1, at.b, true});
  }

  static bool may_skip(const std::vector<Place>& places, std::size_t i) {
    return places[i].may_be_absent;
  }

  const Call& call_;
  const std::vector<Place>& a_;
  const std::vector<Place>& b_;
  std::set<Both> seen_;
  std::vector<Both> open_;
};

Outcome globs_match(Call& call) {
  std::vector<Place> places[2];
  for (std::size_t i = 0; i < 2; ++i) {
    PlaceReader reader(call.arg(i).text());
    if (!reader.read(places[i])) return call.error(reader.problem());
  }
  return Term::boolean(Meeting(call, places[0], places[1]).is_possible());
}

constexpr Builtin kGlobsMatch[] = {
    {"regex.globs_match", "(glob1: string, glob2: string) => (result: boolean)", &globs_match},
};

}  // namespace

std::span<const Builtin> globs_match_builtins() { return kGlobsMatch; }

}  // namespace writ::rego
