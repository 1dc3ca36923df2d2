#pragma once
// What one evaluation did, line by line, as `opa eval --explain` shows it. Needs neither the
// program nor the query afterwards.
#include <string>
#include <unordered_map>
#include <vector>

#include "policy/observe/observer.h"

namespace writ::rego {

class Trace final : public Observer {
 public:
  enum class Op : std::uint8_t { enter, eval, exit, fail, redo, note };
  struct Place {
    std::string name;  // "p.rego:3"
    std::string text;  // the rule or the statement
  };
  struct Event {
    Op op;
    std::size_t depth;
    std::uint64_t query;   // counts bodies as they are entered; those of one body have the same
    std::uint64_t parent;  // the body that it was entered from
    const Observe* at;     // lives as long as the program, and the query that was run
    const Place* place;
    std::string note = {};  // what trace(…) said
    // What was noted, else the rule or the statement.
    std::string_view text() const { return op == Op::note ? note : place->text; }
  };

  // Beyond these it is cut off.
  static constexpr std::size_t kMostEvents = 1'000'000;
  static constexpr std::size_t kMostBytes = 64 << 20;  // of notes, and of lines

  explicit Trace(std::size_t most = kMostEvents, std::size_t most_bytes = kMostBytes)
      : most_(most), most_bytes_(most_bytes) {}
  Trace(Trace&&) = default;
  Trace& operator=(Trace&&) = default;

  void begin(const Observe& place) override;
  void end(const Observe& place) override;
  void note(std::string_view text) override;

  // notes: what trace(…) said; fails: statements that did not hold; each with what led there.
  // full: everything.
  enum class Detail : std::uint8_t { notes, fails, full };
  std::vector<const Event*> events(Detail detail) const;
  // Whether something happened that no event tells of.
  bool is_cut() const { return is_cut_; }
  // The same as text; where some is missing a last line says so.
  std::vector<std::string> lines(Detail detail) const;

  // "enter", as OPA's events call it.
  static std::string_view op_name(Op op);

 private:
  struct Active {
    const Observe* place;
    bool has_held = false;
    std::size_t depth = 0;
    std::uint64_t query = 0;
    std::uint64_t parent = 0;
  };
  void add(Op op, const Active& active, std::string_view note = {});
  static bool is_wanted(Op op, Detail detail);

  std::size_t most_;
  std::size_t most_bytes_;
  std::size_t noted_ = 0;      // bytes
  std::uint64_t queries_ = 0;  // that were entered
  std::vector<Active> active_;
  std::unordered_map<const Observe*, Place> places_;
  std::vector<Event> events_;
  bool is_cut_ = false;
};

}  // namespace writ::rego
