#include "identity/accounts/settings.h"

#include <gtest/gtest.h>

#include "identity/testing/account_room.h"

namespace writ::identity {
namespace {

Value parsed(std::string_view json) { return parse_json(json).value(); }

// Each complaint on a line.
std::string complaints(std::string_view patch) {
  const auto changed = with_changes({}, parsed(patch));
  if (changed) return "none";
  std::string out;
  for (const Diagnostic& found : changed.error().diagnostics) out += found.message + '\n';
  return out.empty() ? changed.error().message : out;
}

TEST(AccountSettings, ChangeMemberByMember) {
  AccountRoom room;
  EXPECT_EQ(room.look([](store::Tx& tx) { return read_settings(tx); }), AccountSettings{});
  const Value patch = parsed(R"({"registration":"strict","password_minimum":15})");
  const AccountSettings changed =
      room.make([&](store::Tx& tx, const Deed& by) { return change_settings(tx, patch, by); });
  AccountSettings expected;
  expected.registration = Registration::strict;
  expected.password_minimum = 15;
  EXPECT_EQ(changed, expected);
  EXPECT_EQ(room.last_event(),
            "writ.settings.changed settings/accounts "
            R"({"settings":{"password_minimum":15,"registration":"strict"}})");
  EXPECT_EQ(room.look([](store::Tx& tx) { return read_settings(tx); }), expected);
}

TEST(AccountSettings, AreReadBackAsTheyAreWritten) {
  AccountSettings settings;
  settings.registration = Registration::closed;
  settings.is_verification_required = true;
  settings.has_magic_links = false;
  settings.session_idle_seconds = 301;
  EXPECT_EQ(with_changes({}, Value(to_object(settings))).value(), settings);
}

TEST(AccountSettings, RefuseWhatTheyDoNotKnowAndWhatIsOutOfBounds) {
  EXPECT_EQ(complaints(R"({"colour":"red","password_minimum":7,"registration":"maybe",
                           "has_magic_links":1,"session_idle_seconds":1.5})"),
            "`colour` is no setting\n"
            "`password_minimum` is a whole number from 8 to 64\n"
            "`registration` is open, closed or strict\n"
            "`has_magic_links` is true or false\n"
            "`session_idle_seconds` is a whole number from 300 to 2592000\n");
  EXPECT_EQ(complaints("[]"), "settings are an object");
  EXPECT_EQ(complaints("{}"), "none");
}

}  // namespace
}  // namespace writ::identity
