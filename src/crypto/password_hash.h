#pragma once
// Passwords at rest: argon2id (RFC 9106, libsodium) as PHC strings,
//
//   $argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>
//   $argon2id-pepper$v=19$m=19456,t=2,p=1,keyid=<pepper id>$<salt>$<hash>
//
// where the second form hashes HMAC-SHA-256(pepper, password) in place of the password. The pepper
// is kept outside the database. Every byte of a password counts: nothing is cut off, and a NUL is
// a byte like others.
//
// One call costs 20 ms of processor and 19 MiB on purpose: callers bound how many run at once
// (identity/password_pool.h). A hasher is immutable and thread-safe.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/secret_bytes.h"

namespace writ::crypto {

struct HashWork {
  std::uint32_t passes = 2;
  std::uint32_t memory_kib = 19'456;  // the first choice of OWASP's password storage sheet
  friend bool operator==(const HashWork&, const HashWork&) = default;
};

// Stored hashes may have been made with more work than ours, but never with so much that checking
// one is an attack on the server.
inline constexpr HashWork kMostHashWork{16, 256 << 10};

struct Pepper {
  std::string id;   // 1 to 32 of A-Z, a-z, 0-9, `-`, `.`
  SecretBytes key;  // 32 bytes or more
};

// What a PHC string says of itself.
struct HashForm {
  HashWork work;
  std::string pepper_id;  // empty: none
};
// Errors: invalid_input (no argon2id PHC string of one lane, or more work than the bound).
Result<HashForm> read_hash_form(std::string_view phc);

enum class PasswordVerdict : std::uint8_t {
  wrong,
  right,
  right_needs_rehash,  // made with other work or another pepper than new ones are
};

class PasswordHasher {
 public:
  // New hashes are made with the first pepper, if there is one; the others are still understood.
  // Makes the decoy, so it costs one hash. Errors: invalid_input (work out of bounds, a pepper's id
  // or size), unavailable (no memory).
  static Result<PasswordHasher> create(HashWork work, std::vector<Pepper> peppers);

  // Errors: unavailable (no memory for it now).
  Result<std::string> hash(std::string_view password) const;
  // Errors: invalid_input (the stored text is no hash, or beyond the bound), not_found (its pepper
  // is not configured), unavailable.
  Result<PasswordVerdict> verify(std::string_view password, std::string_view phc) const;
  // What verifying against a hash of ours costs, with the verdict `wrong` whatever the password:
  // for names that nobody has, so that they cannot be told by the time. Errors: unavailable.
  Result<PasswordVerdict> verify_nobody(std::string_view password) const;
  // Whether `phc` should be made anew at the next login. True for what is no hash.
  bool needs_rehash(std::string_view phc) const;

 private:
  PasswordHasher(HashWork work, std::vector<Pepper> peppers);
  const Pepper* active() const { return peppers_.empty() ? nullptr : &peppers_.front(); }

  HashWork work_;
  std::vector<Pepper> peppers_;
  std::string decoy_;
};

}  // namespace writ::crypto
