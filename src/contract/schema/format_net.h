#pragma once
// The formats that name hosts and mailboxes.
#include <string_view>

namespace writ::contract {

bool is_ipv4(std::string_view text);
bool is_ipv6(std::string_view text);       // no zone
bool is_hostname(std::string_view text);   // RFC 1123, A-labels by their letters alone
bool is_email(std::string_view text);      // RFC 5321 mailbox
bool is_idn_email(std::string_view text);  // RFC 6531

}  // namespace writ::contract
