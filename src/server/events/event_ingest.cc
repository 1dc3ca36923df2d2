#include "server/events/event_ingest.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "ledger/event_signature.h"
#include "ledger/ingest.h"
#include "server/auth/local_doorkeeper.h"

namespace writ::server {
namespace {

constexpr std::string_view kOwnTypes = "writ.";
constexpr std::string_view kOwnSources = "writ:";
// Names that only Writ gives: to who has shown who it is.
constexpr std::string_view kReservedPrefixes[] = {"principal:", "key:"};
constexpr std::string_view kReservedNames[] = {"system", kLocalCredential};

bool is_reserved(std::string_view actor) {
  return std::ranges::find(kReservedNames, actor) != std::end(kReservedNames) ||
         std::ranges::any_of(kReservedPrefixes,
                             [&](std::string_view prefix) { return actor.starts_with(prefix); });
}

bool is_local(const identity::Caller& caller) { return caller.credential == kLocalCredential; }

// Who came by the socket is who has the project's key.
std::string actor_of(ProjectSide& project, const identity::Caller& caller) {
  if (!is_local(caller)) return caller.event_actor();
  const project::Project* const own = project.project();
  if (own == nullptr || own->keyring().active() == nullptr) return std::string(kLocalCredential);
  return "key:" + own->keyring().active()->id.hex;
}

Result<void> expect_own_name(const ledger::Entry& entry, const identity::Caller& caller) {
  if (is_local(caller)) return {};
  if (entry.type.starts_with(kOwnTypes) || entry.source.starts_with(kOwnSources)) {
    return fail(Code::not_permitted,
                "only Writ itself writes events of type `writ.…` or source `writ:…`",
                "Name type and source after what the event comes from");
  }
  // What is signed is checked against the keys behind it.
  if (is_reserved(entry.actor) && entry.signatures.empty() && entry.actor != caller.event_actor()) {
    return fail(Code::not_permitted, "the event names another principal as its actor",
                "Leave `writactor` out, or put your own id there");
  }
  return {};
}

std::vector<crypto::PublicKey> keys_of(ProjectSide& project) {
  std::vector<crypto::PublicKey> keys;
  if (project.project() == nullptr) return keys;
  for (const crypto::KeyInfo& key : project.project()->keyring().list()) keys.push_back(key.key);
  return keys;
}

}  // namespace

Result<std::vector<EventId>> ingest_events(ProjectSide& project, const Clock& clock,
                                           const identity::Caller& caller, const Value& body) {
  const Array one = body.is_array() ? Array() : Array{body};
  const Array& events = body.is_array() ? body.as_array() : one;
  const ledger::IngestTerms terms{clock, actor_of(project, caller)};
  const std::vector<crypto::PublicKey> keys = keys_of(project);
  std::vector<ledger::Entry> entries;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto take = [&]() -> Result<void> {
      WRIT_TRY(ledger::Entry entry, ledger::ingest_entry(project.ledger(), events[i], terms));
      WRIT_CHECK(expect_own_name(entry, caller));
      WRIT_CHECK(ledger::check_signatures(entry, keys));
      entries.push_back(std::move(entry));
      return {};
    };
    if (auto taken = take(); !taken) {
      if (body.is_array()) {
        taken.error().message = "event " + std::to_string(i) + ": " + taken.error().message;
      }
      return std::unexpected(std::move(taken).error());
    }
  }
  return project.store().write(
      [&](store::Tx& tx) { return project.ledger().append_all(tx, entries); });
}

}  // namespace writ::server
