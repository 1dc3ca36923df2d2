#include "protocol/addenda.h"

#include "protocol/enum_text.h"
#include "protocol/read_law.h"

namespace writ::protocol {
namespace {

// The conditions that hold, in words: "module.kind is executor".
std::string why_it_holds(const Value* when, const Circumstances& circumstances) {
  std::string out;
  const auto add = [&](std::string text) { out += (out.empty() ? "" : ", ") + std::move(text); };
  if (when == nullptr) return "for all work";
  if (when->find("module_kind") != nullptr) add("module.kind is " + circumstances.module_kind);
  if (when->find("work_type") != nullptr) {
    add("the work type is " + std::string(to_text(circumstances.work_type)));
  }
  for (const std::string& glob : Reading::texts(when->find("touches"))) {
    add("what may change touches " + glob);
  }
  return out;
}

}  // namespace

void read_addenda(Reading& reading, const Value& body, const Circumstances& circumstances, Law& law,
                  Plan& plan) {
  const Value* list = body.find("addenda");
  if (list == nullptr || !list->is_array()) return;
  for (const Value& addendum : list->as_array()) {
    if (!addendum.is_object()) continue;
    const std::string id(addendum.string_or("id", ""));
    const Value* when = addendum.find("when");
    std::string why;
    if (!reading.applies(when, circumstances, why)) {
      plan.inapplicable.push_back({"addendum " + id, why, reading.origin(addendum.at())});
      continue;
    }
    plan.addenda.push_back({id, why_it_holds(when, circumstances), reading.origin(addendum.at())});
    add_to_head(reading, addendum, law);
    law.addenda.push_back(&addendum);
  }
}

}  // namespace writ::protocol
