#pragma once
// Types as C++: structs with from_value and to_value, enumerations with their words.
#include <string>

#include "contract/types/model.h"
#include "contract/types/write_types.h"

namespace writ::contract {

std::string cpp_header(const TypeModel& model, const WriteOptions& options);
std::string cpp_source(const TypeModel& model, const WriteOptions& options);

// A key of JSON as a name of C++: "grantType" and "grant-type": "grant_type", "class": "class_".
std::string cpp_name(std::string_view key);

}  // namespace writ::contract
