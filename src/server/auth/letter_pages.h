#pragma once
// The pages that letters lead to. Each asks before it does anything: programs that follow links in
// letters press no buttons (ASVS 3.5.3). Its form posts to the operation that programs post JSON
// to, and is answered with a page. Private to server/auth.
#include <string_view>

#include "identity/accounts/links.h"
#include "net/http.h"
#include "server/api/operation.h"

namespace writ::server {

// Whether it is a browser's form, which shows what comes back.
bool wants_page(const Call& call);

// Whether `token` may be one of a letter.
bool is_token_text(std::string_view token);

net::Response verification_page(std::string_view token);
net::Response verification_page(identity::Verified outcome);
// `refused`: why the password of the try before was not taken; empty: there was none.
net::Response reset_page(std::string_view token, std::string_view refused);
net::Response reset_page(identity::Reset outcome);
net::Response sign_in_link_page(std::string_view token);
net::Response signed_in_page();

}  // namespace writ::server
