#pragma once
// A store that forgets: ordered maps in memory, with the semantics of the durable adapters. For
// tests and for commands that need no durable state.
#include <memory>

#include "base/result.h"
#include "store/open.h"
#include "store/store.h"

namespace writ {
class Clock;
}

namespace writ::store {

// `clock` is borrowed and must outlive the store.
std::unique_ptr<Store> make_memory_store(const Clock& clock, Fence fence = Fence::heeds);

}  // namespace writ::store
