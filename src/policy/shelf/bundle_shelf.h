#pragma once
// Where the good revisions of one bundle are kept on disk: the last one, to start from while its
// publisher is away, and some before it, to go back to.
//
//   DIRECTORY/bundles/NAME/bundle.tar.gz           the one to begin with, where OPA keeps it
//                          0123….7.delta.tar.gz    changes on top of the one with that digest
//                          kept/12-0123….tar.gz    good ones, by the order in which they came
//                          rollback.json           what was gone back to, and what is refused since
//
// Each file is replaced whole: a process that dies in between leaves the old state or the new one.
// Several processes may work on one shelf; those that change it take turns. Nothing here says that
// a bundle is good: whoever loads it verifies it again.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace writ::rego {

struct KeptRevision {
  std::string revision;  // as its manifest says; may be empty
  std::string digest;    // SHA-256 of the packed bundle, hexadecimal
  std::uint64_t number = 0;
  bool is_current = false;
  bool is_refused = false;  // somebody went back from it
};

class BundleShelf {
 public:
  static constexpr std::size_t kRevisions = 5;
  static constexpr std::size_t kDeltas = 64;

  // `size_limit`: of a packed bundle, in bytes.
  BundleShelf(const std::filesystem::path& directory, std::string name, std::uint64_t size_limit);

  struct Held {
    std::string bytes;
    std::vector<std::string> deltas;  // packed, in their order
  };
  // What to begin with; nothing where nothing was kept. Errors: storage_failed, invalid_input.
  Result<std::optional<Held>> load() const;

  // Makes a snapshot the one to begin with, and prunes what is too old. Errors: storage_failed.
  Result<void> keep(std::string_view bytes);
  // A delta of what is there. Errors: not_found (there is nothing), overloaded (too many of them:
  // a snapshot is due), storage_failed.
  Result<void> keep_delta(std::string_view bytes);

  // The newest first. Errors: storage_failed.
  Result<std::vector<KeptRevision>> revisions() const;

  // Goes back to the newest kept one of that revision (or to the one before the current), or
  // forward again to one that had been gone back from. What is newer than it is refused from now
  // on, until it is chosen here. Errors: not_found (nothing of that revision is kept).
  Result<KeptRevision> roll_back(const std::optional<std::string>& revision);
  // Digests that must not become active. Errors: storage_failed, invalid_input.
  Result<std::set<std::string>> refused() const;
  // Changes with each `roll_back`; cheap to ask.
  std::string roll_back_stamp() const;

 private:
  struct File {
    std::uint64_t number = 0;
    std::string digest;
    std::filesystem::path path;
  };
  std::filesystem::path current() const { return directory_ / "bundle.tar.gz"; }
  std::filesystem::path order_path() const { return directory_ / "rollback.json"; }
  std::filesystem::path delta(std::string_view digest, std::size_t number) const;
  Result<std::string> read(const std::filesystem::path& file) const;
  std::vector<File> kept() const;
  Result<void> file_away(std::string_view bytes, const std::string& digest);
  void prune(const std::string& digest) const;
  Result<std::vector<std::string>> deltas_of(const std::string& digest) const;

  std::filesystem::path directory_;
  std::string name_;
  std::uint64_t size_limit_;
};

}  // namespace writ::rego
