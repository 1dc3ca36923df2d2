#pragma once
// Goes through goals as evaluation does, with bindings that may be terms over unknowns. Each way
// through a body ends in a call of `then` with the conditions that were met on it; on the way back
// bindings and conditions are taken away again.
//
// A bound variable holds a closed term: constants, residual variables, references that begin at
// something unknown, and composites of such. Private to policy/partial.
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "policy/eval/evaluator.h"
#include "policy/partial/partial.h"
#include "policy/partial/prepared.h"
#include "policy/partial/residual.h"
#include "policy/partial/support.h"
#include "policy/partial/unknowns.h"

namespace writ::rego::partial {

struct Frame {
  explicit Frame(const Branch& of) : branch(&of), slots(of.names.size()), is_bound(slots.size()) {}
  const Branch* branch;
  bool is_query = false;
  std::vector<ast::Term> slots;
  std::vector<bool> is_bound;
  bool has(Slot slot) const { return is_bound[static_cast<std::size_t>(slot)]; }
  const ast::Term& at(Slot slot) const { return slots[static_cast<std::size_t>(slot)]; }
};

using Then = const std::function<void()>&;
using ThenTerm = const std::function<void(const ast::Term&)>&;
using ThenResidue = const std::function<void(const Residue&)>&;  // its body is empty

class PartialMachine {
 public:
  PartialMachine(std::shared_ptr<const Program> program, const PartialInput& input,
                 const PartialOptions& options, Unknowns unknowns, Arena& arena);

  // Bodies of the query in the order in which they were found.
  std::vector<ast::Body> solve_query(ast::Body query, const std::vector<std::string>& bindings);
  std::expected<std::vector<SupportModule>, PolicyErrors> support() { return support_.modules(); }
  const std::optional<PolicyError>& error() const { return error_; }

 private:
  // ---- goals.cc ----
  void run(const std::vector<Goal>& goals, std::size_t i, Frame& frame, Then then);
  void run_goal(const Goal& goal, Frame& frame, Then then);
  void holds(const ast::Term& value, Then then);
  // A goal's value has been found: tests it, binds it, or ignores it.
  void take(const Goal& goal, const ast::Term& value, Frame& frame, Then then);
  void run_comprehension(const Goal& goal, Frame& frame, Then then);
  void run_every(const Goal& goal, Frame& frame, Then then);
  void every_from(const Goal& goal, const ast::Term& domain, std::size_t i, const Frame& frame,
                  Then then);
  void run_with(const Goal& goal, Frame& frame, Then then);
  // All ways through; what was met before is no part of them.
  std::vector<Residue> collect(const std::function<void(ThenResidue)>& search);

  // ---- unify.cc ----
  ast::Term plugged(const ast::Term& term, const Frame& frame);
  bool is_closed(const ast::Term& term, const Frame& frame) const;
  void match(const ast::Term& pattern, Frame& frame, const ast::Term& value, Then then);
  void match_parts(const ast::Term& pattern, Frame& frame, const ast::Term& value, std::size_t i,
                   Then then);
  void equate(const ast::Term& a, const ast::Term& b, Then then);
  void equate_parts(const ast::Term& a, const ast::Term& b, std::size_t i, Then then);
  // The term with residual variables for what is not bound yet, which is bound to them.
  ast::Term opened(const ast::Term& term, Frame& frame);
  ast::Term fresh(std::string_view name);
  ast::Term fresh_for(const ast::Term& pattern, Frame& frame);
  void bind(Frame& frame, Slot slot, ast::Term value);
  void save(Condition condition) { saved_.push_back(std::move(condition)); }

  // ---- references.cc ----
  struct Want {
    const ast::Term* constant = nullptr;  // the value must be this
    bool must_hold = false;
  };
  void follow(const Goal& goal, Frame& frame, ThenTerm then);
  void follow_value(const ast::Term& value, const ast::Term& ref, std::size_t i, Frame& frame,
                    ThenTerm then);
  void follow_known(const Term& value, const ast::Term& ref, std::size_t i, Frame& frame,
                    ThenTerm then);
  void follow_composite(const ast::Term& value, const ast::Term& ref, std::size_t i, Frame& frame,
                        ThenTerm then);
  // The reference stays, with its further keys.
  void stay(ast::Term head, const ast::Term& ref, std::size_t i, Frame& frame, ThenTerm then);
  struct Place {
    bool is_data = false;
    const Node* node = nullptr;  // with rules at or below it
    const Term* base = nullptr;  // the document there; nullptr: none
    std::vector<Term> path;      // below data or input
  };
  void follow_place(const Place& from, const ast::Term& ref, std::size_t i, Frame& frame,
                    const Want& want, ThenTerm then);
  void follow_all(const Place& place, const ast::Term& ref, std::size_t i, Frame& frame,
                  const Want& want, ThenTerm then);
  void follow_end(const Place& place, ThenTerm then);
  Place below(const Place& place, const Term& key) const;
  bool exists(const Place& place) const;

  // ---- rules.cc ----
  void follow_rules(const Place& place, const ast::Term& ref, std::size_t i, Frame& frame,
                    const Want& want, ThenTerm then);
  void follow_complete(const Place& place, const ast::Term& ref, std::size_t i, Frame& frame,
                       const Want& want, ThenTerm then);
  void follow_members(const Node& node, const ast::Term& ref, std::size_t i, Frame& frame,
                      ThenTerm then);
  void follow_object(const Place& place, const ast::Term& ref, std::size_t i, Frame& frame,
                     const Want& want, ThenTerm then);
  void follow_keys(const Residue& head, bool is_set, std::size_t key, const ast::Term& ref,
                   std::size_t i, Frame& frame, ThenTerm then);
  void follow_support(const Node& node, const ast::Term& ref, std::size_t i, Frame& frame,
                      ThenTerm then);
  void run_chain(const Chain& chain, std::size_t i, const std::vector<ast::Term>& args,
                 ThenResidue then);
  void run_branch(const Branch& branch, const std::vector<ast::Term>& args, ThenResidue then);
  void run_builtin(const Goal& goal, const BuiltinEntry& builtin, Frame& frame, Then then);
  void ask_builtin(const Goal& goal, std::vector<ast::Term> args, Frame& frame, Then then);
  bool can_call(const BuiltinEntry& builtin, const std::vector<ast::Term>& args) const;
  void run_call(const Goal& goal, Frame& frame, Then then);
  void run_function(const Node& node, std::vector<ast::Term> args, ThenTerm then);
  void negate(const std::vector<Residue>& residues, std::int32_t mark, Then then);
  void choose_opposites(const std::vector<Residue>& residues, std::size_t i, Then then);

  // ---- support_rules.cc ----
  // The rules of `node` over unknowns: a value where they need none, else a reference to support.
  struct Stand {
    bool is_known = false;
    Term value;  // undefined: there is none
    ast::Term ref;
  };
  const Stand& supported(const Node& node);
  Stand support_rules(const Node& node);
  Stand support_members(const Node& node);
  void support_below(const Node& node);
  void support_entries(const Node& node);
  void support_chain(const Node& node, const Chain& chain, const std::vector<ast::Term>& args,
                     std::vector<Residue>& out);
  void support_function(const Node& node);
  void support_base(const Node& node);

  // ---- known.cc ----
  // The document at a place that needs no unknowns; undefined where there is none.
  Term known_document(const Node& node);
  // The statement as it was written, bound variables replaced.
  ast::Statement as_written(const ast::Statement& statement, Frame& frame);
  ast::Term as_written(const ast::Term& term, Frame& frame);
  void write_out(ast::Term& term, Frame& frame, std::map<Slot, std::string>& own, Slot first_own,
                 bool replaces_input);
  void write_out(ast::Statement& statement, Frame& frame, std::map<Slot, std::string>& own,
                 Slot first_own, bool replaces_input);
  void replace_input(ast::Term& ref) const;
  bool is_tainted(const ast::Term& term, const Frame& frame);
  bool is_tainted(const ast::Statement& statement, const Frame& frame);
  bool has_residual(const Frame& frame, Slot slot) const;
  std::vector<std::vector<Term>> rows_of(const std::string& query,
                                         const std::vector<std::string>& names);
  void run_known(const ast::Statement& statement, Frame& frame, Then then);
  Outcome invoke_known(const BuiltinEntry& builtin, const std::vector<Term>& args,
                       BuiltinError& problem);

  // ---- machine.cc ----
  bool may_go_on();
  bool failed() const { return error_.has_value(); }
  void fail(std::string_view code, std::string message);
  void count_body(std::size_t bodies);

  // Takes back what happened while it lives.
  class Undo {
   public:
    explicit Undo(PartialMachine& machine)
        : machine_(machine), saved_(machine.saved_.size()), trail_(machine.trail_.size()) {}
    ~Undo();
    Undo(const Undo&) = delete;
    Undo& operator=(const Undo&) = delete;

   private:
    PartialMachine& machine_;
    std::size_t saved_;
    std::size_t trail_;
  };

  std::shared_ptr<const Program> program_;
  const PartialInput& input_;
  const PartialOptions& options_;
  Arena& arena_;
  Prepared prepared_;
  Unknowns unknowns_;
  Support support_;
  Evaluator evaluator_;
  CallCache call_cache_;
  Call::Env env_;

  Conditions saved_;
  std::vector<std::pair<Frame*, Slot>> trail_;
  std::int32_t next_var_ = kFirstResidual;
  std::size_t next_helper_ = 1;
  std::vector<std::string> query_names_;
  std::set<std::string> taken_;  // names of rules and of the query's variables
  std::map<const Node*, Term> known_;
  std::map<const Node*, Stand> supported_;
  std::optional<PolicyError> error_;
  std::uint64_t steps_left_;
  std::chrono::steady_clock::time_point deadline_;
  const std::byte* stack_end_;  // behind it the evaluator has a quarter as much
};

}  // namespace writ::rego::partial
