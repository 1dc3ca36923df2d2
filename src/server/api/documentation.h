#pragma once
// The contract as a page for people: HTML with its style in itself, no scripts, nothing from
// elsewhere.
#include <string>
#include <string_view>

#include "contract/openapi/description.h"
#include "server/api/api.h"

namespace writ::server {

std::string documentation(const contract::Description& description, const Families& families,
                          std::string_view version);

// The Content-Security-Policy that lets this page have its style and nothing else.
std::string documentation_policy();

}  // namespace writ::server
