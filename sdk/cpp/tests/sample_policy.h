#pragma once
// What both kinds of deciders are asked in their tests.
#include <string_view>

namespace writ::sdk {

constexpr std::string_view kPolicy = R"(package app

allow if input.role == "chief"

strict := input.role == "chief"

torn := 1 if input.torn

torn := 2

echo := input

slow := count([1 | some a in numbers.range(1, 3000); some b in numbers.range(1, 3000); a == b])
)";

}  // namespace writ::sdk
