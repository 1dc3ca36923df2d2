// documents [--port N] (--policies DIR | --bundle URL --key FILE [--keep DIR] | --server URL)
//
// One service, three places that decide: policies from disk, a signed bundle that is followed, or
// a server. GET /health says whether it is ready, and from which revision it decides.
#include <writ/sdk/local.h>
#include <writ/sdk/remote.h>
#include <charconv>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "documents.h"

namespace {

using namespace writ::sdk;
using Options = std::map<std::string, std::string>;

std::string contents(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Result<std::unique_ptr<LocalDecider>> open_local(const Options& given) {
  LocalOptions options;
  if (given.contains("--policies")) {
    options.bundles = {given.at("--policies")};
    return LocalDecider::open(options);
  }
  FollowedBundle bundle{.name = "documents", .url = given.at("--bundle")};
  bundle.min_delay = std::chrono::milliseconds(200);
  bundle.max_delay = std::chrono::milliseconds(500);
  bundle.long_poll = std::chrono::seconds(30);
  options.followed = {bundle};
  options.keys = {{.id = "default", .algorithm = "ES256", .key = contents(given.at("--key"))}};
  if (given.contains("--keep")) options.keep_directory = given.at("--keep");
  return LocalDecider::open(options);
}

documents::Response health(const LocalDecider* local) {
  Array bundles;
  if (local != nullptr) {
    for (const BundleState& state : local->bundles()) {
      bundles.push_back(
          Object{{"name", state.name}, {"revision", state.revision}, {"problem", state.problem}});
    }
  }
  const bool is_ready = local == nullptr || local->is_ready();
  return {is_ready ? 200 : 503, Value(Object{{"bundles", std::move(bundles)}}).to_json()};
}

std::optional<unsigned short> port_of(const Options& given) {
  if (!given.contains("--port")) return 8080;
  const std::string& text = given.at("--port");
  unsigned short port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

int refuse(const Error& error) {
  std::cerr << error.text() << "\n";
  return 1;
}

int run(const Options& given, unsigned short port) {
  std::unique_ptr<LocalDecider> local;
  std::unique_ptr<RemoteDecider> remote;
  if (given.contains("--server")) {
    auto opened = RemoteDecider::open({.url = given.at("--server")});
    if (!opened) return refuse(opened.error());
    remote = std::move(*opened);
  } else {
    auto opened = open_local(given);
    if (!opened) return refuse(opened.error());
    local = std::move(*opened);
  }
  const Decider& decider = local ? static_cast<const Decider&>(*local) : *remote;
  const documents::Enforcer enforcer(decider);
  documents::Documents all(enforcer);
  const std::string wrong = documents::serve(port, [&](const documents::Request& request) {
    return request.path == "/health" ? health(local.get()) : all.handle(request);
  });
  std::cerr << wrong << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options given;
  for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  const bool is_complete = given.contains("--policies") || given.contains("--server") ||
                           (given.contains("--bundle") && given.contains("--key"));
  const auto port = port_of(given);
  if (argc % 2 == 0 || !is_complete || !port) {
    std::cerr << "documents [--port N] "
                 "(--policies DIR | --bundle URL --key FILE [--keep DIR] | --server URL)\n";
    return 2;
  }
  return run(given, *port);
}
