#pragma once
// Which hosts a query may reach.
#include <string>
#include <string_view>

#include "policy/builtins/builtin.h"

namespace writ::rego {

// Whether `host` is in the allow-list of the services. An empty list allows none.
bool may_reach(const Services& services, std::string_view host);
// "unallowed host: <host>"
std::string unallowed(std::string_view host);

// The host of an http or https URL, lower-case, without port and brackets; empty: there is none.
std::string host_of_url(std::string_view url);

}  // namespace writ::rego
