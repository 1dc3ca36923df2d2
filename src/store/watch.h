#pragma once
// Being told of commits, so that nobody has to ask all the time. A call is a hint and never the
// news itself: whoever is told reads again and decides by what is there. Calls may be too many and
// several commits may share one, but no commit goes without: between it and the end of the watch
// there is a call that begins after it.
#include <cstdint>
#include <functional>

namespace writ::store {

enum class Wake : std::uint8_t {
  changed,  // a commit has written to one of the tables
  perhaps,  // one may have: the watch has begun, or nobody could tell for a while
};

// Whose commits count.
enum class Reach : std::uint8_t {
  this_process,
  // Within milliseconds where the store can tell (SQLite: looked at every 25 ms; PostgreSQL: LISTEN
  // and NOTIFY), within five seconds in any case: who dies behind its commit tells nobody.
  all_processes,
};

// Called on a thread of the store's own, one call at a time: quickly, and without calling the store
// in a blocking way.
using Waker = std::function<void(Wake)>;

// Lasts until it is destroyed, before its store is: no call is under way or begins after that.
// Destroyed by its own waker it does not wait for it.
class Watch {
 public:
  virtual ~Watch() = default;
};

}  // namespace writ::store
