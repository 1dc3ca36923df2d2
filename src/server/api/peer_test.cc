// Whom requests are counted for, whatever they say of themselves.
#include "server/api/peer.h"

#include <gtest/gtest.h>

namespace writ::server {
namespace {

using Trusted = std::vector<std::string>;

std::string counted(std::string_view peer, const std::vector<std::string_view>& forwarded = {},
                    const Trusted& trusted = {}) {
  net::Fields fields;
  for (const std::string_view one : forwarded) fields.add("x-forwarded-for", one);
  return counted_peer(peer, fields, trusted);
}

TEST(CountedPeer, IsTheAddressThatAPeerCannotChoose) {
  EXPECT_EQ(counted("127.0.0.1:4711"), "127.0.0.1");
  EXPECT_EQ(counted("[2001:db8:1:2:3:4:5:6]:80"), "2001:db8:1:2::/64");
  EXPECT_EQ(counted("[2001:db8::1]:80"), "2001:db8::/64");
  EXPECT_EQ(counted("[::1]:80"), "::/64");
  EXPECT_EQ(counted("unix", {"1.2.3.4"}), "");
}

TEST(CountedPeer, OfIPv4WithinIPv6IsTheOneOfIPv4) {
  EXPECT_EQ(counted("[::ffff:1.2.3.4]:80"), "1.2.3.4");
  EXPECT_EQ(counted("[::ffff:10.0.0.1]:80", {"5.6.7.8"}, {"10.0.0.1"}), "5.6.7.8");
}

TEST(CountedPeer, BelievesAProxyThatIsTrustedAndNobodyElse) {
  EXPECT_EQ(counted("10.0.0.1:9", {"1.2.3.4"}), "10.0.0.1");
  EXPECT_EQ(counted("10.0.0.1:9", {"6.6.6.6, 1.2.3.4"}, {"10.0.0.1"}), "1.2.3.4");
  EXPECT_EQ(counted("10.0.0.1:9", {"1.2.3.4, 10.0.0.2"}, {"10.0.0.1", "10.0.0.2"}), "1.2.3.4");
  EXPECT_EQ(counted("unix", {"1.2.3.4"}, {"unix"}), "1.2.3.4");
  EXPECT_EQ(counted("10.0.0.1:9", {}, {"10.0.0.1"}), "10.0.0.1");
  EXPECT_EQ(counted("[2001:db8::5]:9", {"1.2.3.4"}, {"2001:DB8:0::5"}), "1.2.3.4");
}

// A proxy may add a field of its own behind that of the client.
TEST(CountedPeer, ReadsAllFieldsInTheirOrder) {
  EXPECT_EQ(counted("10.0.0.1:9", {"6.6.6.6", "1.2.3.4"}, {"10.0.0.1"}), "1.2.3.4");
}

TEST(CountedPeer, WhatIsNoAddressFreesNobody) {
  EXPECT_EQ(counted("10.0.0.1:9", {"unix"}, {"10.0.0.1"}), "10.0.0.1");
  EXPECT_EQ(counted("10.0.0.1:9", {"1.2.3.4, what"}, {"10.0.0.1"}), "10.0.0.1");
  EXPECT_EQ(counted("10.0.0.1:9", {""}, {"10.0.0.1"}), "10.0.0.1");
}

}  // namespace
}  // namespace writ::server
