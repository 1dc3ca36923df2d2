#pragma once
// A repository under Writ: its `.writ` directory, opened. What is committed there (trust.yaml,
// config.yaml) speaks for everybody; the rest (keys, store, blobs) belongs to this machine.
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/wiring.h"
#include "crypto/keyring.h"
#include "execution/journal.h"
#include "identity/trust.h"
#include "ledger/ledger.h"
#include "repo/repo.h"

namespace writ::cli {

struct ProjectPaths {
  std::filesystem::path root;  // of the git repository
  // The tree of a run: a worktree below the root (RunRow::worktree), or the root itself.
  std::filesystem::path tree(const std::string& worktree) const {
    return worktree.empty() ? root : root / worktree;
  }
  std::filesystem::path writ() const { return root / ".writ"; }
  std::filesystem::path keys() const { return writ() / "keys"; }
  std::filesystem::path trust() const { return writ() / "trust.yaml"; }
  std::filesystem::path config() const { return writ() / "config.yaml"; }
  std::filesystem::path blobs() const { return writ() / "blobs"; }
  std::string store_url() const { return "sqlite:" + (writ() / "writ.db").string(); }
};

class Project {
 public:
  // Opens and migrates. `dir` is anywhere inside the repository; `store_url` empty: what
  // WRIT_STORE says, else the project's own file.
  // Errors: not_found (`git init`, `writ init` as remedies), those of the store.
  static Result<std::unique_ptr<Project>> open(const Wiring& wiring,
                                               const std::filesystem::path& dir,
                                               std::string_view store_url);

  const ProjectPaths& paths() const { return paths_; }
  const std::string& store_url() const { return url_; }  // that was opened
  store::Store& store() { return *store_; }
  store::BlobStore& blobs() { return *blobs_; }
  ledger::Ledger& ledger() { return *ledger_; }
  const crypto::Keyring& keyring() const { return keyring_; }
  const repo::Repo& repo() const { return repo_; }
  // The tree that a run works on. Errors: not_found (its worktree is gone).
  Result<repo::Repo> open_tree(const std::string& worktree) const;
  const std::string& id() const { return id_; }  // UUID text, from config.yaml
  std::string source() const { return "writ:project/" + id_; }

  // Signs with the active key; the passphrase comes from WRIT_KEY_PASSPHRASE.
  Result<crypto::SecretKey> runner_key() const;
  // The trust at `base`, or self-signed trust of the runner where none is committed there.
  Result<identity::Trust> trust_at(const repo::CommitId& base) const;
  // Deps for events signed for by `actor`.
  execution::JournalDeps journal_deps(const crypto::KeyId& actor);
  // "latest" or empty: the newest run; else an id, or the unique beginning of one.
  Result<RunId> resolve_run(std::string_view text);

 private:
  Project(const Wiring& wiring, ProjectPaths paths, repo::Repo repo, crypto::Keyring keyring);
  std::string choose_store(std::string_view asked) const;

  const Wiring& wiring_;
  ProjectPaths paths_;
  repo::Repo repo_;
  crypto::Keyring keyring_;
  std::string id_;
  std::string url_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::BlobStore> blobs_;
  std::unique_ptr<ledger::Ledger> ledger_;
};

// What WRIT_KEY_PASSPHRASE holds; nothing when it is not set.
std::optional<std::string_view> passphrase_of(const Wiring& wiring);

}  // namespace writ::cli
