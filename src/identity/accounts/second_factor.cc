#include "identity/accounts/second_factor.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/base32.h"
#include "crypto/digest.h"
#include "crypto/random_bytes.h"
#include "crypto/totp.h"
#include "identity/accounts/users.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kFactors{"identity_second_factors"};
constexpr crypto::TotpRules kRules{};
constexpr std::size_t kSeedBytes = 20;      // RFC 4226 section 4, R6
constexpr std::size_t kRecoveryBytes = 15;  // 120 bits, 24 characters

struct Row {
  std::string sealed = {};
  bool is_on = false;
  std::int64_t last_step = -1;
  std::vector<std::string> recovery = {};  // digests, hex
};

std::string key_of(PrincipalId user) { return store::Key().id(user).take(); }

Result<void> write(store::Tx& tx, PrincipalId user, const Row& row) {
  Array recovery;
  for (const std::string& digest : row.recovery) recovery.emplace_back(digest);
  Object out;
  out.append("sealed", row.sealed);
  out.append("on", row.is_on);
  out.append("last_step", row.last_step);
  out.append("recovery", std::move(recovery));
  return tx.put(kFactors, key_of(user), to_json(Value(std::move(out))));
}

Result<std::optional<Row>> read(store::Tx& tx, PrincipalId user) {
  WRIT_TRY(const auto text, tx.get(kFactors, key_of(user)));
  if (!text) return std::nullopt;
  WRIT_TRY(const Value value, parse_json(*text));
  Row row;
  row.sealed = value.string_or("sealed", "");
  row.is_on = value.bool_or("on", false);
  row.last_step = value.integer_or("last_step", -1);
  if (const Value* recovery = value.find("recovery"); recovery != nullptr) {
    if (!recovery->is_array()) return fail(Code::tampered, "recovery codes are a list");
    for (const Value& digest : recovery->as_array()) row.recovery.push_back(digest.as_string());
  }
  return row;
}

Result<crypto::SecretBytes> open_seed(Keks keks, PrincipalId user, const Row& row) {
  const std::string record = user_subject(user);
  return crypto::open_sealed(keks, row.sealed, {.record = record, .field = "totp_seed"});
}

// Whether the code is of a step after the last one that was used; then it is the last one.
Result<bool> take_step(store::Tx& tx, Keks keks, PrincipalId user, std::string_view code,
                       std::optional<WallTime> phones, Row& row) {
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_TRY(const crypto::SecretBytes seed, open_seed(keks, user, row));
  const auto step_at = [&](WallTime time) {
    return crypto::match_totp(seed.view(), code, time, kRules, {.last_used = row.last_step});
  };
  const auto of_store = step_at(now);
  const auto of_phones =
      step_at(phones.value_or(now));  // looked at in any case: no time tells which
  if (!of_store && !of_phones) return false;
  row.last_step = of_store ? *of_store : *of_phones;
  return true;
}

// As people type them: in either case, with or without the hyphens.
std::string digest_of(std::string_view code) {
  std::string plain;
  for (const char c : code) {
    if (c == '-' || c == ' ') continue;
    plain += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return crypto::sha256("writ recovery code " + plain).hex();
}

bool take_recovery_code(std::string_view code, Row& row) {
  const std::string digest = digest_of(code);
  return std::erase_if(row.recovery, [&](const std::string& kept) {
           return crypto::equal_constant_time(kept, digest);
         }) > 0;
}

Result<void> tell(store::Tx& tx, PrincipalId user, std::string_view what, const Row& row,
                  const Deed& deed) {
  Object payload;
  payload.append("change", what);
  payload.append("recovery_codes", row.recovery.size());
  return deed.tell(tx, "writ.factor.changed", user_subject(user), std::move(payload));
}

}  // namespace

Result<Factor> find_factor(store::Tx& tx, PrincipalId user) {
  WRIT_TRY(const auto row, read(tx, user));
  if (!row) return Factor{};
  return Factor{row->is_on ? FactorState::on : FactorState::pending, row->recovery.size()};
}

Result<FactorSeed> make_factor_seed(const crypto::KeyEncryptionKey& kek, PrincipalId user,
                                    const std::string& email) {
  const crypto::SecretBytes seed = crypto::random_secret(kSeedBytes);
  const std::string record = user_subject(user);
  FactorSeed out;
  WRIT_TRY(out.sealed, crypto::seal(kek, seed.view(), {.record = record, .field = "totp_seed"}));
  out.secret = crypto::to_base32(seed.view());
  out.uri = crypto::totp_uri("Writ", email, seed.view(), kRules);
  return out;
}

Result<void> put_pending_factor(store::Tx& tx, PrincipalId user, const FactorSeed& seed) {
  WRIT_TRY(const auto before, read(tx, user));
  if (before && before->is_on) {
    return fail(Code::conflict, "a second factor is on", "Remove it first");
  }
  return write(tx, user, {.sealed = seed.sealed});
}

std::vector<std::string> make_recovery_codes() {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < kRecoveryCodes; ++i) {
    const std::string text = crypto::to_base32(crypto::random_secret(kRecoveryBytes).view());
    std::string code;
    for (std::size_t at = 0; at < text.size(); at += 4) {
      code += (at == 0 ? "" : "-") + text.substr(at, 4);
    }
    out.push_back(std::move(code));
  }
  return out;
}

Result<bool> confirm_factor(store::Tx& tx, Keks keks, PrincipalId user, std::string_view code,
                            const std::vector<std::string>& recovery_codes, const Deed& deed,
                            std::optional<WallTime> phones) {
  WRIT_TRY(auto row, read(tx, user));
  if (!row || row->is_on) {
    return fail(Code::conflict, "no second factor waits to be confirmed", "Enrol one first");
  }
  WRIT_TRY(const bool is_right, take_step(tx, keks, user, code, phones, *row));
  if (!is_right) return false;
  row->is_on = true;
  for (const std::string& recovery : recovery_codes) {
    row->recovery.push_back(digest_of(recovery));
  }
  WRIT_CHECK(write(tx, user, *row));
  WRIT_CHECK(tell(tx, user, "confirmed", *row, deed));
  return true;
}

Result<bool> use_factor(store::Tx& tx, Keks keks, PrincipalId user, std::string_view code,
                        const Deed& deed, std::optional<WallTime> phones) {
  WRIT_TRY(auto row, read(tx, user));
  if (!row || !row->is_on) return false;
  WRIT_TRY(const bool is_step, take_step(tx, keks, user, code, phones, *row));
  if (!is_step) {
    if (!take_recovery_code(code, *row)) return false;
    WRIT_CHECK(tell(tx, user, "recovery_code_used", *row, deed));
  }
  WRIT_CHECK(write(tx, user, *row));
  return true;
}

Result<bool> remove_factor(store::Tx& tx, PrincipalId user, const Deed& deed) {
  WRIT_TRY(const bool was_there, tx.erase(kFactors, key_of(user)));
  if (was_there) WRIT_CHECK(tell(tx, user, "removed", {}, deed));
  return was_there;
}

std::vector<store::Migration> factor_migrations() {
  return store::make_tables("identity_second_factors",
                            "TOTP seeds, sealed, and digests of recovery codes", {kFactors});
}

}  // namespace writ::identity
