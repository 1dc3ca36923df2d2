#include "policy/builtins/pattern.h"

#include <re2/re2.h>

namespace writ::rego {
namespace {

// Memory of one compiled pattern; queries keep up to a thousand of them.
constexpr std::int64_t kMostMemory = std::int64_t{2} << 20;

std::string_view go_message(re2::RE2::ErrorCode code) {
  switch (code) {
    case re2::RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case re2::RE2::ErrorBadCharClass:
      return "invalid character class";
    case re2::RE2::ErrorBadCharRange:
      return "invalid character class range";
    case re2::RE2::ErrorMissingBracket:
      return "missing closing ]";
    case re2::RE2::ErrorMissingParen:
      return "missing closing )";
    case re2::RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case re2::RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case re2::RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case re2::RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case re2::RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case re2::RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case re2::RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case re2::RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case re2::RE2::ErrorPatternTooLarge:
      return "expression too large";
    default:
      return "internal error";
  }
}

// Go takes (?<name>…) for (?P<name>…), this RE2 does not yet.
std::string with_named_groups(std::string_view source) {
  std::string out;
  bool in_class = false;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const std::string_view rest = source.substr(i);
    if (rest[0] == '\\') {
      // \Q quotes up to \E, anything else the next character.
      const bool quotes = !in_class && rest.starts_with("\\Q");
      const std::size_t end = quotes ? rest.find("\\E") : std::min<std::size_t>(rest.size(), 2);
      out += rest.substr(0, end);
      if (end == std::string_view::npos) return out;
      i += end - 1;
      continue;
    }
    if (!in_class && rest.starts_with("(?<")) {
      out += "(?P<";
      i += 2;
      continue;
    }
    out += rest[0];
    if (in_class) {
      in_class = rest[0] != ']';
    } else if (rest[0] == '[') {
      in_class = true;
      // A ']' that comes first is a member of the class.
      if (rest.starts_with("[^")) out += source[++i];
      if (source.substr(i + 1).starts_with(']')) out += source[++i];
    }
  }
  return out;
}

}  // namespace

Pattern::Pattern(std::string_view source) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMostMemory);
  auto re = std::make_unique<re2::RE2>(with_named_groups(source), options);
  if (re->ok()) {
    re_ = std::move(re);
    return;
  }
  problem_ = "error parsing regexp: ";
  problem_ += go_message(re->error_code());
  problem_ += ": `" + re->error_arg() + "`";
}

Pattern::~Pattern() = default;

bool Pattern::matches(std::string_view text) const {
  return re2::RE2::PartialMatch({text.data(), text.size()}, *re_);
}

std::optional<std::vector<Pattern::Span>> Pattern::find(std::string_view text,
                                                        std::size_t from) const {
  const re2::StringPiece whole(text.data(), text.size());
  std::vector<re2::StringPiece> groups(
      static_cast<std::size_t>(re_->NumberOfCapturingGroups() + 1));
  if (!re_->Match(whole, from, text.size(), re2::RE2::UNANCHORED, groups.data(),
                  static_cast<int>(groups.size()))) {
    return std::nullopt;
  }
  std::vector<Span> out;
  out.reserve(groups.size());
  for (const re2::StringPiece& group : groups) {
    if (group.data() == nullptr) {
      out.push_back({});
    } else {
      const auto begin = group.data() - whole.data();
      out.push_back({begin, begin + static_cast<std::ptrdiff_t>(group.size())});
    }
  }
  return out;
}

std::optional<std::size_t> Pattern::group(std::string_view name) const {
  const auto& names = re_->NamedCapturingGroups();
  const auto found = names.find(std::string(name));
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found->second);
}

std::string quoted_pattern(std::string_view text) {
  return re2::RE2::QuoteMeta({text.data(), text.size()});
}

}  // namespace writ::rego
