#pragma once
// What people do in a project, deed by deed, until a run has come to its end; and how somebody goes
// on who finds a deed cut off in the middle, not knowing what of it has happened.
#include <cstddef>
#include <string>
#include <vector>

#include "project.h"

namespace writ::chaos {

struct Deed {
  // Of `writ`. KEY stands for the reviewer's key, BLOCKER for the newest run's open blocker.
  std::vector<std::string> words;
  int exit = 0;  // when nothing disturbs it
  // After it was cut off: these words; where they say `unless`, the deed's own. Empty: its own.
  std::vector<std::string> again = {};
  std::string unless = {};
  // Said where the deed was done before it was cut off: as good as `exit`.
  std::string done = {};
  // A shell script that somebody runs first.
  std::string before = {};
};

struct Story {
  std::string end;  // status of the run after the last deed
  std::vector<Deed> deeds;
};

// By the name of a row of the table in story.cc; the test fails where there is none.
const Story& story_named(const std::string& name);

// The words of `deed` as they are said in `project`.
std::vector<std::string> words_in(const Project& project, const Deed& deed);

// Does deeds [begin, end) undisturbed; fails the test where one does not come out as it should.
void tell(const Project& project, const Story& story, std::size_t begin, std::size_t end);

// Does `deed` again, which was cut off, until it is done.
void tell_again(const Project& project, const Deed& deed);

// For messages of failed expectations.
std::string said_by(const FaultyRun& run);

}  // namespace writ::chaos
