#pragma once
// The family `events`: the project's log over HTTP. Read by filters and a cursor, proved, followed
// as it grows, and added to.
#include <memory>
#include <vector>

#include "base/clock.h"
#include "server/api/operation.h"
#include "server/events/event_tail.h"
#include "server/project_side.h"

namespace writ::server {

// All are borrowed, and outlive the operations.
struct EventNeeds {
  ProjectSide& project;
  const Clock& clock;
  std::shared_ptr<EventTail> tail;  // of the project's log
};

std::vector<Binding> event_operations(const EventNeeds& needs);

}  // namespace writ::server
