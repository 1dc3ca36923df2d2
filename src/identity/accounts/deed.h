#pragma once
// Who does something to an account, and where it is told. Every function that changes something
// takes one, so that no change can forget its event.
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/value.h"
#include "identity/journal.h"
#include "store/store.h"

namespace writ::identity {

struct Deed {
  Journal& journal;
  std::string actor = {};        // Caller::event_actor(); "system" for what nobody did
  std::string correlation = {};  // of the request; may be empty

  Result<void> tell(store::Tx& tx, std::string_view type, std::string subject,
                    Object payload = {}) const {
    return journal.write(tx, {.type = type,
                              .subject = std::move(subject),
                              .actor = actor,
                              .payload = std::move(payload),
                              .correlation = correlation});
  }
};

}  // namespace writ::identity
