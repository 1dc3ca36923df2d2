#pragma once
// A tree that is what the test says: files as name → content, changed by hand between steps.
#include <map>
#include <mutex>
#include <string>

#include "execution/workspace.h"

namespace writ::execution {

class FixedWorkspace final : public Workspace {
 public:
  explicit FixedWorkspace(std::filesystem::path root = "/nonexistent") : root_(std::move(root)) {}

  void set(const std::string& path, const std::string& content) {
    const std::lock_guard lock(mutex_);
    files_[path] = content;
    is_current_ = false;
  }
  void remove(const std::string& path) {
    const std::lock_guard lock(mutex_);
    files_.erase(path);
    is_current_ = false;
  }
  void freeze_base() {
    const std::lock_guard lock(mutex_);
    base_ = files_;
  }

  const std::filesystem::path& root() const override { return root_; }

  Result<Tree> tree() override {
    const std::lock_guard lock(mutex_);
    if (!is_current_) {
      std::vector<repo::TreeFile> files;
      for (const auto& [path, content] : files_) {
        files.push_back({path, 0100644, crypto::sha256(content)});
      }
      tree_.files = std::make_shared<const std::vector<repo::TreeFile>>(std::move(files));
      tree_.digest = digest_of(tree_, {"**"});
      is_current_ = true;
    }
    return tree_;
  }

  Result<std::vector<repo::Change>> changes_since(std::string_view) override {
    const std::lock_guard lock(mutex_);
    std::vector<repo::Change> out;
    for (const auto& [path, content] : files_) {
      const auto was = base_.find(path);
      if (was != base_.end() && was->second == content) continue;
      repo::Change change;
      change.path = path;
      change.kind = was == base_.end() ? repo::ChangeKind::added : repo::ChangeKind::modified;
      change.lines_added = 1;
      change.lines_now = 1;
      out.push_back(std::move(change));
    }
    return out;
  }

  Result<std::string> read_at(std::string_view, std::string_view path) override {
    const std::lock_guard lock(mutex_);
    const auto at = base_.find(std::string(path));
    if (at == base_.end()) return fail(Code::not_found, "no such file");
    return at->second;
  }

 private:
  std::filesystem::path root_;
  std::mutex mutex_;
  std::map<std::string, std::string> files_;
  std::map<std::string, std::string> base_;
  Tree tree_;
  bool is_current_ = false;
};

}  // namespace writ::execution
