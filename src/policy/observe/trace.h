#pragma once
// What an evaluation did, line by line, as `opa eval --explain` shows it.
#include <string>
#include <vector>

#include "policy/observe/observer.h"

namespace writ::rego {

class Trace final : public Observer {
 public:
  void begin(const Observe& place) override;
  void end(const Observe& place) override;
  void note(std::string_view text) override;

  // notes: what trace(…) said; fails: statements that did not hold; each with what led there.
  // full: everything. Long traces are cut off, and say so.
  enum class Detail : std::uint8_t { notes, fails, full };
  std::vector<std::string> lines(Detail detail) const;

 private:
  enum class Event : std::uint8_t { enter, eval, exit, fail, redo, note };
  struct Line {
    Event event;
    std::size_t depth;
    std::string place;  // "p.rego:3"
    std::string text;
  };
  struct Active {
    const Observe* place;
    bool has_held = false;
    std::size_t depth = 0;
  };
  void add(Event event, std::size_t depth, const Observe& place);
  static std::string_view word_of(Event event);
  static bool is_wanted(Event event, Detail detail);

  std::vector<Active> active_;
  std::vector<Line> lines_;
  bool is_cut_ = false;
};

}  // namespace writ::rego
