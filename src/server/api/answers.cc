#include "server/api/answers.h"

#include <utility>

#include "base/json.h"

namespace writ::server {

net::Response json(int status, const Value& body) {
  net::Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = to_json(body);
  return response;
}

net::Response no_content() {
  net::Response response;
  response.status = 204;
  return response;
}

net::Response detail(int status, std::string_view code) {
  return json(status, Object{{"detail", code}});
}

net::Response detail(int status, std::string_view code, std::string_view reason) {
  return json(status, Object{{"detail", Object{{"code", code}, {"reason", reason}}}});
}

net::Response oauth_error(int status, std::string_view error, std::string_view description) {
  Object body{{"error", error}};
  if (!description.empty()) body.append("error_description", description);
  return json(status, std::move(body));
}

}  // namespace writ::server
