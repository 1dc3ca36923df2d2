#pragma once
// What a plain scalar means in YAML 1.2's core schema. Private to base.
#include <optional>
#include <string_view>

#include "base/value.h"

namespace writ {

struct PlainScalar {
  // null, boolean, integer, real or string; nothing where JSON has no such value.
  std::optional<Value> value;
  std::string_view problem = {};  // then: what is wrong, to follow the scalar in a sentence
};

PlainScalar read_plain_scalar(std::string_view text);

}  // namespace writ
