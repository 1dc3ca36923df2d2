#pragma once
// Of the family `storage`: changing the store while servers run.
#include <chrono>
#include <vector>

#include "base/clock.h"
#include "identity/journal.h"
#include "server/api/operation.h"
#include "server/recovery/second_person.h"
#include "server/storage/store_switcher.h"

namespace writ::server {

struct SwitchServices {
  // Borrowed, and outlive the bindings. Null: this store cannot be changed for another one.
  StoreSwitcher* switcher = nullptr;
  identity::Journal& journal;
  const Clock& clock;
  SecondPerson second = {};
  // How long ago a person may have proved who it is.
  std::chrono::seconds step_up{300};
};

std::vector<Binding> switch_operations(const SwitchServices& services);

}  // namespace writ::server
