#pragma once
// Why a decision came out as it did: of each rule that could have made it, whether it held, and if
// not, the first statement in it that did not.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "policy/compile/program.h"
#include "policy/observe/observer.h"
#include "policy/term/term.h"

namespace writ::rego {

struct RuleVerdict {
  // held: its value is, or is part of, the result. fell_back: it is the default, and no other rule
  // held. failed: `statement` did not hold. skipped: a rule before it was enough.
  enum class Outcome : std::uint8_t { held, fell_back, failed, skipped };
  std::string rule;  // "data.app.allow"
  std::string file;
  Position at;
  Outcome outcome = Outcome::skipped;
  std::string statement;  // as it is written
  Position statement_at;
  // What the statement names of the input, as JSON; "undefined" where there is no such thing.
  std::map<std::string, std::string> values;
};

std::string_view to_text(RuleVerdict::Outcome outcome);

// Sees one evaluation. Its program must have been compiled to be observed, and without an index.
class Explanation final : public Observer {
 public:
  void begin(const Observe& place) override;
  void end(const Observe&) override {}
  void note(std::string_view) override {}

  // Of the rules of the document at `path` ("app", "allow"): of the node it stands in, or of all
  // nodes below it.
  std::vector<RuleVerdict> candidates(const Program& program, const std::vector<std::string>& path,
                                      const Term& input) const;
  // Of the other rules that were asked on the way, in the order of files and lines.
  std::vector<RuleVerdict> helpers(const std::vector<RuleVerdict>& candidates,
                                   const Term& input) const;

 private:
  struct PlaceOf {
    std::string file;
    Position at;
    friend auto operator<=>(const PlaceOf&, const PlaceOf&) = default;
  };
  struct Seen {
    std::string rule;
    bool has_held = false;
    std::size_t reached = 0;            // places of its body, the first one included
    const Observe* furthest = nullptr;  // the statement that was reached last
  };
  RuleVerdict verdict(const PlaceOf& place, const Seen& seen, const Term& input) const;
  void add(const Definition& definition, const Node& node, bool is_fallback, const Term& input,
           std::vector<RuleVerdict>& out) const;
  void add_all(const Node& node, const Term& input, std::vector<RuleVerdict>& out) const;

  std::map<PlaceOf, Seen> rules_;
};

}  // namespace writ::rego
