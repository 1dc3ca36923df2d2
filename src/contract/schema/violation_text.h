#pragma once
// The words of violations: what was expected, what is there, in one sentence.
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "contract/schema/program.h"

namespace writ::contract {

struct Wording {
  std::string expected;
  std::string actual;
  std::string sentence;  // without its subject: "must be at least 3, is 1"
  std::string remedy;
};

// `value` in a few words: scalars as JSON, cut short; containers by their size.
std::string describe_value(const Value& value);
// "\"a\", \"b\" or 3", cut short.
std::string describe_values(const std::vector<Value>& values);
// "steps[0].run" for "/steps/0/run"; "the document" for "".
std::string readable_path(std::string_view pointer);

Wording word_type(TypeMask types, const Value& value);
Wording word_values(const std::vector<Value>& allowed, const Value& value);
// Any assertion about one value: numbers, strings, sizes, constants.
Wording word_assertion(const Program& program, const Instruction& at, const Value& value);
Wording word_unknown_key(std::string_view key, const std::vector<std::string_view>& known);

}  // namespace writ::contract
