#include "crypto/keyring_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "base/json.h"
#include "crypto/key_document.h"

namespace writ::crypto {
namespace {

constexpr std::string_view kKind = "WritKeyring";
constexpr KeyState kStates[] = {KeyState::active, KeyState::retired, KeyState::revoked};

std::unexpected<Error> malformed(std::string_view source, std::string_view why) {
  return fail(Code::invalid_input, fmt::format("{} is no keyring: {}", source, why),
              "Restore the file from a copy; the keys themselves are beside it");
}

Value to_value(const KeyInfo& info) {
  Object object{{"id", info.id.hex},
                {"public", info.key.base64()},
                {"name", info.name},
                {"state", state_name(info.state)},
                {"created", to_rfc3339(info.created)}};
  if (info.ended) object.append("ended", to_rfc3339(*info.ended));
  if (!info.reason.empty()) object.append("reason", info.reason);
  return object;
}

Result<KeyInfo> key_info(const Value& value, std::string_view source) {
  KeyInfo info;
  const auto key = PublicKey::parse_base64(value.string_or("public", ""));
  if (!key) return malformed(source, "`public` is no Ed25519 key in base64");
  info.key = *key;
  info.id = info.key.id();
  if (value.string_or("id", "") != info.id.hex) {
    return malformed(source, "`id` is not the id of `public`");
  }
  info.name = value.string_or("name", "");
  const auto state = std::find_if(std::begin(kStates), std::end(kStates), [&](KeyState s) {
    return state_name(s) == value.string_or("state", "");
  });
  if (state == std::end(kStates)) return malformed(source, "unknown `state`");
  info.state = *state;
  const auto created = parse_rfc3339(value.string_or("created", ""));
  if (!created) return malformed(source, "`created` is no RFC 3339 time");
  info.created = *created;
  if (info.state != KeyState::active) {
    const auto ended = parse_rfc3339(value.string_or("ended", ""));
    if (!ended) return malformed(source, "`ended` is no RFC 3339 time");
    info.ended = *ended;
  }
  info.reason = value.string_or("reason", "");
  return info;
}

}  // namespace

std::string_view state_name(KeyState state) {
  switch (state) {
    case KeyState::active:
      return "active";
    case KeyState::retired:
      return "retired";
    case KeyState::revoked:
      return "revoked";
  }
  return "";
}

std::string serialize_keyring(const std::vector<KeyInfo>& keys) {
  Array list;
  for (const KeyInfo& info : keys) list.push_back(to_value(info));
  return to_pretty_json(Object{{"kind", kKind}, {"v", 1}, {"keys", std::move(list)}});
}

Result<std::vector<KeyInfo>> parse_keyring(std::string_view text, std::string_view source) {
  const auto document = parse_json(text, source);
  if (!document) return malformed(source, "not JSON");
  const Value* list = document->find("keys");
  if (document->string_or("kind", "") != kKind || list == nullptr || !list->is_array()) {
    return malformed(source, fmt::format("`kind` is not {}", kKind));
  }
  if (document->integer_or("v", 0) != 1) {
    return fail(Code::unsupported,
                fmt::format("{} is of a version this Writ does not read", source),
                "Use the version of Writ that wrote it");
  }
  std::vector<KeyInfo> keys;
  std::set<KeyId> seen;
  bool has_active = false;
  for (const Value& item : list->as_array()) {
    WRIT_TRY(KeyInfo info, key_info(item, source));
    if (!seen.insert(info.id).second) return malformed(source, "a key stands in it twice");
    const bool is_active = info.state == KeyState::active;
    if (is_active && has_active) return malformed(source, "two keys are active");
    has_active = has_active || is_active;
    keys.push_back(std::move(info));
  }
  return keys;
}

}  // namespace writ::crypto
