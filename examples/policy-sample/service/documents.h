#pragma once
// Documents over HTTP, each request enforced:
//
//   GET /documents                      ids that the caller may read
//   GET, PUT, DELETE /documents/{id}    403: the policy says no; 503: it could not be asked
//
// The caller stands in x-user, x-role, x-department and x-network.
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "enforce.h"
#include "http.h"

namespace documents {

// Thread-safe.
class Documents {
 public:
  // With three to begin with. Borrowed.
  explicit Documents(const Enforcer& enforcer);
  Response handle(const Request& request);

 private:
  Response list(const Caller& caller) const;
  Response read(const Caller& caller, const Document& document) const;
  Response write(const Caller& caller, Document document, const std::string& text);
  Response erase(const Caller& caller, const Document& document);
  std::optional<Document> find(const std::string& id) const;

  const Enforcer& enforcer_;
  mutable std::mutex mutex_;
  std::map<std::string, Document> documents_;
};

}  // namespace documents
