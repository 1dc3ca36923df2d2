#include "process/job.h"

#include <charconv>

namespace writ::process {
namespace {

constexpr std::string_view kVersion = "writ-exec/1";

void put(std::string& out, char kind, std::string_view text) {
  out += kind;
  out += text;
  out += '\0';
}

template <typename Number>
bool parse_number(std::string_view& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with(' ')) text.remove_prefix(1);
  return true;
}

bool take_record(Job& job, char kind, std::string_view text) {
  switch (kind) {
    case 'a':
      job.argv.emplace_back(text);
      return true;
    case 'e':
      job.environment.emplace_back(text);
      return true;
    case 'd':
      job.directory = text;
      return true;
    case 'p':
      return parse_number(text, job.parent) && text.empty();
    case 'l': {
      ResourceLimit limit;
      const bool good = parse_number(text, limit.resource) && parse_number(text, limit.soft) &&
                        parse_number(text, limit.hard) && text.empty();
      if (good) job.limits.push_back(limit);
      return good;
    }
    default:
      return false;
  }
}

}  // namespace

std::string encode(const Job& job) {
  std::string out;
  put(out, 'v', kVersion);
  put(out, 'p', std::to_string(job.parent));
  put(out, 'd', job.directory);
  for (const ResourceLimit& limit : job.limits) {
    put(out, 'l',
        std::to_string(limit.resource) + ' ' + std::to_string(limit.soft) + ' ' +
            std::to_string(limit.hard));
  }
  for (const std::string& variable : job.environment) put(out, 'e', variable);
  for (const std::string& argument : job.argv) put(out, 'a', argument);
  return out;
}

std::optional<Job> decode(std::string_view bytes) {
  Job job;
  bool is_first = true;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\0');
    if (end == std::string_view::npos || end == 0) return std::nullopt;
    const char kind = bytes.front();
    const std::string_view text = bytes.substr(1, end - 1);
    bytes.remove_prefix(end + 1);
    const bool good = is_first ? kind == 'v' && text == kVersion : take_record(job, kind, text);
    if (!good) return std::nullopt;
    is_first = false;
  }
  if (job.argv.empty() || job.directory.empty()) return std::nullopt;
  return job;
}

}  // namespace writ::process
