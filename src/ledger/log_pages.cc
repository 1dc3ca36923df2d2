#include "ledger/log_pages.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ledger/leaf.h"
#include "ledger/merkle.h"

namespace writ::ledger {
namespace {

constexpr std::uint64_t kEventsAtOnce = 1000;

}  // namespace

LogPages pages_of(const Ledger& ledger, Checkpoint head) {
  return {std::move(head), [&ledger](const Filter& page) { return ledger.list(page); }};
}

Result<void> for_each_event(const LogPages& log,
                            const std::function<Result<void>(const Event&)>& take) {
  Frontier tree;
  while (tree.size < log.head.size) {
    Filter page{.after = tree.size};
    page.limit = static_cast<std::size_t>(std::min(kEventsAtOnce, log.head.size - tree.size));
    WRIT_TRY(const std::vector<Event> events, log.list(page));
    if (events.empty()) {
      return fail(Code::tampered, "the log has no event " + std::to_string(tree.size) + " of " +
                                      std::to_string(log.head.size));
    }
    for (const Event& event : events) {
      if (event.index != tree.size || tree.size == log.head.size) {
        return fail(Code::tampered,
                    "event " + std::to_string(tree.size) + ": another one stands in its place");
      }
      tree.append(leaf_hash(leaf_bytes(event)));
      WRIT_CHECK(take(event));
    }
  }
  if (tree.root() == log.head.root) return {};
  return fail(Code::tampered, "the events do not lead to the root that was signed",
              "`writ ledger verify` names the first broken one");
}

}  // namespace writ::ledger
