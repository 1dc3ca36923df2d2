#include "scan/scan.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "base/file.h"
#include "scan/pass_only.h"
#include "scan/patterns.h"
#include "scan/rules.h"
#include "syntax/display.h"
#include "syntax/lex.h"

namespace writ::scan {
namespace {

using syntax::Language;
using syntax::Span;

constexpr std::size_t kMaxFindingsPerFile = 1000;
constexpr std::size_t kMaxShownLine = 400;

std::string shown_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return syntax::displayed(line, kMaxShownLine);
}

// Turns offsets into positions; offsets come in ascending order.
class LineMap {
 public:
  explicit LineMap(std::string_view text) : text_(text), end_(next_break(0)) {}

  struct Place {
    Position at;
    std::size_t begin = 0;  // of the line
    std::size_t end = 0;
  };
  Place find(std::size_t offset) {
    if (offset < begin_) begin_ = 0, end_ = next_break(0), line_ = 1;
    while (offset > end_) {
      begin_ = end_ + 1;
      end_ = next_break(begin_);
      ++line_;
    }
    return {{line_, static_cast<std::uint32_t>(offset - begin_ + 1)}, begin_, end_};
  }

 private:
  std::size_t next_break(std::size_t from) const {
    return std::min(text_.find('\n', from), text_.size());
  }

  std::string_view text_;
  std::size_t begin_ = 0;  // of the current line
  std::size_t end_ = 0;
  std::uint32_t line_ = 1;
};

std::uint8_t region_bit(Region region) {
  switch (region) {
    case Region::code:
      return kCode;
    case Region::comment:
      return kComment;
    case Region::string:
      return kString;
    case Region::any:
      break;
  }
  return kText;
}

// What one call scans for. Immutable once made; shared by all files.
struct Engine {
  explicit Engine(std::vector<std::string_view> chosen)
      : rules(std::move(chosen)),
        matcher(rules),
        wants_bodies(std::find(rules.begin(), rules.end(), "pass-only-body") != rules.end()) {}

  std::vector<std::string_view> rules;
  Matcher matcher;
  bool wants_bodies;
};

class TextScan {
 public:
  TextScan(const Engine& engine, std::string_view path, std::string_view text)
      : engine_(engine),
        path_(path),
        text_(text),
        lines_(text),
        language_(syntax::language_of(path)),
        in_tests_(syntax::is_test_path(path)) {}

  std::vector<Finding> run() {
    if (engine_.wants_bodies && language_ != nullptr) find_bodies();
    find_patterns();
    std::sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) {
      return std::tie(a.at, a.rule) < std::tie(b.at, b.rule);
    });
    return std::move(findings_);
  }
  bool is_cut() const { return findings_.size() >= kMaxFindingsPerFile; }

 private:
  const std::vector<Span>& spans() {
    if (spans_.empty()) {
      if (language_ != nullptr)
        spans_ = syntax::lex(text_, *language_);
      else
        spans_ = {{0, text_.size(), Region::any}};
    }
    return spans_;
  }

  void find_bodies() {
    std::vector<PassOnlyBody> bodies;
    if (language_->cpp) bodies = find_pass_only_bodies(text_, spans());
    if (language_->name == "Python") bodies = find_pass_only_defs(text_, spans());
    std::uint32_t last = 0;  // reported once a line, as every rule is
    for (PassOnlyBody& body : bodies) {
      if (is_cut()) return;
      const std::uint32_t line = lines_.find(body.begin).at.line;
      if (std::exchange(last, line) == line) continue;
      add("pass-only-body", body.begin, body.length, std::move(body.message));
    }
  }

  void find_patterns() {
    std::size_t span = 0;
    engine_.matcher.each_line(text_, [&](std::size_t at, Matcher::Candidates candidates) {
      const LineMap::Place line = lines_.find(at);
      while (spans()[span].end <= line.begin) ++span;
      match_line(line, span, candidates);
      return !is_cut();
    });
  }

  // Tries the patterns on each region's part of the line. A rule is reported once a line.
  void match_line(const LineMap::Place& line, std::size_t span, Matcher::Candidates candidates) {
    std::set<std::string_view> seen;
    for (; span < spans().size() && spans()[span].begin < line.end; ++span) {
      const std::size_t begin = std::max(spans()[span].begin, line.begin);
      const std::size_t end = std::min(spans()[span].end, line.end);
      if (begin >= end) continue;
      engine_.matcher.match(text_.substr(begin, end - begin), candidates,
                            region_bit(spans()[span].region), in_tests_,
                            [&](const Matcher::Match& match) {
                              if (!seen.insert(match.rule).second) return;
                              add(match.rule, begin + match.begin, match.length, {});
                            });
    }
  }

  void add(std::string_view rule, std::size_t begin, std::size_t length, std::string message) {
    const LineMap::Place line = lines_.find(begin);
    Finding finding;
    finding.rule = rule;
    finding.path = path_;
    finding.at = line.at;
    finding.length = static_cast<std::uint32_t>(std::min(length, line.end - begin));
    finding.column_characters =
        1 + syntax::count_characters(text_.substr(line.begin, begin - line.begin));
    finding.length_characters = syntax::count_characters(text_.substr(begin, finding.length));
    finding.message = message.empty() ? std::string(find_rule(rule)->meaning) : std::move(message);
    finding.line = shown_line(text_.substr(line.begin, line.end - line.begin));
    findings_.push_back(std::move(finding));
  }

  const Engine& engine_;
  std::string_view path_;
  std::string_view text_;
  LineMap lines_;
  const Language* language_;
  bool in_tests_;
  std::vector<Span> spans_;
  std::vector<Finding> findings_;
};

bool is_binary(std::string_view text) {
  return text.substr(0, 8192).find('\0') != std::string_view::npos;
}

// Scans one file into `report`; what cannot be scanned is listed as skipped, never passed over.
void scan_one(const Engine& engine, const FilesBelow& files, const std::string& path,
              std::size_t max_bytes, ScanReport& report) {
  const auto skip = [&](std::string_view why) {
    report.skipped.push_back(path + ": " + std::string(why));
  };
  const auto text = files.read(path, max_bytes);
  if (!text) return skip(text.error().message);
  if (is_binary(*text)) return skip("binary");
  ++report.files;
  TextScan scan(engine, path, *text);
  std::vector<Finding> findings = scan.run();
  if (findings.size() >= kMaxFindingsPerFile) skip("more than 1000 findings, the rest not listed");
  std::move(findings.begin(), findings.end(), std::back_inserter(report.findings));
}

// Calls `work` with every number below `count`, each on whichever thread is free.
void on_all_processors(std::size_t count, const std::function<void(std::size_t)>& work) {
  constexpr std::size_t kWorthAThread = 16;
  std::atomic<std::size_t> next = 0;
  const auto take = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  const std::size_t processors = std::max(std::thread::hardware_concurrency(), 1u);
  std::vector<std::jthread> helpers;
  for (std::size_t i = 1; i < std::min(processors, count / kWorthAThread); ++i) {
    helpers.emplace_back(take);
  }
  take();
}

}  // namespace

struct Scanner::State {
  Engine engine;
  std::size_t max_file_bytes;
};

Result<Scanner> Scanner::make(const ScanOptions& options) {
  WRIT_TRY(auto rules, choose_rules(options.rules));
  return Scanner(std::make_shared<const State>(Engine(std::move(rules)), options.max_file_bytes));
}

std::vector<Finding> Scanner::scan_text(std::string_view path, std::string_view text) const {
  return TextScan(state_->engine, path, text).run();
}

ScanReport Scanner::scan_files(const std::filesystem::path& root,
                               std::span<const std::string> paths) const {
  std::vector<std::string> sorted(paths.begin(), paths.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<ScanReport> reports(sorted.size());
  const FilesBelow files(root);
  on_all_processors(sorted.size(), [&](std::size_t i) {
    scan_one(state_->engine, files, sorted[i], state_->max_file_bytes, reports[i]);
  });
  ScanReport all;
  for (ScanReport& report : reports) {
    all.files += report.files;
    std::ranges::move(report.findings, std::back_inserter(all.findings));
    std::ranges::move(report.skipped, std::back_inserter(all.skipped));
  }
  return all;
}

Result<ScanReport> scan_files(const std::filesystem::path& root, std::span<const std::string> paths,
                              const ScanOptions& options) {
  WRIT_TRY(const Scanner scanner, Scanner::make(options));
  return scanner.scan_files(root, paths);
}

Result<std::vector<Finding>> scan_text(std::string_view path, std::string_view text,
                                       const ScanOptions& options) {
  WRIT_TRY(const Scanner scanner, Scanner::make(options));
  return scanner.scan_text(path, text);
}

Value ScanReport::to_value() const {
  std::map<std::string, std::int64_t> counts;
  Array list;
  for (const Finding& finding : findings) {
    ++counts[finding.rule];
    const RuleInfo* rule = find_rule(finding.rule);
    list.push_back(Object{{"rule", finding.rule},
                          {"path", syntax::displayed(finding.path)},
                          {"line", finding.at.line},
                          {"column", finding.at.column},
                          {"length", finding.length},
                          {"message", syntax::displayed(finding.message)},
                          {"remedy", rule != nullptr ? rule->remedy : std::string_view()},
                          {"source", finding.line}});
  }
  Object by_rule;
  for (const auto& [rule, count] : counts) by_rule.append(rule, count);
  Array left_out;
  for (const std::string& line : skipped) left_out.emplace_back(syntax::displayed(line));
  return Object{{"files", files},
                {"violations", findings.size()},
                {"by_rule", std::move(by_rule)},
                {"findings", std::move(list)},
                {"skipped", std::move(left_out)}};
}

}  // namespace writ::scan
