#include "store/limits.h"

#include <string>

#include "store/store.h"

namespace writ::store {

Result<void> check_key(std::string_view key) {
  if (key.size() <= kMaxKeyBytes) return {};
  return fail(Code::invalid_input, "a key of " + std::to_string(key.size()) +
                                       " bytes is longer than the store's " +
                                       std::to_string(kMaxKeyBytes));
}

Result<void> check_row(std::string_view key, std::string_view value) {
  WRIT_CHECK(check_key(key));
  if (value.size() <= kMaxValueBytes) return {};
  return fail(Code::invalid_input,
              "a value of " + std::to_string(value.size()) + " bytes is longer than the store's " +
                  std::to_string(kMaxValueBytes),
              "Keep large bytes as a blob and store its reference");
}

std::unexpected<Error> refuse_write() {
  return fail(Code::usage, "a read transaction cannot write");
}

std::unexpected<Error> unknown_table(std::string_view name) {
  return fail(Code::internal,
              "no migration has made the table \"" + std::string(name) + "\" in this store");
}

}  // namespace writ::store
