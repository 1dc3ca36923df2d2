#pragma once
// The formats of RFC 3986 (URI), RFC 3987 (IRI) and RFC 6570 (templates).
#include <string_view>

namespace writ::contract {

bool is_uri(std::string_view text);
bool is_uri_reference(std::string_view text);
bool is_iri(std::string_view text);
bool is_iri_reference(std::string_view text);
bool is_uri_template(std::string_view text);

}  // namespace writ::contract
