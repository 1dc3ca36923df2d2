#include "server/recovery/second_person.h"

#include <utility>

#include "contract/canonical.h"
#include "crypto/digest.h"
#include "server/api/answers.h"

namespace writ::server {
namespace {

using identity::Approval;
using identity::ApprovalId;
using Answered = std::optional<net::Answer>;

Result<std::string> digest_of(const GraveAct& act) {
  WRIT_TRY(const std::string text,
           contract::canonical_json(Object{{"act", act.act}, {"request", act.bound}}));
  return crypto::sha256(text).hex();
}

Result<Answered> go_on(const SecondPersonNeeds& needs, const Call& call, const GraveAct& act) {
  const identity::Caller& who = call.who();
  const identity::Deed deed{
      .journal = needs.journal, .actor = who.event_actor(), .correlation = std::string(call.trace)};
  WRIT_TRY(const std::string digest, digest_of(act));
  if (const Value* given = call.parameter("approval")) {
    WRIT_TRY(const ApprovalId id, ApprovalId::parse(given->as_string()));
    WRIT_CHECK(needs.store.write(
        [&](store::Tx& tx) { return identity::spend_approval(tx, id, who.id, digest, deed); }));
    return Answered();
  }
  const identity::AskedApproval asked{.id = ApprovalId{Uuid::v7(needs.clock, needs.random)},
                                      .asked_by = who.id,
                                      .act = std::string(act.act),
                                      .says = act.says,
                                      .digest = digest};
  WRIT_TRY(const Approval made, needs.store.write([&](store::Tx& tx) {
    return identity::ask_approval(tx, asked, deed);
  }));
  return Answered(json(202, to_value(made)));
}

}  // namespace

SecondPerson second_person(const SecondPersonNeeds& needs) {
  return [needs](const Call& call, const GraveAct& act) { return go_on(needs, call, act); };
}

Value to_value(const Approval& approval) {
  Object out{{"id", approval.id.text()},
             {"asked_by", approval.asked_by.text()},
             {"act", approval.act},
             {"says", approval.says},
             {"digest", approval.digest},
             {"asked_at", to_rfc3339(approval.asked_at)},
             {"expires_at", to_rfc3339(approval.expires_at)}};
  if (approval.approved_by) out.append("approved_by", approval.approved_by->text());
  return out;
}

}  // namespace writ::server
