#include "identity/recovery/approvals.h"

#include <gtest/gtest.h>

#include "identity/recovery/testing/recovery_room.h"

namespace writ::identity {
namespace {

const PrincipalId kRoot = numbered<PrincipalId>(1);
const PrincipalId kBea = numbered<PrincipalId>(2);
const ApprovalId kId = numbered<ApprovalId>(7);

class ApprovalsTest : public testing::Test {
 protected:
  std::string ask(std::uint8_t last = 7, const std::string& digest = "aa") {
    return said(room_.store->write([&](store::Tx& tx) {
      return ask_approval(tx, {numbered<ApprovalId>(last), kRoot, "restore", "restores it", digest},
                          room_.deed());
    }));
  }
  std::string give(PrincipalId by) {
    return said(
        room_.store->write([&](store::Tx& tx) { return approve(tx, kId, by, room_.deed()); }));
  }
  std::string spend(PrincipalId by, const std::string& digest) {
    return said(room_.store->write(
        [&](store::Tx& tx) { return spend_approval(tx, kId, by, digest, room_.deed()); }));
  }
  static std::string said(const Result<Approval>& done) {
    return done ? "ok" : done.error().message;
  }

  RecoveryRoom room_;
};

TEST_F(ApprovalsTest, ASecondPersonApprovesOnceForWhoAskedAndWhatWasAsked) {
  EXPECT_EQ(ask(), "ok");
  EXPECT_EQ(spend(kRoot, "aa"), "nobody has approved this yet");
  EXPECT_EQ(give(kRoot), "who asks does not approve");
  EXPECT_EQ(give(kBea), "ok");
  EXPECT_EQ(give(kBea), "it is approved already");
  EXPECT_EQ(spend(kBea, "aa"), "the approval is not for this request");
  EXPECT_EQ(spend(kRoot, "bb"), "the approval is not for this request");
  EXPECT_EQ(spend(kRoot, "aa"), "ok");
  EXPECT_EQ(spend(kRoot, "aa"), "the approval is not for this request");
  const std::string last = room_.last_event();
  EXPECT_EQ(last, "writ.admin_approval.used approval/" + kId.text() +
                      R"( {"act":"restore","approved_by":"principal:)" + kBea.text() +
                      R"(","digest":"aa"})");
}

TEST_F(ApprovalsTest, HoldForTenMinutesFromTheirBeingAsked) {
  EXPECT_EQ(ask(), "ok");
  room_.clock.pass(std::chrono::minutes(9));
  EXPECT_EQ(give(kBea), "ok");
  room_.clock.pass(std::chrono::minutes(1));
  EXPECT_EQ(spend(kRoot, "aa"), "the approval is not for this request");
  EXPECT_EQ(give(kBea), "nobody waits for the approval " + kId.text());
  EXPECT_TRUE(room_.look([](store::Tx& tx) { return list_approvals(tx); }).empty());
}

TEST_F(ApprovalsTest, AreAsManyAsAreBoundedAndExpiredOnesMakeRoom) {
  for (std::uint8_t i = 0; i < kMostApprovals; ++i) EXPECT_EQ(ask(i), "ok");
  EXPECT_EQ(ask(200), "too many approvals are waited for");
  EXPECT_EQ(room_.look([](store::Tx& tx) { return list_approvals(tx); }).size(), kMostApprovals);
  room_.clock.pass(kApprovalLifetime);
  EXPECT_EQ(ask(200), "ok");
  const auto open = room_.look([](store::Tx& tx) { return list_approvals(tx); });
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(open[0].says, "restores it");
}

}  // namespace
}  // namespace writ::identity
