#include "documents.h"

#include <iostream>
#include <string_view>
#include <utility>
#include <vector>

namespace documents {
namespace {

using writ::sdk::Array;
using writ::sdk::Object;
using writ::sdk::Value;
using writ::sdk::Verdict;

constexpr std::string_view kAll = "/documents";
constexpr std::string_view kOne = "/documents/";

Response says(int status, const Value& body) { return {status, body.to_json()}; }

// Why stays in the log: it says more than the caller may know.
Response refused(const Verdict& verdict, const Caller& caller, const Document& document) {
  std::cerr << caller.id << " and " << document.id << ": " << verdict.why << "\n";
  const bool could_ask = verdict.reason != Verdict::Reason::error;
  return says(could_ask ? 403 : 503, Object{{"error", could_ask ? "forbidden" : "undecided"},
                                            {"decision_id", verdict.decision_id}});
}

}  // namespace

Documents::Documents(const Enforcer& enforcer) : enforcer_(enforcer) {
  for (const char* level : {"public", "internal", "secret"}) {
    const std::string id = std::string(level) + "-contract";
    documents_[id] = {id, "ada", "legal", level, "A contract."};
  }
}

Response Documents::handle(const Request& request) {
  const Caller caller{request.field("x-user"), request.field("x-role"),
                      request.field("x-department"), request.field("x-network")};
  if (caller.id.empty()) return says(401, Object{{"error", "x-user is not set"}});
  if (request.path == kAll && request.method == "GET") return list(caller);
  if (!request.path.starts_with(kOne)) return says(404, Object{{"error", "not found"}});
  const std::string id = request.path.substr(kOne.size());
  const std::optional<Document> document = find(id);
  if (request.method == "PUT") {
    const Document fresh{id, caller.id, caller.department, "internal", {}};
    return write(caller, document.value_or(fresh), request.body);
  }
  if (!document) return says(404, Object{{"error", "not found"}});
  if (request.method == "GET") return read(caller, *document);
  if (request.method == "DELETE") return erase(caller, *document);
  return says(405, Object{{"error", "method not allowed"}});
}

Response Documents::list(const Caller& caller) const {
  std::vector<Document> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, document] : documents_) all.push_back(document);
  }
  const std::vector<Verdict> verdicts = enforcer_.may(caller, "read", all);
  Array ids;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (verdicts[i]) ids.emplace_back(all[i].id);
  }
  return says(200, Object{{"documents", std::move(ids)}});
}

Response Documents::read(const Caller& caller, const Document& document) const {
  const Verdict verdict = enforcer_.may(caller, "read", document);
  if (!verdict) return refused(verdict, caller, document);
  return says(200, Object{{"id", document.id}, {"text", document.text}});
}

Response Documents::write(const Caller& caller, Document document, const std::string& text) {
  const Verdict verdict = enforcer_.may(caller, "write", document);
  if (!verdict) return refused(verdict, caller, document);
  document.text = text;
  const std::lock_guard lock(mutex_);
  documents_[document.id] = document;
  return says(200, Object{{"id", document.id}});
}

Response Documents::erase(const Caller& caller, const Document& document) {
  const Verdict verdict = enforcer_.may(caller, "delete", document);
  if (!verdict) return refused(verdict, caller, document);
  const std::lock_guard lock(mutex_);
  documents_.erase(document.id);
  return says(200, Object{{"id", document.id}});
}

std::optional<Document> Documents::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto at = documents_.find(id);
  if (at == documents_.end()) return std::nullopt;
  return at->second;
}

}  // namespace documents
