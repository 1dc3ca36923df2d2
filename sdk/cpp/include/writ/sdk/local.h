#pragma once
// Decisions in this process: microseconds, no network on the way. Policies and data come from disk,
// from bundles, and from publishers of bundles that are asked again and again; what is new becomes
// active whole or not at all, while decisions go on. Whatever is wrong with it (nobody answers, a
// bad signature, policies that do not compile) leaves the last good one active.
//
//   LocalOptions options;
//   options.followed.push_back({.name = "app", .url =
//   "https://policies.example/bundles/app.tar.gz"}); const auto decider =
//   LocalDecider::open(options); if (!decider) …;
//   (*decider)->wait_until_ready(std::chrono::seconds(10));
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <writ/sdk/decider.h>

namespace writ::sdk {

// Who may sign bundles.
struct BundleKey {
  std::string id;                   // as signatures name it; the only key any name
  std::string algorithm = "RS256";  // RS, PS, ES, HS with 256, 384, 512; EdDSA
  std::string key;                  // PEM of the public key; the secret of HS
};

// A bundle that is kept up to date. Its publisher is any server that OPA could take it from.
struct FollowedBundle {
  std::string name;
  std::string url;         // http, https, or file:///PATH (packed or a folder)
  std::string token = {};  // "Authorization: Bearer …"; empty: none
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string ca_file = {};  // PEM; empty: the system's
  // It is asked for again after a random time between the two,
  std::chrono::milliseconds min_delay{10'000};
  std::chrono::milliseconds max_delay{20'000};
  // or at once, when the publisher holds requests back until there is something new: for so long.
  // `writ serve --bundle-dir` does. 0: it is not asked to.
  std::chrono::seconds long_poll{0};
};

struct LocalOptions {
  // Policies and data: files, and folders of such. Read once.
  std::vector<std::filesystem::path> files;
  // OPA bundles, packed or as folders. Read once.
  std::vector<std::filesystem::path> bundles;
  std::vector<FollowedBundle> followed;
  // Any: every bundle must be signed by one of them. None: signed bundles are refused, since
  // nobody could say whether they are good.
  std::vector<BundleKey> keys;
  // Where good followed bundles are kept, to start from while their publisher is away. Empty:
  // nowhere.
  std::filesystem::path keep_directory;
  // Of one decision, in bytes.
  std::size_t memory_limit = std::size_t{64} << 20;
  // Of the calling thread's stack that a decision may take, in bytes.
  std::size_t stack_limit = std::size_t{1} << 20;
};

// How a followed bundle stands.
struct BundleState {
  std::string name;
  bool is_active = false;  // has been once, and then still is
  std::string revision;    // that is active
  std::string problem;     // with what came last; empty: none
};

class LocalDecider final : public Decider {
 public:
  // Reads files and bundles, and what was kept of followed ones; starts to follow. Blocks.
  // Errors: invalid_input (with problems, where policies do not compile), signature_bad,
  // unavailable (a file that cannot be read).
  static Result<std::unique_ptr<LocalDecider>> open(const LocalOptions& options);
  // Ends what is under way.
  ~LocalDecider() override;

  // As long as a followed bundle has not been active, the error is unavailable.
  Result<Decision> decide(std::string_view path, const Value& input,
                          const DecideOptions& options = {}) const override;
  std::vector<Result<Decision>> decide_all(std::string_view path, std::span<const Value> inputs,
                                           const DecideOptions& options = {}) const override;

  // Whether each followed bundle has been active; for health checks. Cheap.
  bool is_ready() const;
  // Waits until that is so, at most `patience`; returns whether it is.
  bool wait_until_ready(std::chrono::milliseconds patience) const;
  std::vector<BundleState> bundles() const;

 private:
  class Impl;
  explicit LocalDecider(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace writ::sdk
