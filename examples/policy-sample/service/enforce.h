#pragma once
// The one place where the service asks whether something may be done.
#include <writ/sdk/decider.h>
#include <span>
#include <string>
#include <vector>

namespace documents {

// Who calls, and from where. A gateway in front of the service has checked it.
struct Caller {
  std::string id;
  std::string role;
  std::string department;
  std::string network;  // "office", "remote"
};

struct Document {
  std::string id;
  std::string owner;
  std::string department;
  std::string level;  // "public", "internal", "secret"
  std::string text;
};

// Thread-safe.
class Enforcer {
 public:
  // Borrowed.
  explicit Enforcer(const writ::sdk::Decider& decider) : decider_(decider) {}

  writ::sdk::Verdict may(const Caller& caller, const std::string& action,
                         const Document& document) const;
  // The same for each of many.
  std::vector<writ::sdk::Verdict> may(const Caller& caller, const std::string& action,
                                      std::span<const Document> documents) const;

 private:
  const writ::sdk::Decider& decider_;
};

}  // namespace documents
