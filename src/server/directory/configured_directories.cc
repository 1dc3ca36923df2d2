#include "server/directory/configured_directories.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/units.h"
#include "identity/directory/directory_name.h"

namespace writ::server {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr std::string_view kSetting = "identity.directories";
constexpr std::chrono::minutes kLongestReading{10};
constexpr std::chrono::seconds kSomebodyWaits{15};
// What a run takes beside reading, at most, before it says that it goes on.
constexpr std::chrono::seconds kLeaseBeyondReading{60};

// Whether what is said to `url` in the open stays on this machine.
bool is_this_machine(std::string_view url) {
  if (url.starts_with("ldapi://")) return true;
  std::string_view host = url.substr(url.find("//") + 2);
  if (host.starts_with('[')) return host.starts_with("[::1]");
  host = host.substr(0, host.find_first_of(":/"));
  return host == "127.0.0.1" || host == "localhost";
}

class Reader {
 public:
  Reader(const contract::Setting& setting, fs::path directory)
      : setting_(setting), directory_(std::move(directory)) {}

  Result<std::vector<ConfiguredDirectory>> read() {
    std::vector<ConfiguredDirectory> out;
    for (const Value& one : setting_.value.as_array()) {
      name_ = one.string_or("name", "");
      if (!names_.insert(name_).second) complain("has a name that another has");
      ConfiguredDirectory made;
      read_server(one, made.ldap);
      read_people(one, made.ldap);
      read_rules(one, made);
      read_times(one, made);
      out.push_back(std::move(made));
    }
    if (!wrong_.empty()) return fail(std::move(wrong_));
    return out;
  }

 private:
  void complain(const std::string& what, std::string remedy = {}) {
    const std::string where = setting_.place.empty() ? std::string(kSetting) : setting_.place;
    wrong_.push_back({.file = {},
                      .at = {},
                      .message = where + ": directory `" + name_ + "` " + what,
                      .remedy = std::move(remedy)});
  }
  fs::path file(const Value& value, std::string_view member) const {
    const std::string_view given = value.string_or(member, "");
    return given.empty() ? fs::path() : (directory_ / fs::path(given)).lexically_normal();
  }

  void read_server(const Value& value, LdapOptions& out) {
    out.url = value.string_or("url", "");
    out.starttls = value.bool_or("starttls", true);
    out.ca_file = file(value, "ca_file").string();
    out.bind_dn = value.string_or("bind_dn", "");
    out.password_file = file(value, "password_file");
    const std::string variable(value.string_or("password_variable", ""));
    const bool is_open = out.url.starts_with("ldap://") && !out.starttls;
    if (is_open && !is_this_machine(out.url)) {
      complain("would be asked in the open",
               "Leave `starttls` on, or write ldaps://; without only 127.0.0.1, ::1 and localhost");
    }
    if (!variable.empty() && !out.password_file.empty()) {
      complain("has both `password_file` and `password_variable`", "Set one of them");
    }
    if (!out.bind_dn.empty() && out.password_file.empty() && variable.empty()) {
      complain("has a `bind_dn` without a password", "Set `password_file` or `password_variable`");
    }
    if (variable.empty()) return;
    const char* const password = std::getenv(variable.c_str());
    if (password == nullptr || *password == '\0') {
      complain("has its password in the variable " + variable + ", which is not set");
    } else {
      out.password =
          std::make_shared<const crypto::SecretBytes>(crypto::SecretBytes::copy_of(password));
    }
  }

  void read_people(const Value& value, LdapOptions& out) {
    for (const Value& base : value.find("people_bases")->as_array()) {
      out.people_bases.push_back(normal_name(base.as_string()));
    }
    out.people_filter = value.string_or("people_filter", "(objectClass=inetOrgPerson)");
    out.id_attribute = value.string_or("id_attribute", "entryUUID");
    out.mail_attribute = value.string_or("mail_attribute", "mail");
    out.group_attribute = value.string_or("group_attribute", "");
    out.member_attribute = value.string_or("member_attribute", "member");
    out.member_names = value.string_or("member_names", "");
    out.ignores_referrals = value.bool_or("ignores_referrals", false);
    out.page_size = static_cast<std::size_t>(value.integer_or("page_size", 500));
  }

  void read_rules(const Value& value, ConfiguredDirectory& out) {
    identity::DirectoryRules& rules = out.rules;
    rules.name = name_;
    rules.adopts_by_email = value.bool_or("adopts_by_email", false);
    rules.addresses_are_verified = value.bool_or("addresses_are_verified", false);
    rules.allows_passwords = value.bool_or("allows_passwords", false);
    rules.max_people = static_cast<std::size_t>(value.integer_or("max_people", 20'000));
    auto losses = identity::LossLimit::parse(value.string_or("max_losses", "10%"));
    if (losses) rules.max_losses = *losses;  // the schema has looked at it
    const Value* const roles = value.find("roles");
    if (roles == nullptr) return;
    std::set<std::string> groups;
    for (const Value& one : roles->as_array()) {
      std::string role(one.string_or("role", ""));
      if (auto good = identity::check_role_name(role); !good) complain(good.error().message);
      std::string group = normal_name(one.string_or("group", ""));
      groups.insert(group);
      rules.roles.push_back({std::move(group), std::move(role)});
    }
    out.ldap.groups.assign(groups.begin(), groups.end());
  }

  void read_times(const Value& value, ConfiguredDirectory& out) {
    out.ldap.timeout = duration(value, "timeout", std::chrono::minutes(1));
    if (out.ldap.timeout.count() == 0 || out.ldap.timeout > kLongestReading) {
      complain("has a `timeout` of nothing, or of more than ten minutes");
    }
    const auto interval = duration(value, "interval", {});
    out.rules.interval = std::chrono::ceil<std::chrono::seconds>(interval);
    out.rules.lease =
        std::chrono::ceil<std::chrono::seconds>(out.ldap.timeout) + kLeaseBeyondReading;
  }

  Duration duration(const Value& value, std::string_view member, Duration fallback) {
    const std::string_view text = value.string_or(member, "");
    if (text.empty()) return fallback;
    const auto read = parse_duration(text);
    if (!read) complain("has a `" + std::string(member) + "` out of bounds");
    return read.value_or(fallback);
  }

  std::string normal_name(std::string_view text) {
    auto name = identity::normalise_directory_name(text);
    if (name) return *std::move(name);
    complain("names " + name.error().message, name.error().remediation);
    return {};
  }

  const contract::Setting& setting_;
  const fs::path directory_;
  std::string name_;
  std::set<std::string> names_;
  std::vector<Diagnostic> wrong_;
};

}  // namespace

Result<std::vector<ConfiguredDirectory>> read_directories(const contract::Settings& settings,
                                                          const fs::path& directory) {
  const contract::Setting* const setting = settings.find(kSetting);
  WRIT_ASSERT(setting != nullptr);
  return Reader(*setting, directory).read();
}

Result<std::vector<std::string>> look_at_directories(const contract::Settings& settings,
                                                     const fs::path& directory,
                                                     const std::stop_token& stop) {
  WRIT_TRY(auto all, read_directories(settings, directory));
  std::vector<std::string> out;
  for (ConfiguredDirectory& one : all) {
    one.ldap.timeout = std::min<milliseconds>(one.ldap.timeout, kSomebodyWaits);
    WRIT_CHECK(LdapSource(std::move(one.ldap)).look(stop));
    out.push_back(std::move(one.rules.name));
  }
  return out;
}

}  // namespace writ::server
