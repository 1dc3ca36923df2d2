// The small parts that schemas are built on: URIs, pointers, numbers, key tables, formats, the
// keyword table.
#include <gtest/gtest.h>

#include <limits>

#include "base/json.h"
#include "contract/schema/dialect.h"
#include "contract/schema/equality.h"
#include "contract/schema/evaluated.h"
#include "contract/schema/format.h"
#include "contract/schema/key_table.h"
#include "contract/schema/leaf.h"
#include "contract/schema/number.h"
#include "contract/schema/pointer.h"
#include "contract/schema/uri.h"

namespace writ::contract {
namespace {

TEST(Uri, ResolvesTheExamplesOfTheRfc) {
  constexpr std::string_view kBase = "http://a/b/c/d;p?q";  // RFC 3986 section 5.4
  constexpr std::pair<std::string_view, std::string_view> kExamples[] = {
      {"g:h", "g:h"},
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q#s"},
      {"g#s", "http://a/b/c/g#s"},
      {";x", "http://a/b/c/;x"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"g..", "http://a/b/c/g.."},
      {"./g/.", "http://a/b/c/g/"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
      {"g?y/../x", "http://a/b/c/g?y/../x"}};
  for (const auto& [reference, expected] : kExamples) {
    EXPECT_EQ(resolve_uri(kBase, reference), expected) << reference;
  }
  EXPECT_EQ(resolve_uri("urn:uuid:1", "#/a"), "urn:uuid:1#/a");
  EXPECT_EQ(resolve_uri("", "a/b.json"), "a/b.json");
  EXPECT_EQ(percent_decode("a%25%2Fb%zz"), "a%/b%zz");
}

TEST(Pointer, ReadsWhatItWrites) {
  std::string pointer;
  append_pointer(pointer, "a/b~c");
  append_pointer(pointer, 3);
  EXPECT_EQ(pointer, "/a~1b~0c/3");
  EXPECT_EQ(*parse_pointer(pointer), (std::vector<std::string>{"a/b~c", "3"}));
  EXPECT_FALSE(parse_pointer("a").has_value());
  EXPECT_FALSE(parse_pointer("/~2").has_value());
  const Value list(Array{Value(7)});
  EXPECT_EQ(pointer_step(list, "0"), &list.as_array()[0]);
  EXPECT_EQ(pointer_step(list, "00"), nullptr);
  EXPECT_EQ(pointer_step(list, "1"), nullptr);
  EXPECT_EQ(pointer_step(list, "99999999999999999999"), nullptr);
}

TEST(Number, ComparesIntegersAndDoublesExactly) {
  const std::int64_t large = (std::int64_t{1} << 53) + 1;
  EXPECT_TRUE(compare(Number::of(large), Number::of(0x1p53)) > 0);
  EXPECT_TRUE(compare(Number::of(0x1p63), Number::of(std::numeric_limits<std::int64_t>::max())) >
              0);
  EXPECT_TRUE(compare(Number::of(std::int64_t{1}), Number::of(1.0)) == 0);
  EXPECT_TRUE(compare(Number::of(std::int64_t{-1}), Number::of(-1.5)) > 0);
}

TEST(Number, DividesInTheDecimalsThatPeopleWrite) {
  const auto multiple = [](double n, double divisor) {
    return is_multiple(Number::of(n), to_decimal(Number::of(divisor)));
  };
  EXPECT_TRUE(multiple(0.0075, 0.0001));
  EXPECT_FALSE(multiple(0.00751, 0.0001));
  EXPECT_TRUE(multiple(19.99, 0.01));
  EXPECT_TRUE(multiple(1e308, 0.5));
  EXPECT_FALSE(multiple(1e308, 0.123456789));
  EXPECT_FALSE(multiple(5e-324, 1e300));
  EXPECT_TRUE(multiple(0, 3));
  EXPECT_TRUE(is_multiple(Number::of(std::numeric_limits<std::int64_t>::min()), {2, 0}));
}

TEST(KeyTable, FindsItsKeysAndNoOthers) {
  std::vector<std::string> keys = {""};
  for (int i = 0; i < 300; ++i)
    keys.push_back(std::string(static_cast<std::size_t>(i % 40), 'k') + std::to_string(i));
  // The same ends and the same length: only a comparison of the whole tells them apart.
  keys.push_back("abcdefgh-1-ijklmnop");
  keys.push_back("abcdefgh-2-ijklmnop");
  const KeyTable table(keys);
  for (std::uint32_t i = 0; i < keys.size(); ++i) EXPECT_EQ(table.find(keys[i]), i);
  EXPECT_EQ(table.find("abcdefgh-3-ijklmnop"), KeyTable::kNone);
  EXPECT_EQ(table.find("k"), KeyTable::kNone);
  EXPECT_EQ(KeyTable().find(""), KeyTable::kNone);
}

TEST(Evaluated, RemembersBeyondOneWord) {
  Evaluated a;
  Evaluated b;
  a.mark(3);
  b.mark(200);
  a.merge(b);
  EXPECT_TRUE(a.is_marked(3));
  EXPECT_TRUE(a.is_marked(200));
  EXPECT_FALSE(a.is_marked(201));
  EXPECT_FALSE(a.is_marked(5000));
  a.mark_all();
  EXPECT_TRUE(a.is_marked(5000));
}

TEST(Equality, FindsDuplicatesInLongListsOfAnything) {
  Array items;
  for (int i = 0; i < 2000; ++i) items.push_back(Object{{"n", i}, {"s", Array{Value("x")}}});
  EXPECT_TRUE(are_unique(ValueNode(Value(items))));
  items.push_back(Object{{"s", Array{Value("x")}}, {"n", 700.0}});
  EXPECT_FALSE(are_unique(ValueNode(Value(items))));
}

TEST(Leaf, CountsCodePoints) {
  EXPECT_EQ(count_code_points(""), 0u);
  EXPECT_EQ(count_code_points("abcdefghijk"), 11u);
  EXPECT_EQ(count_code_points("\xf0\x9f\x90\xb2\xf0\x9f\x90\xb2\xc3\xa9\xe2\x82\xac.abc"), 8u);
}

TEST(Dialect, KeepsItsKeywordsSorted) {
  const auto table = keyword_table();
  EXPECT_TRUE(std::is_sorted(table.begin(), table.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
  const Dialect draft7 = *published_dialect("http://json-schema.org/draft-07/schema#");
  EXPECT_EQ(find_keyword("prefixItems", draft7), nullptr);
  EXPECT_EQ(find_keyword("additionalItems", draft7)->keyword, Keyword::additional_items);
}

struct FormatCase {
  std::string_view format;
  std::string_view good;
  std::string_view bad;
};

TEST(Format, TellsGoodFromBad) {
  constexpr FormatCase kCases[] = {
      {"date", "2024-02-29", "2023-02-29"},
      {"date-time", "1998-12-31T23:59:60Z", "1998-12-31T22:59:60Z"},
      {"time", "08:30:06.283185+01:00", "08:30:06"},
      {"duration", "P1Y2M3DT4H5M6S", "P1T"},
      {"duration", "P4W", "P1D2H"},
      {"email", "\"a b\"@example.com", "a..b@example.com"},
      {"email", "x@[IPv6:::1]", "x@[300.0.0.1]"},
      {"hostname", "a.xn--bcher-kva.example", "a-.example"},
      {"hostname", "x", "ab--c"},
      {"ipv4", "127.0.0.1", "127.0.0.01"},
      {"ipv6", "1::d6:192.168.0.1", "1:2:3:4:5:6:7:8:9"},
      {"ipv6", "::", ":1:2:3:4:5:6:7:8"},
      {"ipv6", "1:2:3:4:5:6:7::", "1::2::3"},
      {"iri", "http://\xc6\x92\xc3\xb8\xc3\xb8.\xc3\x9f\xc3\xa5r/", "/abc"},
      {"json-pointer", "/a~0b/c~1d", "/a~b"},
      {"relative-json-pointer", "1/0", "01"},
      {"uri", "http://foo.bar/?q=Test%20URL-encoded", "http:// shouldfail.com"},
      {"uri", "http://[v1.fe]:80/", "http://[::1"},
      {"uri-reference", "a/b?c#d", "\\\\WINDOWS"},
      {"uri-template", "http://e.com/{term:1}/{+term*}", "http://e.com/{term"},
      {"uuid", "2EB8AA08-aa98-11ea-b4aa-73b441d16380", "2eb8aa08-aa98-11ea-b4aa-73b441d1638"},
  };
  for (const FormatCase& c : kCases) {
    const FormatCheck* check = find_format(c.format);
    ASSERT_NE(check, nullptr) << c.format;
    EXPECT_TRUE(check->matches(c.good)) << c.format << " " << c.good;
    EXPECT_FALSE(check->matches(c.bad)) << c.format << " " << c.bad;
    EXPECT_FALSE(check->matches("\x01")) << c.format;
  }
  EXPECT_EQ(find_format("no-such-format"), nullptr);
}

}  // namespace
}  // namespace writ::contract
