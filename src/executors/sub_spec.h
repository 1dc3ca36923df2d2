#pragma once
// spec: a spec of its own, as a child run. The child's id follows from the parent's run and step,
// so that a parent that was killed finds its child again instead of starting another.
//
// A packet is one with `worktree: true` (LAW-08): it works in a git worktree of its own, begun as
// the parent's tree is, and what it changed is brought back once its run is attested.
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "execution/outcome.h"
#include "execution/step_executor.h"

namespace writ::executors {

// The id of the first child run of a step.
RunId first_child(RunId parent, std::string_view step);

struct ChildOrder {
  RunId parent;
  RunId first;            // id of the first child
  std::string_view spec;  // its path in the tree
  bool is_packet = false;
  bool is_under_sequential_law = false;  // the parent; then its packets are too
};

struct ChildRun {
  RunId run;
  execution::Standing standing;
  std::string worktree;                // of a packet, from the repository's root
  std::vector<std::string> brought;    // of an attested packet: the files that it changed
  std::vector<std::string> conflicts;  // files that the parent's tree changed too: nothing brought
};

// Starts, or finds, the child run and drives it; given by who wires the engine. A child that has
// ended on another tree or under another plan proves nothing here: the next one takes its place.
// Errors: those of loading and driving; not_permitted (a packet whose law is not sequential).
using DriveChild = std::function<Result<ChildRun>(const ChildOrder& order, std::stop_token stop)>;

class SubSpec final : public execution::StepExecutor {
 public:
  explicit SubSpec(DriveChild drive) : drive_(std::move(drive)) {}
  Result<execution::StepResult> execute(const execution::StepContext& context,
                                        std::stop_token stop) override;

 private:
  DriveChild drive_;
};

}  // namespace writ::executors
