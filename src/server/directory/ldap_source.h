#pragma once
// People of an LDAP directory (RFC 4511), page by page (RFC 2696). ldap_source.cc is the only file
// that knows libldap.
//
// Over TLS with a certificate that is trusted, or on this machine. Nothing that the machine's
// ldap.conf says loosens that. Whatever is not a whole answer is an error: a page that does not
// come, a bound of the server's, a part that is kept elsewhere.
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/secret_bytes.h"
#include "identity/directory/directory_source.h"

namespace writ::server {

struct LdapOptions {
  std::string url;
  bool starttls = true;                                      // of ldap://
  std::string ca_file = {};                                  // PEM; empty: the system's
  std::string bind_dn = {};                                  // empty: nobody in particular
  std::filesystem::path password_file;                       // read each time; empty: `password`
  std::shared_ptr<const crypto::SecretBytes> password = {};  // shared by copies
  std::vector<std::string> people_bases;
  std::string people_filter;
  std::string id_attribute;
  std::string mail_attribute;
  std::string group_attribute = {};  // empty: groups are asked who is in them
  std::string member_attribute;
  std::string member_names = {};    // empty: names of entries
  std::vector<std::string> groups;  // normalised; no other is told of
  bool ignores_referrals = false;
  std::size_t page_size = 500;
  std::chrono::milliseconds timeout{60'000};  // all of it
};

// Thread-safe: each reading has a connection of its own.
class LdapSource final : public identity::DirectorySource {
 public:
  explicit LdapSource(LdapOptions options) : options_(std::move(options)) {}

  // Errors: unavailable, timed_out, cancelled, and those of a password's file. They repeat what the
  // directory says about itself, but name nobody.
  Result<void> read(const Take& take, std::stop_token stop) override;
  // Whether people could be read: connects and shows who asks.
  Result<void> look(const std::stop_token& stop);

 private:
  const LdapOptions options_;
};

// What an entry's id is here: text as it stands; objectGUID as a UUID is written; other bytes in
// hexadecimal digits. Empty: none that can be used.
std::string directory_id(std::string_view attribute, std::string_view value);

}  // namespace writ::server
