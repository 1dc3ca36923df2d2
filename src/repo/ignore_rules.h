#pragma once
// Git's ignore rules (gitignore(5)): one IgnoreFile per file of them, one IgnoreRules for the
// files of a working tree in their order of precedence.
//
// libgit2 has an implementation of its own, but drops a rule `!name` whose file holds nothing that
// it negates, although the file of an outer directory may. Such files would be missing from
// evidence.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "repo/wildmatch.h"

namespace writ::repo {

enum class PathKind : std::uint8_t { file, directory };
enum class Verdict : std::uint8_t { silent, ignored, included };

class IgnoreFile {
 public:
  // `base`: the directory that the file is in, relative to the top; empty: the top itself.
  IgnoreFile(std::string_view text, std::string base);

  // What the last rule that matches says. Paths are relative to the top.
  Verdict judge(std::string_view path, PathKind kind) const;

 private:
  struct Rule {
    Wildmatch pattern;
    bool is_negative = false;
    bool is_for_directories = false;
    bool is_for_names = false;  // compared with the last component alone
  };
  void add(std::string_view line);

  std::string base_;
  std::vector<Rule> rules_;
};

class IgnoreRules {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  // Adds a file that goes before `outer`, and returns its number.
  std::size_t add(IgnoreFile file, std::size_t outer);
  // What the file `from` says, or else the ones outside it.
  bool is_ignored(std::string_view path, PathKind kind, std::size_t from) const;

 private:
  struct Node {
    IgnoreFile file;
    std::size_t outer;
  };
  std::vector<Node> nodes_;
};

}  // namespace writ::repo
