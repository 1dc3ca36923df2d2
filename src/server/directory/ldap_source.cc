#include "server/directory/ldap_source.h"

#include <ldap.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/encoding.h"
#include "identity/directory/directory_name.h"
#include "server/secret_file.h"

namespace writ::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kConnectTime{10'000};
constexpr milliseconds kLookAround{200};      // how soon a server that stops is noticed
constexpr ber_len_t kMaxMessage = 32u << 20;  // one entry: a group of some 400,000 people
constexpr std::size_t kMaxSaid = 200;         // of what a directory says about an error
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::string_view kEveryEntry = "(objectClass=*)";

timeval to_timeval(milliseconds time) {
  return {.tv_sec = static_cast<time_t>(time.count() / 1000),
          .tv_usec = static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

struct FreeConnection {
  void operator()(LDAP* one) const { ldap_unbind_ext_s(one, nullptr, nullptr); }
};
struct FreeMessage {
  void operator()(LDAPMessage* one) const { ldap_msgfree(one); }
};
struct FreeControl {
  void operator()(LDAPControl* one) const { ldap_control_free(one); }
};
struct FreeControls {
  void operator()(LDAPControl** all) const { ldap_controls_free(all); }
};
struct FreeValues {
  void operator()(berval** all) const { ldap_value_free_len(all); }
};
struct FreeText {
  void operator()(char* text) const { ldap_memfree(text); }
};
struct FreeBer {
  void operator()(BerElement* one) const { ber_free(one, 0); }
};
using Message = std::unique_ptr<LDAPMessage, FreeMessage>;
using Text = std::unique_ptr<char, FreeText>;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

// Of others: cut, and without what would be read as something else in a log.
std::string shown(std::string_view said) {
  std::string out(said.substr(0, kMaxSaid));
  std::ranges::replace_if(
      out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return out;
}

std::string_view remedy_of(int code) {
  switch (code) {
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_INAPPROPRIATE_AUTH:
      return "Look at `bind_dn` and its password";
    case LDAP_INSUFFICIENT_ACCESS:
      return "Let `bind_dn` read people and groups there, or name another one";
    case LDAP_NO_SUCH_OBJECT:
      return "Look at `people_bases` and at the groups of `roles`: each has to be there";
    case LDAP_FILTER_ERROR:
      return "Look at `people_filter`";
    case LDAP_SIZELIMIT_EXCEEDED:
    case LDAP_ADMINLIMIT_EXCEEDED:
      return "Raise that limit of the directory for `bind_dn`, or make `page_size` smaller";
    case LDAP_UNAVAILABLE_CRITICAL_EXTENSION:
      return "The directory has to hand out results in pages (RFC 2696)";
    case LDAP_CONFIDENTIALITY_REQUIRED:
    case LDAP_STRONGER_AUTH_REQUIRED:
      return "Ask over TLS: ldaps://, or `starttls`";
    default:
      return "Look whether the directory is up, and at `url` and `ca_file`";
  }
}

// One connection, for one reading.
class Connection {
 public:
  Connection(const LdapOptions& options, std::stop_token stop)
      : options_(options), stop_(std::move(stop)), ends_(steady_clock::now() + options.timeout) {}

  // Connects, makes it secret, and shows who asks.
  Result<void> open() {
    LDAP* made = nullptr;
    if (const int code = ldap_initialize(&made, options_.url.c_str()); code != LDAP_SUCCESS) {
      return refused(code, "`url`");
    }
    ldap_.reset(made);
    WRIT_CHECK(set_up());
    // libldap says the same of who does not answer and of who is not believed.
    if (const int code = ldap_connect(ldap_.get()); code != LDAP_SUCCESS) {
      return refused(code, "connecting");
    }
    WRIT_CHECK(bound_messages());
    const bool begins_tls = options_.starttls && options_.url.starts_with("ldap://");
    if (begins_tls) WRIT_CHECK(start_tls());
    const bool is_secret = ldap_tls_inplace(ldap_.get()) != 0;
    if (!is_secret && (begins_tls || options_.url.starts_with("ldaps://"))) {
      return fail(Code::unavailable, at() + " does not speak TLS");
    }
    return options_.bind_dn.empty() ? Result<void>() : bind();
  }

  using Visit = std::function<Result<void>(LDAPMessage* entry)>;
  // Every entry at or below `base` that the filter lets through; `page_done` after each page.
  Result<void> search(const std::string& base, int scope, std::string_view filter,
                      const std::vector<std::string>& attributes, const Visit& visit,
                      const std::function<Result<void>()>& page_done) {
    std::string cookie;
    do {
      WRIT_CHECK(search_page(base, scope, filter, attributes, visit, cookie));
      WRIT_CHECK(page_done());
    } while (!cookie.empty());
    return {};
  }

  std::string name_of(LDAPMessage* entry) const {
    const Text text(ldap_get_dn(ldap_.get(), entry));
    return text ? std::string(text.get()) : std::string();
  }
  std::vector<std::string> values_of(LDAPMessage* entry, const std::string& attribute) const {
    const std::unique_ptr<berval*, FreeValues> values(
        ldap_get_values_len(ldap_.get(), entry, attribute.c_str()));
    std::vector<std::string> out;
    for (berval** at = values.get(); at != nullptr && *at != nullptr; ++at) {
      out.emplace_back((*at)->bv_val, (*at)->bv_len);
    }
    return out;
  }
  // Active Directory cuts long lists: `member;range=0-1499`.
  bool is_cut(LDAPMessage* entry, const std::string& attribute) const {
    BerElement* state = nullptr;
    Text name(ldap_first_attribute(ldap_.get(), entry, &state));
    const std::unique_ptr<BerElement, FreeBer> owned(state);
    for (; name; name.reset(ldap_next_attribute(ldap_.get(), entry, state))) {
      if (lower(name.get()).starts_with(lower(attribute) + ";range=")) return true;
    }
    return false;
  }
  std::string at() const { return "the directory " + options_.url; }

 private:
  std::unexpected<Error> not_trusted() const {
    return fail(Code::unavailable, at() + ": its certificate is not trusted, or another server's",
                "Look at `url`, whose host the certificate names, and at `ca_file`");
  }
  std::unexpected<Error> refused(int code, std::string_view what, std::string_view said = {}) {
    Text kept;
    if (said.empty() && ldap_) {
      char* diagnostic = nullptr;
      ldap_get_option(ldap_.get(), LDAP_OPT_DIAGNOSTIC_MESSAGE, &diagnostic);
      kept.reset(diagnostic);
      if (kept) said = kept.get();
    }
    std::string message = at() + ": " + std::string(what) + ": " + ldap_err2string(code);
    // "(unknown error code)" and the like say nothing.
    if (!said.empty() && !said.starts_with('(')) message += " (" + shown(said) + ")";
    const bool is_late = code == LDAP_TIMEOUT || code == LDAP_TIMELIMIT_EXCEEDED;
    return fail(is_late ? Code::timed_out : Code::unavailable, std::move(message),
                std::string(remedy_of(code)));
  }

  template <typename T>
  Result<void> set(int option, const T* value) {
    if (ldap_set_option(ldap_.get(), option, value) == LDAP_OPT_SUCCESS) return {};
    return fail(Code::internal, "libldap does not take option " + std::to_string(option));
  }
  Result<void> set_number(int option, int value) { return set(option, &value); }

  // Everything that /etc/ldap/ldap.conf or the environment could say otherwise.
  Result<void> set_up() {
    WRIT_CHECK(set_number(LDAP_OPT_PROTOCOL_VERSION, LDAP_VERSION3));
    WRIT_CHECK(set_number(LDAP_OPT_DEREF, LDAP_DEREF_NEVER));
    WRIT_CHECK(set_number(LDAP_OPT_SIZELIMIT, LDAP_NO_LIMIT));
    WRIT_CHECK(set_number(LDAP_OPT_TIMELIMIT, LDAP_NO_LIMIT));
    if (ldap_set_option(ldap_.get(), LDAP_OPT_REFERRALS, LDAP_OPT_OFF) != LDAP_OPT_SUCCESS) {
      return fail(Code::internal, "libldap follows referrals");
    }
    const timeval connect = to_timeval(std::min(kConnectTime, options_.timeout));
    WRIT_CHECK(set(LDAP_OPT_NETWORK_TIMEOUT, &connect));
    WRIT_CHECK(set(LDAP_OPT_TIMEOUT, &connect));
    if (options_.url.starts_with("ldapi://")) return {};
    const std::string& given = options_.ca_file;
    WRIT_CHECK(set_number(LDAP_OPT_X_TLS_REQUIRE_CERT, LDAP_OPT_X_TLS_DEMAND));
    WRIT_CHECK(set_number(LDAP_OPT_X_TLS_PROTOCOL_MIN, LDAP_OPT_X_TLS_PROTOCOL_TLS1_2));
    WRIT_CHECK(set(LDAP_OPT_X_TLS_CACERTFILE, given.empty() ? kSystemAuthorities : given.c_str()));
    int is_server = 0;
    if (const int code = ldap_set_option(ldap_.get(), LDAP_OPT_X_TLS_NEWCTX, &is_server);
        code != LDAP_OPT_SUCCESS) {
      return fail(Code::unavailable, at() + ": its authorities cannot be read",
                  "Look at `ca_file`: it is a file of PEM certificates");
    }
    return {};
  }

  Result<void> bound_messages() {
    Sockbuf* buffer = nullptr;
    ber_len_t most = kMaxMessage;
    const bool is_bound =
        ldap_get_option(ldap_.get(), LDAP_OPT_SOCKBUF, &buffer) == LDAP_OPT_SUCCESS &&
        buffer != nullptr && ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &most) >= 0;
    if (is_bound) return {};
    return fail(Code::internal, "libldap takes messages of any size");
  }

  // The next message of the answer; waits until it comes, the time is over, or the server stops.
  Result<Message> wait_for(int id, std::string_view what) {
    for (;;) {
      const auto left = std::chrono::duration_cast<milliseconds>(ends_ - steady_clock::now());
      if (stop_.stop_requested()) return fail(Code::cancelled, "the server stops");
      if (left.count() <= 0) return refused(LDAP_TIMEOUT, what);
      timeval time = to_timeval(std::min(left, kLookAround));
      LDAPMessage* got = nullptr;
      const int kind = ldap_result(ldap_.get(), id, LDAP_MSG_ONE, &time, &got);
      Message message(got);
      if (kind > 0) return message;
      if (kind < 0) {
        int code = LDAP_SERVER_DOWN;
        ldap_get_option(ldap_.get(), LDAP_OPT_RESULT_CODE, &code);
        return refused(code == LDAP_SUCCESS ? LDAP_SERVER_DOWN : code, what);
      }
    }
  }

  struct Ended {
    std::unique_ptr<LDAPControl*, FreeControls> controls;
  };
  // Errors: what the answer says, if that is not success.
  Result<Ended> end_of(LDAPMessage* message, std::string_view what) {
    int code = LDAP_OTHER;
    char* said = nullptr;
    LDAPControl** controls = nullptr;
    const int parsed =
        ldap_parse_result(ldap_.get(), message, &code, nullptr, &said, nullptr, &controls, 0);
    Ended out{std::unique_ptr<LDAPControl*, FreeControls>(controls)};
    const Text owned(said);
    if (parsed != LDAP_SUCCESS) return refused(parsed, what);
    if (code == LDAP_SUCCESS) return out;
    return refused(code, what, said == nullptr ? std::string_view() : said);
  }

  Result<void> start_tls() {
    int id = 0;
    if (const int code = ldap_start_tls(ldap_.get(), nullptr, nullptr, &id); code != LDAP_SUCCESS) {
      return refused(code, "StartTLS");
    }
    WRIT_TRY(const Message answer, wait_for(id, "StartTLS"));
    WRIT_CHECK(end_of(answer.get(), "StartTLS"));
    if (ldap_install_tls(ldap_.get()) != LDAP_SUCCESS) return not_trusted();
    return {};
  }

  Result<void> bind() {
    std::optional<crypto::SecretBytes> read;
    if (!options_.password_file.empty()) {
      WRIT_TRY(read, read_secret_file(options_.password_file));
    }
    const crypto::SecretBytes* const password = read ? &*read : options_.password.get();
    // A name without a password is nobody in particular, and told so nowhere (RFC 4513 5.1.2).
    if (password == nullptr || password->size() == 0) {
      return fail(Code::unavailable, at() + ": `bind_dn` has no password",
                  "Set `password_file` or `password_variable`");
    }
    // libldap reads it only.
    berval secret{.bv_len = password->size(), .bv_val = const_cast<char*>(password->view().data())};
    int id = 0;
    if (const int code = ldap_sasl_bind(ldap_.get(), options_.bind_dn.c_str(), LDAP_SASL_SIMPLE,
                                        &secret, nullptr, nullptr, &id);
        code != LDAP_SUCCESS) {
      return refused(code, "signing in");
    }
    WRIT_TRY(const Message answer, wait_for(id, "signing in"));
    WRIT_CHECK(end_of(answer.get(), "signing in"));
    return {};
  }

  Result<int> send(const std::string& base, int scope, std::string_view filter,
                   const std::vector<std::string>& attributes, const std::string& cookie) {
    std::vector<char*> names;
    for (const std::string& one : attributes) names.push_back(const_cast<char*>(one.c_str()));
    names.push_back(nullptr);
    berval from{.bv_len = cookie.size(), .bv_val = const_cast<char*>(cookie.data())};
    LDAPControl* made = nullptr;
    if (const int code =
            ldap_create_page_control(ldap_.get(), static_cast<ber_int_t>(options_.page_size),
                                     cookie.empty() ? nullptr : &from, 1, &made);
        code != LDAP_SUCCESS) {
      return refused(code, "asking for a page");
    }
    const std::unique_ptr<LDAPControl, FreeControl> page(made);
    std::array<LDAPControl*, 2> controls = {page.get(), nullptr};
    int id = 0;
    if (const int code =
            ldap_search_ext(ldap_.get(), base.c_str(), scope, std::string(filter).c_str(),
                            names.data(), 0, controls.data(), nullptr, nullptr, LDAP_NO_LIMIT, &id);
        code != LDAP_SUCCESS) {
      return refused(code, "searching");
    }
    return id;
  }

  Result<void> search_page(const std::string& base, int scope, std::string_view filter,
                           const std::vector<std::string>& attributes, const Visit& visit,
                           std::string& cookie) {
    const std::string what = "searching `" + base + "`";
    WRIT_TRY(const int id, send(base, scope, filter, attributes, cookie));
    for (;;) {
      WRIT_TRY(const Message message, wait_for(id, what));
      const int kind = ldap_msgtype(message.get());
      if (kind == LDAP_RES_SEARCH_ENTRY) {
        WRIT_CHECK(visit(message.get()));
      } else if (kind == LDAP_RES_SEARCH_REFERENCE) {
        if (!options_.ignores_referrals) return kept_elsewhere();
      } else if (kind == LDAP_RES_SEARCH_RESULT) {
        WRIT_TRY(cookie, cookie_of(message.get(), what));
        return {};
      }
    }
  }

  std::unexpected<Error> kept_elsewhere() const {
    return fail(Code::unavailable,
                at() + ": a part of `people_bases` is kept elsewhere, so the answer is not whole",
                "Narrow `people_bases`, or set `ignores_referrals` if nobody is there");
  }

  Result<std::string> cookie_of(LDAPMessage* message, std::string_view what) {
    WRIT_TRY(const Ended end, end_of(message, what));
    LDAPControl* const page =
        ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, end.controls.get(), nullptr);
    if (page == nullptr) return std::string();
    ber_int_t estimate = 0;
    berval cookie{};
    if (const int code = ldap_parse_pageresponse_control(ldap_.get(), page, &estimate, &cookie);
        code != LDAP_SUCCESS) {
      return refused(code, what);
    }
    const Text owned(cookie.bv_val);
    return std::string(cookie.bv_val == nullptr ? "" : cookie.bv_val, cookie.bv_len);
  }

  const LdapOptions& options_;
  const std::stop_token stop_;
  const steady_clock::time_point ends_;
  std::unique_ptr<LDAP, FreeConnection> ldap_;
};

// One reading of everybody.
class Reading {
 public:
  Reading(const LdapOptions& options, Connection& connection,
          const identity::DirectorySource::Take& take)
      : options_(options), connection_(connection), take_(take) {}

  Result<void> run() {
    if (options_.group_attribute.empty()) WRIT_CHECK(read_groups());
    std::vector<std::string> attributes = {options_.id_attribute, options_.mail_attribute};
    for (const std::string* one : {&options_.group_attribute, &options_.member_names}) {
      if (!one->empty()) attributes.push_back(*one);
    }
    for (const std::string& base : options_.people_bases) {
      WRIT_CHECK(connection_.search(
          base, LDAP_SCOPE_SUBTREE, options_.people_filter, attributes,
          [&](LDAPMessage* entry) { return take_entry(entry); },
          [&] { return take_(std::exchange(page_, {})); }));
    }
    return {};
  }

 private:
  // What members are named by, in one spelling. Nothing: a value that names nobody.
  std::optional<std::string> key_of(std::string_view value) const {
    if (!options_.member_names.empty()) return lower(value);
    auto name = identity::normalise_directory_name(value);
    if (!name) return std::nullopt;
    return *std::move(name);
  }

  Result<void> read_groups() {
    for (const std::string& group : options_.groups) {
      bool is_there = false;
      WRIT_CHECK(connection_.search(
          group, LDAP_SCOPE_BASE, kEveryEntry, {options_.member_attribute},
          [&](LDAPMessage* entry) {
            is_there = true;
            return take_group(group, entry);
          },
          [] { return Result<void>(); }));
      if (!is_there) {
        return fail(Code::unavailable, connection_.at() + " has no group `" + group + "`",
                    std::string(remedy_of(LDAP_NO_SUCH_OBJECT)));
      }
    }
    return {};
  }

  Result<void> take_group(const std::string& group, LDAPMessage* entry) {
    if (connection_.is_cut(entry, options_.member_attribute)) {
      return fail(Code::unavailable,
                  connection_.at() + " does not say everybody who is in `" + group + "`",
                  "Set `group_attribute` to what names groups of a person: memberOf");
    }
    for (const std::string& value : connection_.values_of(entry, options_.member_attribute)) {
      if (auto key = key_of(value)) groups_of_[*std::move(key)].insert(group);
    }
    return {};
  }

  Result<void> take_entry(LDAPMessage* entry) {
    identity::DirectoryPerson person;
    const auto ids = connection_.values_of(entry, options_.id_attribute);
    if (ids.size() == 1) person.id = directory_id(options_.id_attribute, ids.front());
    if (person.id.empty()) {
      return fail(Code::unavailable,
                  connection_.at() + " has somebody without one `" + options_.id_attribute + "`",
                  "Set `id_attribute` to what every entry has, or leave them out by the filter");
    }
    person.addresses = connection_.values_of(entry, options_.mail_attribute);
    person.groups = groups_of(entry);
    page_.push_back(std::move(person));
    return {};
  }

  std::vector<std::string> groups_of(LDAPMessage* entry) const {
    std::set<std::string> out;
    if (!options_.group_attribute.empty()) {
      for (const std::string& value : connection_.values_of(entry, options_.group_attribute)) {
        auto name = identity::normalise_directory_name(value);
        if (name) out.insert(*std::move(name));
      }
    } else {
      std::vector<std::string> names = {connection_.name_of(entry)};
      if (!options_.member_names.empty()) {
        names = connection_.values_of(entry, options_.member_names);
      }
      for (const std::string& name : names) {
        const auto key = key_of(name);
        const auto found = key ? groups_of_.find(*key) : groups_of_.end();
        if (found != groups_of_.end()) out.insert(found->second.begin(), found->second.end());
      }
    }
    return {out.begin(), out.end()};
  }

  const LdapOptions& options_;
  Connection& connection_;
  const identity::DirectorySource::Take& take_;
  std::map<std::string, std::set<std::string>> groups_of_;  // by what members are named by
  std::vector<identity::DirectoryPerson> page_;
};

bool is_plain_text(std::string_view value) {
  return std::ranges::all_of(value, [](char c) { return c > ' ' && c < 0x7f; });
}

// The first three numbers of a GUID stand with their lowest byte first.
std::string guid_text(std::string_view bytes) {
  constexpr std::array<std::size_t, 16> kOrder = {3, 2, 1,  0,  5,  4,  7,  6,
                                                  8, 9, 10, 11, 12, 13, 14, 15};
  std::string in_order;
  for (const std::size_t at : kOrder) in_order += bytes[at];
  std::string out = to_hex(as_bytes(in_order));
  for (const std::size_t at : {8u, 13u, 18u, 23u}) out.insert(at, 1, '-');
  return out;
}

}  // namespace

std::string directory_id(std::string_view attribute, std::string_view value) {
  if (lower(attribute) == "objectguid") return value.size() == 16 ? guid_text(value) : "";
  return is_plain_text(value) ? std::string(value) : to_hex(as_bytes(value));
}

Result<void> LdapSource::read(const Take& take, std::stop_token stop) {
  Connection connection(options_, std::move(stop));
  WRIT_CHECK(connection.open());
  return Reading(options_, connection, take).run();
}

Result<void> LdapSource::look(const std::stop_token& stop) {
  return Connection(options_, stop).open();
}

}  // namespace writ::server
