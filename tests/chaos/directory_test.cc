// A run that makes accounts what a directory says dies at every moment of its transactions: whoever
// has an account then has it with its roles and its link, the others have none, and the next run
// finishes it.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <memory>
#include <string>

#include "base/random.h"
#include "identity/directory/directory_sync.h"
#include "identity/directory/testing/fake_directory.h"
#include "identity/rbac/access_rows.h"
#include "identity/recovery/testing/recovery_room.h"

namespace writ::identity {
namespace {

// Kills its process when it has been asked so often for the time: every event asks for it, in its
// transaction.
class DeadlyClock final : public Clock {
 public:
  DeadlyClock(const Clock& clock, std::size_t left) : clock_(clock), left_(left) {}

  WallTime wall() const override {
    if (left_-- == 0) ::raise(SIGKILL);
    return clock_.wall();
  }
  std::chrono::steady_clock::time_point steady() const override { return clock_.steady(); }

 private:
  const Clock& clock_;
  mutable std::size_t left_;
};

class DirectoryDeaths : public testing::Test {
 protected:
  DirectoryDeaths() {
    for (const char* name : {"ada", "bea", "cem"}) directory_.put(name, {"operators"});
    rules_.name = "staff";
    rules_.roles = {{"operators", "operator"}};
    rules_.lease = std::chrono::seconds(0);  // whoever died is followed at once
    rules_.batch = 1;
  }

  Result<SyncReport> run(AccountRoom& room, const Clock& clock) {
    Journal journal(*room.ledger, "writ:project/sample", clock, random_);
    auto access = AccessControl::open({*room.store, journal, random_, {}, {}});
    if (!access) return std::unexpected(access.error());
    DirectorySync sync({*room.store, journal, clock, random_, **access}, rules_, directory_);
    return sync.run({}, {});
  }
  // How many have an account, or what is wrong with one.
  std::string whole(AccountRoom& room) {
    std::size_t out = 0;
    for (const auto& [name, person] : directory_.people) {
      const auto found = room.look([&](store::Tx& tx) -> Result<std::string> {
        WRIT_TRY(const auto user, find_user_by_email(tx, person.addresses.front()));
        WRIT_TRY(const auto link, find_directory_link(tx, "staff", person.id));
        if (!user && !link) return std::string("none");
        if (!user || !link || link->user != user->id) return std::string("a half");
        WRIT_TRY(const auto held, list_assignments(tx, user->id.text()));
        WRIT_TRY(const auto marked, list_directory_roles(tx, user->id));
        return std::string(held.size() == 1 && marked.size() == 1 ? "whole" : "no roles");
      });
      if (found != "none" && found != "whole") return name + " has " + found;
      out += found == "whole" ? 1 : 0;
    }
    return std::to_string(out);
  }

  FakeDirectory directory_;
  DirectoryRules rules_;
  SystemRandom random_;  // ids of two lives are different
};

TEST_F(DirectoryDeaths, LeaveWholeAccountsAndTheNextRunFinishes) {
  bool has_ended = false;
  for (std::size_t at = 0; !has_ended; ++at) {
    SCOPED_TRACE("killed at moment " + std::to_string(at));
    ASSERT_LT(at, 200u);
    const store::TemporaryDirectory place;
    const std::string url = "sqlite:" + (place.path() / "writ.db").string();
    const pid_t child = ::fork();
    if (child == 0) {
      RecoveryRoom room(url);
      const bool is_done = run(room, DeadlyClock(room.clock, at)).has_value();
      ::_exit(is_done ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    has_ended = WIFEXITED(status);
    if (has_ended) {
      ASSERT_EQ(WEXITSTATUS(status), 0);
    }
    RecoveryRoom room(url);
    const std::string found = whole(room);
    ASSERT_TRUE(found == "0" || found == "1" || found == "2" || found == "3") << found;
    const auto again = run(room, room.clock);
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(whole(room), "3");
    EXPECT_EQ(std::to_string(3 - again->count(PersonFate::created)), found);
  }
}

}  // namespace
}  // namespace writ::identity
