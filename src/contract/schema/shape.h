#pragma once
// Whether a keyword's value is of the form that the keyword takes.
#include <string>

#include "base/value.h"
#include "contract/schema/dialect.h"

namespace writ::contract {

// What is wrong with it ("must be a string"), or nothing.
std::string wrong_shape(Holds holds, const Value& value);

}  // namespace writ::contract
