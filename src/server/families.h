#pragma once
// The one place where the families of a project's API are put together: which functions carry them
// out, and who tells callers apart. Their tables stand in project/migrations.h.
//
// A family is the one tag of its operations in contracts/openapi.yaml. It is switched on by being
// put into the composition, as a whole, unless `features` of the settings leaves it out; what is
// not there is in no route and not in /openapi.json.
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "contract/openapi/description.h"
#include "contract/settings.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "server/api/api.h"
#include "server/api/doorkeeper.h"
#include "server/api/operation.h"
#include "server/project_side.h"
#include "server/runs/background_runs.h"

namespace writ::server {

class EventTail;

// All of it is borrowed, and outlives the composition.
struct FamilyNeeds {
  ProjectSide& project;
  const Clock& clock;  // of this machine; what ends or is over goes by that of `project`
  Random& random;
  const contract::Description& description;
  const contract::Settings& settings;
  std::filesystem::path directory;      // of what the families keep in files
  std::string public_url;               // where the server is reached, without a slash at the end
  BackgroundRuns* runs = nullptr;       // null: the server drives none
  observe::Metrics* metrics = nullptr;  // null: nobody counts
  observe::Log* log = nullptr;          // null: nobody is told
};

struct Composition {
  Families families;
  std::vector<Binding> bindings;
  std::unique_ptr<Doorkeeper> doorkeeper;  // null: nobody can be known
  OriginCheck allows_origin = {};          // ApiOptions
  std::shared_ptr<EventTail> tail = {};    // to be told when events got their places; may be null
};

// Switches a family on. The bindings own what they work with, or borrow it from `needs`.
void put(Composition& out, std::string family, std::vector<Binding> operations);

// Errors: those of the families.
Result<Composition> compose(const FamilyNeeds& needs);

}  // namespace writ::server
