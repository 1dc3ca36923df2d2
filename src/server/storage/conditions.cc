#include "server/storage/conditions.h"

#include <charconv>
#include <utility>
#include <vector>

namespace writ::server {
namespace {

struct Tags {
  bool is_any = false;
  std::vector<std::uint64_t> revisions;
};

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::unexpected<Error> no_tags(std::string_view field) {
  return fail(Code::invalid_input, "`" + std::string(field) + "` is no list of ETags",
              "Send `*`, or ETags as they were given out: \"7\", \"9\"");
}

// One tag at the front of `rest`, taken off it. Nullopt inside: one that was never given out.
Result<std::optional<std::uint64_t>> take_tag(std::string_view field, std::string_view& rest,
                                              bool takes_weak) {
  const bool is_weak = rest.starts_with("W/");
  if (is_weak) rest.remove_prefix(2);
  if (!rest.starts_with('"')) return no_tags(field);
  const std::size_t end = rest.find('"', 1);
  if (end == std::string_view::npos) return no_tags(field);
  const std::string_view text = rest.substr(1, end - 1);
  rest = trim(rest.substr(end + 1));
  std::uint64_t revision = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), revision);
  const bool is_ours = error == std::errc() && at == text.data() + text.size() && !text.empty();
  if (!is_ours || (is_weak && !takes_weak)) return std::optional<std::uint64_t>();
  return std::optional(revision);
}

Result<Tags> read_tags(std::string_view field, std::string_view text, bool takes_weak) {
  Tags out;
  std::string_view rest = trim(text);
  if (rest == "*") {
    out.is_any = true;
    return out;
  }
  if (rest.empty()) return no_tags(field);
  for (;;) {
    WRIT_TRY(const auto revision, take_tag(field, rest, takes_weak));
    if (revision) out.revisions.push_back(*revision);
    if (rest.empty()) return out;
    if (rest.front() != ',') return no_tags(field);
    rest = trim(rest.substr(1));
  }
}

}  // namespace

std::string etag_of(std::uint64_t revision) { return '"' + std::to_string(revision) + '"'; }

Result<identity::EntryCondition> parse_condition(std::optional<std::string_view> match,
                                                 std::optional<std::string_view> none_match) {
  identity::EntryCondition out;
  if (match) {
    WRIT_TRY(Tags tags, read_tags("If-Match", *match, false));
    out.must_exist = tags.is_any;
    if (!tags.is_any) out.one_of = std::move(tags.revisions);
  }
  if (none_match) {
    WRIT_TRY(Tags tags, read_tags("If-None-Match", *none_match, true));
    out.must_be_absent = tags.is_any;
    out.none_of = std::move(tags.revisions);
  }
  return out;
}

Result<identity::EntryCondition> condition_of(const Call& call) {
  const auto field = [&](std::string_view name) {
    const Value* const sent = call.parameter(name);
    return sent == nullptr ? std::nullopt : std::optional<std::string_view>(sent->as_string());
  };
  return parse_condition(field("If-Match"), field("If-None-Match"));
}

}  // namespace writ::server
