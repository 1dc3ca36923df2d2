// POSIX shell quoting (XCU 2.2) without any expansion: what only a shell understands is refused
// rather than passed on literally, since the author certainly meant something else.
#include "base/words.h"

namespace writ {
namespace {

constexpr std::string_view kShellOnly = "|><&;*?`$()";
constexpr std::string_view kShellOnlyAtStart = "~#";
constexpr std::string_view kBlank = " \t";

class Splitter {
 public:
  explicit Splitter(std::string_view line) : line_(line) {}

  Result<std::vector<std::string>> split() {
    while (at_ < line_.size()) {
      WRIT_CHECK(take());
    }
    end_word();
    if (words_.empty()) return fail(Code::invalid_input, "the command is empty");
    WRIT_CHECK(refuse_assignment());
    return std::move(words_);
  }

 private:
  Result<void> take() {
    const char c = line_[at_];
    if (c == '\0') return fail(Code::invalid_input, "the command holds a NUL character");
    if (c == '\'') return take_single_quoted();
    if (c == '"') return take_double_quoted();
    if (c == '\\') return take_escaped();
    const bool at_start = !in_word_;
    if (kBlank.find(c) != std::string_view::npos || c == '\n') return take_blank(c);
    if (kShellOnly.find(c) != std::string_view::npos) return refuse(c);
    if (at_start && kShellOnlyAtStart.find(c) != std::string_view::npos) return refuse(c);
    add(c);
    ++at_;
    return {};
  }

  // A line break ends a shell command; only the last one of a block has nothing after it.
  Result<void> take_blank(char c) {
    const std::string_view rest = line_.substr(at_);
    if (c == '\n' && rest.find_first_not_of(" \t\n") != std::string_view::npos &&
        (in_word_ || !words_.empty())) {
      return fail(Code::invalid_input, "the command has more than one line",
                  "Write one step per command, or add `shell: true`");
    }
    end_word();
    ++at_;
    return {};
  }

  Result<void> take_single_quoted() {
    const std::size_t end = line_.find('\'', at_ + 1);
    if (end == std::string_view::npos) return unclosed('\'');
    const std::string_view text = line_.substr(at_ + 1, end - at_ - 1);
    if (text.find('\0') != std::string_view::npos) {
      return fail(Code::invalid_input, "the command holds a NUL character");
    }
    in_word_ = true;
    word_ += text;
    at_ = end + 1;
    return {};
  }

  Result<void> take_double_quoted() {
    in_word_ = true;
    for (std::size_t i = at_ + 1; i < line_.size(); ++i) {
      const char c = line_[i];
      if (c == '"') {
        at_ = i + 1;
        return {};
      }
      if (c == '\0') return fail(Code::invalid_input, "the command holds a NUL character");
      if (c == '$' || c == '`') {
        at_ = i;
        return refuse(c);
      }
      if (c == '\\' && i + 1 < line_.size() &&
          std::string_view("\"\\$`\n").find(line_[i + 1]) != std::string_view::npos) {
        ++i;
        if (line_[i] != '\n') word_ += line_[i];
      } else {
        word_ += c;
      }
    }
    return unclosed('"');
  }

  Result<void> take_escaped() {
    if (at_ + 1 == line_.size()) {
      return fail(Code::invalid_input, "the command ends with a backslash",
                  "Remove it, or write \\\\ for a backslash");
    }
    if (line_[at_ + 1] == '\0') {
      return fail(Code::invalid_input, "the command holds a NUL character");
    }
    if (line_[at_ + 1] != '\n') add(line_[at_ + 1]);  // backslash, line break: continued line
    at_ += 2;
    return {};
  }

  void add(char c) {
    in_word_ = true;
    word_ += c;
  }

  void end_word() {
    if (in_word_) words_.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }

  Result<void> refuse_assignment() const {
    const std::string& first = words_.front();
    const std::size_t equals = first.find('=');
    if (equals == std::string::npos || equals == 0) return {};
    for (const char c : first.substr(0, equals)) {
      const bool is_name =
          (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
      if (!is_name) return {};
    }
    return fail(Code::invalid_input, "\"" + first + "\" sets a variable the way only a shell does",
                "Put it under `env:`, or add `shell: true`");
  }

  Result<void> refuse(char c) const {
    return fail(Code::invalid_input,
                std::string("character ") + std::to_string(at_ + 1) + " of the command is " + c +
                    ", which only a shell understands",
                "Add `shell: true`, or put the word in single quotes");
  }

  Result<void> unclosed(char quote) const {
    std::string message = "the quote ";
    message += quote;
    message += " at character " + std::to_string(at_ + 1) + " of the command is never closed";
    return fail(Code::invalid_input, std::move(message),
                "Close the quote, or write a backslash before it");
  }

  std::string_view line_;
  std::size_t at_ = 0;
  bool in_word_ = false;
  std::string word_;
  std::vector<std::string> words_;
};

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view line) {
  return Splitter(line).split();
}

}  // namespace writ
