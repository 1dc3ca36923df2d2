#pragma once
// Decisions of a server: `writ serve`, or whatever else answers POST /v1/data as OPA does. Holds
// connections open between calls; asks again, within the time limit, when the server was not
// reached or was too busy (a decision changes nothing, so that it may be asked for twice).
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <writ/sdk/decider.h>

namespace writ::sdk {

struct RemoteOptions {
  // "http://127.0.0.1:8181", "https://opa.example/prefix", "unix:/run/writ.sock".
  std::string url;
  std::string token = {};  // "Authorization: Bearer …"; empty: none
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string ca_file = {};  // PEM; empty: the system's
  // That stay open while nobody asks; also how many decide_all asks by at once.
  std::size_t connections = 8;
  unsigned attempts = 3;  // the first included
  // Of one answer, in bytes.
  std::size_t response_limit = std::size_t{16} << 20;
};

class RemoteDecider final : public Decider {
 public:
  // Asks nobody yet. Errors: invalid_input (the URL).
  static Result<std::unique_ptr<RemoteDecider>> open(RemoteOptions options);
  // Requires: no call is under way.
  ~RemoteDecider() override;

  Result<Decision> decide(std::string_view path, const Value& input,
                          const DecideOptions& options = {}) const override;
  std::vector<Result<Decision>> decide_all(std::string_view path, std::span<const Value> inputs,
                                           const DecideOptions& options = {}) const override;

 private:
  class Impl;
  explicit RemoteDecider(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace writ::sdk
