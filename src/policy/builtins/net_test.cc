#include <gtest/gtest.h>

#include "policy/builtins/hosts.h"
#include "policy/testing/call_builtin.h"

namespace writ::rego {
namespace {

using testing::BuiltinCall;

struct Case {
  const char* name;
  const char* args;
  const char* want;
};

void expect(std::span<const Case> cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(BuiltinCall().text(c.name, c.args), c.want) << c.name << " " << c.args;
  }
}

TEST(NetBuiltins, BlocksContainAddressesAndBlocks) {
  constexpr Case kCases[] = {
      {"net.cidr_contains", R"(["10.0.0.0/8", "10.1.2.3"])", "true"},
      {"net.cidr_contains", R"(["10.0.0.0/8", "10.1.0.0/24"])", "true"},
      {"net.cidr_contains", R"(["172.17.0.0/24", "172.17.0.0/16"])", "false"},
      {"net.cidr_contains", R"(["2001:4860::/32", "2001:4860:1::1"])", "true"},
      {"net.cidr_contains", R"(["::/0", "10.0.0.1"])", "false"},
      {"net.cidr_contains", R"(["10.0.0.0/8", "::ffff:10.0.0.1"])", "true"},
      {"net.cidr_contains", R"(["nonsense", "10.0.0.1"])",
       "error: net.cidr_contains: invalid CIDR address: nonsense"},
      {"net.cidr_contains", R"(["10.0.0.0/8", "10.0.0.01"])",
       "error: net.cidr_contains: not a valid textual representation of an IP address or CIDR: "
       "10.0.0.01"},
      {"net.cidr_intersects", R"(["fd1e:5bfe::/32", "fd1e:5bfe:8af3::/48"])", "true"},
      {"net.cidr_intersects", R"(["192.168.1.0/25", "192.168.1.128/25"])", "false"},
      {"net.cidr_is_valid", R"(["192.168.1.0/24"])", "true"},
      {"net.cidr_is_valid", R"(["2002::1234:abcd:ffff:c0a8:101/64"])", "true"},
      {"net.cidr_is_valid", R"(["192.168.1.0/33"])", "false"},
      {"net.cidr_is_valid", R"(["192.168.1.0"])", "false"},
      {"net.cidr_is_valid", R"(["192.168.1.0/+8"])", "false"},
      {"net.cidr_is_valid", "[7]", "false"},
  };
  expect(kCases);
}

TEST(NetBuiltins, MatchesNameBothSides) {
  constexpr Case kCases[] = {
      {"net.cidr_contains_matches", R"(["1.1.1.0/24", "1.1.1.1"])",
       R"({["1.1.1.0/24", "1.1.1.1"]})"},
      {"net.cidr_contains_matches", R"([["1.1.2.0/24", "1.1.1.0/24"], ["1.1.1.1", "1.1.2.1"]])",
       "{[0, 1], [1, 0]}"},
      {"net.cidr_contains_matches", R"([{"k": ["1.1.0.0/16", "note"]}, ["1.1.1.1", "2.2.2.2"]])",
       R"({["k", 0]})"},
      {"net.cidr_contains_matches", R"([["1.1.0.0/16"], [1]])",
       "error: net.cidr_contains_matches: operand 2: element must be string or non-empty array"},
      {"net.cidr_contains_matches", R"([[[]], ["1.1.1.1"]])",
       "error: net.cidr_contains_matches: operand 1: element must be string or non-empty array"},
  };
  expect(kCases);
}

TEST(NetBuiltins, ExpandsWithinABound) {
  constexpr Case kCases[] = {
      {"net.cidr_expand", R"(["192.168.1.1/30"])",
       R"({"192.168.1.0", "192.168.1.1", "192.168.1.2", "192.168.1.3"})"},
      {"net.cidr_expand", R"(["255.255.255.255/31"])", R"({"255.255.255.254", "255.255.255.255"})"},
      {"net.cidr_expand", R"(["::1/127"])", R"({"::", "::1"})"},
      {"net.cidr_expand", R"(["192.168.1.1/33"])",
       "error: net.cidr_expand: invalid CIDR address: 192.168.1.1/33"},
      {"net.cidr_expand", R"(["10.0.0.0/8"])",
       "error: net.cidr_expand: CIDR has more than 1048576 addresses"},
  };
  expect(kCases);
}

TEST(NetBuiltins, MergesIntoTheFewestBlocks) {
  constexpr Case kCases[] = {
      {"net.cidr_merge", R"([["192.0.128.0/24", "192.0.129.0/24"]])", R"({"192.0.128.0/23"})"},
      {"net.cidr_merge", R"([["192.0.2.112/30", "192.0.2.116/32", "192.0.2.118/31"]])",
       R"({"192.0.2.112/30", "192.0.2.116/32", "192.0.2.118/31"})"},
      {"net.cidr_merge", R"([["192.0.1.255/32", "192.0.2.0/24"]])",
       R"({"192.0.1.255/32", "192.0.2.0/24"})"},
      {"net.cidr_merge", R"([["::/0", "fe80::1/128"]])", R"({"::/0"})"},
      {"net.cidr_merge", R"([["0.0.0.0/1", "128.0.0.0/1", "::/1"]])", R"({"0.0.0.0/0", "::/1"})"},
      // An address alone means its classful network.
      {"net.cidr_merge", R"([["192.0.2.112", "192.0.2.116/31"]])", R"({"192.0.2.0/24"})"},
      {"net.cidr_merge", R"([["10.1.2.3"]])", R"({"10.1.2.3/8"})"},
      {"net.cidr_merge", "[[]]", "set()"},
      {"net.cidr_merge", R"([["2601::1"]])",
       "error: net.cidr_merge: IPv6 invalid: needs prefix length"},
      {"net.cidr_merge", "[[1]]", "error: net.cidr_merge: element must be string"},
      {"net.cidr_merge", R"([["foo"]])", "error: net.cidr_merge: invalid CIDR address: foo"},
  };
  expect(kCases);
}

class OneHost final : public Network {
 public:
  Result<HttpResponse> send(const HttpRequest&) override {
    return fail(Code::unavailable, "no HTTP here");
  }
  Result<std::vector<std::string>> resolve(std::string_view host) override {
    if (host != "db.example") return fail(Code::not_found, "lookup failed: no such host");
    return std::vector<std::string>{"192.0.2.7", "2001:db8::7"};
  }
};

TEST(NetBuiltins, LooksUpAllowedHostsOnly) {
  BuiltinCall call;
  EXPECT_EQ(call.text("net.lookup_ip_addr", R"(["10.0.0.0"])"), R"({"10.0.0.0"})");
  EXPECT_EQ(call.text("net.lookup_ip_addr", R"(["localhost"])"), R"({"127.0.0.1", "::1"})");
  EXPECT_EQ(call.text("net.lookup_ip_addr", R"(["db.example"])"),
            "error: net.lookup_ip_addr: unallowed host: db.example");
  call.services().hosts = {"DB.example", "gone.example"};
  EXPECT_EQ(call.text("net.lookup_ip_addr", R"(["db.example"])"),
            "error: net.lookup_ip_addr: network is not available");
  OneHost network;
  call.services().network = &network;
  EXPECT_EQ(call.text("net.lookup_ip_addr", R"(["db.example"])"),
            R"({"192.0.2.7", "2001:db8::7"})");
  EXPECT_EQ(call.text("net.lookup_ip_addr", R"(["gone.example"])"),
            "error: net.lookup_ip_addr: lookup failed: no such host");
}

TEST(Hosts, StandBetweenSchemeAndPath) {
  EXPECT_EQ(host_of_url("https://API.example:8443/x?y"), "api.example");
  EXPECT_EQ(host_of_url("http://[::1]:80/"), "::1");
  EXPECT_EQ(host_of_url("http://a.example?q=@b"), "a.example");
  EXPECT_EQ(host_of_url("http://user@evil.example/"), "");
  EXPECT_EQ(host_of_url("ftp://a.example/"), "");
  EXPECT_EQ(host_of_url("a.example"), "");
}

}  // namespace
}  // namespace writ::rego
