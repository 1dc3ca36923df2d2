#include "execution/deferral.h"

#include <algorithm>

#include "base/safe_path.h"
#include "contract/canonical.h"

namespace writ::execution {
namespace {

constexpr std::int64_t kDayMicros = 24LL * 3600 * 1'000'000;
constexpr std::size_t kDateSize = 10;  // "2026-03-01"

void set_text(Object& out, const char* key, const std::string& text) {
  if (!text.empty()) out.append(key, text);
}

std::string text_of(const Value& value, std::string_view key) {
  return std::string(value.string_or(key, ""));
}

Result<crypto::Digest> digest_of(const Value& value) {
  WRIT_TRY(const std::string canonical, contract::canonical_json(value));
  return crypto::sha256(canonical);
}

}  // namespace

Value to_value(const Deferral& deferral) {
  Object out{{"id", deferral.id.text()},        {"step", deferral.step},
             {"what", deferral.what},           {"owner", deferral.owner},
             {"due", to_rfc3339(deferral.due)}, {"unblocker", deferral.unblocker}};
  set_text(out, "invariant", deferral.invariant);
  out.append("by", deferral.by);
  out.append("open", deferral.is_open);
  set_text(out, "closed_by", deferral.closed_by);
  set_text(out, "closed_because", deferral.closed_because);
  return out;
}

Value to_value(const Assumption& assumption) {
  Array about;
  for (const std::string& name : assumption.about) about.emplace_back(name);
  return Object{{"step", assumption.step},
                {"text", assumption.text},
                {"about", std::move(about)},
                {"by", assumption.by}};
}

Result<Deferral> deferral_from_value(const Value& value) {
  Deferral deferral;
  WRIT_TRY(deferral.id, DeferralId::parse(value.string_or("id", "")));
  deferral.step = text_of(value, "step");
  deferral.what = text_of(value, "what");
  deferral.owner = text_of(value, "owner");
  WRIT_TRY(deferral.due, parse_rfc3339(value.string_or("due", "")));
  deferral.unblocker = text_of(value, "unblocker");
  deferral.invariant = text_of(value, "invariant");
  deferral.by = text_of(value, "by");
  deferral.is_open = value.bool_or("open", true);
  deferral.closed_by = text_of(value, "closed_by");
  deferral.closed_because = text_of(value, "closed_because");
  return deferral;
}

Result<Assumption> assumption_from_value(const Value& value) {
  Assumption assumption;
  assumption.step = text_of(value, "step");
  assumption.text = text_of(value, "text");
  assumption.by = text_of(value, "by");
  const Value* about = value.find("about");
  if (assumption.text.empty() || about == nullptr || !about->is_array()) {
    return fail(Code::tampered, "an assumption of a run is broken");
  }
  for (const Value& name : about->as_array()) {
    if (name.is_string()) assumption.about.push_back(name.as_string());
  }
  return assumption;
}

Result<crypto::Digest> subject_of(Deferral deferral) {
  deferral.is_open = true;
  deferral.closed_by.clear();
  deferral.closed_because.clear();
  return digest_of(to_value(deferral));
}

Result<crypto::Digest> subject_of(const Assumption& assumption) {
  return digest_of(to_value(assumption));
}

const protocol::Invariant* touched_invariant(const protocol::Plan& plan,
                                             const std::vector<std::string>& about) {
  for (const protocol::Invariant& invariant : plan.invariants) {
    for (const std::string& name : about) {
      const bool holds = std::ranges::any_of(
          invariant.paths, [&](const std::string& glob) { return glob_matches(glob, name); });
      if (holds || name == invariant.id) return &invariant;
    }
  }
  return nullptr;
}

std::string what_is_put_off(std::string_view assumption) {
  return "assumed: " + std::string(assumption);
}

std::string what_decides(const protocol::Invariant& invariant) {
  return "a decision about invariant " + invariant.id + ": " + invariant.text;
}

bool is_overdue(const Deferral& deferral, WallTime now) {
  return deferral.is_open && now.micros >= deferral.due.micros + kDayMicros;
}

Result<WallTime> parse_due(std::string_view text) {
  const std::string day(text.substr(0, kDateSize));
  auto parsed = parse_rfc3339(day + "T00:00:00.000000Z");
  if (parsed && text.size() == kDateSize) return parsed;
  return fail(Code::invalid_input, "`" + std::string(text) + "` is no date",
              "Write it as 2026-03-01");
}

}  // namespace writ::execution
