#include "identity/authority.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "identity/approval_policy.h"

namespace writ::identity {
namespace {

struct ActRow {
  Act act;
  std::string_view name;
};

constexpr ActRow kActs[] = {{Act::approve, "approve"},
                            {Act::attest, "attest"},
                            {Act::resolve, "resolve"},
                            {Act::run, "run"},
                            {Act::submit, "submit"}};

const ActRow& row_of(Act act) {
  return *std::find_if(std::begin(kActs), std::end(kActs),
                       [&](const ActRow& row) { return row.act == act; });
}

std::unexpected<Error> refuse(std::string message, std::string remedy) {
  return fail(Code::not_permitted, std::move(message), std::move(remedy));
}

std::string describe(const TrustedKey& key) {
  return fmt::format("the key {} of {}", key.id().short_text(), key.name);
}

// What a refusal says to people; `who` is nobody where the key is not trusted.
struct Refused {
  std::string_view act;
  std::string_view role;
  const crypto::KeyId& who;
  const TrustedKey* key;
};

std::unexpected<Error> no_trust_file(const Refused& r) {
  return refuse(
      fmt::format("no trust file is committed at the base revision, so nobody may {}", r.act),
      "Commit .writ/trust.yaml with the key of a person who may, and start the run again");
}
std::unexpected<Error> not_trusted(const Refused& r) {
  return refuse(fmt::format("the key {} is not in the trust of this run", r.who.short_text()),
                "Add it with `writ trust add --role ROLE FILE.pub` and commit; a run keeps the "
                "trust of its base revision");
}
std::unexpected<Error> revoked(const Refused& r) {
  const Revocation revocation = r.key->revoked.value_or(Revocation{});
  return refuse(fmt::format("{} was revoked at {}: {}", describe(*r.key), to_rfc3339(revocation.at),
                            revocation.reason),
                "Use a key that is not revoked");
}
std::unexpected<Error> expired(const Refused& r) {
  const WallTime end = r.key->expires.value_or(WallTime{});
  return refuse(fmt::format("{} expired at {}", describe(*r.key), to_rfc3339(end)),
                "Use another key, or extend it in .writ/trust.yaml");
}
std::unexpected<Error> runs_it(const Refused& r) {
  return refuse(fmt::format("{} runs this run and cannot {} in it", describe(*r.key), r.act),
                "Use another person's key: `writ keys new --out FILE`, `writ trust add`");
}
std::unexpected<Error> only_runs(const Refused& r) {
  return refuse(fmt::format("{} is a runner and no more; it cannot {}", describe(*r.key), r.act),
                "Use the key of a person who has a role for this in .writ/trust.yaml");
}
std::unexpected<Error> lacks_role(const Refused& r) {
  const std::string_view role = r.act == act_name(Act::attest) ? kAttesterRole
                                : r.act == act_name(Act::run)  ? kRunnerRole
                                                               : r.role;
  return refuse(
      fmt::format("{} lacks the role {} that is needed to {}", describe(*r.key), role, r.act),
      fmt::format("Use a key with the role {} in .writ/trust.yaml", role));
}

// The policy's words, sorted. A word is only believed of a key that it can be true of.
struct RefusalRow {
  std::string_view word;
  bool (*fits)(const TrustedKey* key);
  std::unexpected<Error> (*say)(const Refused&);
};
bool always(const TrustedKey*) { return true; }
bool is_known(const TrustedKey* key) { return key != nullptr; }
constexpr RefusalRow kRefusals[] = {
    {"expired", [](const TrustedKey* key) { return key != nullptr && key->expires; }, &expired},
    {"lacks_role", &is_known, &lacks_role},
    {"no_trust_file", &always, &no_trust_file},
    {"not_trusted", &always, &not_trusted},
    {"only_runs", &is_known, &only_runs},
    {"revoked", [](const TrustedKey* key) { return key != nullptr && key->revoked; }, &revoked},
    {"runs_it", &is_known, &runs_it},
};

std::unexpected<Error> refused(const Ruling& ruling, const Refused& r) {
  const auto row = std::ranges::find(kRefusals, ruling.refusal, &RefusalRow::word);
  if (row != std::end(kRefusals) && row->fits(r.key)) return row->say(r);
  const std::string why = ruling.broken.empty() ? ruling.refusal : ruling.broken;
  return refuse(fmt::format("nobody may {}: the approval policy says {}", r.act, why),
                "Correct the policy; until then nothing is permitted");
}

}  // namespace

std::string_view act_name(Act act) { return row_of(act).name; }

Result<std::string> parse_role(std::string_view by) {
  constexpr std::string_view kPrefix = "role:";
  const std::string_view role = by.starts_with(kPrefix) ? by.substr(kPrefix.size()) : by;
  if (!is_role_name(role)) {
    return fail(Code::invalid_input, fmt::format("`{}` names no role", by),
                "Write for example `role:maintainer`");
  }
  return std::string(role);
}

Authority::Authority(const Trust& trust, const crypto::PublicKey& runner,
                     const ApprovalPolicy& policy)
    : trust_(&trust), runner_(runner.id()), policy_(&policy) {}

Result<const TrustedKey*> Authority::require(Act act, const crypto::KeyId& who,
                                             std::string_view role, WallTime at) const {
  const TrustedKey* key = trust_->find(who);
  const std::string_view name = act_name(act);
  const Ruling ruling = policy_->rule({name, role, runner_.hex, key, at, trust_->is_self_signed()});
  const Refused said{name, role, who, key};
  if (!ruling.is_allowed) return refused(ruling, said);
  // Whatever a policy says, there is nobody to hold to it.
  if (key == nullptr) return not_trusted(said);
  return key;
}

}  // namespace writ::identity
