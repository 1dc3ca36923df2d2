#include "protocol/bind.h"

#include <algorithm>
#include <map>

#include "base/file.h"
#include "base/safe_path.h"
#include "crypto/digest.h"

namespace writ::protocol {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = 64u << 20;
// Directory entries that one glob looks at, and documents that it may name.
constexpr std::size_t kMaxEntries = 200'000;
constexpr std::size_t kMaxDocuments = 10'000;

// Digest of a file inside the root, or why there is none.
Result<std::string> file_digest(const fs::path& root, const std::string& relative) {
  WRIT_TRY(const std::string bytes, FilesBelow(root).read(relative, kMaxBytes));
  return crypto::sha256(bytes).hex();
}

void add_document(const fs::path& root, std::string name, const std::string& path,
                  const Origin& origin, std::vector<BoundDocument>& out,
                  std::vector<Diagnostic>& problems) {
  auto digest = file_digest(root, path);
  if (!digest) {
    const bool is_missing = digest.error().code == Code::not_found;
    problems.push_back({origin.file, origin.at,
                        is_missing ? "there is no file " + path
                                   : path + " cannot be read: " + digest.error().message,
                        "Put the file there, or correct the path"});
    return;
  }
  out.push_back({std::move(name), path, "", *std::move(digest)});
}

// The files that match, sorted; symbolic links to directories are not followed.
std::vector<std::string> expand(const fs::path& root, const std::string& glob, bool& is_complete) {
  std::vector<std::string> found;
  std::error_code error;
  fs::recursive_directory_iterator at(root, fs::directory_options::skip_permission_denied, error);
  std::size_t entries = 0;
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (++entries > kMaxEntries || found.size() > kMaxDocuments) {
      is_complete = false;
      break;
    }
    const std::string name = at->path().filename().string();
    if (name == ".git" || name == ".writ") {
      at.disable_recursion_pending();
      continue;
    }
    const std::string relative = at->path().lexically_relative(root).generic_string();
    std::error_code ignored;
    if (glob_matches(glob, relative) && at->is_regular_file(ignored)) found.push_back(relative);
  }
  if (error) is_complete = false;
  std::ranges::sort(found);
  return found;
}

class ContextBinder {
 public:
  ContextBinder(const LoadOptions& options, Plan& plan, std::vector<Diagnostic>& problems)
      : options_(options), plan_(plan), problems_(problems) {}

  void bind(const Law& law) {
    for (const ContextSource& context : law.context) {
      const Origin origin{law.source->label, law.source->file, context.at};
      if (context.glob.empty())
        add(law, context.path, origin);
      else
        add_glob(law, context.glob, origin);
    }
  }

 private:
  void add(const Law& law, const std::string& path, const Origin& origin) {
    if (!seen_.emplace(path, true).second) return;
    std::vector<BoundDocument> documents;
    add_document(options_.root, path, path, origin, documents, problems_);
    for (BoundDocument& document : documents) {
      document.name = law.source->label;
      plan_.context.push_back(std::move(document));
    }
  }

  void add_glob(const Law& law, const std::string& glob, const Origin& origin) {
    bool is_complete = true;
    const std::vector<std::string> paths = expand(options_.root, glob, is_complete);
    if (!is_complete) {
      problems_.push_back({origin.file, origin.at, "glob " + glob + " means too many files",
                           "Narrow it to the documents that must be read"});
    } else if (paths.empty()) {
      problems_.push_back({origin.file, origin.at, "no file matches required context " + glob,
                           "Put the documents there, or correct the glob"});
    } else {
      for (const std::string& path : paths) add(law, path, origin);
    }
  }

  const LoadOptions& options_;
  Plan& plan_;
  std::vector<Diagnostic>& problems_;
  std::map<std::string, bool> seen_;
};

const Value* at_key(const Value& root, std::string_view key, Position& nearest) {
  const Value* at = &root;
  nearest = root.at();
  while (at != nullptr && !key.empty()) {
    const std::size_t dot = std::min(key.find('.'), key.size());
    at = at->find(key.substr(0, dot));
    if (at != nullptr) nearest = at->at();
    key.remove_prefix(std::min(dot + 1, key.size()));
  }
  return at;
}

// An empty list says something ("no new files"); an empty text does not.
bool says_something(const Value* value) {
  if (value == nullptr || value->is_null()) return false;
  return !value->is_string() || !value->as_string().empty();
}

}  // namespace

void bind_context(const std::vector<Law>& laws, const Law& spec, const LoadOptions& options,
                  Plan& plan, std::vector<Diagnostic>& problems) {
  ContextBinder binder(options, plan, problems);
  for (const Law& law : laws) binder.bind(law);
  binder.bind(spec);
}

void check_required_keys(const std::vector<Law>& laws, const Law& spec,
                         std::vector<Diagnostic>& problems) {
  for (const Law& law : laws) {
    for (const NameAt& required : law.required_keys) {
      Position nearest;
      const Value* value = at_key(spec.source->document.root, required.name, nearest);
      if (says_something(value)) continue;
      problems.push_back({spec.source->file, nearest,
                          "SPEC_BLOCKER: " + law.source->label + " requires `" + required.name +
                              "`, and the spec " +
                              (value == nullptr ? "lacks it" : "leaves it empty"),
                          "Add `" + required.name + "` to the spec"});
    }
  }
}

}  // namespace writ::protocol
