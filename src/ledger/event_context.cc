#include "ledger/event_context.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/encoding.h"
#include "base/suggest.h"

namespace writ::ledger {
namespace {

constexpr std::string_view kFidelities[] = {"degraded", "demo", "replayed"};
constexpr std::string_view kDigestScheme = "sha256:";
constexpr std::size_t kDigestSize = 64;

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool is_digest(std::string_view word) {
  if (!word.starts_with(kDigestScheme)) return false;
  word.remove_prefix(kDigestScheme.size());
  return word.size() == kDigestSize && std::ranges::all_of(word, is_hex);
}

bool is_tag(std::string_view word) {
  return std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("._:/-").contains(c);
  });
}

std::vector<std::string_view> split_words(std::string_view words) {
  std::vector<std::string_view> out;
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    words.remove_prefix(std::min(words.size(), word.size() + 1));
    if (!word.empty()) out.push_back(word);
  }
  return out;
}

Result<void> check_words(std::string_view name, const std::string& words,
                         bool (*is_word)(std::string_view), std::string_view what) {
  if (words != sorted_words(words)) {
    return fail(Code::invalid_input, "an event's " + std::string(name) +
                                         " are sorted, each once, with one space between");
  }
  for (const std::string_view word : split_words(words)) {
    if (is_word(word)) continue;
    return fail(Code::invalid_input, "`" + std::string(word) + "` of an event's " +
                                         std::string(name) + " is no " + std::string(what));
  }
  return {};
}

}  // namespace

std::string sorted_words(std::string_view words) {
  std::vector<std::string_view> sorted = split_words(words);
  std::ranges::sort(sorted);
  const auto repeated = std::ranges::unique(sorted);
  sorted.erase(repeated.begin(), repeated.end());
  std::string out;
  for (const std::string_view word : sorted) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

Result<void> check_context(const EventContext& context) {
  for (const auto& member : kContext<std::string>) {
    if (!is_utf8(context.*member.text)) {
      return fail(Code::invalid_input, "an event's texts are UTF-8");
    }
  }
  if (!context.fidelity.empty() &&
      std::ranges::find(kFidelities, context.fidelity) == std::end(kFidelities)) {
    return fail(
        Code::invalid_input,
        "`" + context.fidelity + "` is no fidelity" + did_you_mean(context.fidelity, kFidelities),
        "Leave it out for what happened live; else: replayed, degraded, demo");
  }
  WRIT_CHECK(check_words("inputs", context.inputs, is_digest, "digest: sha256:<64 hex digits>"));
  return check_words("tags", context.tags, is_tag, "tag: lower-case letters, digits, . _ : / -");
}

}  // namespace writ::ledger
