#pragma once
// JSON text held to a schema without building a Value first: for what comes in by the million.
//
// One per thread: it keeps buffers between calls. The schema may be shared.
#include <memory>
#include <string_view>

#include "base/document.h"
#include "base/result.h"
#include "contract/schema.h"

namespace writ::contract {

class ByteValidator {
 public:
  explicit ByteValidator(Schema schema, const DocumentLimits& limits = {});
  ByteValidator(ByteValidator&&) noexcept;
  ByteValidator& operator=(ByteValidator&&) noexcept;
  ~ByteValidator();

  // Whether `json` is one JSON text, as parse_json understands it, and valid. Nothing is kept of
  // `json`. About as fast as parsing alone.
  bool is_valid(std::string_view json);

  // As is_valid; text that is not valid is parsed again for the positions of what is wrong.
  // Errors: invalid_input (no JSON text, or beyond the limits).
  Result<ValidationResult> validate(std::string_view json);

 private:
  struct State;
  enum class Answer : std::uint8_t { valid, invalid, unsure };
  Answer quick_answer(std::string_view json);

  Schema schema_;
  DocumentLimits limits_;
  std::unique_ptr<State> state_;
};

}  // namespace writ::contract
