#pragma once
// The family `core`: the server about itself.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/openapi/description.h"
#include "server/api/api.h"
#include "server/api/operation.h"

namespace writ::server {

// Something that answers rest on. `look` is called for each GET /readyz, on the pool.
struct ReadyCheck {
  std::string name;  // "store"
  std::function<Result<void>()> look;
  // Whether it takes what is written; where it does not, what is read is answered all the same.
  std::function<Result<void>()> takes_writes = {};
};

struct CoreOptions {
  const contract::Description& description;  // borrowed while the bindings are made
  Families families;
  std::string version;
  std::vector<ReadyCheck> checks = {};
};

// The bindings own what they answer with: it is made here, once.
std::vector<Binding> core_operations(const CoreOptions& options);

}  // namespace writ::server
