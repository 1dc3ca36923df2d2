// Queries of /oauth/authorize, redirect URIs and what pages show of them, as arbitrary text: an
// answer only ever goes to what was registered, and nothing gets out of the place on a page or in
// the policy that it stands in.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "identity/oauth/applications.h"
#include "server/oauth/authorization_request.h"
#include "server/pages/page.h"

namespace {

using namespace writ;

void check_redirect(std::string_view uri) {
  const identity::Application application{
      .redirect_uris = {"https://app.example.org/back", "http://127.0.0.1/back"}};
  if (identity::may_redirect_to(application, uri)) {
    WRIT_ASSERT(uri == application.redirect_uris[0] ||
                (uri.starts_with("http://127.0.0.1") && uri.ends_with("/back")));
  }
  if (!identity::complaint_about_redirect_uri(uri).empty()) return;
  WRIT_ASSERT(uri.find_first_of("\r\n \"<#@\\") == uri.npos);
  const std::string source = server::source_of(uri);
  WRIT_ASSERT(source.find_first_of(" ;,'\"\r\n") == source.npos);
}

void check_page(std::string_view text) {
  const std::string escaped = server::escape_html(text);
  WRIT_ASSERT(escaped.find_first_of("<>\"'") == escaped.npos);
}

void check_query(std::string_view query) {
  const std::string after = server::after_sign_in(query);
  WRIT_ASSERT(!after.starts_with("prompt=") && after.find("&prompt=") == after.npos);
  const auto request = server::read_authorization_request(query);
  if (!request || !request->fault.empty()) return;
  WRIT_ASSERT(request->response_type == "code" && request->challenge_method == "S256");
  WRIT_ASSERT(request->challenge.size() == 43 && !request->redirect_uri.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = writ::as_text({data, size});
  check_redirect(text);
  check_page(text);
  check_query(text);
  return 0;
}
