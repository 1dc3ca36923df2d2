// What any value goes through unharmed, and any text without a crash.
#include <gtest/gtest.h>

#include <cmath>

#include "base/json.h"
#include "base/testing/json_generator.h"
#include "base/yaml.h"

namespace writ {
namespace {

RC_GTEST_PROP(RoundTrip, JsonReadsBackWhatItWrites, (const Value& value)) {
  RC_ASSERT(parse_json(to_json(value)).value() == value);
  RC_ASSERT(parse_json(to_pretty_json(value)).value() == value);
}

RC_GTEST_PROP(RoundTrip, JsonKeepsEveryDouble, (double number)) {
  RC_PRE(std::isfinite(number));
  RC_ASSERT(parse_json(to_json(Value(number))).value() == Value(number));
}

RC_GTEST_PROP(RoundTrip, JsonAnswersEveryTextWithAValueOrOneDiagnostic, (const std::string& text)) {
  const auto value = parse_json(text);
  RC_ASSERT(value.has_value() || value.error().diagnostics.size() == 1u);
}

RC_GTEST_PROP(RoundTrip, YamlReadsBackWhatItWrites, (const Value& value)) {
  RC_ASSERT(parse_yaml(to_yaml(value)).value() == value);
}

RC_GTEST_PROP(RoundTrip, YamlReadsJson, (const Value& value)) {
  RC_ASSERT(parse_yaml(to_json(value)).value() == value);
}

RC_GTEST_PROP(RoundTrip, YamlAnswersEveryTextWithAValueOrOneDiagnostic, ()) {
  const std::string text = *json_text();
  const auto value = parse_yaml(text);
  RC_ASSERT(value.has_value() || value.error().diagnostics.size() == 1u);
}

}  // namespace
}  // namespace writ
