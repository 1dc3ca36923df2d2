// /mfa/delegated: a page on which a person sees what programs ask of them, and answers. Letters
// lead here. Opening it approves nothing: that takes the number, a code, and this page's own form.
#include <algorithm>
#include <string>
#include <utility>

#include "crypto/digest.h"
#include "identity/oauth/delegations.h"
#include "identity/oauth/grants.h"
#include "identity/principals.h"
#include "server/api/answers.h"
#include "server/auth/cookies.h"
#include "server/auth/shapes.h"
#include "server/oauth/oauth_parts.h"
#include "server/oauth/sign_in_form.h"
#include "server/pages/page.h"

namespace writ::server {
namespace {

using identity::Delegation;
using identity::DelegationOutcome;

constexpr std::string_view kAnswerFields =
    "<p><label>The number that the program shows <input name=\"number\" inputmode=\"numeric\" "
    "autocomplete=\"off\"></label></p>\n"
    "<p><label>Code of your second factor <input name=\"otp\" "
    "autocomplete=\"one-time-code\"></label></p>\n"
    "<p><button name=\"decision\" value=\"allow\">Approve</button>\n"
    "<button name=\"decision\" value=\"deny\">Refuse</button></p>\n";

Page stranger_page(const OauthRoom& room) {
  Page page{.title = "Sign in",
            .paragraphs = {"to see what waits for your approval"},
            .action = kDelegatedPath};
  add_sign_in(page, room.providers, std::string(kDelegatedPath));
  return page;
}

// What waits, and who asks for the first of it.
struct Waiting {
  std::vector<Delegation> all = {};
  std::string asker = {};
};
Result<Waiting> waiting_for(AuthService& service, identity::PrincipalId person) {
  return service.parts().store.read([&](store::Tx& tx) -> Result<Waiting> {
    Waiting out;
    WRIT_TRY(const WallTime now, tx.now());
    WRIT_TRY(out.all, identity::list_pending_delegations(tx, person, now));
    if (out.all.empty()) return out;
    WRIT_TRY(const auto asker, identity::find_principal(tx, out.all.front().asker));
    out.asker = asker ? asker->name : "A program that is gone";
    return out;
  });
}

net::Response nothing_page(std::string said) {
  Page page{.title = "Nothing waits for your approval"};
  if (!said.empty()) page.paragraphs.push_back(std::move(said));
  page.paragraphs.emplace_back("You may close this page.");
  return render(page);
}

// The oldest first, with a form; `said`: what came of the one before.
Result<net::Response> visitor_page(AuthService& service, const Visitor& visitor, int status = 200,
                                   std::string said = {}) {
  WRIT_TRY(const Waiting waiting, waiting_for(service, visitor.user.id));
  if (waiting.all.empty()) {
    net::Response page = nothing_page(std::move(said));
    page.status = status;
    return page;
  }
  const Delegation& first = waiting.all.front();
  const std::string csrf = csrf_token_of(visitor.cookie);
  const std::string id = first.id.text();
  Page page{.status = status,
            .title = waiting.asker + " asks to act for you, once",
            .paragraphs = {},
            .action = kDelegatedPath,
            .hidden = {{"request_id", id}, {"csrf", csrf}},
            .fields = kAnswerFields};
  if (!said.empty()) page.paragraphs.push_back(std::move(said));
  page.paragraphs.push_back("You are signed in as " + visitor.user.email + ".");
  page.paragraphs.push_back("It says: " + first.message);
  if (first.target != service.options().public_url) {
    page.paragraphs.push_back("It would be for " + first.target + ".");
  }
  if (waiting.all.size() > 1) {
    page.paragraphs.push_back(std::to_string(waiting.all.size() - 1) + " more wait behind it.");
  }
  page.paragraphs.emplace_back("It could:");
  for (const std::string& scope : first.scopes) page.items.push_back("use " + scope + " as you");
  return render(page);
}

struct Wording {
  DelegationOutcome outcome;
  int status;
  std::string_view says;
};
constexpr Wording kWordings[] = {
    {DelegationOutcome::approved, 200, "It is approved."},
    {DelegationOutcome::refused, 200, "It is refused."},
    {DelegationOutcome::not_pending, 400, "That request is over, or was answered."},
    {DelegationOutcome::no_factor, 400,
     "You have no second factor: without one nothing is approved. Refuse it, or enrol one."},
    {DelegationOutcome::bad_code, 400, "The code is wrong."},
    {DelegationOutcome::wrong_number, 400,
     "That is not the number that the program shows: the request is refused."},
    {DelegationOutcome::must_wait, 429, "There were too many wrong codes; wait a while."},
};

Result<net::Answer> answer(AuthService& service, const Call& call, const Visitor& visitor) {
  const auto id = identity::DelegationId::parse(text_of(call.body, "request_id"));
  const bool is_yes = text_of(call.body, "decision") == "allow";
  const identity::DelegationWord word{.id = id.value_or(identity::DelegationId{}),
                                      .person = visitor.user.id,
                                      .session = visitor.session.id,
                                      .is_yes = is_yes,
                                      .number = std::string(text_of(call.body, "number")),
                                      .code = std::string(text_of(call.body, "otp"))};
  WRIT_TRY(const auto got, service.parts().store.write([&](store::Tx& tx) {
    return identity::answer_delegation(tx, service.parts(), word, service.asker_of(call));
  }));
  const auto* const wording = std::ranges::find(kWordings, got.outcome, &Wording::outcome);
  WRIT_TRY(net::Response page,
           visitor_page(service, visitor, wording->status, std::string(wording->says)));
  if (got.outcome == DelegationOutcome::must_wait) {
    const net::Response wait = must_wait("", got.wait_until, service.parts().clock.wall());
    page.fields.emplace_back("Retry-After", wait.field("Retry-After"));
  }
  return page;
}

}  // namespace

Result<net::Answer> show_delegations(const OauthRoom& room, const Call& call) {
  WRIT_TRY(const auto visitor, visitor_of(*room.service, call));
  if (!visitor) return render(stranger_page(room));
  WRIT_TRY(net::Response page, visitor_page(*room.service, *visitor));
  return page;
}

Result<net::Answer> answer_on_page(const OauthRoom& room, const Call& call) {
  AuthService& service = *room.service;
  if (!text_of(call.body, "username").empty()) {
    return sign_in_by_form(service, call, stranger_page(room), std::string(kDelegatedPath));
  }
  WRIT_TRY(const auto visitor, visitor_of(service, call));
  if (!visitor) return render(stranger_page(room));
  const bool is_meant =
      may_set_cookies(call.request.fields, service.options().public_url) &&
      crypto::equal_constant_time(text_of(call.body, "csrf"), csrf_token_of(visitor->cookie));
  // Whoever was on a page of before sees it again, and nothing is done.
  if (is_meant) return answer(service, call, *visitor);
  WRIT_TRY(net::Response page, visitor_page(service, *visitor));
  return page;
}

}  // namespace writ::server
