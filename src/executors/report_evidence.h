#pragma once
// Declared evidence out of the bytes of a report: by kind, a test report is parsed, figures are
// read, any other file stands for itself. One place for commands and submissions.
#include <string>
#include <string_view>

#include "base/result.h"
#include "evidence/record.h"
#include "protocol/plan.h"
#include "store/blob_store.h"

namespace writ::executors {

// In place of a report's path: what the command prints to its standard output.
inline constexpr std::string_view kOutput = "stdout";
inline constexpr std::size_t kMaxReportBytes = 64u << 20;

// A report as it is kept.
struct Report {
  store::BlobRef blob;
  std::string_view bytes;
};

// Errors: invalid_input (a report that does not parse, a kind that no file can prove).
Result<evidence::Draft> evidence_from_report(const protocol::Plan& plan, std::string_view kind,
                                             std::string_view path, const Report& report);

}  // namespace writ::executors
