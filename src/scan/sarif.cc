#include "scan/sarif.h"

#include <map>
#include <string>

#include "base/id.h"
#include "scan/rules.h"

namespace writ::scan {
namespace {

Value text(std::string_view s) { return Object{{"text", s}}; }

// A relative path as a URI reference (RFC 3986): everything but unreserved and `/` is encoded.
std::string to_uri(std::string_view path) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~/";
  std::string out;
  for (const char c : path) {
    const bool is_alnum =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_alnum || kPlain.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

Array rule_list() {
  Array rules;
  for (const RuleInfo& rule : rule_table()) {
    rules.push_back(Object{{"id", rule.id},
                           {"shortDescription", text(rule.meaning)},
                           {"help", text(rule.remedy)},
                           {"defaultConfiguration", Object{{"level", "error"}}}});
  }
  return rules;
}

std::size_t rule_index(std::string_view id) {
  const RuleInfo* rule = find_rule(id);
  WRIT_ASSERT(rule != nullptr);
  return static_cast<std::size_t>(rule - rule_table().data());
}

class Results {
 public:
  Array list(const std::vector<Finding>& findings) {
    Array results;
    for (const Finding& finding : findings) results.push_back(result(finding));
    return results;
  }

 private:
  Value result(const Finding& finding) {
    const std::int64_t column = finding.column_characters;
    Object region{{"startLine", finding.at.line},
                  {"startColumn", column},
                  {"endColumn", column + finding.length_characters},  // exclusive
                  {"snippet", text(finding.line)}};
    Object location{{"artifactLocation", Object{{"uri", to_uri(finding.path)}}},
                    {"region", std::move(region)}};
    return Object{{"ruleId", finding.rule},
                  {"ruleIndex", rule_index(finding.rule)},
                  {"level", "error"},
                  {"message", text(finding.message)},
                  {"locations", Array{Object{{"physicalLocation", std::move(location)}}}},
                  {"partialFingerprints", Object{{"writ/v1", fingerprint(finding)}}}};
  }

  // Not primaryLocationLineHash: that name belongs to an algorithm of the code host.
  std::string fingerprint(const Finding& finding) {
    std::string key = finding.rule + '\n' + finding.path + '\n' + finding.line;
    const std::size_t occurrence = ++occurrences_[key];
    return Uuid::v5(kWritNamespace, key + '\n' + std::to_string(occurrence)).text();
  }

  std::map<std::string, std::size_t> occurrences_;
};

Value invocation(const ScanReport& report) {
  Array notifications;
  for (const std::string& skipped : report.skipped) {
    notifications.push_back(
        Object{{"level", "warning"}, {"message", text("not scanned: " + skipped)}});
  }
  const bool scanned_nothing = report.files == 0 && !report.skipped.empty();
  return Object{{"executionSuccessful", !scanned_nothing},
                {"toolExecutionNotifications", std::move(notifications)}};
}

}  // namespace

Value to_sarif(const ScanReport& report, std::string_view version) {
  Object driver{{"name", "writ"}, {"version", version}, {"rules", rule_list()}};
  Object run{{"tool", Object{{"driver", std::move(driver)}}},
             {"automationDetails", Object{{"id", "writ/scan/"}}},
             {"columnKind", "unicodeCodePoints"},
             {"invocations", Array{invocation(report)}},
             {"results", Results().list(report.findings)}};
  return Object{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                {"version", "2.1.0"},
                {"runs", Array{std::move(run)}}};
}

}  // namespace writ::scan
