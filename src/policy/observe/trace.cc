#include "policy/observe/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace writ::rego {
namespace {

// In the order of Trace::Op, as lines show it.
constexpr std::array<std::string_view, 6> kWords = {"Enter", "Eval", "Exit",
                                                    "Fail",  "Redo", "Note"};
constexpr std::array<std::string_view, 6> kNames = {"enter", "eval", "exit",
                                                    "fail",  "redo", "note"};

std::string place_text(const Observe& place) {
  return fmt::format("{}:{}", place.file == nullptr ? "query" : *place.file, place.at.line);
}

}  // namespace

std::string_view Trace::op_name(Op op) { return kNames[static_cast<std::size_t>(op)]; }

bool Trace::is_wanted(Op op, Detail detail) {
  return (detail == Detail::notes && op == Op::note) || (detail == Detail::fails && op == Op::fail);
}

void Trace::add(Op op, const Active& active, std::string_view note) {
  is_cut_ = is_cut_ || events_.size() >= most_ || note.size() > most_bytes_ - noted_;
  if (is_cut_) return;
  noted_ += note.size();
  const auto [place, is_new] = places_.try_emplace(active.place);
  if (is_new) place->second = {place_text(*active.place), active.place->text};
  events_.push_back({op, active.depth, active.query, active.parent, active.place, &place->second,
                     std::string(note)});
}

// Statements stand one deeper than the rule that they belong to, whatever ran before them. The
// first place of a body begins a query, be it that of a rule or of a closure.
void Trace::begin(const Observe& place) {
  Active now{&place};
  if (!active_.empty()) {
    now.depth = active_.back().depth + 1;
    now.parent = active_.back().query;
  }
  for (std::size_t i = active_.size(); place.before != nullptr && i-- > 0;) {
    if (active_[i].place != place.before) continue;
    active_[i].has_held = true;
    now.depth = active_[i].depth + (place.before->kind == Observe::Kind::enter ? 1 : 0);
    now.query = active_[i].query;
    now.parent = active_[i].parent;
    break;
  }
  if (place.before == nullptr) now.query = ++queries_;
  const Op op = place.kind == Observe::Kind::enter  ? Op::enter
                : place.kind == Observe::Kind::exit ? Op::exit
                                                    : Op::eval;
  add(op, now);
  active_.push_back(now);
}

void Trace::end(const Observe& place) {
  const Active active = active_.back();
  active_.pop_back();
  if (place.kind == Observe::Kind::statement) {
    add(active.has_held ? Op::redo : Op::fail, active);
  }
}

void Trace::note(std::string_view text) {
  if (active_.empty()) return;
  Active active = active_.back();
  ++active.depth;
  add(Op::note, active, text);
}

std::vector<const Trace::Event*> Trace::events(Detail detail) const {
  std::vector<bool> shown(events_.size(), detail == Detail::full);
  // From the end: what is wanted, and the last event before it of each smaller depth.
  std::size_t above = 0;  // events of a smaller depth are ancestors of one that is shown
  for (std::size_t i = events_.size(); detail != Detail::full && i-- > 0;) {
    const Event& event = events_[i];
    const bool leads = event.op == Op::enter || event.op == Op::eval;
    if (is_wanted(event.op, detail)) {
      shown[i] = true;
      above = std::max(above, event.depth);
    } else if (leads && event.depth < above) {
      shown[i] = true;
      above = event.depth;
    }
  }
  std::vector<const Event*> out;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    if (shown[i]) out.push_back(&events_[i]);
  }
  return out;
}

std::vector<std::string> Trace::lines(Detail detail) const {
  const std::vector<const Event*> shown = events(detail);
  std::size_t width = 0;
  for (const Event* event : shown) width = std::max(width, event->place->name.size());
  std::vector<std::string> out;
  std::size_t size = 0;
  for (const Event* event : shown) {
    std::string line = fmt::format("{:<{}}     ", event->place->name, width);
    for (std::size_t depth = 0; depth < event->depth; ++depth) line += "| ";
    line += kWords[static_cast<std::size_t>(event->op)];
    line += event->op == Op::note ? fmt::format(" \"{}\"", event->text())
                                  : fmt::format(" {}", event->text());
    size += line.size();
    if (size > most_bytes_) break;
    out.push_back(std::move(line));
  }
  const std::size_t told = out.size();
  if (is_cut_ || told < shown.size()) {
    out.push_back(fmt::format("… cut off after {} lines", told));
  }
  return out;
}

}  // namespace writ::rego
