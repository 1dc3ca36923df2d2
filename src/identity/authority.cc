#include "identity/authority.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace writ::identity {
namespace {

enum class ByRunner : std::uint8_t { allowed, refused };

struct ActRow {
  Act act;
  std::string_view name;
  std::string_view role;  // empty: the plan's
  ByRunner by_runner;
  bool needs_role;
};

constexpr ActRow kActs[] = {
    {Act::approve, "approve", "", ByRunner::refused, true},
    {Act::attest, "attest", kAttesterRole, ByRunner::allowed, true},
    {Act::resolve, "resolve", "", ByRunner::refused, true},
    {Act::run, "run", kRunnerRole, ByRunner::allowed, true},
    {Act::submit, "submit", "", ByRunner::allowed, false},
};

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

Result<void> require_good(const TrustedKey& key, WallTime at) {
  if (key.revoked && at >= key.revoked->at) {
    return refuse(fmt::format("{} was revoked at {}: {}", describe(key),
                              to_rfc3339(key.revoked->at), key.revoked->reason),
                  "Use a key that is not revoked");
  }
  if (key.expires && at >= *key.expires) {
    return refuse(fmt::format("{} expired at {}", describe(key), to_rfc3339(*key.expires)),
                  "Use another key, or extend it in .writ/trust.yaml");
  }
  return {};
}

// `not: runner`: neither the key of this run, nor one that is trusted to run and no more.
Result<void> require_not_runner(const ActRow& act, const TrustedKey& key,
                                const crypto::KeyId& runner) {
  if (key.id() == runner) {
    return refuse(fmt::format("{} runs this run and cannot {} in it", describe(key), act.name),
                  "Use another person's key: `writ keys new --out FILE`, `writ trust add`");
  }
  if (key.roles.size() == 1 && key.has_role(kRunnerRole)) {
    return refuse(fmt::format("{} is a runner and no more; it cannot {}", describe(key), act.name),
                  "Use the key of a person who has a role for this in .writ/trust.yaml");
  }
  return {};
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

Authority::Authority(const Trust& trust, const crypto::PublicKey& runner)
    : trust_(&trust), runner_(runner.id()) {}

Result<const TrustedKey*> Authority::require(Act act, const crypto::KeyId& who,
                                             std::string_view role, WallTime at) const {
  const ActRow& row = row_of(act);
  const std::string_view wanted = row.role.empty() ? role : row.role;
  WRIT_ASSERT(!row.needs_role || !wanted.empty());
  if (trust_->is_self_signed() && row.by_runner == ByRunner::refused) {
    return refuse(
        fmt::format("no trust file is committed at the base revision, so nobody may {}", row.name),
        "Commit .writ/trust.yaml with the key of a person who may, and start the run again");
  }
  const TrustedKey* key = trust_->find(who);
  if (key == nullptr) {
    return refuse(fmt::format("the key {} is not in the trust of this run", who.short_text()),
                  "Add it with `writ trust add --role ROLE FILE.pub` and commit; a run keeps the "
                  "trust of its base revision");
  }
  WRIT_CHECK(require_good(*key, at));
  if (row.by_runner == ByRunner::refused) WRIT_CHECK(require_not_runner(row, *key, runner_));
  if (!wanted.empty() && !key->has_role(wanted)) {
    return refuse(
        fmt::format("{} lacks the role {} that is needed to {}", describe(*key), wanted, row.name),
        fmt::format("Use a key with the role {} in .writ/trust.yaml", wanted));
  }
  return key;
}

}  // namespace writ::identity
