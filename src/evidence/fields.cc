#include "evidence/fields.h"

#include <charconv>

namespace writ::evidence {

Result<Fields> Fields::of(const Value& value, std::string what) {
  if (!value.is_object()) return fail(Code::invalid_input, what + " is no object");
  return Fields(value.as_object(), std::move(what));
}

std::unexpected<Error> Fields::wrong(std::string_view name, std::string_view expected) const {
  return fail(Code::invalid_input,
              what_ + ": `" + std::string(name) + "` is not " + std::string(expected));
}

Result<const Value*> Fields::any(std::string_view name) {
  asked_.emplace(name);
  const Value* member = object_->find(name);
  if (member == nullptr) {
    return fail(Code::invalid_input, what_ + ": `" + std::string(name) + "` is missing");
  }
  return member;
}

Result<std::string> Fields::text(std::string_view name) {
  WRIT_TRY(const Value* member, any(name));
  if (!member->is_string()) return wrong(name, "a string");
  return member->as_string();
}

Result<bool> Fields::boolean(std::string_view name) {
  WRIT_TRY(const Value* member, any(name));
  if (!member->is_bool()) return wrong(name, "true or false");
  return member->as_bool();
}

Result<std::uint64_t> Fields::count(std::string_view name) {
  WRIT_TRY(const Value* member, any(name));
  if (!member->is_integer() || member->as_integer() < 0 ||
      member->as_integer() > kMaxExactInteger) {
    return wrong(name, "a whole number from 0 to 2^53 - 1");
  }
  return static_cast<std::uint64_t>(member->as_integer());
}

Result<std::uint64_t> Fields::large(std::string_view name) {
  WRIT_TRY(const Value* member, any(name));
  if (!member->is_string()) return count(name);
  const std::string& digits = member->as_string();
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  // One spelling only: no sign, no leading zero, no string where a number would do.
  if (error != std::errc() || end != digits.data() + digits.size() ||
      n <= static_cast<std::uint64_t>(kMaxExactInteger) || std::to_string(n) != digits) {
    return wrong(name, "a number above 2^53 - 1 in digits");
  }
  return n;
}

Result<const Array*> Fields::list(std::string_view name) {
  WRIT_TRY(const Value* member, any(name));
  if (!member->is_array()) return wrong(name, "a list");
  return &member->as_array();
}

Result<const Object*> Fields::object(std::string_view name) {
  WRIT_TRY(const Value* member, any(name));
  if (!member->is_object()) return wrong(name, "an object");
  return &member->as_object();
}

Result<crypto::Digest> Fields::digest(std::string_view name) {
  WRIT_TRY(const std::string written, text(name));
  std::string_view hex = written;
  if (hex.starts_with("sha256:")) hex.remove_prefix(7);
  const auto digest = crypto::Digest::parse_hex(hex);
  // parse_hex may accept upper case; one spelling only.
  if (!digest || digest->hex() != hex) return wrong(name, "a SHA-256 digest");
  return *digest;
}

Result<WallTime> Fields::time(std::string_view name) {
  WRIT_TRY(const std::string written, text(name));
  const auto time = parse_rfc3339(written);
  if (!time) return wrong(name, "a time (RFC 3339)");
  return *time;
}

Result<std::vector<std::string>> Fields::texts(std::string_view name) {
  WRIT_TRY(const Array* items, list(name));
  std::vector<std::string> out;
  for (const Value& item : *items) {
    if (!item.is_string()) return wrong(name, "a list of strings");
    out.push_back(item.as_string());
  }
  return out;
}

Result<void> Fields::finish() const {
  for (const Member& member : *object_) {
    if (asked_.contains(member.key)) continue;
    return fail(Code::invalid_input, what_ + ": unknown member `" + member.key + "`",
                "It may come from a newer Writ: use that one to read it");
  }
  return {};
}

Value large_number(std::uint64_t n) {
  if (n <= static_cast<std::uint64_t>(kMaxExactInteger)) return static_cast<std::int64_t>(n);
  return std::to_string(n);
}

std::string digest_text(const crypto::Digest& digest) { return "sha256:" + digest.hex(); }

}  // namespace writ::evidence
