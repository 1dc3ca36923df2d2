// Role based access in memory: checks among a thousand and among a million policies, permitted and
// denied, and what one change costs.
//
//   peer   casbin in node (bench/peers), the same policies, up to 10,000 of them
//
// Policies: group i may read object i/10. Users: ten for each policy, 100,000 at most, spread over
// the groups. Two questions: always the same user (as the peer is asked; everything is in the
// caches), and another user each time.
#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "bench.h"
#include "identity/rbac/access_draft.h"

namespace writ::bench {
namespace {

using identity::AccessDraft;
using identity::AccessIndex;
using identity::AccessVerb;

constexpr std::size_t kMostUsers = 100'000;

std::size_t users_of(std::size_t policies) { return std::min(10 * policies, kMostUsers); }
std::string group_name(std::size_t i) { return "group_" + std::to_string(i); }
std::string user_name(std::size_t i) { return "user_" + std::to_string(i); }
std::string object_name(std::size_t i) { return "data_" + std::to_string(i / 10); }
std::size_t group_of(std::size_t user, std::size_t policies) {
  return user * policies / users_of(policies);
}

AccessIndex make_index(std::size_t policies) {
  SystemRandom random;
  AccessDraft draft{AccessIndex(random)};
  for (std::size_t i = 0; i < policies; ++i) {
    draft.apply({AccessVerb::add_policy, group_name(i), object_name(i), "read"});
  }
  for (std::size_t i = 0; i < users_of(policies); ++i) {
    draft.apply({AccessVerb::assign_role, user_name(i), group_name(group_of(i, policies))});
  }
  return std::move(draft).take();
}

struct Question {
  std::string subject;
  std::string object;
  std::string action;
};

// Nanoseconds a check: the middle of many batches and the worst of a hundred of them.
struct Cost {
  double p50 = 0;
  double p99 = 0;
};

Cost measure(const AccessIndex& index, const std::vector<Question>& questions, bool expected) {
  constexpr std::size_t kBatch = 64;
  std::vector<double> batches;
  std::size_t at = 0;
  for (int round = 0; round < 3000; ++round) {
    std::size_t right = 0;
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < kBatch; ++i) {
      const Question& question = questions[at];
      at = at + 1 == questions.size() ? 0 : at + 1;
      right += index.allows(question.subject, question.object, question.action) == expected ? 1 : 0;
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    if (right != kBatch) give_up("an answer is wrong");
    batches.push_back(took.count() / kBatch);
  }
  std::ranges::sort(batches);
  return {batches[batches.size() / 2], batches[batches.size() * 99 / 100]};
}

// Of users all over the index, or of the one in the middle.
std::vector<Question> make_questions(std::size_t policies, bool is_spread, const char* action) {
  std::vector<Question> out;
  std::uint64_t state = 88172645463325252;
  const std::size_t count = is_spread ? 50'000 : 1;
  for (std::size_t i = 0; i < count; ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    const std::size_t user = is_spread ? state % users_of(policies) : users_of(policies) / 2;
    out.push_back({user_name(user), object_name(group_of(user, policies)), action});
  }
  return out;
}

// What one change takes, whatever the size: microseconds.
double measure_change(const AccessIndex& index) {
  std::vector<double> took;
  AccessIndex now = index;
  for (int i = 0; i < 200; ++i) {
    const auto start = std::chrono::steady_clock::now();
    AccessDraft draft(now);
    draft.apply({AccessVerb::add_policy, "group_7", "new_" + std::to_string(i), "write"});
    now = std::move(draft).take();
    const std::chrono::duration<double, std::micro> one = std::chrono::steady_clock::now() - start;
    took.push_back(one.count());
  }
  return median(took);
}

// "policies kind checks/s" a line, as the peer prints it; empty where it is not installed.
std::map<std::string, double> measure_casbin() {
  std::map<std::string, double> out;
  const std::string script = WRIT_SOURCE_DIR "/bench/peers/casbin_bench.mjs";
  FILE* peer = ::popen(("node " + script + " 2>/dev/null").c_str(), "r");
  if (peer == nullptr) return out;
  std::size_t policies = 0;
  char kind[16] = {};
  double rate = 0;
  while (std::fscanf(peer, "%zu %15s %lf", &policies, kind, &rate) == 3) {
    out[std::to_string(policies) + " " + kind] = rate;
  }
  ::pclose(peer);
  return out;
}

double nanos_of(const std::map<std::string, double>& casbin, const std::string& key) {
  const auto at = casbin.find(key);
  return at == casbin.end() ? 0 : 1e9 / at->second;
}

void run() {
  const auto casbin = measure_casbin();
  fmt::print("{:>9} {:>11} {:>11} {:>11} {:>11} {:>11} {:>11} {:>9} {:>9} {:>8}\n", "policies",
             "permit ns", "deny ns", "p50 any ns", "p99 any ns", "deny any", "casbin ns",
             "change us", "build s", "MB");
  double smallest = 0;
  double largest = 0;
  double beside = 0;
  for (const std::size_t policies : {1'000u, 10'000u, 100'000u, 1'000'000u}) {
    SystemRandom random;
    AccessIndex index(random);
    const Timing build = time_of([&] { index = make_index(policies); });
    const Cost same = measure(index, make_questions(policies, false, "read"), true);
    const Cost same_denied = measure(index, make_questions(policies, false, "write"), false);
    const Cost any = measure(index, make_questions(policies, true, "read"), true);
    const Cost any_denied = measure(index, make_questions(policies, true, "write"), false);
    const double peer = nanos_of(casbin, std::to_string(policies) + " permit");
    if (peer > 0) beside = peer / same.p50;
    fmt::print(
        "{:>9} {:>11.0f} {:>11.0f} {:>11.0f} {:>11.0f} {:>11.0f} {:>11} {:>9.1f} {:>9.2f} "
        "{:>8.0f}\n",
        policies, same.p50, same_denied.p50, any.p50, any.p99, any_denied.p50,
        peer > 0 ? fmt::format("{:.0f}", peer) : "-", measure_change(index), build.wall,
        static_cast<double>(index.memory_bytes()) / 1e6);
    if (smallest == 0) smallest = same.p50;
    largest = std::max(same.p50, same_denied.p50);
  }
  report({"access check in process, 1,000,000 policies", "-", fmt::format("{:.0f} ns", largest),
          fmt::format("{:.1f} x 1,000 policies", largest / smallest), "<= 1 us, flat",
          largest <= 1000 && largest <= 2 * smallest});
  report({"the same beside casbin in node, its largest set",
          beside > 0 ? "casbin" : "peer absent: npm ci in bench/peers", "",
          beside > 0 ? fmt::format("{:.0f}", beside) : "", ">= 1000", beside >= 1000});
}

}  // namespace
}  // namespace writ::bench

int main() { writ::bench::run(); }
