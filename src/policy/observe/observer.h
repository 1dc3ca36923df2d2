#pragma once
// Sees an evaluation as it goes: which rules are entered, which statements are tried, which hold.
// Only programs and queries that were compiled to be observed tell; others have no step for it.
#include <string>
#include <string_view>
#include <vector>

#include "policy/compile/step.h"

namespace writ::rego {

// A place that is told of. What follows it in its body runs within it, once for each solution.
struct Observe final : Step {
  using Step::Step;
  enum class Kind : std::uint8_t { enter, statement, exit };
  Flow run(Machine& machine, Term* frame) const override;

  Kind kind = Kind::statement;
  const std::string* file = nullptr;  // nullptr: the query
  std::string text;                   // the rule's name, or the statement as it is written
  const Observe* before = nullptr;    // of the same body: has held when this is reached
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void begin(const Observe& place) = 0;
  // Everything that follows in the body has been tried.
  virtual void end(const Observe& place) = 0;
  // What trace(…) says.
  virtual void note(std::string_view text) = 0;
};

// Several of them, which must outlive it.
class ObserverList final : public Observer {
 public:
  void add(Observer& observer) { observers_.push_back(&observer); }
  bool is_empty() const { return observers_.empty(); }
  void begin(const Observe& place) override {
    for (Observer* observer : observers_) observer->begin(place);
  }
  void end(const Observe& place) override {
    for (Observer* observer : observers_) observer->end(place);
  }
  void note(std::string_view text) override {
    for (Observer* observer : observers_) observer->note(text);
  }

 private:
  std::vector<Observer*> observers_;
};

}  // namespace writ::rego
