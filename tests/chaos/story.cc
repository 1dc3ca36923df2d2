#include "story.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/json.h"

namespace writ::chaos {
namespace {

// A driver that was cut off is made to go on; if it had not even made the run, it begins.
Deed apply(const char* spec, int exit) {
  return {{"apply", spec, "--json"}, exit, {"resume"}, "there is no run yet", "it is attested"};
}
Deed resume(int exit = 0) { return {{"resume", "--json"}, exit, {}, {}, "it is attested"}; }
Deed replan() {
  // Without the flag: what goes on if the new run has taken over, and says so if it has not.
  return {{"resume", "--replan", "--json"},
          0,
          {"resume"},
          "`writ resume --replan` goes on",
          "it is attested",
          "sed -i 's/; false//' replanned.yaml"};
}
Deed with_key(std::vector<std::string> words, std::string done = {}, std::string before = {}) {
  words.insert(words.end(), {"--key", "KEY"});
  return {std::move(words), 0, {}, {}, std::move(done), std::move(before)};
}
Deed approve() { return with_key({"approve", "latest", "main/review"}); }
Deed reject() { return with_key({"reject", "latest", "main/review", "--reason", "not yet"}); }
Deed claim() { return with_key({"claim", "latest", "main/note"}); }
Deed submit() {
  return with_key({"submit", "latest", "main/note", "--evidence", "out/note.txt"}, {},
                  "mkdir -p out && echo seen > out/note.txt");
}
Deed resolve() {
  return with_key({"resolve", "latest", "BLOCKER", "--reason", "agreed"}, "is resolved already",
                  "mkdir -p out && touch out/agreed");
}
Deed cancel() { return {{"cancel", "latest"}, 0, {}, {}, "has ended: it is cancelled"}; }

const std::map<std::string, Story>& stories() {
  static const std::map<std::string, Story> table{
      {"commands", {"attested", {apply(kCommandSpec, 0)}}},
      {"no commands", {"attested", {apply(kNoCommandSpec, 0)}}},
      {"approval", {"attested", {apply(kApprovalSpec, 6), approve(), resume()}}},
      {"rejection",
       {"attested",
        {apply(kApprovalSpec, 6), reject(), resume(5), resume(6), approve(), resume()}}},
      {"external", {"attested", {apply(kExternalSpec, 6), claim(), submit(), resume()}}},
      {"blocker", {"attested", {apply(kBlockedSpec, 3), resolve(), resume()}}},
      {"cancelled", {"cancelled", {apply(kApprovalSpec, 6), cancel()}}},
      {"packet", {"attested", {apply(kPacketSpec, 0)}}},
      {"replanned", {"attested", {apply(kReplannedSpec, 5), replan()}}},
  };
  return table;
}

// Empty when there is none: the run may be gone that had it.
std::string open_blocker(const Project& project) {
  const FaultyRun ran = project.writ({"status", "--json"});
  const auto status = parse_json(ran.output, "status");
  const Value* blockers = status ? status->find("blockers") : nullptr;
  if (blockers == nullptr || !blockers->is_array() || blockers->as_array().empty()) return {};
  return std::string(blockers->as_array().back().string_or("id", ""));
}

bool says(const FaultyRun& run, const std::string& what) {
  return !what.empty() && (run.output + run.errors).find(what) != std::string::npos;
}

}  // namespace

const Story& story_named(const std::string& name) {
  const auto at = stories().find(name);
  if (at != stories().end()) return at->second;
  static const Story none;
  ADD_FAILURE() << "there is no story " << name;
  return none;
}

std::string said_by(const FaultyRun& run) {
  return "exit " + std::to_string(run.exit_code) + " signal " + std::to_string(run.signal) + "\n" +
         run.output + run.errors;
}

std::vector<std::string> words_in(const Project& project, const Deed& deed) {
  std::vector<std::string> words = deed.words;
  for (std::string& word : words) {
    if (word == "KEY") word = project.reviewer_key().string();
    if (word == "BLOCKER") word = open_blocker(project);
  }
  return words;
}

void tell(const Project& project, const Story& story, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    const Deed& deed = story.deeds[i];
    if (!deed.before.empty()) project.shell(deed.before);
    const FaultyRun ran = project.writ(words_in(project, deed));
    ASSERT_EQ(ran.exit_code, deed.exit) << deed.words.front() << ": " << said_by(ran);
  }
}

void tell_again(const Project& project, const Deed& deed) {
  FaultyRun ran = project.writ(deed.again.empty() ? words_in(project, deed) : deed.again);
  if (says(ran, deed.unless)) ran = project.writ(words_in(project, deed));
  if (says(ran, deed.done)) return;
  ASSERT_EQ(ran.exit_code, deed.exit) << deed.words.front() << " again: " << said_by(ran);
}

}  // namespace writ::chaos
