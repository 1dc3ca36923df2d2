#include "identity/oauth/applications.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "identity/oauth/grants.h"
#include "store/key.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kApplications{"identity_applications"};
constexpr store::Table kErased{"identity_applications_erased"};

constexpr std::size_t kMaxUri = 1024;

std::string key_of(ApplicationId id) { return store::Key().id(id).take(); }

std::string to_row(const Application& application) {
  Array uris;
  for (const std::string& one : application.redirect_uris) uris.emplace_back(one);
  return to_json(Object{{"name", application.name},
                        {"redirect_uris", std::move(uris)},
                        {"scope", scope_text(application.scopes)},
                        {"secret", to_hex(as_bytes(application.secret))},
                        {"created", application.created_at.micros}});
}

Result<Application> from_row(ApplicationId id, std::string_view text) {
  WRIT_TRY(const Value row, parse_json(text));
  Application out;
  out.id = id;
  out.name = row.string_or("name", "");
  if (const Value* const uris = row.find("redirect_uris"); uris != nullptr && uris->is_array()) {
    for (const Value& one : uris->as_array()) out.redirect_uris.push_back(one.as_string());
  }
  out.scopes = parse_scope(row.string_or("scope", "")).value_or(std::vector<std::string>());
  WRIT_TRY(out.secret, parse_hex(row.string_or("secret", "")));
  out.created_at.micros = row.integer_or("created", 0);
  return out;
}

Result<void> tell(store::Tx& tx, std::string_view type, ApplicationId id, const Deed& deed) {
  return deed.tell(tx, type, "application/" + id.text());
}

std::string_view scheme_of(std::string_view uri) { return uri.substr(0, uri.find(':')); }

// "http://127.0.0.1:4711/x" → "http://127.0.0.1", "/x"; nothing: it is no loopback address.
struct Loopback {
  std::string_view host;
  std::string_view rest;
};
std::optional<Loopback> loopback_of(std::string_view uri) {
  for (const std::string_view host : {"http://127.0.0.1", "http://[::1]"}) {
    if (!uri.starts_with(host)) continue;
    std::string_view rest = uri.substr(host.size());
    if (rest.starts_with(':')) {
      rest.remove_prefix(1);
      const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
      if (digits == 0 || digits > 5) return std::nullopt;
      rest.remove_prefix(digits);
    }
    if (rest.empty() || rest.front() == '/' || rest.front() == '?') return Loopback{host, rest};
  }
  return std::nullopt;
}

bool is_own_scheme(std::string_view scheme) {
  const auto is_fit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+';
  };
  return !scheme.empty() && scheme.front() >= 'a' && scheme.front() <= 'z' &&
         scheme.find('.') != scheme.npos && std::ranges::all_of(scheme, is_fit);
}

}  // namespace

std::string complaint_about_redirect_uri(std::string_view uri) {
  const bool is_printable = std::ranges::all_of(
      uri, [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '<' && c != '\\'; });
  if (uri.size() > kMaxUri || !is_printable) return "is not up to 1024 characters of a URI";
  if (uri.find('#') != uri.npos) return "has a fragment";
  if (uri.find('@') != uri.npos) return "has an at sign, which hides where it leads";
  if (uri.find(':') == uri.npos) return "has no scheme";
  if (uri.starts_with("https://")) {
    const std::size_t end = uri.find_first_of("/?", 8);
    return end == 8 || uri.size() == 8 ? "has no host" : "";
  }
  if (uri.starts_with("http:")) {
    return loopback_of(uri) ? ""
                            : "is not encrypted: http is for http://127.0.0.1 and http://[::1]";
  }
  if (is_own_scheme(scheme_of(uri))) return "";
  return "is neither https nor a scheme of the application's own (com.example.app:/…)";
}

bool may_redirect_to(const Application& application, std::string_view uri) {
  const auto wanted = loopback_of(uri);
  const auto is_it = [&](const std::string& registered) {
    if (registered == uri) return true;
    const auto known = loopback_of(registered);
    return wanted && known && wanted->host == known->host && wanted->rest == known->rest;
  };
  return std::ranges::any_of(application.redirect_uris, is_it);
}

Result<std::optional<Application>> find_application(store::Tx& tx, ApplicationId id) {
  WRIT_TRY(const auto row, tx.get(kApplications, key_of(id)));
  if (!row) return std::nullopt;
  WRIT_TRY(Application application, from_row(id, *row));
  return application;
}

Result<std::vector<Application>> list_applications(store::Tx& tx) {
  WRIT_TRY(const auto rows, tx.scan(kApplications, {}, kMaxApplications));
  std::vector<Application> out;
  for (const store::Row& row : rows) {
    WRIT_TRY(const Uuid id, store::KeyReader(row.key).uuid());
    WRIT_TRY(Application one, from_row(ApplicationId{id}, row.value));
    out.push_back(std::move(one));
  }
  return out;
}

Result<void> register_application(store::Tx& tx, Application application, const Deed& deed) {
  WRIT_TRY(const auto all, tx.scan(kApplications, {}, kMaxApplications));
  if (all.size() >= kMaxApplications) {
    return fail(Code::conflict, "there are too many applications", "Delete one");
  }
  WRIT_TRY(application.created_at, tx.now());
  WRIT_CHECK(tx.put(kApplications, key_of(application.id), to_row(application)));
  return tell(tx, "writ.application.registered", application.id, deed);
}

Result<bool> replace_application_secret(store::Tx& tx, ApplicationId id, const SecretToken& secret,
                                        const Deed& deed) {
  WRIT_TRY(auto application, find_application(tx, id));
  if (!application || application->is_public()) return false;
  application->secret = secret.key;
  WRIT_CHECK(tx.put(kApplications, key_of(id), to_row(*application)));
  WRIT_CHECK(tell(tx, "writ.application.secret_changed", id, deed));
  return true;
}

Result<bool> erase_application(store::Tx& tx, ApplicationId id, const Deed& deed) {
  WRIT_TRY(const bool was_there, tx.erase(kApplications, key_of(id)));
  if (!was_there) return false;
  WRIT_CHECK(tx.put(kErased, key_of(id), ""));
  WRIT_CHECK(tell(tx, "writ.application.deleted", id, deed));
  return true;
}

bool has_secret(const Application& application, std::string_view secret) {
  const auto key = secret_token_key(kApplicationSecretPrefix, secret);
  return key && !application.is_public() && crypto::equal_constant_time(*key, application.secret);
}

std::vector<store::Migration> application_migrations() {
  return store::make_tables("identity_applications", "programs that people sign in to",
                            {kApplications, kErased});
}

}  // namespace writ::identity
