#include "protocol/packets.h"

#include <string_view>
#include <unordered_map>

namespace writ::protocol {
namespace {

// Steps in plan order, so that every need lies before its step. Between one writer and the next
// all that lies there is looked at once: time is linear in the plan.
class WriterOrder {
 public:
  WriterOrder(const Plan& plan, std::vector<Diagnostic>& problems)
      : plan_(plan), problems_(problems), needs_(plan.steps.size()) {
    std::unordered_map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      for (const std::string& need : plan.steps[i].needs) needs_[i].push_back(places.at(need));
      places.emplace(plan.steps[i].path, i);
    }
  }

  void check() {
    std::size_t writer = plan_.steps.size();  // the last that is no packet; none yet
    std::vector<std::size_t> packets;         // since then
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const PlanStep& step = plan_.steps[i];
      if (!step.writes_tree) continue;
      if (step.is_packet()) {
        packets.push_back(i);
        continue;
      }
      expect_after(i, writer, packets);
      expect_packets_after(writer, packets);
      writer = i;
      packets.clear();
    }
    expect_packets_after(writer, packets);
  }

 private:
  bool is_step(std::size_t index) const { return index < plan_.steps.size(); }

  // `step` waits for `writer` and for every packet in between.
  void expect_after(std::size_t step, std::size_t writer, const std::vector<std::size_t>& packets) {
    const std::size_t first = is_step(writer) ? writer : 0;
    std::vector<bool> is_before(step - first + 1);
    is_before.back() = true;
    for (std::size_t i = step + 1; i-- > first;) {
      if (!is_before[i - first]) continue;
      for (const std::size_t need : needs_[i]) {
        if (need >= first) is_before[need - first] = true;
      }
    }
    if (is_step(writer) && !is_before[0]) report(writer, step);
    for (const std::size_t packet : packets) {
      if (!is_before[packet - first]) report(packet, step);
    }
  }

  // Every one of `packets` waits for `writer`.
  void expect_packets_after(std::size_t writer, const std::vector<std::size_t>& packets) {
    if (!is_step(writer) || packets.empty()) return;
    std::vector<bool> is_behind(packets.back() - writer + 1);
    is_behind[0] = true;
    for (std::size_t i = writer + 1; i <= packets.back(); ++i) {
      for (const std::size_t need : needs_[i]) {
        if (need >= writer && is_behind[need - writer]) is_behind[i - writer] = true;
      }
    }
    for (const std::size_t packet : packets) {
      if (!is_behind[packet - writer]) report(writer, packet);
    }
  }

  void report(std::size_t first, std::size_t second) {
    const PlanStep& step = plan_.steps[second];
    problems_.push_back(
        {step.origin.file, step.origin.at,
         "`" + step.path + "` and `" + plan_.steps[first].path +
             "` may change the tree at the same time, and the law wants one change after the other",
         "Order them with `needs`, say `writes: false` where one changes nothing, or make packets "
         "of them: `spec: {path: …, worktree: true}`"});
  }

  const Plan& plan_;
  std::vector<Diagnostic>& problems_;
  std::vector<std::vector<std::size_t>> needs_;
};

}  // namespace

void check_packets(const Plan& plan, std::vector<Diagnostic>& problems) {
  if (plan.scope.sequential) WriterOrder(plan, problems).check();
}

}  // namespace writ::protocol
