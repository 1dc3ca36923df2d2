#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "identity/federation/linked_identities.h"
#include "identity/graph/ai_providers.h"
#include "identity/graph/graph_links.h"
#include "identity/graph/machines.h"
#include "identity/oauth/applications.h"
#include "identity/oauth/authorizations.h"
#include "identity/principals.h"
#include "ledger/testing/sample.h"

namespace writ::identity {
namespace {

using store::DryRun;

PrincipalId id_of(std::uint8_t last) {
  Uuid uuid;
  uuid.bytes[15] = last;
  return PrincipalId{uuid};
}

constexpr std::uint8_t kAlice = 1;
constexpr std::uint8_t kAgent = 2;
constexpr std::uint8_t kService = 3;
const ProviderId kProvider{id_of(9).uuid};

crypto::KeyEncryptionKey kek() {
  crypto::SecretBytes key(crypto::kKekSize);
  std::fill_n(key.data(), key.size(), std::uint8_t{7});
  return crypto::make_kek("kek-1", std::move(key)).value();
}

class GraphTest : public ::testing::Test {
 protected:
  GraphTest() {
    for (const auto& migrations :
         {principal_migrations(), graph_migrations(), linked_identity_migrations(),
          application_migrations(), authorization_migrations()}) {
      const auto migrated = log_.store->migrate(migrations, DryRun::no);
      EXPECT_TRUE(migrated) << migrated.error().text();
    }
    Principal alice;
    alice.id = id_of(kAlice);
    alice.name = "alice@example.org";
    EXPECT_EQ(done([&](store::Tx& tx) { return put_principal(tx, alice); }), "");
    EXPECT_EQ(done([&](store::Tx& tx) {
                return create_provider(
                    tx, {kProvider, "Models", "openai", "https://api.example.org/v1"}, deed_);
              }),
              "");
  }

  // The error, or nothing.
  template <typename Work>
  std::string done(Work&& work) {
    const auto result = log_.store->write(work);
    return result ? "" : result.error().text();
  }
  template <typename Work>
  auto got(Work&& work) {
    auto result = log_.store->read(work);
    EXPECT_TRUE(result) << result.error().text();
    return *std::move(result);
  }
  std::string create(std::uint8_t id, bool is_agent, std::uint8_t sponsor = kAlice) {
    NewMachine machine{id_of(id), is_agent ? "Helper" : "Robot", "does things", id_of(sponsor), {}};
    if (is_agent) {
      machine.traits = AgentTraits{.provider = kProvider,
                                   .model = "model-1",
                                   .version = "2",
                                   .capabilities = {"write", "read", "write"},
                                   .spiffe_id = "spiffe://example.org/agent"};
    }
    return done([&](store::Tx& tx) { return create_machine(tx, machine, deed_); });
  }
  std::string link(const std::string& from, Relation relation, const std::string& to) {
    const auto added =
        log_.store->write([&](store::Tx& tx) { return add_link(tx, {from, relation, to}, deed_); });
    if (!added) return added.error().text();
    return *added ? "added" : "there already";
  }
  // "kind relation depth" of each node that is reached.
  std::string reached(const std::string& from, Along along) {
    std::string out;
    for (const Reached& one :
         got([&](store::Tx& tx) { return reach(tx, from, along, 100); }).nodes) {
      out += (out.empty() ? "" : ", ") + std::string(kNodeKinds.name(one.node.kind)) + " " +
             std::string(kRelations.name(one.relation)) + " " + std::to_string(one.depth);
    }
    return out;
  }
  std::string complaint_about(std::uint8_t id) {
    Caller caller;
    caller.id = id_of(id);
    const auto alive = log_.store->read([&](store::Tx& tx) { return check_alive(tx, caller); });
    return alive ? "" : alive.error().text();
  }
  std::vector<std::string> events() {
    EXPECT_TRUE(log_.ledger->sequence().has_value());
    const auto all = log_.ledger->list({.limit = 100});
    EXPECT_TRUE(all.has_value());
    std::vector<std::string> out;
    for (const ledger::Event& event : *all) out.push_back(event.entry.type);
    return out;
  }

  ledger::SampleLog log_;
  SystemRandom random_;
  Journal journal_{*log_.ledger, "writ:project/sample", log_.clock, random_};
  Deed deed_{journal_, "principal:admin", "trace"};
};

constexpr const char* kInvalid = "unauthenticated: the credential is not valid";

TEST_F(GraphTest, IdentitiesAtProvidersAndGrantsHangOnWhatTheyFollowFrom) {
  const ApplicationId planner{id_of(20).uuid};
  const LinkedIdentityId linked{id_of(21).uuid};
  EXPECT_EQ(done([&](store::Tx& tx) -> Result<void> {
              WRIT_CHECK(register_application(tx, {.id = planner, .name = "Planner"}, deed_));
              WRIT_CHECK(give_consent(tx, id_of(kAlice),
                                      {.application = planner, .scopes = {"openid"}}, deed_));
              return link_identity(tx,
                                   {.id = linked,
                                    .user = id_of(kAlice),
                                    .provider = "example",
                                    .issuer = "https://id.example.org",
                                    .subject = "s1"},
                                   deed_);
            }),
            "");
  const std::string alice = id_of(kAlice).text();
  const std::string identity = "identity:" + alice + ':' + linked.text();
  const std::string grant = "grant:" + alice + ':' + planner.text();
  EXPECT_EQ(reached(alice, Along::backwards), "identity signs_in_as 1, grant given_by 1");
  EXPECT_EQ(reached(planner.text(), Along::backwards), "grant given_to 1");
  EXPECT_EQ(reached("issuer:https://id.example.org", Along::backwards), "identity vouched_by 1");
  EXPECT_EQ(reached(identity, Along::forwards), "user signs_in_as 1, issuer vouched_by 1");
  EXPECT_EQ(reached(grant, Along::forwards), "user given_by 1, application given_to 1");
  const auto node = got([&](store::Tx& tx) { return find_node(tx, identity); });
  ASSERT_TRUE(node);
  EXPECT_EQ(node->name, "example") << "and not who somebody is there";
  EXPECT_NE(link(planner.text(), Relation::member_of, "group:apps").find("nobody links"),
            std::string::npos);
  EXPECT_NE(link(identity, Relation::signs_in_as, alice).find("it follows from"),
            std::string::npos);
  EXPECT_EQ(done([&](store::Tx& tx) -> Result<void> {
              WRIT_CHECK(unlink_identities_of(tx, id_of(kAlice), deed_));
              WRIT_CHECK(erase_application(tx, planner, deed_));
              return {};
            }),
            "");
  EXPECT_EQ(reached(alice, Along::backwards), "") << "a consent to nobody is none";
  EXPECT_FALSE(got([&](store::Tx& tx) { return find_node(tx, identity); }));
  EXPECT_FALSE(got([&](store::Tx& tx) { return find_node(tx, grant); }));
  EXPECT_FALSE(got([&](store::Tx& tx) { return find_node(tx, "issuer:https://id.example.org"); }));
}

TEST_F(GraphTest, AnAgentHasASponsorAProviderAndTraits) {
  EXPECT_EQ(create(kAgent, true), "");
  const auto agent =
      got([](store::Tx& tx) { return find_machine(tx, id_of(kAgent), PrincipalKind::ai_agent); });
  ASSERT_TRUE(agent.has_value());
  EXPECT_EQ(agent->sponsor, id_of(kAlice));
  EXPECT_EQ(agent->traits->provider, kProvider);
  EXPECT_EQ(agent->traits->capabilities, (std::vector<std::string>{"read", "write"}));
  EXPECT_EQ(agent->traits->spiffe_id, "spiffe://example.org/agent");
  EXPECT_EQ(got([](store::Tx& tx) {
              return find_machine(tx, id_of(kAgent), PrincipalKind::service_account);
            }).has_value(),
            false);
  EXPECT_EQ(events(),
            (std::vector<std::string>{"writ.ai_provider.created", "writ.ai_agent.created"}));
}

TEST_F(GraphTest, WithoutAPersonWhoAnswersThereIsNoAgent) {
  EXPECT_EQ(create(kAgent, true, 77),
            "invalid_input: the sponsor " + id_of(77).text() + " is no person who may act");
  EXPECT_EQ(create(kAgent, true), "");
  // Nor does an agent answer for another one.
  EXPECT_EQ(create(kService, false, kAgent),
            "invalid_input: the sponsor " + id_of(kAgent).text() + " is no person who may act");
}

TEST_F(GraphTest, ASwitchedOffProviderStopsItsAgentsAndGivesBackThoseItStopped) {
  create(kAgent, true);
  create(4, true);
  const auto set_agent = [&](std::uint8_t id, bool is_active) {
    return done([&](store::Tx& tx) {
      return set_machine_active(tx, id_of(id), PrincipalKind::ai_agent, is_active, deed_);
    });
  };
  const auto set_provider = [&](bool is_active) {
    return done(
        [&](store::Tx& tx) { return set_provider_active(tx, kProvider, is_active, deed_); });
  };
  EXPECT_EQ(set_agent(4, false), "");
  EXPECT_EQ(set_provider(false), "");
  EXPECT_EQ(complaint_about(kAgent), kInvalid);
  EXPECT_EQ(set_agent(kAgent, true), "invalid_input: the provider " + kProvider.text() +
                                         " is not there, or is switched off");
  EXPECT_EQ(set_provider(true), "");
  EXPECT_EQ(complaint_about(kAgent), "");
  EXPECT_EQ(complaint_about(4), kInvalid);  // a person had switched it off
  const auto principal = got([](store::Tx& tx) { return find_principal(tx, id_of(kAgent)); });
  EXPECT_EQ(principal->epoch, 2U);  // what it had before is void for good
}

TEST_F(GraphTest, WhatIsSwitchedOffLosesWhatItHadForGood) {
  create(kService, false);
  const auto set = [&](bool is_active) {
    return done([&](store::Tx& tx) {
      return set_machine_active(tx, id_of(kService), PrincipalKind::service_account, is_active,
                                deed_);
    });
  };
  EXPECT_EQ(set(false), "");
  EXPECT_EQ(complaint_about(kService), kInvalid);
  EXPECT_EQ(set(true), "");
  EXPECT_EQ(complaint_about(kService), "");
  EXPECT_EQ(got([](store::Tx& tx) { return find_principal(tx, id_of(kService)); })->epoch, 2U);
  EXPECT_EQ(done([&](store::Tx& tx) {
              return erase_machine(tx, id_of(kService), PrincipalKind::service_account, deed_);
            }),
            "");
  EXPECT_EQ(reached(id_of(kAlice).text(), Along::backwards), "");
  EXPECT_EQ(events().back(), "writ.service_account.deleted");
}

TEST_F(GraphTest, DependentsAreTheBlastRadiusAndMembershipsWhatANodeRestsOn) {
  create(kAgent, true);
  create(kService, false);
  EXPECT_EQ(link(id_of(kService).text(), Relation::uses, kProvider.text()), "added");
  EXPECT_EQ(link(id_of(kAlice).text(), Relation::member_of, "group:engineering"), "added");
  EXPECT_EQ(link("group:engineering", Relation::member_of, "group:everyone"), "added");
  EXPECT_EQ(reached(kProvider.text(), Along::backwards),
            "ai_agent child_of 1, service_account uses 1");
  EXPECT_EQ(reached("group:everyone", Along::backwards),
            "group member_of 1, user member_of 2, ai_agent sponsored_by 3, "
            "service_account sponsored_by 3");
  EXPECT_EQ(reached(id_of(kAgent).text(), Along::forwards),
            "ai_provider child_of 1, user sponsored_by 1, group member_of 2, group member_of 3");
  const Reach cut =
      got([](store::Tx& tx) { return reach(tx, "group:everyone", Along::backwards, 2); });
  EXPECT_TRUE(cut.is_cut);
  EXPECT_EQ(cut.nodes.size(), 2U);
}

TEST_F(GraphTest, LinksJoinOnlyWhatTheirRelationMeans) {
  create(kAgent, true);
  const std::string agent = id_of(kAgent).text();
  const std::string alice = id_of(kAlice).text();
  EXPECT_EQ(link(agent, Relation::acts_for, alice), "added");
  EXPECT_EQ(link(agent, Relation::acts_for, alice), "there already");
  EXPECT_EQ(link(alice, Relation::acts_for, agent),
            "invalid_input: acts_for does not join these: an agent or a service account acts for a "
            "user");
  EXPECT_EQ(link(agent, Relation::sponsored_by, alice),
            "invalid_input: sponsored_by does not join these: it is made with what is sponsored");
  EXPECT_EQ(link(alice, Relation::uses, id_of(88).text()),
            "not_found: there is no " + id_of(88).text());
  EXPECT_EQ(link(alice, Relation::member_of, alice),
            "invalid_input: a node is not linked to itself");
  EXPECT_EQ(link("group:a", Relation::member_of, "group:b"), "added");
  EXPECT_EQ(link("group:b", Relation::member_of, "group:a"),
            "conflict: group:a depends on group:b already");
  const auto removed = log_.store->write([&](store::Tx& tx) {
    return remove_link(tx, {"group:a", Relation::member_of, "group:b"}, deed_);
  });
  ASSERT_TRUE(removed.has_value()) << removed.error().text();
  EXPECT_EQ(*removed, true);
  EXPECT_EQ(link("group:b", Relation::member_of, "group:a"), "added");
}

TEST_F(GraphTest, AnIdInCapitalsIsTheSameNode) {
  constexpr std::uint8_t kOther = 0xab;
  create(kOther, true);
  const std::string agent = id_of(kOther).text();
  std::string shouted = agent;
  for (char& c : shouted) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  ASSERT_NE(shouted, agent);
  EXPECT_EQ(link(shouted, Relation::member_of, "group:a"), "added");
  EXPECT_EQ(link(agent, Relation::member_of, "group:a"), "there already");
  EXPECT_EQ(reached(shouted, Along::forwards), reached(agent, Along::forwards));
  const auto removed = log_.store->write([&](store::Tx& tx) {
    return remove_link(tx, {shouted, Relation::member_of, "group:a"}, deed_);
  });
  ASSERT_TRUE(removed.has_value()) << removed.error().text();
  EXPECT_EQ(*removed, true);
}

TEST_F(GraphTest, ACredentialIsSealedAndGoesIntoNoEvent) {
  const std::string secret = "sk-very-secret-credential";
  EXPECT_EQ(done([&](store::Tx& tx) {
              return set_provider_credential(tx, kProvider, kek(), secret, deed_);
            }),
            "");
  const auto provider = got([](store::Tx& tx) { return find_provider(tx, kProvider); });
  EXPECT_EQ(provider->credential_version, 1U);
  EXPECT_EQ(provider->credential.find(secret), std::string::npos);
  std::vector<crypto::KeyEncryptionKey> keks;
  keks.push_back(kek());
  const auto opened = log_.store->read([&](store::Tx& tx) -> Result<std::string> {
    WRIT_TRY(const crypto::SecretBytes bytes, open_provider_credential(tx, kProvider, keks));
    return std::string(bytes.view());
  });
  ASSERT_TRUE(opened.has_value()) << opened.error().text();
  EXPECT_EQ(*opened, secret);
  ASSERT_TRUE(log_.ledger->sequence().has_value());
  for (const ledger::Event& event : log_.ledger->list({.limit = 100}).value()) {
    EXPECT_EQ(event.entry.payload.find(secret), std::string::npos) << event.entry.type;
  }
}

TEST_F(GraphTest, AddressesOfProvidersCarryNoSecretsAndAreEncrypted) {
  for (const char* address : {"http://api.example.org", "https://user:pw@example.org",
                              "https://example.org/?key=1", "https:///x", "ftp://example.org"}) {
    EXPECT_EQ(done([&](store::Tx& tx) {
                return create_provider(tx, {ProviderId{id_of(50).uuid}, "P", "openai", address},
                                       deed_);
              }),
              "invalid_input: the address is no https URL without user, query and fragment")
        << address;
  }
}

}  // namespace
}  // namespace writ::identity
