#include "identity/directory/directory_name.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

namespace writ::identity {
namespace {

std::string said(std::string_view text) {
  const auto name = normalise_directory_name(text);
  return name ? *name : "(none)";
}

TEST(DirectoryName, HasOneSpelling) {
  const std::string one = "cn=ada lovelace,ou=people,dc=example,dc=org";
  for (const char* spelling : {"cn=ada lovelace,ou=people,dc=example,dc=org",
                               "CN=Ada Lovelace,OU=People,DC=example,DC=org",
                               " cn = Ada  Lovelace , ou=people ,dc=example,  dc=org ",
                               R"(cn=\41da lovelace,ou=people;dc=example;dc=org)"}) {
    EXPECT_EQ(said(spelling), one) << spelling;
  }
  EXPECT_EQ(said("uid=a+cn=b,dc=x"), said("CN=B+UID=A,DC=X"));
}

// What is escaped belongs to the value, and makes no other name of it.
TEST(DirectoryName, TellsWhatIsEscapedFromWhatIsNot) {
  const struct {
    std::string_view text;
    std::string_view name;
  } cases[] = {
      {R"(cn=Doe\, Jane,dc=x)", R"(cn=doe\, jane,dc=x)"},
      {R"(cn=Doe\2C Jane,dc=x)", R"(cn=doe\, jane,dc=x)"},
      {R"(cn=\ a\ ,dc=x)", R"(cn=\ a\ ,dc=x)"},
      {R"(cn=\#1,dc=x)", R"(cn=\#1,dc=x)"},
      {R"(cn=a=b,dc=x)", R"(cn=a\3db,dc=x)"},
      {R"(cn=a\00b,dc=x)", R"(cn=a\00b,dc=x)"},
      {"cn=#04024869,dc=x", "cn=#04024869,dc=x"},
      {"2.5.4.3=a", "2.5.4.3=a"},
      {"cn=Zoë,dc=x", "cn=zoë,dc=x"},
  };
  for (const auto& one : cases) EXPECT_EQ(said(one.text), one.name) << one.text;
  EXPECT_NE(said(R"(cn=a\,dc\3dx,dc=y)"), said("cn=a,dc=x,dc=y"));
}

TEST(DirectoryName, IsRefusedWhereItIsNone) {
  for (const std::string& text :
       {std::string(), std::string("operators"), std::string("cn="), std::string("cn=a,"),
        std::string("=a"), std::string("cn=a,,dc=x"), std::string("cn=a\\"), std::string("cn=a\\4"),
        std::string("cn=a\\zz"), std::string("cn=#1"), std::string("cn=#0g"),
        std::string("cn=\"a\""), std::string("cn=a\0b", 6),
        "cn=" + std::string(kMaxDirectoryName, 'a')}) {
    EXPECT_EQ(said(text), "(none)") << text;
  }
  EXPECT_EQ(normalise_directory_name("a\nb").error().message, "`a?b` is not the name of an entry");
}

TEST(DirectoryName, StaysAsItIsOnceItIsNormal) {
  rc::check("normalising twice changes nothing more", [] {
    const auto pairs =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(rc::gen::nonEmpty(
            rc::gen::container<std::string>(rc::gen::elementOf(std::string(R"(aB =,+\#;<20c)"))))));
    std::string text;
    for (const std::string& pair : pairs) text += (text.empty() ? "cn=" : ",cn=") + pair;
    const auto once = normalise_directory_name(text);
    if (!once) return;
    const auto twice = normalise_directory_name(*once);
    RC_ASSERT(twice.has_value());
    RC_ASSERT(*twice == *once);
  });
}

}  // namespace
}  // namespace writ::identity
