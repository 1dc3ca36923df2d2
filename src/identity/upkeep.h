#pragma once
// What has to be done now and then for as long as there is a server: rows that are of no use any
// more go, token keys are replaced in time. Of the servers on one store one does each task, by a
// lease on the store's clock; when it dies half-way another one begins anew as soon as the lease
// has run out. Every task may be done twice without harm.
//
// Thread-safe; has no thread of its own. All is borrowed.
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "identity/journal.h"
#include "identity/token/token_keys.h"
#include "store/store.h"

namespace writ::identity {

struct UpkeepOptions {
  std::chrono::seconds every{600};
  // How long the others wait for a server that says nothing any more.
  std::chrono::seconds lease{120};
  // For how long a key signs before the next one follows.
  std::chrono::hours key_age{24 * 30};
  // Rows that one transaction looks at.
  std::size_t page = 256;
};

struct UpkeepTurn {
  std::vector<std::string> done;      // names of tasks, in their order
  std::chrono::microseconds wait{0};  // until the next one is due, at the latest
};

class Upkeep {
 public:
  Upkeep(store::Store& store, Journal& journal, TokenKeys& keys, UpkeepOptions options = {})
      : store_(store), journal_(journal), keys_(keys), options_(options) {}

  // Does what is due and not another's at the moment. Blocking. Errors: those of the store; what
  // was not done is due again when the lease has run out.
  Result<UpkeepTurn> take_turn();

 private:
  struct Task;
  static const std::vector<Task>& tasks();
  Result<bool> take(const Task& task);
  Result<void> carry_out(const Task& task);
  Result<void> finish(const Task& task);
  Result<std::chrono::microseconds> next_due();

  store::Store& store_;
  Journal& journal_;
  TokenKeys& keys_;
  const UpkeepOptions options_;
};

std::vector<store::Migration> upkeep_migrations();

}  // namespace writ::identity
