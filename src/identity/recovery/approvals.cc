#include "identity/recovery/approvals.h"

#include <utility>

#include "base/json.h"
#include "crypto/digest.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kApprovals{"identity_approvals"};

std::string key_of(ApprovalId id) { return store::Key().id(id).take(); }
std::string subject_of(ApprovalId id) { return "approval/" + id.text(); }

std::string to_row(const Approval& approval) {
  Object row{{"asked_by", approval.asked_by.text()},
             {"act", approval.act},
             {"says", approval.says},
             {"digest", approval.digest},
             {"asked", approval.asked_at.micros},
             {"expires", approval.expires_at.micros}};
  if (approval.approved_by) row.append("approved_by", approval.approved_by->text());
  return to_json(Value(std::move(row)));
}

Result<Approval> from_row(const store::Row& row) {
  WRIT_TRY(const Uuid id, store::KeyReader(row.key).uuid());
  WRIT_TRY(const Value value, parse_json(row.value));
  Approval out;
  out.id = ApprovalId{id};
  WRIT_TRY(out.asked_by, PrincipalId::parse(value.string_or("asked_by", "")));
  out.act = value.string_or("act", "");
  out.says = value.string_or("says", "");
  out.digest = value.string_or("digest", "");
  out.asked_at.micros = value.integer_or("asked", 0);
  out.expires_at.micros = value.integer_or("expires", 0);
  if (const auto by = value.string_or("approved_by", ""); !by.empty()) {
    WRIT_TRY(out.approved_by, PrincipalId::parse(by));
  }
  return out;
}

Result<void> put(store::Tx& tx, const Approval& approval) {
  return tx.put(kApprovals, key_of(approval.id), to_row(approval));
}

// Of those that have not expired; the others are removed where `tx` may write.
Result<std::vector<Approval>> all_open(store::Tx& tx, bool removes) {
  WRIT_TRY(const WallTime now, tx.now());
  WRIT_TRY(const auto rows, tx.scan(kApprovals, {}, 2 * kMostApprovals));
  std::vector<Approval> out;
  for (const store::Row& row : rows) {
    WRIT_TRY(Approval approval, from_row(row));
    if (now < approval.expires_at) {
      out.push_back(std::move(approval));
    } else if (removes) {
      WRIT_CHECK(tx.erase(kApprovals, row.key));
    }
  }
  return out;
}

Result<std::optional<Approval>> find_open(store::Tx& tx, ApprovalId id) {
  WRIT_TRY(const auto row, tx.get(kApprovals, key_of(id)));
  if (!row) return std::nullopt;
  WRIT_TRY(Approval approval, from_row({key_of(id), *row}));
  WRIT_TRY(const WallTime now, tx.now());
  if (now >= approval.expires_at) return std::nullopt;
  return approval;
}

Object payload_of(const Approval& approval) {
  return Object{{"act", approval.act}, {"digest", approval.digest}};
}

}  // namespace

Result<Approval> ask_approval(store::Tx& tx, const AskedApproval& asked, const Deed& deed) {
  WRIT_TRY(const auto others, all_open(tx, true));
  if (others.size() >= kMostApprovals) {
    return fail(Code::overloaded, "too many approvals are waited for", "Repeat this later");
  }
  WRIT_TRY(const WallTime now, tx.now());
  Approval made;
  made.id = asked.id;
  made.asked_by = asked.asked_by;
  made.act = asked.act;
  made.says = asked.says;
  made.digest = asked.digest;
  made.asked_at = now;
  made.expires_at.micros = now.micros + std::chrono::microseconds(kApprovalLifetime).count();
  WRIT_CHECK(put(tx, made));
  WRIT_CHECK(deed.tell(tx, "writ.admin_approval.asked", subject_of(made.id), payload_of(made)));
  return made;
}

Result<std::vector<Approval>> list_approvals(store::Tx& tx) { return all_open(tx, false); }

Result<Approval> approve(store::Tx& tx, ApprovalId id, PrincipalId by, const Deed& deed) {
  WRIT_TRY(auto found, find_open(tx, id));
  if (!found) {
    return fail(Code::not_found, "nobody waits for the approval " + id.text(),
                "It may have expired: ask again for what it was for");
  }
  if (found->asked_by == by) {
    return fail(Code::not_permitted, "who asks does not approve",
                "Have another administrator approve it");
  }
  if (found->approved_by) {
    return fail(Code::conflict, "it is approved already", "Go on with what it is for");
  }
  found->approved_by = by;
  WRIT_CHECK(put(tx, *found));
  WRIT_CHECK(deed.tell(tx, "writ.admin_approval.given", subject_of(id), payload_of(*found)));
  return *std::move(found);
}

Result<Approval> spend_approval(store::Tx& tx, ApprovalId id, PrincipalId by,
                                std::string_view digest, const Deed& deed) {
  WRIT_TRY(auto found, find_open(tx, id));
  const bool is_theirs = found && found->asked_by == by;
  if (!is_theirs || !crypto::equal_constant_time(found->digest, digest)) {
    return fail(Code::not_permitted, "the approval is not for this request",
                "Ask for one: repeat the request without `approval`");
  }
  if (!found->approved_by) {
    return fail(Code::not_permitted, "nobody has approved this yet",
                "Have another administrator approve it: POST /iam/recovery/approvals/{id}");
  }
  WRIT_CHECK(tx.erase(kApprovals, key_of(id)));
  Object payload = payload_of(*found);
  payload.append("approved_by", "principal:" + found->approved_by->text());
  WRIT_CHECK(deed.tell(tx, "writ.admin_approval.used", subject_of(id), std::move(payload)));
  return *std::move(found);
}

std::vector<store::Migration> approval_migrations() {
  return store::make_tables("identity_approvals", "what waits for a second person", {kApprovals});
}

}  // namespace writ::identity
