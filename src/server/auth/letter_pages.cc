#include "server/auth/letter_pages.h"

#include <string>

#include "server/pages/page.h"

namespace writ::server {
namespace {

constexpr std::size_t kMaxToken = 128;
constexpr std::string_view kNewPassword =
    "<p><label>New password <input type=\"password\" name=\"password\" "
    "autocomplete=\"new-password\" required></label></p>\n<button>Set it</button>\n";

std::string_view field(const net::Request& request, std::string_view name) {
  const auto value = request.fields.find(name);
  return value ? *value : std::string_view();
}

net::Response over(std::string title, std::string text, int status) {
  return render({.status = status, .title = std::move(title), .paragraphs = {std::move(text)}});
}

net::Response bad_link() {
  return over("This link does not work",
              "It was used already, has run out, or is not whole. Ask for another letter.", 400);
}

}  // namespace

bool wants_page(const Call& call) {
  return field(call.request, "Content-Type").starts_with("application/x-www-form-urlencoded") &&
         field(call.request, "Accept").find("text/html") != std::string_view::npos;
}

bool is_token_text(std::string_view token) {
  return !token.empty() && token.size() <= kMaxToken &&
         token.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
             std::string_view::npos;
}

net::Response verification_page(std::string_view token) {
  return render({.title = "Confirm your e-mail address",
                 .paragraphs = {"Press the button to say that this address is yours."},
                 .action = "/auth/verify",
                 .hidden = {{"token", token}},
                 .fields = "<button>Confirm</button>\n"});
}

net::Response verification_page(identity::Verified outcome) {
  switch (outcome) {
    case identity::Verified::done:
      return over("Your address is confirmed", "You may close this page.", 200);
    case identity::Verified::already:
      return over("Your address was confirmed before", "You may close this page.", 200);
    case identity::Verified::bad_token:
      break;
  }
  return bad_link();
}

net::Response reset_page(std::string_view token, std::string_view refused) {
  Page page{.title = "Set a new password",
            .paragraphs = {"You are signed out everywhere when it is set."},
            .action = "/auth/reset-password",
            .hidden = {{"token", token}},
            .fields = kNewPassword};
  if (!refused.empty()) {
    page.status = 400;
    page.paragraphs.emplace(page.paragraphs.begin(), refused);
  }
  return render(page);
}

net::Response reset_page(identity::Reset outcome) {
  if (outcome != identity::Reset::done) return bad_link();
  return over("Your password is set", "Sign in with it.", 200);
}

// A browser gets cookies: no script of ours keeps tokens there.
net::Response sign_in_link_page(std::string_view token) {
  return render({.title = "Sign in to Writ",
                 .action = "/auth/magic-link/login",
                 .hidden = {{"token", token}, {"transport", "cookie"}},
                 .fields = "<button>Sign in</button>\n"});
}

net::Response signed_in_page() {
  return over("You are signed in", "You may close this page.", 200);
}

}  // namespace writ::server
