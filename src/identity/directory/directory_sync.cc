#include "identity/directory/directory_sync.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace writ::identity {
namespace {

constexpr std::size_t kLookedAtOnce = 500;

void show(SyncReport& report, SyncItem item) {
  if (item.fate == PersonFate::unchanged) return;
  report.is_cut = report.is_cut || report.items.size() == kMostSyncItems;
  if (!report.is_cut) report.items.push_back(std::move(item));
}

void add(SyncReport& report, SyncItem item) {
  ++report.fates[static_cast<std::size_t>(item.fate)];
  if (item.is_loss()) ++report.losses;
  show(report, std::move(item));
}

Result<void> check_person(const DirectoryPerson& person) {
  const bool is_good = !person.id.empty() && person.id.size() <= kMaxDirectoryId &&
                       person.id.find('\0') == std::string::npos;
  if (is_good) return {};
  return fail(Code::invalid_input, "the directory names somebody without an id that can be used",
              "Name the attribute that every entry has, once and for ever: entryUUID, objectGUID");
}

// Of those whom something was done about.
Object counted(const SyncReport& report) {
  Object out;
  for (std::size_t i = 1; i < report.fates.size(); ++i) {
    out.append(std::string(kPersonFates.names[i]), report.fates[i]);
  }
  return out;
}

}  // namespace

std::size_t LossLimit::of(std::size_t people) const {
  return count > 0 ? count : std::max<std::size_t>(1, people * percent / 100);
}

Result<LossLimit> LossLimit::parse(std::string_view text) {
  const bool is_share = text.ends_with('%');
  const std::string_view digits = is_share ? text.substr(0, text.size() - 1) : text;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool is_number = error == std::errc() && end == digits.data() + digits.size();
  if (!is_number || number == 0 || (is_share && number > 100)) {
    return fail(Code::invalid_input, "`" + std::string(text) + "` is neither a number nor a share",
                "Write 25, or 10%");
  }
  return is_share ? LossLimit{.count = 0, .percent = number} : LossLimit{.count = number};
}

std::size_t SyncReport::changes() const {
  return count(PersonFate::created) + count(PersonFate::adopted) + count(PersonFate::changed) +
         count(PersonFate::switched_off) + count(PersonFate::returned);
}

// What the directory says, and what that comes to.
struct DirectorySync::Plan {
  std::vector<Wanted> effective;  // those that something is to be done about
  SyncReport report;
  std::size_t linked = 0;  // people who have an account by this directory
};

Result<SyncState> DirectorySync::state() const {
  return parts_.store.read([&](store::Tx& tx) { return read_sync_state(tx, rules_.name); });
}

// In order of their ids: of two with one address the same one gets it each time.
Result<std::vector<Wanted>> DirectorySync::read(const std::stop_token& stop) {
  std::map<std::string, DirectoryPerson> people;
  const auto take = [&](std::vector<DirectoryPerson> page) -> Result<void> {
    for (DirectoryPerson& one : page) {
      WRIT_CHECK(check_person(one));
      std::string id = one.id;
      if (!people.emplace(std::move(id), std::move(one)).second) {
        return fail(Code::invalid_input, "the directory names two people with one id",
                    "Name the attribute that tells entries apart, and bases that do not overlap");
      }
      if (people.size() > rules_.max_people) {
        return fail(Code::invalid_input,
                    "the directory has more than " + std::to_string(rules_.max_people) + " people",
                    "Narrow the filter, or raise `max_people`");
      }
    }
    return {};
  };
  auto done = source_.read(take, stop);
  if (!done) {
    return std::unexpected(std::move(done).error().context("reading the directory `" + rules_.name +
                                                           "`, " + std::to_string(people.size()) +
                                                           " people in; nothing was changed"));
  }
  std::vector<Wanted> out;
  out.reserve(people.size());
  for (auto& [id, person] : people) out.push_back({.person = std::move(person)});
  return out;
}

Result<DirectorySync::Plan> DirectorySync::plan(const SyncAsked& asked,
                                                const std::stop_token& stop) {
  Plan out;
  WRIT_TRY(std::vector<Wanted> all, read(stop));
  out.report.directory = rules_.name;
  out.report.people = all.size();
  std::set<std::string_view> there;
  for (const Wanted& one : all) there.insert(one.person.id);
  std::vector<Wanted> gone;
  std::string after;
  do {
    WRIT_TRY(const auto links, parts_.store.read([&](store::Tx& tx) {
      return list_directory_links(tx, rules_.name, after, kLookedAtOnce);
    }));
    for (const DirectoryLink& one : links) {
      if (!there.contains(one.person))
        gone.push_back({.person = {.id = one.person}, .is_gone = true});
    }
    out.linked += links.size();
    after = links.size() < kLookedAtOnce ? std::string() : links.back().person;
  } while (!after.empty());
  // Who goes first makes room for no address: accounts that are off keep theirs.
  all.insert(all.end(), std::make_move_iterator(gone.begin()), std::make_move_iterator(gone.end()));
  std::set<std::string> claimed;
  for (std::size_t begin = 0; begin < all.size(); begin += kLookedAtOnce) {
    const std::size_t end = std::min(all.size(), begin + kLookedAtOnce);
    WRIT_TRY(auto steps, parts_.store.read([&](store::Tx& tx) -> Result<std::vector<SyncStep>> {
      std::vector<SyncStep> made;
      for (std::size_t i = begin; i < end; ++i) {
        WRIT_TRY(SyncStep step, decide(tx, rules_, all[i]));
        made.push_back(std::move(step));
      }
      return made;
    }));
    for (std::size_t i = begin; i < end; ++i) {
      SyncStep& step = steps[i - begin];
      const bool comes_in =
          step.item.fate == PersonFate::created || step.item.fate == PersonFate::adopted;
      if (comes_in && !claimed.insert(step.item.email).second) {
        step.item = refused(std::move(step.item), SyncRefusal::address_taken);
      }
      if (!step.is_nothing()) out.effective.push_back(std::move(all[i]));
      add(out.report, std::move(step.item));
    }
  }
  out.report.may_lose = asked.may_lose.value_or(rules_.max_losses.of(out.linked));
  return out;
}

// A directory that answers with little, or nothing, is more often broken than deserted.
Result<void> DirectorySync::check_losses(const Plan& plan) const {
  const SyncReport& report = plan.report;
  if (report.people == 0 && plan.linked > 0) {
    return fail(Code::conflict,
                "the directory names nobody, and " + std::to_string(plan.linked) +
                    " people have an account by it; nothing was changed",
                "Look at its base and filter");
  }
  if (report.losses <= report.may_lose) return {};
  return fail(
      Code::conflict,
      std::to_string(report.losses) + " people would be switched off or lose roles, and " +
          std::to_string(report.may_lose) + " may at once; nothing was changed",
      "Look at the dry run; if it is right, run with `may_lose` " + std::to_string(report.losses));
}

Result<SyncReport> DirectorySync::look(const SyncAsked& asked, const std::stop_token& stop) {
  WRIT_TRY(Plan made, plan(asked, stop));
  std::vector<AccessChange> changes;
  for (const SyncItem& item : made.report.items) {
    std::ranges::move(access_changes(item), std::back_inserter(changes));
  }
  WRIT_TRY(auto access, parts_.access.change(changes, asked.author, store::DryRun::yes));
  made.report.access = std::move(access.difference).value_or(AccessDifference{});
  made.report.access->is_cut = made.report.access->is_cut || made.report.is_cut;
  return std::move(made.report);
}

Result<SyncReport> DirectorySync::run(const SyncAsked& asked, const std::stop_token& stop) {
  WRIT_TRY(auto done, try_run(asked, stop));
  if (done) return *std::move(done);
  return fail(Code::conflict, "the directory `" + rules_.name + "` is being synchronised with",
              "Wait for that run: GET /iam/sync says how it ended");
}

Result<std::optional<SyncReport>> DirectorySync::try_run(const SyncAsked& asked,
                                                         const std::stop_token& stop) {
  const SyncRunId run{Uuid::v7(parts_.clock, parts_.random)};
  WRIT_TRY(const bool is_ours, parts_.store.write([&](store::Tx& tx) {
    return begin_sync(tx, rules_.name, run, rules_.lease);
  }));
  if (!is_ours) return std::nullopt;
  LastSync last;
  auto done = run_as(run, asked, stop, last);
  if (!done && last.outcome == SyncOutcome::applied) last.outcome = SyncOutcome::failed;
  if (!done) last.error = done.error().message;
  const auto settled = settle(run, asked, last);
  if (!done) return std::unexpected(std::move(done).error());
  if (!settled) return std::unexpected(settled.error());
  return *std::move(done);
}

Result<SyncReport> DirectorySync::run_as(SyncRunId run, const SyncAsked& asked,
                                         const std::stop_token& stop, LastSync& last) {
  WRIT_TRY(const Plan made, plan(asked, stop));
  last.people = made.report.people;
  if (auto fits = check_losses(made); !fits) {
    last.outcome = SyncOutcome::refused;
    return std::unexpected(std::move(fits).error());
  }
  SyncReport report{
      .directory = rules_.name, .people = made.report.people, .may_lose = made.report.may_lose};
  const auto applied = apply(run, asked, made, stop, report);
  // Whoever nothing was to be done about is as the plan found them.
  const SyncReport& planned = made.report;
  for (const PersonFate fate : {PersonFate::unchanged, PersonFate::refused}) {
    report.fates[static_cast<std::size_t>(fate)] += planned.count(fate);
  }
  for (const SyncItem& item : planned.items) {
    if (item.fate == PersonFate::refused) show(report, item);
  }
  last.changes = report.changes();
  last.refused = report.count(PersonFate::refused);
  if (!applied) {
    Error error = applied.error();
    return std::unexpected(
        std::move(error).context("after " + std::to_string(report.changes()) + " of " +
                                 std::to_string(made.effective.size()) +
                                 " people; what was done stands, and the next run goes on"));
  }
  report.is_applied = true;
  return report;
}

Result<void> DirectorySync::apply(SyncRunId run, const SyncAsked& asked, const Plan& plan,
                                  const std::stop_token& stop, SyncReport& report) {
  const Deed deed{.journal = parts_.journal,
                  .actor = asked.author.actor,
                  .correlation = asked.author.correlation};
  for (std::size_t begin = 0; begin < plan.effective.size(); begin += rules_.batch) {
    if (stop.stop_requested()) return fail(Code::cancelled, "the server stops");
    const std::size_t end = std::min(plan.effective.size(), begin + rules_.batch);
    std::vector<PrincipalId> ids;
    for (std::size_t i = begin; i < end; ++i) {
      ids.push_back(PrincipalId{Uuid::v7(parts_.clock, parts_.random)});
    }
    WRIT_TRY(auto items, parts_.store.write([&](store::Tx& tx) -> Result<std::vector<SyncItem>> {
      WRIT_CHECK(renew_sync(tx, rules_.name, run, rules_.lease));
      std::vector<SyncItem> made;
      std::vector<AccessChange> access;
      for (std::size_t i = begin; i < end; ++i) {
        WRIT_TRY(SyncStep step, decide(tx, rules_, plan.effective[i]));
        if (!step.is_nothing()) {
          WRIT_TRY(step.item.user, carry_out(tx, rules_, step, ids[i - begin], access, deed));
        }
        made.push_back(std::move(step.item));
      }
      WRIT_CHECK(parts_.access.apply(tx, access, asked.author));
      return made;
    }));
    for (SyncItem& item : items) add(report, std::move(item));
    WRIT_CHECK(parts_.access.refresh());
  }
  if (report.changes() == 0) return {};
  return parts_.store.write([&](store::Tx& tx) {
    return deed.tell(tx, "writ.directory.synchronised", "directory/" + rules_.name,
                     counted(report));
  });
}

// However it ended, the next one comes an interval later: what hammers on a directory that is down
// helps nobody.
Result<void> DirectorySync::settle(SyncRunId run, const SyncAsked& asked, const LastSync& last) {
  return parts_.store.write([&](store::Tx& tx) -> Result<void> {
    LastSync ended = last;
    WRIT_TRY(ended.ended_at, tx.now());
    const std::int64_t interval = std::chrono::microseconds(rules_.interval).count();
    if (last.outcome == SyncOutcome::refused) {
      const Deed deed{.journal = parts_.journal,
                      .actor = asked.author.actor,
                      .correlation = asked.author.correlation};
      WRIT_CHECK(deed.tell(tx, "writ.directory.refused", "directory/" + rules_.name,
                           Object{{"people", last.people}, {"reason", last.error}}));
    }
    const WallTime due{ended.ended_at.micros + interval};
    return end_sync(tx, rules_.name, run, std::move(ended), due);
  });
}

Result<bool> DirectorySync::run_if_due(const std::stop_token& stop) {
  if (rules_.interval.count() == 0) return false;
  WRIT_TRY(const bool is_due, parts_.store.read([&](store::Tx& tx) -> Result<bool> {
    WRIT_TRY(const SyncState state, read_sync_state(tx, rules_.name));
    WRIT_TRY(const WallTime now, tx.now());
    return !state.is_running(now) && state.due <= now;
  }));
  if (!is_due) return false;
  // Another server may have begun at the same moment.
  WRIT_TRY(const auto done, try_run({}, stop));
  return done.has_value();
}

}  // namespace writ::identity
