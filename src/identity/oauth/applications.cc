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
  Object row{{"name", application.name},
             {"redirect_uris", std::move(uris)},
             {"scope", scope_text(application.scopes)},
             {"secret", to_hex(as_bytes(application.secret))},
             {"created", application.created_at.micros}};
  if (!application.former_secret.empty()) {
    row.append("former_secret", to_hex(as_bytes(application.former_secret)));
    row.append("former_until", application.former_until.micros);
  }
  return to_json(Value(std::move(row)));
}

std::vector<std::string> uris_in(const Value& row) {
  std::vector<std::string> out;
  const Value* const uris = row.find("redirect_uris");
  if (uris == nullptr || !uris->is_array()) return out;
  for (const Value& one : uris->as_array()) out.push_back(one.as_string());
  return out;
}

Result<Application> from_row(ApplicationId id, std::string_view text) {
  WRIT_TRY(const Value row, parse_json(text));
  Application out;
  out.id = id;
  out.name = row.string_or("name", "");
  out.redirect_uris = uris_in(row);
  out.scopes = parse_scope(row.string_or("scope", "")).value_or(std::vector<std::string>());
  WRIT_TRY(out.secret, parse_hex(row.string_or("secret", "")));
  WRIT_TRY(out.former_secret, parse_hex(row.string_or("former_secret", "")));
  out.former_until.micros = row.integer_or("former_until", 0);
  out.created_at.micros = row.integer_or("created", 0);
  return out;
}

Result<void> tell(store::Tx& tx, std::string_view type, ApplicationId id, const Deed& deed,
                  Object payload = {}) {
  return deed.tell(tx, type, "application/" + id.text(), std::move(payload));
}

Result<void> put(store::Tx& tx, const Application& application) {
  return tx.put(kApplications, key_of(application.id), to_row(application));
}

// Whether `secret`, of a digest, is what was shown; in constant time.
bool is_shown(const std::string& secret, std::string_view digest) {
  return !secret.empty() && crypto::equal_constant_time(digest, secret);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

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

std::string origin_of_redirect_uri(std::string_view uri) {
  constexpr std::string_view kHttps = "https://";
  const bool is_https = uri.starts_with(kHttps);
  if (!is_https && !loopback_of(uri)) return {};
  const std::size_t begin = is_https ? kHttps.size() : std::string_view("http://").size();
  std::string out(uri.substr(0, std::min(uri.find_first_of("/?", begin), uri.size())));
  std::ranges::transform(out, out.begin(), lower);
  // A browser leaves the port out that the scheme has by itself.
  const std::string_view usual = is_https ? ":443" : ":80";
  if (out.ends_with(usual)) out.resize(out.size() - usual.size());
  return out;
}

Result<bool> is_origin_of_public_application(store::Tx& tx, std::string_view origin) {
  const std::size_t host = origin.find("://");
  if (host == origin.npos || origin.size() > kMaxUri) return false;
  WRIT_TRY(const auto rows, tx.scan(kApplications, {}, kMaxApplications));
  for (const store::Row& row : rows) {
    WRIT_TRY(const Application one, from_row({}, row.value));
    const auto is_it = [&](const std::string& uri) {
      return origin_of_redirect_uri(uri) == origin;
    };
    if (one.is_public() && std::ranges::any_of(one.redirect_uris, is_it)) return true;
  }
  return false;
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
  WRIT_CHECK(put(tx, application));
  return tell(tx, "writ.application.registered", application.id, deed);
}

std::string version_of(const Application& application) {
  return to_hex(as_bytes(crypto::sha256(to_row(application)).view().substr(0, 16)));
}

Result<Application> change_application(store::Tx& tx, Application application,
                                       const ApplicationChange& change, const Deed& deed) {
  Array fields;
  const auto set = [&fields](auto& member, const auto& wanted, std::string_view name) {
    if (!wanted || *wanted == member) return;
    member = *wanted;
    fields.emplace_back(name);
  };
  set(application.name, change.name, "name");
  set(application.redirect_uris, change.redirect_uris, "redirect_uris");
  set(application.scopes, change.scopes, "scopes");
  if (fields.empty()) return application;
  WRIT_CHECK(put(tx, application));
  WRIT_CHECK(
      tell(tx, "writ.application.changed", application.id, deed,
           Object{{"fields", std::move(fields)}, {"scope", scope_text(application.scopes)}}));
  return application;
}

Result<std::optional<Application>> replace_application_secret(store::Tx& tx, ApplicationId id,
                                                              const SecretToken& secret,
                                                              std::chrono::seconds keep_former,
                                                              const Deed& deed) {
  WRIT_TRY(auto application, find_application(tx, id));
  if (!application || application->is_public()) return std::nullopt;
  WRIT_TRY(const WallTime now, tx.now());
  const auto kept = std::min<std::chrono::seconds>(keep_former, kMostFormerSecret);
  application->former_secret = kept.count() > 0 ? application->secret : std::string();
  application->former_until = {};
  if (kept.count() > 0) {
    application->former_until.micros = now.micros + std::chrono::microseconds(kept).count();
  }
  application->secret = secret.key;
  WRIT_CHECK(put(tx, *application));
  WRIT_CHECK(tell(tx, "writ.application.secret_changed", id, deed,
                  Object{{"keeps_former_seconds", std::int64_t{kept.count()}}}));
  return application;
}

Result<bool> end_former_secret(store::Tx& tx, ApplicationId id, const Deed& deed) {
  WRIT_TRY(auto application, find_application(tx, id));
  if (!application) return false;
  if (application->former_secret.empty()) return true;
  application->former_secret.clear();
  application->former_until = {};
  WRIT_CHECK(put(tx, *application));
  WRIT_CHECK(tell(tx, "writ.application.secret_ended", id, deed));
  return true;
}

Result<bool> erase_application(store::Tx& tx, ApplicationId id, const Deed& deed) {
  WRIT_TRY(const bool was_there, tx.erase(kApplications, key_of(id)));
  if (!was_there) return false;
  WRIT_CHECK(tx.put(kErased, key_of(id), ""));
  WRIT_CHECK(tell(tx, "writ.application.deleted", id, deed));
  return true;
}

bool has_secret(const Application& application, std::string_view secret, WallTime now) {
  const auto key = secret_token_key(kApplicationSecretPrefix, secret);
  if (!key || application.is_public()) return false;
  const bool is_newest = is_shown(application.secret, *key);
  const bool is_former =
      now < application.former_until && is_shown(application.former_secret, *key);
  return is_newest || is_former;
}

std::vector<store::Migration> application_migrations() {
  return store::make_tables("identity_applications", "programs that people sign in to",
                            {kApplications, kErased});
}

}  // namespace writ::identity
