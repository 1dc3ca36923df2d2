#pragma once
// A server of this process with an administrator, for benchmarks that ask its own API; it answers
// as often as it can, keeps to no rates, and believes who says for whom it asks.
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "http_load.h"
#include "server/writ_server.h"

namespace writ::bench {

inline constexpr std::string_view kRootEmail = "root@example.org";
inline constexpr std::string_view kForm = "application/x-www-form-urlencoded";

inline std::unique_ptr<server::WritServer> start_api(const std::filesystem::path& place,
                                                     const Clock& clock, Random& random) {
  const std::string store = "sqlite:" + (place / "writ.db").string();
  const std::string bootstrap = fmt::format(
      "cd {} && echo violet harbour 71 lamps | {} --store {} identity bootstrap-admin {} "
      ">/dev/null",
      place.string(), WRIT_BINARY, store, kRootEmail);
  if (std::system(bootstrap.c_str()) != 0) give_up("no administrator could be made");
  server::WritServerOptions options;
  options.addresses = {"127.0.0.1:0"};
  options.settings = must(contract::Settings::lay(
      "settings",
      {.options = {"rates.login=0/0", "rates.token=0/0", "rates.write=0/0", "rates.read=0/0",
                   "rates.check=0/0", "rates.probe=0/0", "server.trusted_proxies=127.0.0.1"}}));
  options.project.store_url = store;
  options.project.directory = place;
  return must(server::WritServer::start(options, clock, random));
}

// The whole answer to one request.
inline std::string answer_to(const std::string& address, const std::string& request) {
  Connection connection(address);
  connection.ask(request);
  while (!connection.hear()) {
  }
  return std::string(connection.answer());
}

// The body of the answer to one request, which must have been carried out.
inline std::string ask(const std::string& address, const std::string& request) {
  const std::string answer = answer_to(address, request);
  if (!answer.starts_with("HTTP/1.1 2")) give_up(answer);
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

}  // namespace writ::bench
