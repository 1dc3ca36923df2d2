#pragma once
// `Authorization: Basic` as clients of OAuth write it.
#include <optional>
#include <string_view>

#include "identity/oauth/clients.h"

namespace writ::server {

// Of the whole field's value. RFC 6749 section 2.3.1: both halves are encoded as forms are.
// nullopt: it is none.
std::optional<identity::ClientProof> parse_basic(std::string_view field);

}  // namespace writ::server
