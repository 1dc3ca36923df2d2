#include "identity/oauth/delegations.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "crypto/digest.h"
#include "crypto/random_bytes.h"
#include "identity/accounts/lockout.h"
#include "identity/accounts/second_factor.h"
#include "identity/accounts/users.h"
#include "identity/oauth/grants.h"
#include "identity/principals.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kDelegations{"identity_delegations"};       // id → row
constexpr store::Table kDelegationsOf{"identity_delegations_of"};  // person, id

std::string key_of(DelegationId id) { return store::Key().id(id).take(); }
std::string key_of(PrincipalId person, DelegationId id) {
  return store::Key().id(person).id(id).take();
}

std::string to_row(const Delegation& delegation) {
  Object row{{"asker", delegation.asker.text()},
             {"person", delegation.person.text()},
             {"scope", scope_text(delegation.scopes)},
             {"target", delegation.target},
             {"message", delegation.message},
             {"number", delegation.number},
             {"made", delegation.made_at.micros},
             {"expires", delegation.expires_at.micros},
             {"state", kDelegationStates.name(delegation.state)},
             {"decided", delegation.decided_at.micros}};
  if (delegation.session) row.append("session", delegation.session->text());
  return to_json(Value(std::move(row)));
}

Result<Delegation> from_row(DelegationId id, std::string_view text) {
  WRIT_TRY(const Value row, parse_json(text));
  const auto state = kDelegationStates.parse(row.string_or("state", ""));
  if (!state) return fail(Code::tampered, "delegation " + id.text() + " has no state");
  Delegation out;
  out.id = id;
  WRIT_TRY(out.asker, PrincipalId::parse(row.string_or("asker", "")));
  WRIT_TRY(out.person, PrincipalId::parse(row.string_or("person", "")));
  out.scopes = parse_scope(row.string_or("scope", "")).value_or(std::vector<std::string>());
  out.target = row.string_or("target", "");
  out.message = row.string_or("message", "");
  out.number = row.string_or("number", "");
  out.made_at.micros = row.integer_or("made", 0);
  out.expires_at.micros = row.integer_or("expires", 0);
  out.state = *state;
  out.decided_at.micros = row.integer_or("decided", 0);
  if (const std::string_view session = row.string_or("session", ""); !session.empty()) {
    WRIT_TRY(out.session, SessionId::parse(session));
  }
  return out;
}

Result<void> put(store::Tx& tx, const Delegation& delegation) {
  return tx.put(kDelegations, key_of(delegation.id), to_row(delegation));
}

// That are not over, whatever became of them.
Result<std::vector<Delegation>> asked_of(store::Tx& tx, PrincipalId person, WallTime now) {
  constexpr std::size_t kMost = 256;
  WRIT_TRY(const auto rows, tx.scan(kDelegationsOf, store::Key().id(person).under(), kMost));
  std::vector<Delegation> out;
  for (const store::Row& row : rows) {
    store::KeyReader reader(row.key);
    WRIT_CHECK(reader.uuid());
    WRIT_TRY(const Uuid id, reader.uuid());
    WRIT_TRY(auto delegation, find_delegation(tx, DelegationId{id}, now));
    if (delegation) out.push_back(*std::move(delegation));
  }
  return out;
}

Result<User> need_person(store::Tx& tx, PrincipalId person) {
  WRIT_TRY(auto user, find_user(tx, person));
  if (user && user->is_active) return *std::move(user);
  return fail(Code::not_found, "there is no such person who may act");
}

// ASVS 6.6.4: nobody is worn down by requests.
Result<void> check_patience(store::Tx& tx, const Delegation& wanted, WallTime now) {
  WRIT_TRY(const auto others, asked_of(tx, wanted.person, now));
  const auto by_this = std::ranges::count(others, wanted.asker, &Delegation::asker);
  if (others.size() < kMaxAsked && by_this < static_cast<std::ptrdiff_t>(kMaxAskedByOne)) return {};
  return fail(Code::overloaded, "this person was asked too often", "Ask again in ten minutes");
}

std::string subject_of(const Delegation& delegation) {
  return "delegation/" + delegation.id.text();
}

Object payload_of(const Delegation& delegation) {
  return {{"client", delegation.asker.text()},
          {"principal", delegation.person.text()},
          {"scope", scope_text(delegation.scopes)}};
}

Result<DelegationAnswer> decide(store::Tx& tx, Delegation delegation, const DelegationWord& word,
                                DelegationOutcome outcome, WallTime now, const Deed& deed) {
  const bool is_approved = outcome == DelegationOutcome::approved;
  delegation.state = is_approved ? DelegationState::approved : DelegationState::refused;
  delegation.session = word.session;
  delegation.decided_at = now;
  WRIT_CHECK(put(tx, delegation));
  Object payload = payload_of(delegation);
  if (outcome == DelegationOutcome::wrong_number) payload.append("why", "wrong_number");
  WRIT_CHECK(deed.tell(tx, is_approved ? "writ.delegation.approved" : "writ.delegation.refused",
                       subject_of(delegation), std::move(payload)));
  return DelegationAnswer{.outcome = outcome};
}

// Guesses of codes wait as those of a sign-in do, and are counted with them.
Result<DelegationAnswer> check_code(store::Tx& tx, const AccountParts& parts,
                                    const DelegationWord& word, const Asker& asker,
                                    const Deed& deed, WallTime now) {
  const SignInTry made{.account = "factor/" + word.person.text(), .network = asker.network};
  WRIT_TRY(const auto wait, must_wait_until(tx, made, now));
  if (wait) return DelegationAnswer{.outcome = DelegationOutcome::must_wait, .wait_until = *wait};
  WRIT_TRY(const bool is_right,
           use_factor(tx, parts.keks, word.person, word.code, deed, parts.time_of_phones()));
  if (!is_right) {
    WRIT_CHECK(note_failure(tx, made, now));
    return DelegationAnswer{.outcome = DelegationOutcome::bad_code};
  }
  WRIT_CHECK(note_success(tx, made));
  return DelegationAnswer{.outcome = DelegationOutcome::approved};
}

}  // namespace

std::string make_delegation_number() {
  // Twice 90: no number comes more often than another.
  for (;;) {
    const auto byte = static_cast<std::uint8_t>(crypto::random_bytes(1).front());
    if (byte < 180) return std::to_string(10 + byte % 90);
  }
}

Result<Delegation> ask_delegation(store::Tx& tx, Delegation delegation, WishId letter,
                                  const Deed& deed) {
  WRIT_TRY(delegation.made_at, tx.now());
  const auto lifetime = std::chrono::microseconds(kDelegationLifetime).count();
  delegation.expires_at = {delegation.made_at.micros + lifetime};
  WRIT_TRY(const User person, need_person(tx, delegation.person));
  WRIT_CHECK(check_patience(tx, delegation, delegation.made_at));
  WRIT_CHECK(put(tx, delegation));
  WRIT_CHECK(tx.put(kDelegationsOf, key_of(delegation.person, delegation.id), ""));
  if (person.is_verified) {
    WRIT_CHECK(
        put_wish(tx, {.id = letter, .kind = LetterKind::delegation_asked, .email = person.email}));
  }
  WRIT_CHECK(
      deed.tell(tx, "writ.delegation.asked", subject_of(delegation), payload_of(delegation)));
  return delegation;
}

Result<std::optional<Delegation>> find_delegation(store::Tx& tx, DelegationId id, WallTime now) {
  WRIT_TRY(const auto row, tx.get(kDelegations, key_of(id)));
  if (!row) return std::nullopt;
  WRIT_TRY(Delegation delegation, from_row(id, *row));
  if (now >= delegation.expires_at) return std::nullopt;
  return delegation;
}

Result<std::vector<Delegation>> list_pending_delegations(store::Tx& tx, PrincipalId person,
                                                         WallTime now) {
  WRIT_TRY(auto out, asked_of(tx, person, now));
  std::erase_if(out, [](const Delegation& one) { return one.state != DelegationState::pending; });
  return out;
}

Result<DelegationAnswer> answer_delegation(store::Tx& tx, const AccountParts& parts,
                                           const DelegationWord& word, const Asker& asker) {
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_TRY(auto delegation, find_delegation(tx, word.id, now));
  if (!delegation || delegation->person != word.person ||
      delegation->state != DelegationState::pending) {
    return DelegationAnswer{};
  }
  const Deed deed = parts.deed("principal:" + word.person.text(), asker.trace);
  if (!word.is_yes) {
    return decide(tx, *std::move(delegation), word, DelegationOutcome::refused, now, deed);
  }
  WRIT_TRY(const Factor factor, find_factor(tx, word.person));
  if (factor.state != FactorState::on) {
    return DelegationAnswer{.outcome = DelegationOutcome::no_factor};
  }
  WRIT_TRY(DelegationAnswer out, check_code(tx, parts, word, asker, deed, now));
  if (out.outcome != DelegationOutcome::approved) return out;
  if (!crypto::equal_constant_time(word.number, delegation->number)) {
    out.outcome = DelegationOutcome::wrong_number;
  }
  return decide(tx, *std::move(delegation), word, out.outcome, now, deed);
}

Result<void> take_delegation(store::Tx& tx, Delegation delegation) {
  delegation.state = DelegationState::taken;
  return put(tx, delegation);
}

Result<std::string> sweep_delegations(store::Tx& tx, std::string after, std::size_t limit,
                                      WallTime now) {
  const std::string from = after.empty() ? std::string() : std::move(after) + '\0';
  WRIT_TRY(const auto rows, tx.scan(kDelegations, {from, {}}, limit));
  for (const store::Row& row : rows) {
    WRIT_TRY(const Uuid uuid, store::KeyReader(row.key).uuid());
    const DelegationId id{uuid};
    WRIT_TRY(const Delegation delegation, from_row(id, row.value));
    if (now < delegation.expires_at) continue;
    WRIT_CHECK(tx.erase(kDelegations, row.key));
    WRIT_CHECK(tx.erase(kDelegationsOf, key_of(delegation.person, id)));
  }
  return rows.size() < limit ? std::string() : rows.back().key;
}

std::vector<store::Migration> delegation_migrations() {
  return store::make_tables("identity_delegations", "what programs ask people to let them do",
                            {kDelegations, kDelegationsOf});
}

}  // namespace writ::identity
