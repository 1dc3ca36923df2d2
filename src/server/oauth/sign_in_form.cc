#include "server/oauth/sign_in_form.h"

#include <string_view>
#include <utility>

#include "server/api/answers.h"
#include "server/auth/cookies.h"
#include "server/auth/shapes.h"
#include "server/oauth/oauth_parts.h"

namespace writ::server {
namespace {

constexpr std::size_t kMaxNext = 4096;  // of /auth/oauth/{provider}/authorize

constexpr std::string_view kFields =
    "<p><label>E-mail address <input name=\"username\" type=\"email\" autocomplete=\"username\" "
    "required></label></p>\n"
    "<p><label>Password <input name=\"password\" type=\"password\" "
    "autocomplete=\"current-password\" required></label></p>\n"
    "<p><label>Code of your second factor, if you have one <input name=\"otp\" "
    "autocomplete=\"one-time-code\"></label></p>\n"
    "<p><button>Sign in</button></p>\n";

std::string said_of(const identity::SignedIn& got) {
  switch (got.outcome) {
    case identity::SignIn::needs_factor:
      return "The code of your second factor is asked for too.";
    case identity::SignIn::unverified:
      return "The address is not verified yet: open the link in the letter.";
    case identity::SignIn::must_wait:
      return "There were too many mistakes; wait a while.";
    default:
      return "Address or password is wrong.";
  }
}

net::Response again(Page page, int status, std::string said) {
  page.status = status;
  page.paragraphs.push_back(std::move(said));
  return render(page);
}

}  // namespace

void add_sign_in(Page& page, const std::vector<OfferedProvider>& providers, const std::string& next,
                 SignInAs as) {
  page.fields = kFields;
  if (next.size() > kMaxNext) return;
  for (const OfferedProvider& one : providers) {
    page.links.push_back({"Sign in with " + one.title,
                          "/auth/oauth/" + one.name + "/authorize?redirect=true&transport=cookie" +
                              (as == SignInAs::anew ? "&again=true" : "") +
                              "&next=" + net::percent_encode(next)});
  }
}

Result<net::Answer> sign_in_by_form(AuthService& service, const Call& call, Page page,
                                    const std::string& next) {
  if (!may_set_cookies(call.request.fields, service.options().public_url)) {
    return again(std::move(page), 400, "Please sign in here.");
  }
  const identity::PasswordProof proof{.name = text_of(call.body, "username"),
                                      .password = text_of(call.body, "password"),
                                      .code = text_of(call.body, "otp"),
                                      .keep = identity::Keep::cookie};
  WRIT_TRY(const identity::SignedIn got,
           identity::sign_in(service.parts(), proof, service.asker_of(call)));
  if (got.outcome == identity::SignIn::must_wait) {
    const net::Response wait = must_wait("", got.wait_until, service.parts().clock.wall());
    net::Response late = again(std::move(page), 429, said_of(got));
    late.fields.emplace_back("Retry-After", wait.field("Retry-After"));
    return late;
  }
  if (got.outcome != identity::SignIn::done) return again(std::move(page), 400, said_of(got));
  net::Response response = see_other(next);
  set_session_cookies(response, got.cookie);
  return response;
}

}  // namespace writ::server
