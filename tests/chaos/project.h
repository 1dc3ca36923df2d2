#pragma once
// A small repository under Writ and the real binary on it: made once, copied for every fault.
//
//   <directory>/repo          the repository; commands append to marks.log, which git ignores
//   <directory>/reviewer.key  of somebody who may approve
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "faulty_process.h"

namespace writ::chaos {

// The specs that are committed in the repository: commands alone; none at all; one that asks for
// an approval; one with every kind of record; one whose command writes no report;
// one whose second command, run for the first time, does not end; one that asks an outside agent
// for a note; one whose second step blocks until out/agreed is there; one whose second step fails
// until the spec is edited; one whose first step is a packet that changes three files.
inline constexpr const char* kCommandSpec = "commands.yaml";
inline constexpr const char* kNoCommandSpec = "no_commands.yaml";
inline constexpr const char* kApprovalSpec = "approval.yaml";
inline constexpr const char* kEverythingSpec = "everything.yaml";
inline constexpr const char* kStaleSpec = "stale.yaml";
inline constexpr const char* kEndlessSpec = "endless.yaml";
inline constexpr const char* kExternalSpec = "external.yaml";
inline constexpr const char* kBlockedSpec = "blocked.yaml";
inline constexpr const char* kReplannedSpec = "replanned.yaml";
inline constexpr const char* kPacketSpec = "packet.yaml";

class Project {
 public:
  // Keys, trust, specs, all committed; nothing has run yet. Fails the test where that fails.
  static Project create(const std::filesystem::path& directory);
  // `directory` does not exist yet.
  Project copy_to(const std::filesystem::path& directory) const;

  std::filesystem::path root() const { return directory_ / "repo"; }
  std::filesystem::path writ_directory() const { return root() / ".writ"; }
  std::filesystem::path reviewer_key() const { return directory_ / "reviewer.key"; }

  // Runs the binary in the repository. Calls of its own under .writ count, and meet `fault`.
  FaultyRun writ(const std::vector<std::string>& words, FaultPlan fault = {}) const;
  // Runs a shell script in the repository; fails the test where that fails.
  void shell(const std::string& script) const;

  // What the commands left: the step's token, one line for every time that a command ran.
  std::vector<std::string> marks() const;

 private:
  explicit Project(std::filesystem::path directory) : directory_(std::move(directory)) {}
  std::filesystem::path directory_;
};

// How a step of a run came out, for comparison with a run that nothing disturbed.
struct StepLook {
  std::string status;
  std::vector<std::string> evidence;  // "kind name" of the attempt that counts
  bool is_claimed = false;
  bool is_adopted = false;
  friend bool operator==(const StepLook&, const StepLook&) = default;
};

// A project's newest run that is no child, read from its store.
struct RunLook {
  std::vector<std::string> runs;  // the status of every run in the store, newest first
  std::string id;
  std::string status;
  std::string tree;                                // hex
  std::map<std::string, StepLook> steps;           // by path
  std::map<std::string, std::uint32_t> attempts;   // begun, by path
  std::map<std::string, std::size_t> completions;  // events that say it passed, by path
  std::vector<std::string> words;                  // "kind step" of each signed statement
  std::vector<std::string> blockers;               // "kind step open", or "… resolved"
};
Result<RunLook> look_at(const Project& project);
// The same, of a project whose store is elsewhere.
Result<RunLook> look_at(const Project& project, const std::string& url);

// Processes whose environment carries a token of this run.
std::vector<int> processes_of_run(const std::string& run);

}  // namespace writ::chaos
