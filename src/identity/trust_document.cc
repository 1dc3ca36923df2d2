// The trust file as text: parse with every error at its place, and to_yaml.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/suggest.h"
#include "base/yaml.h"
#include "identity/trust.h"
#include "identity/trust_document.h"

namespace writ::identity {
namespace {

constexpr std::string_view kKind = "Trust";
constexpr std::string_view kFileKeys[] = {"keys", "kind", "writ"};
constexpr std::string_view kKeyKeys[] = {"expires", "id", "name", "public", "revoked", "roles"};
constexpr std::string_view kRevokedKeys[] = {"at", "reason"};
constexpr std::size_t kMaxKeys = 10'000;

class Reader {
 public:
  explicit Reader(const Document& document) : document_(document) {}

  Result<Trust> read() {
    Trust trust;
    if (is_object(document_.root, "a trust file")) read_file(trust);
    if (!diagnostics_.empty()) return fail(std::move(diagnostics_));
    return trust;
  }

 private:
  void error(Position at, std::string message, std::string remedy) {
    diagnostics_.push_back(document_.diagnostic(at, std::move(message), std::move(remedy)));
  }

  bool is_object(const Value& value, std::string_view what) {
    if (value.is_object()) return true;
    error(value.at(), fmt::format("{} is an object, not {}", what, kind_name(value.kind())),
          "Write it as `key: value` lines");
    return false;
  }

  void refuse_unknown(const Object& object, std::span<const std::string_view> known) {
    for (const Member& member : object) {
      if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
      error(member.key_at,
            fmt::format("unknown key `{}`{}", member.key, did_you_mean(member.key, known)),
            fmt::format("Known here: {}", fmt::join(known, ", ")));
    }
  }

  // The member's text, or nullptr after a diagnostic. An absent optional member has none.
  const std::string* text(const Value& object, std::string_view key, bool is_required = true) {
    const Value* value = object.find(key);
    if (value == nullptr) {
      if (is_required) error(object.at(), fmt::format("`{}` is missing", key), "Add it");
      return nullptr;
    }
    if (value->is_string()) return &value->as_string();
    error(value->at(), fmt::format("`{}` is a string, not {}", key, kind_name(value->kind())),
          "Quote it");
    return nullptr;
  }

  std::optional<WallTime> time(const Value& object, std::string_view key, bool is_required) {
    const std::string* written = text(object, key, is_required);
    if (written == nullptr) return std::nullopt;
    const auto parsed = parse_rfc3339(*written);
    if (parsed) return *parsed;
    error(object.find(key)->at(), fmt::format("`{}` is no RFC 3339 time", key),
          "Write it like 2027-01-31T00:00:00Z");
    return std::nullopt;
  }

  std::string one_line(const Value& object, std::string_view key) {
    const std::string* written = text(object, key);
    if (written == nullptr) return {};
    if (!is_one_line(*written)) {
      error(object.find(key)->at(), fmt::format("`{}` is one line of 1 to {} bytes", key, kMaxLine),
            "Shorten it");
    }
    return *written;
  }

  void read_file(Trust& trust) {
    const Value& root = document_.root;
    refuse_unknown(root.as_object(), kFileKeys);
    const Value* version = root.find("writ");
    if (version == nullptr || *version != Value(1)) {
      error((version == nullptr ? root : *version).at(), "`writ` is not 1",
            "Write `writ: 1`, the version of the format");
    }
    if (root.string_or("kind", "") != kKind) {
      error(root.at(), "`kind` is not Trust", "Write `kind: Trust`");
    }
    const Value* keys = root.find("keys");
    if (keys == nullptr || !keys->is_array()) {
      error((keys == nullptr ? root : *keys).at(), "`keys` is not a list of keys",
            "Add keys with `writ trust add --role ROLE FILE.pub`");
      return;
    }
    if (keys->as_array().size() > kMaxKeys) {
      error(keys->at(), fmt::format("more than {} keys", kMaxKeys), "Remove unused keys");
      return;
    }
    for (const Value& entry : keys->as_array()) read_entry(entry, trust);
  }

  void read_entry(const Value& entry, Trust& trust) {
    if (!is_object(entry, "a trusted key")) return;
    const std::size_t errors = diagnostics_.size();
    refuse_unknown(entry.as_object(), kKeyKeys);
    TrustedKey key;
    read_identity(entry, key);
    key.name = one_line(entry, "name");
    read_roles(entry, key);
    key.expires = time(entry, "expires", false);
    if (const Value* revoked = entry.find("revoked")) read_revocation(*revoked, key);
    if (diagnostics_.size() != errors) return;
    if (trust.find(key.id()) != nullptr) {
      error(entry.at(), fmt::format("the key {} stands here twice", key.id().short_text()),
            "Keep one entry with all its roles");
      return;
    }
    if (auto added = trust.add(std::move(key)); !added) {
      error(entry.at(), added.error().message, std::string(added.error().remedy()));
    }
  }

  void read_identity(const Value& entry, TrustedKey& key) {
    const std::string* public_key = text(entry, "public");
    const std::string* id = text(entry, "id");
    if (public_key == nullptr) return;
    const auto parsed = crypto::PublicKey::parse_base64(*public_key);
    if (!parsed) {
      error(entry.find("public")->at(), "`public` is no Ed25519 key in base64",
            "Copy it from the .pub file");
      return;
    }
    key.key = *parsed;
    if (id != nullptr && *id != key.id().hex) {
      error(entry.find("id")->at(), "`id` is not the id of `public`",
            fmt::format("It is {}", key.id().hex));
    }
  }

  void read_roles(const Value& entry, TrustedKey& key) {
    const Value* roles = entry.find("roles");
    if (roles == nullptr || !roles->is_array() || roles->as_array().empty()) {
      error((roles == nullptr ? entry : *roles).at(), "`roles` is not a list of role names",
            "Write for example `roles: [maintainer]`");
      return;
    }
    for (const Value& role : roles->as_array()) {
      if (role.is_string() && is_role_name(role.as_string())) {
        key.roles.push_back(role.as_string());
      } else {
        error(role.at(), "a role name has lower-case letters, digits and hyphens, at most 64",
              "Write for example `maintainer`");
      }
    }
  }

  void read_revocation(const Value& revoked, TrustedKey& key) {
    if (!is_object(revoked, "`revoked`")) return;
    refuse_unknown(revoked.as_object(), kRevokedKeys);
    const auto at = time(revoked, "at", true);
    std::string reason = one_line(revoked, "reason");
    if (at) key.revoked = Revocation{*at, std::move(reason)};
  }

  const Document& document_;
  std::vector<Diagnostic> diagnostics_;
};

Value to_entry(const TrustedKey& key) {
  Array roles;
  for (const std::string& role : key.roles) roles.push_back(role);
  Object entry{{"id", key.id().hex},
               {"public", key.key.base64()},
               {"name", key.name},
               {"roles", std::move(roles)}};
  if (key.expires) entry.append("expires", to_rfc3339(*key.expires));
  if (key.revoked) {
    entry.append("revoked",
                 Object{{"at", to_rfc3339(key.revoked->at)}, {"reason", key.revoked->reason}});
  }
  return entry;
}

}  // namespace

Result<Trust> Trust::parse(const Document& document) { return Reader(document).read(); }

Value Trust::to_value() const {
  Array keys;
  for (const TrustedKey& key : keys_) keys.push_back(to_entry(key));
  return Object{{"writ", 1}, {"kind", kKind}, {"keys", std::move(keys)}};
}

std::string Trust::to_yaml() const { return writ::to_yaml(to_value()); }

}  // namespace writ::identity
