#pragma once
// Recomputes the whole log from its rows and compares everything that is derived from them.
#include <span>
#include <string_view>

#include "base/result.h"
#include "crypto/key.h"
#include "ledger/ledger.h"
#include "store/store.h"

namespace writ::ledger {

struct VerifyInput {
  std::string_view origin;
  std::span<const crypto::PublicKey> log_keys;
  std::string_view secret;  // fresh random bytes, see derived_rows.h
};

// See Ledger::verify.
Result<LedgerReport> verify_log(store::Tx& tx, const VerifyInput& input);

}  // namespace writ::ledger
