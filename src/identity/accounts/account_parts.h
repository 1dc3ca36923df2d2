#pragma once
// What the acts of this folder work with, and who asks for them.
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "crypto/seal.h"
#include "identity/accounts/deed.h"
#include "identity/accounts/passwords.h"
#include "identity/journal.h"
#include "identity/quiet_pool.h"
#include "store/store.h"

namespace writ::identity {

// All is borrowed.
struct AccountParts {
  store::Store& store;
  Journal& journal;
  const Clock& clock;
  Random& random;
  Passwords& passwords;
  const std::vector<crypto::KeyEncryptionKey>& keks;  // the first seals; at least one
  // Of this machine; null: `clock` is. People's phones go by the world's time, and the store's runs
  // ahead of it for as long as a machine's clock once did.
  const Clock* machine = nullptr;

  Deed deed(std::string actor, const std::string& trace) const {
    return {.journal = journal, .actor = std::move(actor), .correlation = trace};
  }
  // When it is for who shows a code.
  WallTime time_of_phones() const { return machine != nullptr ? machine->wall() : clock.wall(); }
  template <typename T>
  T new_id() const {
    return T{Uuid::v7(clock, random)};
  }
};

// A request without a caller: where it came from.
struct Asker {
  std::string network = {};  // lockout.h
  std::string agent = {};    // User-Agent
  std::string trace = {};
  QuietWait wait = {};

  // Who shows a refresh token, as far as can be told.
  std::string client() const { return network + '\n' + agent; }
};

}  // namespace writ::identity
