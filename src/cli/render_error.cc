#include "cli/render_error.h"

#include <fmt/format.h>

#include "base/json.h"
#include "cli/source_line.h"

namespace writ::cli {
namespace {

std::string place(const Diagnostic& d) {
  std::string out = printable(d.file);
  if (d.at.is_known()) out += fmt::format(":{}:{}", d.at.line, d.at.column);
  return out;
}

}  // namespace

std::string render_error(const Error& error, const Style& style,
                         const std::filesystem::path& directory) {
  std::string out = style(Tone::bad, "error: ");
  if (error.diagnostics.empty()) {
    out += printable(error.message);
    for (const std::string& context : error.contexts) out += " (while " + printable(context) + ")";
    return out + "\n  " + style(Tone::dim, "remedy: ") + printable(error.remedy()) + "\n";
  }
  const std::size_t count = error.diagnostics.size();
  out += count == 1 ? "1 problem\n" : fmt::format("{} problems\n", count);
  for (const Diagnostic& d : error.diagnostics) {
    const std::string at = place(d);
    out += "  " + (at.empty() ? "" : style(Tone::strong, at) + "  ") + printable(d.message) + "\n";
    if (!directory.empty()) out += source_line(directory, d);
    if (!d.remedy.empty()) {
      out += "    " + style(Tone::dim, "remedy: ") + printable(d.remedy) + "\n";
    }
  }
  return out;
}

std::string error_json(const Error& error) {
  Array diagnostics;
  for (const Diagnostic& d : error.diagnostics) {
    diagnostics.push_back(Object{{"file", d.file},
                                 {"line", d.at.line},
                                 {"column", d.at.column},
                                 {"message", d.message},
                                 {"remedy", d.remedy}});
  }
  const ErrorRow& row = error_row(error.code);
  return to_json(Object{{"error", Object{{"code", row.name},
                                         {"message", error.message},
                                         {"retryable", row.retry == Retry::again},
                                         {"remediation", error.remedy()},
                                         {"diagnostics", std::move(diagnostics)}}}}) +
         "\n";
}

}  // namespace writ::cli
