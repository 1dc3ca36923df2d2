#include "crypto/password_hash.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "crypto/digest.h"
#include "crypto/phc_string.h"
#include "crypto/random_bytes.h"

namespace writ::crypto {
namespace {

constexpr std::size_t kLeastPepper = 32;

// What goes into argon2id: the password itself, or its HMAC.
SecretBytes prepared(std::string_view password, const Pepper* pepper) {
  if (pepper == nullptr) return SecretBytes::copy_of(password);
  Digest mac = hmac_sha256(pepper->key.view(), password);
  SecretBytes out = SecretBytes::copy_of(mac.view());
  sodium_memzero(mac.bytes.data(), mac.bytes.size());
  return out;
}

Result<void> check(HashWork work, const std::vector<Pepper>& peppers) {
  if (work.passes < 1 || work.passes > kMostHashWork.passes || work.memory_kib < 8 ||
      work.memory_kib > kMostHashWork.memory_kib) {
    return fail(Code::invalid_input, "the work of password hashes is out of bounds",
                "Take 1 to 16 passes and 8 to 262144 KiB");
  }
  for (const Pepper& pepper : peppers) {
    if (!is_pepper_id(pepper.id)) {
      return fail(Code::invalid_input,
                  "a pepper's id is 1 to 32 letters, digits, hyphens and full stops",
                  "Give it another id");
    }
    if (pepper.key.size() < kLeastPepper) {
      return fail(Code::invalid_input, "the pepper `" + pepper.id + "` has fewer than 32 bytes",
                  "Make one with `openssl rand -base64 32`");
    }
  }
  return {};
}

std::unexpected<Error> no_memory(HashWork work) {
  return fail(Code::unavailable, "not enough memory to hash a password",
              "Free " + std::to_string(work.memory_kib / 1024) + " MiB and retry");
}

std::unexpected<Error> no_hash() {
  return fail(Code::invalid_input, "the stored password hash cannot be read",
              "Let the account's owner set a new password");
}

Result<bool> holds(const std::string& plain, const SecretBytes& input, HashWork work) {
  const auto* const text = reinterpret_cast<const char*>(input.data());
  errno = 0;
  if (crypto_pwhash_str_verify(plain.c_str(), text, input.size()) == 0) return true;
  if (errno == EINVAL) return false;  // how libsodium tells a wrong password from a failure
  if (errno == ENOMEM) return no_memory(work);
  return no_hash();
}

}  // namespace

Result<HashForm> read_hash_form(std::string_view phc) {
  auto parsed = parse_phc(phc);
  if (!parsed) return no_hash();
  return std::move(parsed->form);
}

PasswordHasher::PasswordHasher(HashWork work, std::vector<Pepper> peppers)
    : work_(work), peppers_(std::move(peppers)) {}

Result<PasswordHasher> PasswordHasher::create(HashWork work, std::vector<Pepper> peppers) {
  require_sodium();
  WRIT_CHECK(check(work, peppers));
  PasswordHasher hasher(work, std::move(peppers));
  WRIT_TRY(hasher.decoy_, hasher.hash(random_bytes(32)));
  return hasher;
}

Result<std::string> PasswordHasher::hash(std::string_view password) const {
  const Pepper* const pepper = active();
  const SecretBytes input = prepared(password, pepper);
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str_alg(out.data(), reinterpret_cast<const char*>(input.data()), input.size(),
                            work_.passes, std::size_t{work_.memory_kib} * 1024,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return no_memory(work_);
  }
  if (pepper == nullptr) return std::string(out.data());
  return with_pepper(out.data(), pepper->id);
}

Result<PasswordVerdict> PasswordHasher::verify(std::string_view password,
                                               std::string_view phc) const {
  const auto stored = parse_phc(phc);
  if (!stored) return no_hash();
  const Pepper* pepper = nullptr;
  if (!stored->form.pepper_id.empty()) {
    const auto found = std::ranges::find(peppers_, stored->form.pepper_id, &Pepper::id);
    if (found == peppers_.end()) {
      return fail(Code::not_found, "no pepper `" + stored->form.pepper_id + "` is configured",
                  "Configure it again behind the current one");
    }
    pepper = &*found;
  }
  WRIT_TRY(const bool is_right,
           holds(stored->plain, prepared(password, pepper), stored->form.work));
  if (!is_right) return PasswordVerdict::wrong;
  return needs_rehash(phc) ? PasswordVerdict::right_needs_rehash : PasswordVerdict::right;
}

Result<PasswordVerdict> PasswordHasher::verify_nobody(std::string_view password) const {
  WRIT_CHECK(verify(password, decoy_));  // whoever guesses the decoy is nobody all the same
  return PasswordVerdict::wrong;
}

bool PasswordHasher::needs_rehash(std::string_view phc) const {
  const auto stored = parse_phc(phc);
  const std::string_view wanted = active() == nullptr ? std::string_view() : active()->id;
  return !stored || stored->form.work != work_ || stored->form.pepper_id != wanted;
}

}  // namespace writ::crypto
