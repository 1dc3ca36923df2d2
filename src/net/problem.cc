#include "net/problem.h"

#include "base/json.h"

namespace writ::net {
namespace {

Value diagnostics_value(const std::vector<Diagnostic>& diagnostics) {
  Array out;
  for (const Diagnostic& diagnostic : diagnostics) {
    Object row;
    if (!diagnostic.file.empty()) row.append("file", diagnostic.file);
    if (diagnostic.at.line > 0) {
      row.append("line", diagnostic.at.line);
      row.append("column", diagnostic.at.column);
    }
    row.append("message", diagnostic.message);
    if (!diagnostic.remedy.empty()) row.append("remedy", diagnostic.remedy);
    out.emplace_back(std::move(row));
  }
  return out;
}

}  // namespace

Response to_problem(const Error& error, std::string_view incident, int status) {
  const ErrorRow& row = error_row(error.code);
  if (status == 0) status = row.http_status;
  Object problem;
  problem.append("type", "about:blank");
  problem.append("title", reason_phrase(status));
  problem.append("status", status);
  problem.append("code", row.name);
  // What is inside a defect belongs into the log, under the incident's id.
  const bool is_internal = error.code == Code::internal;
  problem.append("detail", is_internal ? std::string("an internal error") : error.message);
  problem.append("retryable", row.retry == Retry::again);
  problem.append("remediation", is_internal ? row.remediation : error.remedy());
  if (!incident.empty()) problem.append("incident", incident);
  if (!error.diagnostics.empty()) {
    problem.append("diagnostics", diagnostics_value(error.diagnostics));
  }
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = to_json(Value(std::move(problem)));
  if (row.retry == Retry::again) response.fields.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace writ::net
