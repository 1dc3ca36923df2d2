#include "protocol/read_test_demands.h"

#include <algorithm>

#include "base/suggest.h"

namespace writ::protocol {
namespace {

// What a contract can be asked to be proved about (LAW-14).
constexpr std::string_view kCategories[] = {"dispatch", "idempotency", "packets", "runtime",
                                            "signature"};

Value globs_of(Reading& reading, const Value& value, std::string_view what) {
  Array globs;
  for (std::string& glob : Reading::texts(&value)) globs.emplace_back(std::move(glob));
  if (globs.empty()) {
    reading.report(value.at(), "it names no " + std::string(what),
                   "Write a glob or a list of them");
  }
  return globs;
}

Value categories_of(Reading& reading, const Value& value) {
  Object out;
  if (!value.is_object()) {
    reading.report(value.at(), "`categories` says which tests prove which category",
                   "Write `categories: {idempotency: [\"*Once*\"]}`");
    return out;
  }
  for (const Member& member : value.as_object()) {
    if (std::ranges::find(kCategories, member.key) == std::end(kCategories)) {
      reading.report(
          member.key_at,
          "there is no category `" + member.key + "`" + did_you_mean(member.key, kCategories),
          "The categories are dispatch, idempotency, packets, runtime and signature");
      continue;
    }
    out.append(member.key, globs_of(reading, member.value, "tests"));
  }
  return out;
}

Value doubles_of(Reading& reading, const Value& value) {
  Object out;
  if (!value.is_object()) {
    reading.report(
        value.at(), "`doubles` says which contract backs which test double",
        "Write `doubles: {FakeClock: FILE}` with the file of its contract, or `{}` to allow none");
    return out;
  }
  for (const Member& member : value.as_object()) {
    out.append(member.key, reading.path(member.value));
  }
  return out;
}

}  // namespace

Value read_test_demand(Reading& reading, const Member& demand) {
  if (demand.key == "categories") return categories_of(reading, demand.value);
  if (demand.key == "doubles") return doubles_of(reading, demand.value);
  return globs_of(reading, demand.value, "models");
}

}  // namespace writ::protocol
