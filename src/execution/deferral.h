#pragma once
// What is left open in a run (LAW-18): assumptions that were made where the documents leave a
// choice, and deferrals, which are listed until they are closed and keep the run from its
// attestation. Both are signed by who made them; part of the run's row.
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "base/value.h"
#include "crypto/digest.h"
#include "protocol/plan.h"

namespace writ::execution {

// Of each kind in one run: its row stays small.
inline constexpr std::size_t kMaxOpenMatters = 200;

struct Deferral {
  DeferralId id;
  std::string step;  // that it came up at
  std::string what;
  std::string owner;
  WallTime due;
  std::string unblocker;  // what has to happen before it can be closed
  std::string invariant;  // that an assumption would have touched; empty: it was put off as such
  std::string by;         // key id
  bool is_open = true;
  std::string closed_by;  // key id
  std::string closed_because;
  friend bool operator==(const Deferral&, const Deferral&) = default;
};

struct Assumption {
  std::string step;
  std::string text;
  std::vector<std::string> about;  // paths, and names of what it is about
  std::string by;                  // key id
  friend bool operator==(const Assumption&, const Assumption&) = default;
};

// Errors of the readers: tampered.
Value to_value(const Deferral& deferral);
Value to_value(const Assumption& assumption);
Result<Deferral> deferral_from_value(const Value& value);
Result<Assumption> assumption_from_value(const Value& value);

// What a signed word about it names: the canonical value as it was recorded, still open.
Result<crypto::Digest> subject_of(Deferral deferral);
Result<crypto::Digest> subject_of(const Assumption& assumption);

// The invariant that an assumption about `about` touches: one that is named, or one that holds a
// path of it. nullptr: none.
const protocol::Invariant* touched_invariant(const protocol::Plan& plan,
                                             const std::vector<std::string>& about);

// Of the deferral that stands instead of such an assumption: what it puts off, and what it waits
// for where nobody says.
std::string what_is_put_off(std::string_view assumption);
std::string what_decides(const protocol::Invariant& invariant);

// Whole days count: what is due on a day is overdue when that day is over, in UTC.
bool is_overdue(const Deferral& deferral, WallTime now);
// "2026-03-01". Errors: invalid_input.
Result<WallTime> parse_due(std::string_view text);

}  // namespace writ::execution
