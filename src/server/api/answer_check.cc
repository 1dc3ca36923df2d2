#include "server/api/answer_check.h"

#include <utility>

#include "base/json.h"

namespace writ::server {
namespace {

std::string_view media_type_of(std::string_view field) {
  return field.substr(0, std::min(field.find(';'), field.size()));
}

}  // namespace

Result<AnswerCheck> AnswerCheck::compile(const contract::Description& description,
                                         const contract::DescribedOperation& operation) {
  AnswerCheck out(operation);
  for (const contract::DescribedResponse& response : operation.responses) {
    for (const contract::DescribedBody& body : response.bodies) {
      if (!body.is_json()) continue;
      WRIT_TRY(contract::Schema schema, description.compile(body.schema));
      out.schemas_.emplace(&body, std::move(schema));
    }
  }
  return out;
}

std::optional<std::string> AnswerCheck::wrong_body(
    const net::Response& response, const contract::DescribedResponse& described) const {
  if (described.bodies.empty()) {
    if (response.body.empty()) return std::nullopt;
    return "has a body, and the contract describes none";
  }
  for (const contract::DescribedBody& body : described.bodies) {
    if (media_type_of(response.content_type) != body.media_type) continue;
    const auto schema = schemas_.find(&body);
    if (schema == schemas_.end()) return std::nullopt;
    const auto value = parse_json(response.body);
    if (!value) return "has a body that is no JSON: " + value.error().message;
    const auto result = schema->second.validate(*value);
    if (result.is_valid()) return std::nullopt;
    const contract::Violation& first = result.violations.front();
    return "has a body that breaks `" + first.keyword + "` at #" + first.instance + ": expected " +
           first.expected;
  }
  return "has a body of " + response.content_type + ", which the contract does not describe";
}

std::optional<Error> AnswerCheck::broken(const net::Response& response) const {
  const contract::DescribedResponse* const described = operation_->response(response.status);
  std::optional<std::string> wrong = described == nullptr
                                         ? std::optional<std::string>("is not in the contract")
                                         : wrong_body(response, *described);
  if (!wrong) return std::nullopt;
  Error error;
  error.code = Code::unsupported;
  error.message = "the answer " + std::to_string(response.status) + " of " + operation_->id + " " +
                  *std::move(wrong);
  error.remediation = "This is a defect of Writ: please report it with the message";
  return error;
}

}  // namespace writ::server
