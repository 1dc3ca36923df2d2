#include "policy/observe/trace.h"

#include <fmt/format.h>

#include <algorithm>

namespace writ::rego {
namespace {

constexpr std::size_t kMostLines = 1'000'000;

std::string place_text(const Observe& place) {
  return fmt::format("{}:{}", place.file == nullptr ? "query" : *place.file, place.at.line);
}

}  // namespace

std::string_view Trace::word_of(Event event) {
  switch (event) {
    case Event::enter:
      return "Enter";
    case Event::eval:
      return "Eval";
    case Event::exit:
      return "Exit";
    case Event::fail:
      return "Fail";
    case Event::redo:
      return "Redo";
    case Event::note:
      return "Note";
  }
  return "";
}

bool Trace::is_wanted(Event event, Detail detail) {
  return (detail == Detail::notes && event == Event::note) ||
         (detail == Detail::fails && event == Event::fail);
}

void Trace::add(Event event, std::size_t depth, const Observe& place) {
  is_cut_ = lines_.size() >= kMostLines;
  if (!is_cut_) lines_.push_back({event, depth, place_text(place), place.text});
}

// Statements stand one deeper than the rule that they belong to, whatever ran before them.
void Trace::begin(const Observe& place) {
  std::size_t depth = active_.empty() ? 0 : active_.back().depth + 1;
  for (std::size_t i = active_.size(); place.before != nullptr && i-- > 0;) {
    if (active_[i].place != place.before) continue;
    active_[i].has_held = true;
    depth = active_[i].depth + (place.before->kind == Observe::Kind::enter ? 1 : 0);
    break;
  }
  const Event event = place.kind == Observe::Kind::enter  ? Event::enter
                      : place.kind == Observe::Kind::exit ? Event::exit
                                                          : Event::eval;
  add(event, depth, place);
  active_.push_back({&place, false, depth});
}

void Trace::end(const Observe& place) {
  const Active active = active_.back();
  active_.pop_back();
  if (place.kind == Observe::Kind::statement) {
    add(active.has_held ? Event::redo : Event::fail, active.depth, place);
  }
}

void Trace::note(std::string_view text) {
  if (active_.empty() || lines_.size() >= kMostLines) return;
  const Active& active = active_.back();
  lines_.push_back(
      {Event::note, active.depth + 1, place_text(*active.place), fmt::format("\"{}\"", text)});
}

std::vector<std::string> Trace::lines(Detail detail) const {
  std::vector<bool> shown(lines_.size(), detail == Detail::full);
  // From the end: what is wanted, and the last line before it of each smaller depth.
  std::size_t above = 0;  // lines of a smaller depth are ancestors of one that is shown
  for (std::size_t i = lines_.size(); detail != Detail::full && i-- > 0;) {
    const Line& line = lines_[i];
    const bool leads = line.event == Event::enter || line.event == Event::eval;
    if (is_wanted(line.event, detail)) {
      shown[i] = true;
      above = std::max(above, line.depth);
    } else if (leads && line.depth < above) {
      shown[i] = true;
      above = line.depth;
    }
  }
  std::size_t width = 0;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (shown[i]) width = std::max(width, lines_[i].place.size());
  }
  std::vector<std::string> out;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (!shown[i]) continue;
    const Line& line = lines_[i];
    std::string text = fmt::format("{:<{}}     ", line.place, width);
    for (std::size_t depth = 0; depth < line.depth; ++depth) text += "| ";
    out.push_back(text + fmt::format("{} {}", word_of(line.event), line.text));
  }
  if (is_cut_) out.push_back(fmt::format("… cut off after {} lines", kMostLines));
  return out;
}

}  // namespace writ::rego
