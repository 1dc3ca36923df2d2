#include "identity/rbac/access_difference.h"

#include <algorithm>
#include <unordered_set>

#include "identity/rbac/access_subject.h"
#include "identity/rbac/access_walk.h"

namespace writ::identity {
namespace {

// Those named and whoever holds them, through any number of roles.
std::set<std::string> holders_of(const AccessIndex& before, const AccessIndex& after,
                                 const std::set<std::string>& touched) {
  std::set<std::string> out = touched;
  std::vector<std::string> open(touched.begin(), touched.end());
  while (!open.empty()) {
    const std::string role = std::move(open.back());
    open.pop_back();
    for (const AccessIndex* index : {&before, &after}) {
      index->for_each_member(role, [&](std::string_view member) {
        if (const auto [at, is_new] = out.emplace(member); is_new) open.push_back(*at);
        return true;
      });
    }
  }
  return out;
}

class Comparison {
 public:
  Comparison(const AccessIndex& before, const AccessIndex& after, const DifferenceLimits& limits)
      : before_(before), after_(after), limits_(limits) {}

  void look_at(const std::string& subject) {
    if (before_.is_role(subject) || after_.is_role(subject)) return;
    ++out_.subjects;
    collect(subject, after_, before_, out_.gained);
    collect(subject, before_, after_, out_.lost);
  }
  bool is_full() const { return out_.is_cut; }
  AccessDifference take() {
    std::ranges::sort(out_.gained);
    std::ranges::sort(out_.lost);
    return std::move(out_);
  }

 private:
  // What the subject may do in `here` and not in `there`. Policies that a role has in both, and
  // that the subject has through it in both, are not looked at.
  void collect(const std::string& subject, const AccessIndex& here, const AccessIndex& there,
               std::vector<Policy>& out) {
    std::unordered_set<std::string_view> held_there;
    AccessWalk elsewhere(there, there.find(subject));
    while (const AccessSubject* role = elsewhere.next()) held_there.insert(role->text());
    std::set<std::pair<std::string_view, std::string_view>> told;
    AccessWalk walk(here, here.find(subject));
    while (const AccessSubject* role = walk.next()) {
      const AccessSubject* same =
          held_there.contains(role->text()) ? there.find(role->text()) : nullptr;
      const auto take = [&](const AccessText& rule) {
        if (++checks_ > limits_.checks || out.size() >= limits_.entries) return stop();
        if (there.allows(subject, rule.first(), rule.second())) return true;
        if (!told.emplace(rule.first(), rule.second()).second) return true;
        out.push_back({subject, std::string(rule.first()), std::string(rule.second())});
        return true;
      };
      const bool goes_on = same == nullptr ? role->rules.for_each(take)
                                           : role->rules.for_each_not_shared(same->rules, take);
      if (!goes_on) return;
    }
  }
  bool stop() {
    out_.is_cut = true;
    return false;
  }

  const AccessIndex& before_;
  const AccessIndex& after_;
  const DifferenceLimits& limits_;
  std::size_t checks_ = 0;
  AccessDifference out_;
};

}  // namespace

AccessDifference difference(const AccessIndex& before, const AccessIndex& after,
                            const std::set<std::string>& touched, const DifferenceLimits& limits) {
  Comparison comparison(before, after, limits);
  for (const std::string& subject : holders_of(before, after, touched)) {
    comparison.look_at(subject);
    if (comparison.is_full()) break;
  }
  return comparison.take();
}

AccessDifference difference(const AccessIndex& before, const AccessIndex& after,
                            const DifferenceLimits& limits) {
  std::set<std::string> everybody;
  for (const AccessIndex* index : {&before, &after}) {
    index->for_each_subject([&](std::string_view name, bool is_role) {
      if (!is_role) everybody.emplace(name);
      return true;
    });
  }
  Comparison comparison(before, after, limits);
  for (const std::string& subject : everybody) {
    comparison.look_at(subject);
    if (comparison.is_full()) break;
  }
  return comparison.take();
}

}  // namespace writ::identity
