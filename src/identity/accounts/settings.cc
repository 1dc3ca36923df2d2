#include "identity/accounts/settings.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <variant>

#include "base/json.h"
#include "store/make_tables.h"

namespace writ::identity {
namespace {

constexpr store::Table kSettings{"identity_settings"};
constexpr std::string_view kRow = "accounts";

struct Whole {
  std::int64_t AccountSettings::* member;
  std::int64_t least;
  std::int64_t most;
};
using Yes = bool AccountSettings::*;
using Choice = Registration AccountSettings::*;

struct Field {
  std::string_view name;
  std::variant<Whole, Yes, Choice> is;
};

constexpr std::int64_t kDay = 24 * 3600;

// Sorted by name; the contract's schema AccountSettings has the same bounds.
constexpr Field kFields[] = {
    {"access_token_seconds", Whole{&AccountSettings::access_token_seconds, 60, 3600}},
    {"has_magic_links", &AccountSettings::has_magic_links},
    {"is_verification_required", &AccountSettings::is_verification_required},
    {"password_minimum", Whole{&AccountSettings::password_minimum, 8, 64}},
    {"registration", &AccountSettings::registration},
    {"session_absolute_seconds", Whole{&AccountSettings::session_absolute_seconds, 600, 90 * kDay}},
    {"session_idle_seconds", Whole{&AccountSettings::session_idle_seconds, 300, 30 * kDay}},
};

struct Write {
  const AccountSettings& from;
  Value operator()(const Whole& whole) const { return from.*whole.member; }
  Value operator()(Yes yes) const { return from.*yes; }
  Value operator()(Choice choice) const { return kRegistrations.name(from.*choice); }
};

// What is wrong with the value; empty: it was taken.
struct Take {
  AccountSettings& into;
  const Value& value;

  std::string operator()(const Whole& whole) const {
    if (!value.is_integer() || value.as_integer() < whole.least ||
        value.as_integer() > whole.most) {
      return fmt::format("is a whole number from {} to {}", whole.least, whole.most);
    }
    into.*whole.member = value.as_integer();
    return {};
  }
  std::string operator()(Yes yes) const {
    if (!value.is_bool()) return "is true or false";
    into.*yes = value.as_bool();
    return {};
  }
  std::string operator()(Choice choice) const {
    const auto parsed = value.is_string() ? kRegistrations.parse(value.as_string()) : std::nullopt;
    if (!parsed) return "is open, closed or strict";
    into.*choice = *parsed;
    return {};
  }
};

const Field* find_field(std::string_view name) {
  for (const Field& field : kFields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

std::string complaint_about(AccountSettings& into, const Member& member) {
  const Field* field = find_field(member.key);
  if (field == nullptr) return "is no setting";
  return std::visit(Take{into, member.value}, field->is);
}

}  // namespace

Object to_object(const AccountSettings& settings) {
  Object out;
  for (const Field& field : kFields) {
    out.append(std::string(field.name), std::visit(Write{settings}, field.is));
  }
  return out;
}

Result<AccountSettings> with_changes(const AccountSettings& settings, const Value& patch) {
  if (!patch.is_object()) return fail(Code::invalid_input, "settings are an object");
  AccountSettings out = settings;
  std::vector<Diagnostic> found;
  for (const Member& member : patch.as_object()) {
    const std::string complaint = complaint_about(out, member);
    if (complaint.empty()) continue;
    found.push_back({.file = {},
                     .at = member.key_at,
                     .message = '`' + member.key + "` " + complaint,
                     .remedy = {}});
  }
  if (!found.empty()) return fail(std::move(found));
  return out;
}

Result<AccountSettings> read_settings(store::Tx& tx) {
  WRIT_TRY(const auto row, tx.get(kSettings, kRow));
  if (!row) return AccountSettings{};
  WRIT_TRY(const Value value, parse_json(*row));
  return with_changes({}, value);
}

Result<AccountSettings> change_settings(store::Tx& tx, const Value& patch, const Deed& deed) {
  WRIT_TRY(const AccountSettings before, read_settings(tx));
  WRIT_TRY(const AccountSettings after, with_changes(before, patch));
  WRIT_CHECK(tx.put(kSettings, kRow, to_json(Value(to_object(after)))));
  Object payload;
  payload.append("settings", patch);
  WRIT_CHECK(deed.tell(tx, "writ.settings.changed", "settings/accounts", std::move(payload)));
  return after;
}

std::vector<store::Migration> settings_migrations() {
  return store::make_tables("identity_settings", "how accounts work", {kSettings});
}

}  // namespace writ::identity
