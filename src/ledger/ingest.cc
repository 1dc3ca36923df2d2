#include "ledger/ingest.h"

#include <utility>

namespace writ::ledger {
namespace {

Result<void> fill_in(const KnownEvent& known_event, Entry& entry, const Value& cloud_event,
                     const IngestTerms& terms) {
  if (entry.actor.empty()) entry.actor = terms.actor;
  const Value* const time = cloud_event.find("time");
  if (time != nullptr && !time->is_null()) return {};
  entry.time = terms.clock.wall();
  const auto known = known_event(entry.id);
  if (known && known->entry.source == entry.source) entry.time = known->entry.time;
  if (!known && known.error().code != Code::not_found) return std::unexpected(known.error());
  return {};
}

}  // namespace

Result<Entry> ingest_entry(const Ledger& ledger, const Value& cloud_event,
                           const IngestTerms& terms) {
  return ingest_entry([&](EventId id) { return ledger.get(id); }, cloud_event, terms);
}

Result<Entry> ingest_entry(const KnownEvent& known, const Value& cloud_event,
                           const IngestTerms& terms) {
  WRIT_TRY(Event event, from_cloud_event(cloud_event));
  if (!event.entry.run.uuid.is_nil()) {
    return fail(Code::not_permitted, "only a run itself writes events of a run",
                "Leave `writrun` and `writseq` out; name the run in `subject`");
  }
  WRIT_CHECK(fill_in(known, event.entry, cloud_event, terms));
  return std::move(event.entry);
}

}  // namespace writ::ledger
