#pragma once
// The summary a run hands on (LAW-17): what changed, what proves it, what was broken before, what
// operators must know and what is left. Made of plain values; every section is there, and one that
// holds nothing says so.
#include <cstdint>
#include <string>
#include <vector>

namespace writ::evidence {

struct HandoffContract {
  std::string name;           // "openapi.yaml", "Book::submit"
  std::string change;         // what is different
  std::string compatibility;  // compatible, breaking, new; may be empty
};

struct HandoffFile {
  std::string path;
  std::string change;  // added, modified, removed
  std::uint64_t lines_added = 0;
  std::uint64_t lines_removed = 0;
};

struct HandoffValidation {
  std::string step;
  std::string outcome;  // passed, failed, blocked, skipped
  std::string command;  // as it ran; empty for checks
  std::string result;   // "12 passed, 0 failed", "0 violations"
};

struct HandoffFailure {  // there before the work began
  std::string file;
  std::string reason;
};

struct HandoffNotes {
  std::vector<std::string> strict_mode;    // what stricter settings will do
  std::vector<std::string> environment;    // variables to set or drop
  std::vector<std::string> compatibility;  // with data, callers, older versions
};

struct HandoffFollowUp {
  std::string what;
  std::string why;
  std::string until;  // may be empty
};

struct Handoff {
  std::string spec;     // "orders.book"
  std::string purpose;  // one line; may be empty
  std::string run;
  std::string outcome;  // attested, blocked, …
  std::string base;     // revision
  std::string tree;     // digest
  std::vector<HandoffContract> contracts;
  std::vector<HandoffFile> files;
  std::vector<std::string> guardrails;  // rules, gates and checks that are new
  std::vector<HandoffValidation> validations;
  std::vector<HandoffFailure> pre_existing;
  std::vector<std::string> flags;  // feature flags affected
  std::vector<std::string> tests_added;
  std::vector<std::string> adrs_added;
  HandoffNotes notes;
  std::vector<HandoffFollowUp> follow_ups;
};

std::string handoff_markdown(const Handoff& handoff);

}  // namespace writ::evidence
