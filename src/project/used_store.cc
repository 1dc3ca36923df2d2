#include "project/used_store.h"

#include <utility>

#include "store/moved.h"

namespace writ::project {

// A store that has moved may be a copy under way, which is refused: it is on its way back.
Result<OpenedStore> open_used_store(const Means& means, const std::string& url,
                                    const StorePlace& place) {
  auto store = means.open_store(url);
  if (!store && store.error().code != Code::conflict) return std::unexpected(store.error());
  if (store) {
    if (!means.follows_moves) return OpenedStore{{}, url, *std::move(store)};
    WRIT_TRY(const auto moved, store::moved_to(**store));
    if (!moved) return OpenedStore{{}, url, *std::move(store)};
    store->reset();
  }
  WRIT_TRY(Backends backends, Backends::load(place.settings, means.environment, place.own_url));
  StoreMover mover({.clock = means.clock,
                    .random = means.random,
                    .backends = std::move(backends),
                    .blobs = place.blobs,
                    .source = place.source});
  return open_moved(mover, url, means.stop);
}

}  // namespace writ::project
