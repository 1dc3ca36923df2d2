#include "identity/password_rules.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "identity/common_words.h"

namespace writ::identity {
namespace {

constexpr std::size_t kMostAround = 4;    // digits or signs beside a word
constexpr std::size_t kLeastPiece = 3;    // of a walk, sequence or repetition
constexpr std::size_t kMostLeftOver = 2;  // characters that are in no piece
constexpr std::size_t kLeastContext = 4;
constexpr std::string_view kObjects[] = {"me", "it", "you"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Letters and the signs that stand for them, on one of them: "P@ssw0rd" is "password", and i, l and
// 1 are one letter.
char folded(char c) {
  constexpr std::string_view kFrom = "0134567891!|l@$+";
  constexpr std::string_view kTo = "oieastgbgiiiiast";
  c = lower(c);
  const std::size_t at = kFrom.find(c);
  return at == kFrom.npos ? c : kTo[at];
}

std::string folded(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return folded(c); });
  return out;
}

const std::vector<std::string>& folded_words() {
  static const std::vector<std::string> kFolded = [] {
    std::vector<std::string> out;
    for (const std::string_view word : common_words()) out.push_back(folded(word));
    std::ranges::sort(out);
    return out;
  }();
  return kFolded;
}

bool is_listed(std::string_view key) { return std::ranges::binary_search(folded_words(), key); }

// A word, the same word twice, or a word with what it is done to: "helpme", "trustit", "loveyou".
bool is_word(std::string_view text) {
  const std::string key = folded(text);
  const std::string_view view = key;
  if (is_listed(view)) return true;
  const std::size_t half = view.size() / 2;
  if (view.size() % 2 == 0 && view.substr(0, half) == view.substr(half)) {
    return is_listed(view.substr(0, half));
  }
  return std::ranges::any_of(kObjects, [&](std::string_view object) {
    return view.ends_with(object) && is_listed(view.substr(0, view.size() - object.size()));
  });
}

// A word with a few other characters before or after it.
bool is_decorated_word(std::string_view password) {
  for (std::size_t before = 0; before <= std::min(kMostAround, password.size()); ++before) {
    for (std::size_t after = 0; before + after <= kMostAround; ++after) {
      if (before + after >= password.size()) break;
      const std::string_view core = password.substr(before, password.size() - before - after);
      const std::string_view tail = password.substr(password.size() - after);
      const bool only_signs = std::ranges::none_of(password.substr(0, before), is_letter) &&
                              std::ranges::none_of(tail, is_letter);
      if (only_signs && is_word(core)) return true;
    }
  }
  return false;
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

std::size_t walk_prefix(std::string_view text, std::string_view walk) {
  std::size_t longest = 0;
  for (std::size_t from = 0; from < walk.size(); ++from) {
    longest = std::max(longest, common_prefix(text, walk.substr(from)));
  }
  return longest;
}

// How long a walk over the keyboard, in either direction, `text` begins with.
std::size_t walk_prefix(std::string_view text) {
  std::size_t longest = 0;
  for (const std::string_view walk : keyboard_walks()) {
    const std::string back(walk.rbegin(), walk.rend());
    longest = std::max({longest, walk_prefix(text, walk), walk_prefix(text, back)});
  }
  return longest;
}

// How much of the front repeats its first `period` characters; at least twice.
std::size_t repetition_prefix(std::string_view text, std::size_t period) {
  std::size_t size = period;
  while (size < text.size() && text[size] == text[size - period]) ++size;
  return size >= 2 * period ? size : 0;
}

std::size_t piece_prefix(std::string_view text) {
  std::size_t longest = walk_prefix(text);
  for (std::size_t period = 1; period <= kMostAround && period < text.size(); ++period) {
    longest = std::max(longest, repetition_prefix(text, period));
  }
  return longest;
}

// "qwerty123", "aaaa1111", "abc12345", "1q2w3e4r": pieces that need no memory.
bool is_made_of_pieces(std::string_view password) {
  std::size_t left_over = 0;
  while (!password.empty() && left_over <= kMostLeftOver) {
    const std::size_t piece = piece_prefix(password);
    const bool counts = piece >= kLeastPiece;
    left_over += counts ? 0 : 1;
    password.remove_prefix(counts ? piece : 1);
  }
  return left_over <= kMostLeftOver;
}

int number(std::string_view digits) { return std::stoi(std::string(digits)); }

bool is_date(int year, int month, int day) {
  return year >= 1900 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

// 31121999, 12311999, 19991231, with or without signs between.
bool is_date(std::string_view password) {
  std::string digits;
  std::ranges::copy_if(password, std::back_inserter(digits), is_digit);
  if (digits.size() != 8 || password.size() > 10 || std::ranges::any_of(password, is_letter)) {
    return false;
  }
  const std::string_view d = digits;
  const int last_year = number(d.substr(4));
  const int first = number(d.substr(0, 2));
  const int second = number(d.substr(2, 2));
  return is_date(last_year, second, first) || is_date(last_year, first, second) ||
         is_date(number(d.substr(0, 4)), number(d.substr(4, 2)), number(d.substr(6)));
}

// Whether little but the word is in the password.
bool is_mostly(std::string_view password, std::string_view word) {
  if (word.size() < kLeastContext) return false;
  return folded(password).find(folded(word)) != std::string::npos &&
         password.size() - word.size() <= kMostAround;
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::unexpected<Error> refuse(std::string message, std::string remedy) {
  return fail(Code::invalid_input, std::move(message), std::move(remedy));
}

}  // namespace

bool is_common_password(std::string_view password) {
  std::string text(password);
  std::ranges::transform(text, text.begin(), lower);
  return is_decorated_word(text) || is_made_of_pieces(text) || is_date(text);
}

Result<void> check_password(std::string_view password, std::span<const std::string_view> context,
                            const PasswordRules& rules) {
  if (!is_utf8(password)) return refuse("the password is not UTF-8", "Type it again");
  const std::size_t length = code_points(password);
  if (length < rules.min_length) {
    return refuse("the password has fewer than " + std::to_string(rules.min_length) + " characters",
                  "Take a longer one: 15 or more, several words for example");
  }
  if (length > rules.max_length) {
    return refuse("the password has more than " + std::to_string(rules.max_length) + " characters",
                  "Take a shorter one");
  }
  if (is_common_password(password)) {
    return refuse("the password is one of those that are tried first",
                  "Take another: several words that have nothing to do with each other");
  }
  for (const std::string_view word : context) {
    if (is_mostly(password, word)) {
      return refuse("the password is little more than a name that others know",
                    "Take another: several words that have nothing to do with you");
    }
  }
  return {};
}

}  // namespace writ::identity
