// Inputs (LAW-24): what each name is bound to, read and digested before anything runs.
#include <algorithm>
#include <map>

#include "base/document.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/safe_path.h"
#include "crypto/digest.h"
#include "protocol/bind.h"

namespace writ::protocol {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = 64u << 20;
constexpr std::string_view kFileScheme = "file:";
constexpr std::string_view kCommandLine = "--input";

// Where a document lies, and how the plan calls that place.
struct Place {
  fs::path file;
  std::string name;
};

// The path of a file: URI (RFC 8089): no host but this one, percent-encoding undone.
Result<std::string> path_of_uri(std::string_view uri) {
  std::string_view rest = uri.substr(kFileScheme.size());
  if (rest.starts_with("//")) {
    const std::size_t slash = rest.find('/', 2);
    const std::string_view host = rest.substr(2, slash == rest.npos ? rest.npos : slash - 2);
    if (slash == rest.npos || (!host.empty() && host != "localhost")) {
      return fail(Code::invalid_input, std::string(uri) + " is on another host",
                  "Write file:///path, or file:path for one in the tree");
    }
    rest.remove_prefix(slash);
  }
  std::string path;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] != '%') {
      path += rest[i];
      continue;
    }
    auto byte = parse_hex(rest.substr(i + 1, 2));
    if (!byte || byte->size() != 1) {
      return fail(Code::invalid_input, std::string(uri) + " has a broken percent-encoding",
                  "Write %25 for a percent sign");
    }
    path += *byte;
    i += 2;
  }
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (path.empty() || !is_utf8(path) || std::ranges::any_of(path, is_control)) {
    return fail(Code::invalid_input, std::string(uri) + " names no file",
                "Write file:///path, or file:path for one in the tree");
  }
  return path;
}

// An absolute path (of a file: URI) may lead out of the tree: whoever wrote it said so.
Result<Place> place_of(const fs::path& root, const InputSource& input) {
  std::string path = input.path;
  const bool is_file_uri = path.empty() && input.uri.starts_with(kFileScheme);
  if (is_file_uri) {
    WRIT_TRY(path, path_of_uri(input.uri));
  }
  if (is_file_uri && path.starts_with('/')) {
    const fs::path file = fs::path(path).lexically_normal();
    return Place{file, file.generic_string()};
  }
  WRIT_TRY(const std::string relative, normalize_relative(path));
  WRIT_TRY(const fs::path file, join_inside(root, relative));
  return Place{file, relative};
}

// What a law asks of the text itself; empty: nothing is wrong.
std::string misfit(const RequiredInput& required, const std::string& bytes) {
  if (required.type == "text" && (bytes.empty() || !is_utf8(bytes))) return "is no text, or empty";
  if (required.type != "data") return {};
  const auto document = parse_document(required.name, bytes);
  return document && document->root.is_object() ? "" : "is no YAML or JSON mapping";
}

class InputBinder {
 public:
  InputBinder(const std::vector<Law>& laws, const SpecSource& spec, const LoadOptions& options,
              Plan& plan, std::vector<Diagnostic>& problems)
      : laws_(laws),
        source_(*spec.law.source),
        options_(options),
        plan_(plan),
        problems_(problems) {
    for (const InputSource& input : spec.inputs) inputs_[input.name] = input;
  }

  void bind() {
    for (const auto& [name, where] : options_.bound_inputs) take_from_command_line(name, where);
    for (const auto& [name, input] : inputs_) bind_one(input);
    for (const Law& law : laws_) {
      for (const RequiredInput& required : law.required_inputs) expect_bound(law, required);
    }
  }

 private:
  // The command line says where; what the spec says of source and digest stays.
  void take_from_command_line(const std::string& name, const std::string& where) {
    InputSource& input = inputs_[name];
    input.name = name;
    input.at = {};
    from_command_line_.push_back(name);
    if (is_uri(where)) {
      input.uri = where;
      input.path.clear();
    } else {
      input.path = where;
      if (input.uri.starts_with(kFileScheme)) input.uri.clear();
    }
  }

  void report(const InputSource& input, std::string message, std::string remedy) {
    const bool is_typed =
        std::ranges::find(from_command_line_, input.name) != from_command_line_.end();
    problems_.push_back({is_typed ? std::string(kCommandLine) : source_.file, input.at,
                         "input " + input.name + ": " + std::move(message), std::move(remedy)});
  }

  bool may_be_read(const InputSource& input) {
    if (input.uri.empty() || input.uri.starts_with(kFileScheme)) return true;
    const std::string shape = "`" + input.name + ": {uri: …, digest: sha256:…, copy: PATH}`";
    if (input.digest.empty()) {
      report(input, input.uri + " is not fetched, and no digest says what it must be",
             "Declare " + shape + " with a copy in the tree");
      return false;
    }
    if (input.path.empty()) {
      report(input, input.uri + " is not fetched, and there is no copy of it here",
             "Declare " + shape + ", or name the copy: --input " + input.name + "=PATH");
      return false;
    }
    return true;
  }

  void bind_one(const InputSource& input) {
    if (!may_be_read(input)) return;
    const auto place = place_of(options_.root, input);
    if (!place) {
      return report(input, place.error().message, std::string(place.error().remedy()));
    }
    const auto bytes = read_file(place->file, kMaxBytes);
    if (!bytes) {
      const bool is_missing = bytes.error().code == Code::not_found;
      return report(input,
                    is_missing ? "there is no file " + place->name
                               : place->name + " cannot be read: " + bytes.error().message,
                    "Put the file there, or correct the path");
    }
    std::string digest = crypto::sha256(*bytes).hex();
    if (!input.digest.empty() && input.digest != digest) {
      return report(
          input,
          place->name + " has the digest sha256:" + digest + ", declared is sha256:" + input.digest,
          "Bind the document that was meant, or declare the digest of this one");
    }
    expect_types(input, *bytes);
    plan_.inputs.push_back({input.name, place->name, input.uri, std::move(digest)});
  }

  void expect_types(const InputSource& input, const std::string& bytes) {
    for (const Law& law : laws_) {
      for (const RequiredInput& required : law.required_inputs) {
        if (required.name != input.name) continue;
        const std::string wrong = misfit(required, bytes);
        if (wrong.empty()) continue;
        report(input,
               "the document " + wrong + "; " + law.source->label + " asks for " + required.type,
               "Bind another document");
      }
    }
  }

  void expect_bound(const Law& law, const RequiredInput& required) {
    if (inputs_.contains(required.name)) return;
    const std::string title = required.title.empty() ? "" : " (" + required.title + ")";
    problems_.push_back({source_.file, source_.document.root.at(),
                         law.source->label + " asks for the input `" + required.name + "`" + title +
                             ", and nothing binds it",
                         "Add `inputs: {" + required.name +
                             ": <path>}` to the spec, or give "
                             "`--input " +
                             required.name + "=PATH`"});
  }

  const std::vector<Law>& laws_;
  const SourceDocument& source_;
  const LoadOptions& options_;
  Plan& plan_;
  std::vector<Diagnostic>& problems_;
  std::map<std::string, InputSource> inputs_;
  std::vector<std::string> from_command_line_;
};

}  // namespace

void bind_inputs(const std::vector<Law>& laws, const SpecSource& spec, const LoadOptions& options,
                 Plan& plan, std::vector<Diagnostic>& problems) {
  InputBinder(laws, spec, options, plan, problems).bind();
}

}  // namespace writ::protocol
