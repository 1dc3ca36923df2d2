#pragma once
// A repository under Writ: its `.writ` directory, opened. What is committed there (trust.yaml,
// config.yaml) speaks for everybody; the rest (keys, store, blobs) belongs to this machine.
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/keyring.h"
#include "execution/journal.h"
#include "execution/run_news.h"
#include "execution/run_shelf.h"
#include "identity/trust.h"
#include "ledger/ledger.h"
#include "repo/repo.h"
#include "store/blob_store.h"
#include "store/store.h"

namespace writ::project {

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
  std::filesystem::path settings() const { return writ() / "settings.yaml"; }
  std::filesystem::path socket() const { return writ() / "serve.sock"; }
  // Of logs of servers, as they were when they were last verified from here.
  std::filesystem::path seen_heads() const { return writ() / "seen-heads"; }
  std::filesystem::path blobs() const { return writ() / "blobs"; }
  std::string store_url() const { return "sqlite:" + (writ() / "writ.db").string(); }
};

// What a project is opened with: the concrete parts are known to app alone.
struct Means {
  const Clock& clock;
  Random& random;
  const std::map<std::string, std::string>& environment;
  std::string tool;  // what events say that made them: "writ/0.1.0"
  // `url` as in --store. Errors: those of the adapter.
  std::function<Result<std::unique_ptr<store::Store>>(std::string_view url)> open_store;
  // The blobs of the store at `url`, which is `store`; `dir` for those that are files.
  std::function<Result<std::unique_ptr<store::BlobStore>>(std::string_view url, store::Store& store,
                                                          const std::filesystem::path& dir)>
      open_blobs;
  // Whether a store that has moved is followed when it is opened; else what `open_store` opens
  // does that by itself.
  bool follows_moves = true;
  // Of what takes long when a store is opened: following it.
  std::stop_token stop = {};

  // What WRIT_KEY_PASSPHRASE holds; nothing when it is not set.
  std::optional<std::string_view> passphrase() const;
};

class Project {
 public:
  // Opens and migrates. `dir` is anywhere inside the repository; `store_url` empty: what
  // WRIT_STORE says, else the project's own file.
  // Errors: not_found (`git init`, `writ init` as remedies), those of the store.
  static Result<std::unique_ptr<Project>> open(Means means, const std::filesystem::path& dir,
                                               std::string_view store_url);

  // The same project for another thread: store, blobs, log and plans are shared, and what belongs
  // to one thread is its own. `means` say whose passphrase it is. Errors: those of the repository
  // and the keyring.
  Result<std::unique_ptr<Project>> beside(Means means) const;

  const ProjectPaths& paths() const { return paths_; }
  const std::string& store_url() const { return url_; }  // that was opened
  store::Store& store() { return *store_; }
  store::BlobStore& blobs() { return *blobs_; }
  ledger::Ledger& ledger() { return *ledger_; }
  // What the drives of its runs share, and whoever acts on them.
  execution::RunNews& news() const { return *news_; }
  execution::RunShelf& shelf() const { return *shelf_; }
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
  // Read through `repo`, any of the project's trees: the project's own belongs to one thread.
  Result<identity::Trust> trust_at(const repo::Repo& repo, const repo::CommitId& base) const;
  // Deps for events signed for by `actor`.
  execution::JournalDeps journal_deps(const crypto::KeyId& actor);
  Result<RunId> resolve_run(std::string_view text);

 private:
  Project(Means means, ProjectPaths paths, repo::Repo repo, crypto::Keyring keyring);
  std::string choose_store(std::string_view asked) const;
  Result<void> open_chosen_store(std::string_view asked);

  const Means means_;
  ProjectPaths paths_;
  repo::Repo repo_;
  crypto::Keyring keyring_;
  std::string id_;
  std::string url_;
  // Shared with those beside it.
  std::shared_ptr<store::Store> store_;
  std::shared_ptr<store::BlobStore> blobs_;
  std::shared_ptr<ledger::Ledger> ledger_;
  std::shared_ptr<execution::RunNews> news_;  // looks into the store: goes before it
  std::shared_ptr<execution::RunShelf> shelf_ = std::make_shared<execution::RunShelf>();
};

// "latest" or empty: the newest run; else an id, or the unique beginning of one.
// Errors: not_found.
Result<RunId> resolve_run(store::Store& store, std::string_view text);

}  // namespace writ::project
