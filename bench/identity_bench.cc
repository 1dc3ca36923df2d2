// Tokens issued and checked, and passwords checked, on one thread, beside the floors of the same
// run: `openssl speed` for the signatures and the reference program `argon2` for the hashes.
//
//   identity_bench [seconds per figure]
#include <sys/resource.h>

#include <cstdio>
#include <functional>
#include <string>

#include "base/clock.h"
#include "bench.h"
#include "crypto/password_hash.h"
#include "crypto/seal.h"
#include "identity/token/access_token.h"
#include "store/memory/memory_store.h"

namespace writ::identity {
namespace {

using namespace writ::bench;

std::string output_of(const std::string& command) {
  std::string out;
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) give_up("cannot run " + command);
  char buffer[4096];
  while (const std::size_t read = std::fread(buffer, 1, sizeof buffer, pipe)) {
    out.append(buffer, read);
  }
  ::pclose(pipe);
  return out;
}

struct Speed {
  double sign = 0;
  double verify = 0;
};

// From a line of `openssl speed -mr`: +F4:3:256:SIGN:VERIFY
Speed openssl_speed(const std::string& algorithm, const std::string& prefix) {
  const std::string text = output_of("openssl speed -mr -seconds 1 " + algorithm + " 2>/dev/null");
  const std::size_t line = text.find(prefix);
  if (line == text.npos) return {};
  const std::string row = text.substr(line, text.find('\n', line) - line);
  const std::size_t second = row.rfind(':');
  const std::size_t first = row.rfind(':', second - 1);
  return {std::stod(row.substr(first + 1, second - first - 1)), std::stod(row.substr(second + 1))};
}

// How often `work` was done in a second of processor, over about `seconds`.
double rate_of(double seconds, const std::function<void()>& work) {
  std::size_t done = 0;
  const double start = processor_seconds();
  double spent = 0;
  do {
    work();
    ++done;
    spent = processor_seconds() - start;
  } while (spent < seconds);
  return static_cast<double>(done) / spent;
}

double children_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  const auto of = [](timeval time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

// Hashes in a second of processor; 0: the program is not there.
double argon2_program() {
  std::vector<double> runs;
  for (int i = 0; i < 7; ++i) {
    const double before = children_seconds();
    const std::string hash = output_of(
        "printf password | argon2 0123456789abcdef -id -t 2 -k 19456 -p 1 -l 32 -e 2>/dev/null");
    if (!hash.starts_with("$argon2id$")) return 0;
    runs.push_back(1 / (children_seconds() - before));
  }
  return median(runs);
}

std::string per_second(double rate) { return fmt::format("{:.0f} /s", rate); }

void report_rate(const std::string& path, double floor, double ours, double target) {
  report({path, floor > 0 ? per_second(floor) : "not installed", per_second(ours),
          floor > 0 ? fmt::format("{:.2f}", ours / floor) : "", ">= " + per_second(target),
          ours >= target});
}

AccessClaims sample_claims(const Clock& clock) {
  AccessClaims out;
  out.subject = "0198c0de-0000-7000-8000-000000000001";
  out.client_id = "cli";
  out.audience = {"urn:writ:api"};
  out.token_id = "0198c0de-0000-7000-8000-000000000002";
  out.session = "0198c0de-0000-7000-8000-000000000003";
  out.epoch = 1;
  out.scopes = {"runs:read", "runs:write", "evidence:read"};
  out.issued_at = to_seconds(clock.wall());
  out.expires_at = out.issued_at + std::chrono::minutes(15);
  return out;
}

void measure_tokens(crypto::JwsAlgorithm algorithm, Speed floor, double seconds) {
  const SystemClock clock;
  const auto store = store::make_memory_store(clock);
  must(store->migrate(token_key_migrations(), store::DryRun::no));
  std::vector<crypto::KeyEncryptionKey> keks;
  keks.push_back(must(crypto::make_kek("bench", crypto::SecretBytes(crypto::kKekSize))));
  const auto keys = must(TokenKeys::open(*store, keks, clock, {.algorithm = algorithm}));
  AccessTokens cold(*keys, clock, {"https://writ.example", "urn:writ:api", {}, 0});
  AccessTokens warm(*keys, clock, {"https://writ.example", "urn:writ:api"});
  const AccessClaims claims = sample_claims(clock);
  const std::string token = must(cold.issue(claims));
  const std::string name(crypto::kJwsAlgorithms.name(algorithm));
  const double issued = rate_of(seconds, [&] { must(cold.issue(claims)); });
  const double checked = rate_of(seconds, [&] { must(cold.check(token)); });
  const double cached = rate_of(seconds, [&] { must(warm.check(token)); });
  fmt::print(
      "{}: {} bytes; issue {:.0f} /s, check {:.0f} /s, check again {:.0f} /s; openssl speed: "
      "sign {:.0f} /s, verify {:.0f} /s\n",
      name, token.size(), issued, checked, cached, floor.sign, floor.verify);
  report_rate("token issued, " + name + ", one core", floor.sign, issued, 10'000);
  report_rate("token checked, " + name + ", one core", floor.verify, checked, 0.5 * floor.verify);
  report_rate("token checked again, " + name + ", one core", floor.verify, cached, 100'000);
}

void measure_passwords(double seconds) {
  const auto hasher = must(crypto::PasswordHasher::create({}, {}));
  const std::string phc = must(hasher.hash("password"));
  const double floor = argon2_program();
  const double ours = rate_of(seconds, [&] { must(hasher.verify("password", phc)); });
  fmt::print("argon2id, t=2 m=19456 p=1: {:.1f} /s; argon2: {:.1f} /s\n", ours, floor);
  report_rate("password checked, argon2id t=2 m=19456, one core", floor, ours, 40);
}

}  // namespace
}  // namespace writ::identity

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::stod(argv[1]) : 1;
  using writ::crypto::JwsAlgorithm;
  writ::identity::measure_tokens(JwsAlgorithm::es256,
                                 writ::identity::openssl_speed("ecdsap256", "+F4"), seconds);
  writ::identity::measure_tokens(JwsAlgorithm::eddsa,
                                 writ::identity::openssl_speed("ed25519", "+F6"), seconds);
  writ::identity::measure_passwords(seconds);
}
