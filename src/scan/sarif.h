#pragma once
// A scan report as SARIF 2.1.0 (OASIS), for code hosts and editors. One run, one result per
// finding; columns in code points. What was not scanned is a notification, and a run that scanned
// nothing it was asked for says that it failed, so that no empty list looks like a clean one.
#include <string_view>

#include "base/value.h"
#include "scan/scan.h"

namespace writ::scan {

// `version` is the tool's own. Fingerprints rest on rule, path, the line's text and its
// occurrence, never on line numbers.
Value to_sarif(const ScanReport& report, std::string_view version);

}  // namespace writ::scan
