#pragma once
// Reads the members of one object of ours, strictly: what is missing, of another kind or unknown
// is an error naming the member. For records, attestations and bundle manifests.
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/value.h"
#include "crypto/digest.h"

namespace writ::evidence {

// 2^53 - 1, the largest whole number that every JSON reader keeps (RFC 8259 section 6).
inline constexpr std::int64_t kMaxExactInteger = 9'007'199'254'740'991;

class Fields {
 public:
  // `what` names the object in errors: "evidence record". `value` is borrowed.
  static Result<Fields> of(const Value& value, std::string what);

  Result<const Value*> any(std::string_view name);
  Result<std::string> text(std::string_view name);
  Result<bool> boolean(std::string_view name);
  // A whole number from 0 to 2^53 - 1.
  Result<std::uint64_t> count(std::string_view name);
  // The same, and strings of digits up to 2^64 - 1: how large numbers are written.
  Result<std::uint64_t> large(std::string_view name);
  Result<const Array*> list(std::string_view name);
  Result<const Object*> object(std::string_view name);
  Result<crypto::Digest> digest(std::string_view name);  // "sha256:<hex>" or bare hex
  Result<WallTime> time(std::string_view name);
  Result<std::vector<std::string>> texts(std::string_view name);

  // Whether an optional member is there; reading it is then as above.
  bool has(std::string_view name) const { return object_->contains(name); }
  // Errors: invalid_input when there is a member that nobody asked for.
  Result<void> finish() const;

 private:
  Fields(const Object& object, std::string what) : object_(&object), what_(std::move(what)) {}
  std::unexpected<Error> wrong(std::string_view name, std::string_view expected) const;

  const Object* object_;
  std::string what_;
  std::set<std::string, std::less<>> asked_;
};

// A number as JSON readers keep it: whole up to 2^53 - 1, else a string of its digits.
Value large_number(std::uint64_t n);
// "sha256:<hex>".
std::string digest_text(const crypto::Digest& digest);

}  // namespace writ::evidence
