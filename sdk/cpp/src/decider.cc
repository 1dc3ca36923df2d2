#include <writ/sdk/decider.h>

namespace writ::sdk {
namespace {

struct CodeName {
  ErrorCode code;
  std::string_view name;
};
constexpr CodeName kNames[] = {
    {ErrorCode::cancelled, "cancelled"},         {ErrorCode::evaluation, "evaluation"},
    {ErrorCode::internal, "internal"},           {ErrorCode::invalid_input, "invalid_input"},
    {ErrorCode::not_permitted, "not_permitted"}, {ErrorCode::signature_bad, "signature_bad"},
    {ErrorCode::timed_out, "timed_out"},         {ErrorCode::unavailable, "unavailable"},
};

Verdict verdict(Verdict::Reason reason, std::string why, std::string id) {
  return {.reason = reason, .why = std::move(why), .decision_id = std::move(id)};
}

}  // namespace

std::string_view name_of(ErrorCode code) {
  for (const CodeName& row : kNames) {
    if (row.code == code) return row.name;
  }
  return "internal";
}

std::string Error::text() const {
  std::string out = std::string(name_of(code)) + ": " + message;
  for (const Problem& problem : problems) {
    out += " (";
    if (!problem.file.empty()) out += problem.file + ":" + std::to_string(problem.row) + ": ";
    if (!problem.code.empty()) out += problem.code + ": ";
    out += problem.message + ")";
  }
  return out;
}

Verdict verdict_of(std::string_view path, const Result<Decision>& decision) {
  using enum Verdict::Reason;
  const std::string what(path);
  if (!decision) return verdict(error, what + ": " + decision.error().text(), {});
  if (!decision->result) return verdict(undefined, what + " is undefined", decision->id);
  const auto is_so = decision->result->boolean();
  if (!is_so) return verdict(not_boolean, what + " is neither true nor false", decision->id);
  if (!*is_so) return verdict(denied, what + " is false", decision->id);
  return verdict(allowed, what + " is true", decision->id);
}

Verdict Decider::allowed(std::string_view path, const Value& input,
                         const DecideOptions& options) const {
  return verdict_of(path, decide(path, input, options));
}

}  // namespace writ::sdk
