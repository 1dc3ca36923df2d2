// Decisions in Rego, in process: an RBAC policy over 1000 users, 100 roles and 1000 grants.
//
//   floor  a rule that compares one member of the input with a constant
//   ours   the last of 50 grants that a user has, which is the worst case, and a refusal
//
// Beside it: what base documents take in memory for their JSON, how loading grows with their size,
// and what a second thread adds.
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <set>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "bench.h"
#include "crypto/digest.h"
#include "policy/compile/compiler.h"
#include "policy/eval/evaluator.h"
#include "policy/parse/parser.h"
#include "policy/term/json.h"

namespace {

using namespace writ;
using namespace writ::bench;

// Python's generator of random numbers, so that the data are those that others measured with.
class Twister {
 public:
  explicit Twister(std::uint32_t seed) {
    start(19'650'218);
    std::size_t i = 1;
    const auto mix = [&](std::uint32_t factor) {
      return state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * factor);
    };
    const auto step = [&] {
      if (++i < kSize) return;
      state_[0] = state_[kSize - 1];
      i = 1;
    };
    for (std::size_t k = 0; k < kSize; ++k, step()) state_[i] = mix(1'664'525) + seed;
    for (std::size_t k = 1; k < kSize; ++k, step()) {
      state_[i] = mix(1'566'083'941) - static_cast<std::uint32_t>(i);
    }
    state_[0] = 0x8000'0000;
  }

  // Below `limit`, as random.Random._randbelow does it.
  std::uint32_t below(std::uint32_t limit) {
    const unsigned bits = 32 - static_cast<unsigned>(__builtin_clz(limit));
    std::uint32_t out = next() >> (32 - bits);
    while (out >= limit) out = next() >> (32 - bits);
    return out;
  }
  // `count` different ones below `limit`, as random.sample does it for few out of many.
  std::vector<std::uint32_t> sample(std::uint32_t limit, std::size_t count) {
    std::vector<std::uint32_t> out;
    std::set<std::uint32_t> taken;
    while (out.size() < count) {
      const std::uint32_t one = below(limit);
      if (taken.insert(one).second) out.push_back(one);
    }
    return out;
  }

 private:
  static constexpr std::size_t kSize = 624;

  void start(std::uint32_t seed) {
    state_[0] = seed;
    for (std::size_t i = 1; i < kSize; ++i) {
      state_[i] =
          1'812'433'253 * (state_[i - 1] ^ (state_[i - 1] >> 30)) + static_cast<std::uint32_t>(i);
    }
  }

  std::uint32_t next() {
    if (at_ == kSize) refill();
    std::uint32_t out = state_[at_++];
    out ^= out >> 11;
    out ^= (out << 7) & 0x9d2c'5680;
    out ^= (out << 15) & 0xefc6'0000;
    return out ^ (out >> 18);
  }

  void refill() {
    for (std::size_t i = 0; i < kSize; ++i) {
      const std::uint32_t high = state_[i] & 0x8000'0000;
      const std::uint32_t both = high | (state_[(i + 1) % kSize] & 0x7fff'ffff);
      state_[i] = state_[(i + 397) % kSize] ^ (both >> 1) ^ ((both & 1) != 0 ? 0x9908'b0df : 0);
    }
    at_ = 0;
  }

  std::array<std::uint32_t, kSize> state_{};
  std::size_t at_ = kSize;
};

std::string rbac_data() {
  static constexpr std::array<std::string_view, 5> kActions = {"read", "write", "delete", "list",
                                                               "update"};
  Twister random(1);
  std::string out = "{\"user_roles\": {";
  for (int i = 0; i < 1000; ++i) {
    out += fmt::format("{}\"user{}\": [", i > 0 ? ", " : "", i);
    bool is_first = true;
    for (const std::uint32_t role : random.sample(100, 5)) {
      out += fmt::format("{}\"role{}\"", std::exchange(is_first, false) ? "" : ", ", role);
    }
    out += "]";
  }
  out += "}, \"role_grants\": {";
  for (int i = 0; i < 100; ++i) {
    out += fmt::format("{}\"role{}\": [", i > 0 ? ", " : "", i);
    for (int grant = 0; grant < 10; ++grant) {
      const std::string_view action = kActions[random.below(5)];
      out += fmt::format("{}{{\"action\": \"{}\", \"type\": \"type{}\"}}", grant > 0 ? ", " : "",
                         action, random.below(50));
    }
    out += "]";
  }
  return out + "}}";
}

// As large as wanted: a directory of users.
std::string directory_data(int users) {
  std::string out = "{\"users\": {";
  for (int i = 0; i < users; ++i) {
    out += fmt::format(
        "{}\"user{}\": {{\"id\": {}, \"name\": \"name {}\", \"roles\": [\"role{}\", \"role{}\", "
        "\"role{}\", \"role{}\", \"role{}\"], \"attrs\": {{\"dept\": \"d{}\", \"level\": {}, "
        "\"active\": {}}}}}",
        i > 0 ? ", " : "", i, i, i, i % 200, (i * 7) % 200, (i * 13) % 200, (i * 31) % 200,
        (i * 61) % 200, i % 50, i % 10, i % 3 == 0 ? "true" : "false");
  }
  return out + "}}";
}

// Of the data: peers are measured with the same.
constexpr std::string_view kDataDigest =
    "c403b02d7c15c008e6728578a10521b0a865d60432e5eb3aadf43e87f7f74bff";

constexpr std::string_view kPolicy = R"(package policy["restapi"]

default allow := false

allow if {
	some role in data.user_roles[input.user]
	some grant in data.role_grants[role]
	grant.action == input.action
	grant.type == input.type
}
)";
constexpr std::string_view kTrivial = R"(package policy["restapi"]

default allow := false

allow if input.user == "user500"
)";

// One query over one policy, by as many threads as want: each has an evaluator of its own.
class Bench {
 public:
  Bench(std::string_view policy, const rego::Term& data) : data_(data) {
    auto module = rego::parse_module("bench.rego", policy);
    if (!module) give_up(rego::to_text(module.error()));
    std::vector<rego::ast::Module> modules;
    modules.push_back(*std::move(module));
    auto program = rego::compile(std::move(modules));
    if (!program) give_up(rego::to_text(program.error()));
    auto query = rego::compile_query(*program, "data.policy.restapi.allow");
    if (!query) give_up(rego::to_text(query.error()));
    query_ = *query;
    services_.clock = &clock_;
    services_.random = &random_;
  }

  // Microseconds of the median decision. Gives up when it is not `wanted`.
  double median_of(std::string_view input, bool wanted) const {
    rego::Evaluator evaluator;
    const rego::EvalInput how = input_of(evaluator, input);
    std::vector<double> rounds;
    for (int round = 0; round < 400; ++round) {
      const auto begin = std::chrono::steady_clock::now();
      for (int i = 0; i < kPerRound; ++i) decide(evaluator, how, wanted);
      const std::chrono::duration<double, std::micro> time =
          std::chrono::steady_clock::now() - begin;
      rounds.push_back(time.count() / kPerRound);
    }
    return median(std::move(rounds));
  }

  // So many threads at once: decisions a second by the clock, and a second of a processor, which
  // does not depend on what else runs and falls where threads wait for each other's memory.
  struct Throughput {
    double wall = 0;
    double processor = 0;
  };
  Throughput throughput(std::string_view input, unsigned threads) const {
    constexpr int kEach = 100'000;
    const Timing time = time_of([&] {
      std::vector<std::jthread> running;
      for (unsigned i = 0; i < threads; ++i) {
        running.emplace_back([&] {
          rego::Evaluator evaluator;
          const rego::EvalInput how = input_of(evaluator, input);
          for (int k = 0; k < kEach; ++k) decide(evaluator, how, true);
        });
      }
    });
    const double count = double{kEach} * threads;
    return {count / time.wall, count / time.processor};
  }

 private:
  static constexpr int kPerRound = 50;

  rego::EvalInput input_of(rego::Evaluator& evaluator, std::string_view input) const {
    rego::EvalInput out;
    out.input = must(rego::parse_json(evaluator.input_arena(), input));
    out.data = data_;
    out.services = &services_;
    return out;
  }

  void decide(rego::Evaluator& evaluator, const rego::EvalInput& how, bool wanted) const {
    const rego::Answer& answer = evaluator.evaluate(*query_, how);
    const bool fits = answer.rows.size() == 1 && answer.rows[0].values[0].is_true() == wanted;
    if (!fits) give_up("the decision is another one than it should be");
  }

  SystemClock clock_;
  mutable SystemRandom random_;
  rego::Services services_;
  rego::Term data_;
  std::shared_ptr<const rego::Query> query_;
};

void report_decisions(const Bench& rbac, const Bench& trivial) {
  constexpr std::string_view kAllow = R"({"user": "user500", "action": "read", "type": "type27"})";
  constexpr std::string_view kDeny = R"({"user": "user500", "action": "nope", "type": "type1"})";
  const double floor = trivial.median_of(kAllow, true);
  const double allow = rbac.median_of(kAllow, true);
  const double deny = rbac.median_of(kDeny, false);
  fmt::print("median decision: allow {:.2f} us, deny {:.2f} us, trivial rule {:.2f} us\n", allow,
             deny, floor);
  for (const auto& [name, time] : {std::pair("allow", allow), std::pair("deny", deny)}) {
    report({fmt::format("Rego RBAC decision, {}", name), fmt::format("{:.2f} us", floor),
            fmt::format("{:.2f} us", time), fmt::format("{:.1f}", time / floor), "<= 3 us",
            time <= 3});
  }
  const Bench::Throughput one = rbac.throughput(kAllow, 1);
  const Bench::Throughput two = rbac.throughput(kAllow, 2);
  fmt::print("throughput by the clock: 1 thread {:.0f}/s, 2 threads {:.0f}/s\n", one.wall,
             two.wall);
  report({"Rego decisions a second of processor, two threads",
          fmt::format("{:.0f}/s", one.processor), fmt::format("{:.0f}/s", two.processor),
          fmt::format("{:.2f}", two.processor / one.processor), ">= 0.8 x one thread",
          two.processor >= 0.8 * one.processor});
}

// Memory and time for documents from some megabytes to half a gigabyte.
void report_loading() {
  constexpr double kMegabyte = 1e6;
  std::vector<double> speeds;
  double ratio = 0;
  for (const int users : {15'625, 62'500, 250'000, 1'000'000, 3'000'000}) {
    const std::string text = directory_data(users);
    rego::Arena arena;
    const Timing time = time_of([&] { must(rego::parse_json(arena, text)); });
    const double size = static_cast<double>(text.size());
    const double times = static_cast<double>(arena.reserved()) / size;
    ratio = std::max(ratio, times);
    speeds.push_back(size / kMegabyte / time.processor);
    fmt::print("data.json of {:.1f} MB: {:.0f} MB/s, {:.2f} x its size in memory\n",
               size / kMegabyte, speeds.back(), times);
  }
  report({"data.json in memory", "its JSON", fmt::format("{:.2f} x", ratio), "", "<= 3 x",
          ratio <= 3});
  const double slowdown = speeds.front() / speeds.back();
  report({"loading, 192 times the size", fmt::format("{:.0f} MB/s", speeds.front()),
          fmt::format("{:.0f} MB/s", speeds.back()), fmt::format("{:.2f}", slowdown),
          "<= 1.5 x slower a byte", slowdown <= 1.5});
}

}  // namespace

int main() {
  const std::string text = rbac_data();
  if (crypto::sha256(text).hex() != kDataDigest) give_up("the data are not those of the peers");
  rego::Arena arena;
  const rego::Term data = must(rego::parse_json(arena, text));
  report_decisions(Bench(kPolicy, data), Bench(kTrivial, data));
  report_loading();
}
