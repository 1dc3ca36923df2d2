#pragma once
// Holds the answers of one operation to its contract: status, media type, body.
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "contract/openapi/description.h"
#include "contract/schema.h"
#include "net/http.h"

namespace writ::server {

// Immutable.
class AnswerCheck {
 public:
  // `operation` is borrowed. Errors: invalid_input (a schema that does not compile).
  static Result<AnswerCheck> compile(const contract::Description& description,
                                     const contract::DescribedOperation& operation);

  // How the answer breaks the contract, which
  // never repeats its values. nullopt: it does not. `unsupported`, so that the message is shown.
  std::optional<Error> broken(const net::Response& response) const;

 private:
  explicit AnswerCheck(const contract::DescribedOperation& operation) : operation_(&operation) {}
  std::optional<std::string> wrong_body(const net::Response& response,
                                        const contract::DescribedResponse& described) const;

  const contract::DescribedOperation* operation_;
  std::map<const contract::DescribedBody*, contract::Schema> schemas_;
};

}  // namespace writ::server
