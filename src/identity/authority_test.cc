#include "identity/authority.h"

#include <gtest/gtest.h>

#include "identity/testing/people.h"

namespace writ::identity {
namespace {

constexpr WallTime kNow{1'767'225'600'000'000};

class AuthorityTest : public testing::Test {
 protected:
  void refuses(const Authority& authority, Act act, std::string_view who, std::string_view role,
               std::string_view because) const {
    const auto key = authority.require(act, key_named(who).id(), role, kNow);
    ASSERT_FALSE(key) << who << " may " << act_name(act);
    EXPECT_EQ(key.error().code, Code::not_permitted);
    EXPECT_NE(key.error().message.find(because), std::string::npos) << key.error().message;
    EXPECT_FALSE(key.error().remediation.empty());
  }

  void allows(const Authority& authority, Act act, std::string_view who,
              std::string_view role) const {
    const auto key = authority.require(act, key_named(who).id(), role, kNow);
    ASSERT_TRUE(key) << key.error().text();
    EXPECT_EQ((*key)->name, who);
  }

  Trust trust_ = sample_trust();
  crypto::PublicKey runner_ = key_named("runner").public_key();
};

TEST_F(AuthorityTest, LetsThePersonWithTheRoleApproveAndResolve) {
  const Authority authority(trust_, runner_);
  allows(authority, Act::approve, "alice", "maintainer");
  allows(authority, Act::approve, "bob", "reviewer");
  allows(authority, Act::resolve, "alice", "maintainer");
}

TEST_F(AuthorityTest, LetsTheRunnerRunAttestAndSubmit) {
  const Authority authority(trust_, runner_);
  allows(authority, Act::run, "runner", "");
  allows(authority, Act::attest, "runner", "");
  allows(authority, Act::submit, "runner", "");
  allows(authority, Act::submit, "agent", "agent");
  allows(authority, Act::submit, "agent", "");
}

TEST_F(AuthorityTest, RefusesTheKeyThatRunsWhateverRolesItHas) {
  ASSERT_TRUE(trust_.add(trusted("runner", {"maintainer"})));
  const Authority authority(trust_, runner_);
  refuses(authority, Act::approve, "runner", "maintainer", "runs this run");
  refuses(authority, Act::resolve, "runner", "maintainer", "runs this run");
}

TEST_F(AuthorityTest, LetsAnotherRunnersKeyApproveOnlyWithAFurtherRole) {
  refuses(Authority(trust_, runner_), Act::approve, "runner-2", "runner", "a runner and no more");
  ASSERT_TRUE(trust_.add(trusted("runner-2", {"maintainer"})));
  allows(Authority(trust_, runner_), Act::approve, "runner-2", "maintainer");
}

TEST_F(AuthorityTest, RefusesAKeyWithoutTheRole) {
  const Authority authority(trust_, runner_);
  refuses(authority, Act::approve, "bob", "maintainer", "lacks the role maintainer");
  refuses(authority, Act::resolve, "bob", "maintainer", "lacks the role maintainer");
  refuses(authority, Act::run, "alice", "", "lacks the role runner");
  refuses(authority, Act::attest, "alice", "", "lacks the role attester");
  refuses(authority, Act::submit, "bob", "agent", "lacks the role agent");
}

TEST_F(AuthorityTest, AsksForItsOwnRoleToRunAndAttestWhateverThePlanSays) {
  refuses(Authority(trust_, runner_), Act::run, "alice", "maintainer", "lacks the role runner");
  refuses(Authority(trust_, runner_), Act::attest, "alice", "maintainer",
          "lacks the role attester");
}

TEST_F(AuthorityTest, RefusesAKeyThatIsNotTrusted) {
  const Authority authority(trust_, runner_);
  for (const Act act : {Act::approve, Act::attest, Act::resolve, Act::run, Act::submit}) {
    refuses(authority, act, "mallory", "maintainer", "is not in the trust");
  }
}

TEST_F(AuthorityTest, RefusesRevokedKeysInEveryAct) {
  ASSERT_TRUE(trust_.revoke(key_named("alice").id(), kNow, "laptop lost"));
  ASSERT_TRUE(trust_.revoke(key_named("runner").id(), kNow, "machine gone"));
  const Authority authority(trust_, runner_);
  refuses(authority, Act::approve, "alice", "maintainer", "laptop lost");
  refuses(authority, Act::resolve, "alice", "maintainer", "laptop lost");
  refuses(authority, Act::submit, "alice", "", "laptop lost");
  refuses(authority, Act::run, "runner", "", "machine gone");
  refuses(authority, Act::attest, "runner", "", "machine gone");
}

TEST_F(AuthorityTest, RefusesExpiredKeys) {
  TrustedKey alice = trusted("alice", {"maintainer"});
  alice.expires = kNow;
  ASSERT_TRUE(trust_.add(alice));
  refuses(Authority(trust_, runner_), Act::approve, "alice", "maintainer", "expired");
}

TEST_F(AuthorityTest, LetsNobodyApproveWithoutATrustFile) {
  const Trust self = Trust::self_signed(runner_);
  const Authority authority(self, runner_);
  allows(authority, Act::run, "runner", "");
  allows(authority, Act::attest, "runner", "");
  allows(authority, Act::submit, "runner", "");
  for (const char* who : {"runner", "alice"}) {
    for (const char* role : {"runner", "attester", "maintainer"}) {
      refuses(authority, Act::approve, who, role, "no trust file is committed");
      refuses(authority, Act::resolve, who, role, "no trust file is committed");
    }
  }
}

TEST_F(AuthorityTest, ReadsRolesAsPlansWriteThem) {
  EXPECT_EQ(parse_role("role:maintainer").value(), "maintainer");
  EXPECT_EQ(parse_role("maintainer").value(), "maintainer");
  for (const char* by : {"", "role:", "user:alice", "role:A", "role: x"}) {
    EXPECT_EQ(parse_role(by).error().code, Code::invalid_input) << by;
  }
}

// What a policy may be that is not the built-in one, and what then becomes of an approval.
TEST_F(AuthorityTest, PermitsNothingWhenThePolicyCannotDecide) {
  const struct {
    std::string_view module;
    std::string_view because;
  } cases[] = {
      {"package writ.approval\ndecision :=",
       "nobody may approve: the approval policy says the policy has no answer"},
      {"package writ.approval\ndecision := x", "rego_unsafe_var_error"},
      {"package writ.other\ndecision := {\"allowed\": true}", "is undefined"},
      {"package writ.approval\ndecision := true", "decision is not understood"},
      {"package writ.approval\ndecision := {\"allowed\": \"yes\"}", "decision is not understood"},
      {"package writ.approval\ndecision := {\"allowed\": false}", "decision is not understood"},
      {"package writ.approval\ndecision := {\"allowed\": 1 / (input.at - input.at) == 1}",
       "div: divide by zero"},
      {"package writ.approval\ndecision := {\"allowed\": false, \"refusal\": \"full_moon\"}",
       "the approval policy says full_moon"},
      // It says of a key what cannot be true of it.
      {"package writ.approval\ndecision := {\"allowed\": false, \"refusal\": \"revoked\"}",
       "the approval policy says revoked"}};
  for (const auto& c : cases) {
    const ApprovalPolicy policy(c.module);
    refuses(Authority(trust_, runner_, policy), Act::approve, "alice", "maintainer", c.because);
  }
}

TEST_F(AuthorityTest, TrustsNoKeyThatOnlyThePolicyKnows) {
  const ApprovalPolicy policy("package writ.approval\ndecision := {\"allowed\": true}");
  refuses(Authority(trust_, runner_, policy), Act::approve, "stranger", "maintainer",
          "is not in the trust of this run");
}

}  // namespace
}  // namespace writ::identity
