#include "contract/byte_validator.h"

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/json.h"
#include "contract/schema/probe.h"
#include "contract/tape_keys.h"
#include "contract/tape_node.h"

namespace writ::contract {
namespace {

// simdjson counts levels in its own way; what it thinks too deep is looked at again by parse_json.
constexpr std::size_t kQuickDepth = 90;

// simdjson 3.0 takes the second half of a surrogate pair alone; texts with such escapes are rare.
bool has_surrogate_escape(std::string_view json) {
  for (auto at = json.find('\\'); at != std::string_view::npos; at = json.find('\\', at + 2)) {
    if (at + 2 < json.size() && json[at + 1] == 'u' && (json[at + 2] | 0x20) == 'd') return true;
  }
  return false;
}

}  // namespace

struct ByteValidator::State {
  simdjson::dom::parser parser;
  std::unique_ptr<char[]> text;  // simdjson reads beyond the end
  std::size_t capacity = 0;
  DuplicateKeys duplicates;
  Budget budget{ValidationLimits()};

  bool reserve(std::size_t size, std::size_t max_depth) {
    if (size <= capacity) return true;
    const std::size_t wanted = std::max<std::size_t>(size * 2, 4096);
    if (parser.allocate(wanted, max_depth) != simdjson::SUCCESS) return false;
    text = std::make_unique<char[]>(wanted + simdjson::SIMDJSON_PADDING);
    capacity = wanted;
    return true;
  }
};

ByteValidator::ByteValidator(Schema schema, const DocumentLimits& limits)
    : schema_(std::move(schema)), limits_(limits), state_(std::make_unique<State>()) {}
ByteValidator::ByteValidator(ByteValidator&&) noexcept = default;
ByteValidator& ByteValidator::operator=(ByteValidator&&) noexcept = default;
ByteValidator::~ByteValidator() = default;

ByteValidator::Answer ByteValidator::quick_answer(std::string_view json) {
  State& state = *state_;
  if (json.empty() || json.size() > limits_.max_bytes || json.size() / 2 >= limits_.max_nodes ||
      limits_.max_depth < kQuickDepth || !state.reserve(json.size(), kQuickDepth)) {
    return Answer::unsure;
  }
  std::memcpy(state.text.get(), json.data(), json.size());
  const auto parsed = state.parser.parse(state.text.get(), json.size(), false);
  if (parsed.error() != simdjson::SUCCESS || has_surrogate_escape(json)) return Answer::unsure;
  const Tape tape = {state.parser.doc.tape.get(), state.parser.doc.string_buf.get()};
  const std::size_t words = tape.words[0] & kTapePayload;
  if (state.duplicates.found(tape, words)) return Answer::unsure;
  const Program& program = schema_.program();
  state.budget.steps = program.limits.steps;
  state.budget.depth = program.limits.depth;
  state.budget.gave_up = false;
  const bool holds = Probe(program, state.budget).holds(program.root, TapeNode(tape, 1));
  return holds && !state.budget.gave_up ? Answer::valid : Answer::invalid;
}

bool ByteValidator::is_valid(std::string_view json) {
  const Answer answer = quick_answer(json);
  if (answer != Answer::unsure) return answer == Answer::valid;
  const auto value = parse_json(json, {}, limits_);
  return value && schema_.is_valid(*value);
}

Result<ValidationResult> ByteValidator::validate(std::string_view json) {
  if (quick_answer(json) == Answer::valid) return ValidationResult();
  WRIT_TRY(const Value value, parse_json(json, {}, limits_));
  return schema_.validate(value);
}

}  // namespace writ::contract
