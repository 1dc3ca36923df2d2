#include "server/federation/sign_in_provider.h"

#include <algorithm>
#include <set>
#include <utility>

#include "net/url.h"
#include "server/secret_file.h"

namespace writ::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSetting = "identity.providers";

std::vector<std::string> texts_of(const Value& value, std::string_view member,
                                  std::vector<std::string> fallback) {
  const Value* const given = value.find(member);
  if (given == nullptr) return fallback;
  std::vector<std::string> out;
  for (const Value& one : given->as_array()) out.push_back(one.as_string());
  return out;
}

class Reader {
 public:
  Reader(const contract::Setting& setting, fs::path directory)
      : setting_(setting), directory_(std::move(directory)) {}

  Result<std::vector<SignInProvider>> read() {
    std::vector<SignInProvider> out;
    for (const Value& one : setting_.value.as_array()) {
      WRIT_TRY(SignInProvider provider, read_one(one));
      if (!names_.insert(provider.name).second) complain(provider, "has a name that another has");
      if (!issuers_.insert(provider.issuer).second) {
        complain(provider, "has an issuer that another has");
      }
      out.push_back(std::move(provider));
    }
    if (!wrong_.empty()) return fail(std::move(wrong_));
    return out;
  }

 private:
  void complain(const SignInProvider& provider, const std::string& what) {
    const std::string where = setting_.place.empty() ? std::string(kSetting) : setting_.place;
    wrong_.push_back({.file = {},
                      .at = {},
                      .message = where + ": provider `" + provider.name + "` " + what,
                      .remedy = {}});
  }

  Result<SignInProvider> read_one(const Value& value) {
    SignInProvider out;
    out.name = value.string_or("name", "");
    out.title = value.string_or("title", out.name);
    out.issuer = value.string_or("issuer", "");
    out.client_id = value.string_or("client_id", "");
    out.scopes = texts_of(value, "scopes", {"openid", "email"});
    out.authorization_endpoint = value.string_or("authorization_endpoint", "");
    out.token_endpoint = value.string_or("token_endpoint", "");
    out.userinfo_endpoint = value.string_or("userinfo_endpoint", "");
    out.subject_member = value.string_or("subject_member", "sub");
    out.rules = {.name = out.name,
                 .creates_accounts = value.bool_or("creates_accounts", true),
                 .links_by_email = value.bool_or("links_by_email", false)};
    if (value.string_or("token_auth", "") == "client_secret_post") {
      out.token_auth = TokenAuth::post;
    }
    if (const std::string_view file = value.string_or("secret_file", ""); !file.empty()) {
      WRIT_TRY(auto secret, read_secret_file((directory_ / fs::path(file)).lexically_normal()));
      out.secret = std::make_shared<const crypto::SecretBytes>(std::move(secret));
    }
    read_origins(out, texts_of(value, "origins", {}));
    const bool asks_openid = std::ranges::find(out.scopes, "openid") != out.scopes.end();
    if (out.is_openid() && !asks_openid) complain(out, "has to ask for the scope `openid`");
    return out;
  }

  void read_origins(SignInProvider& out, const std::vector<std::string>& more) {
    if (const auto issuer = net::parse_url(out.issuer)) out.origins.push_back(issuer->origin());
    for (const std::string& one : more) {
      const auto url = net::parse_url(one);
      if (!url || url->target != "/") {
        complain(out, "has an origin that is none: " + one);
      } else {
        out.origins.push_back(url->origin());
      }
    }
    for (const std::string* endpoint :
         {&out.authorization_endpoint, &out.token_endpoint, &out.userinfo_endpoint}) {
      if (!endpoint->empty() && !out.has_origin_of(*endpoint)) {
        complain(out, "has an endpoint at an origin that `origins` does not name: " + *endpoint);
      }
    }
  }

  const contract::Setting& setting_;
  const fs::path directory_;
  std::set<std::string> names_;
  std::set<std::string> issuers_;
  std::vector<Diagnostic> wrong_;
};

}  // namespace

bool SignInProvider::has_origin_of(std::string_view url) const {
  const auto parsed = net::parse_url(url);
  return parsed && parsed->scheme != net::Url::Scheme::unix_socket &&
         std::ranges::find(origins, parsed->origin()) != origins.end();
}

Result<std::vector<SignInProvider>> read_sign_in_providers(const contract::Settings& settings,
                                                           const fs::path& directory) {
  const contract::Setting* const setting = settings.find(kSetting);
  WRIT_ASSERT(setting != nullptr);
  return Reader(*setting, directory).read();
}

}  // namespace writ::server
