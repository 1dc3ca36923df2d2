// Changes of base documents.
#include <algorithm>
#include <array>
#include <utility>

#include "policy/bundle/patch.h"
#include "policy/parse/carried_errors.h"
#include "policy/term/json.h"
#include "server/opa/answers.h"
#include "server/opa/handlers.h"
#include "server/opa/request.h"
#include "server/opa/service.h"

namespace writ::server {
namespace {

using rego::Patch;
using rego::Term;

constexpr std::string_view kV1 = "/v1/data";

net::Response not_there(std::span<const std::string> path) {
  std::string pointer;
  for (const std::string& key : path) pointer += "/" + key;
  return opa_error(404, "resource_not_found",
                   "storage_not_found_error: " + pointer + ": document does not exist");
}

net::Response refused(const Error& error) {
  if (!error.diagnostics.empty()) {
    return opa_error(400, "invalid_parameter", rego::to_text(rego::carried_errors(error)));
  }
  if (error.code != Code::not_found) return opa_error(error);
  return opa_error(404, "resource_not_found", "storage_not_found_error: " + error.message);
}

Result<Patch> parse_operation(const Term& row, const std::vector<std::string>& below) {
  constexpr std::array<std::pair<std::string_view, Patch::Operation>, 3> kOperations = {
      {{"add", Patch::Operation::add},
       {"remove", Patch::Operation::remove},
       {"replace", Patch::Operation::replace}}};
  const Term* const op = row.is_object() ? row.find("op") : nullptr;
  const Term* const path = row.is_object() ? row.find("path") : nullptr;
  if (op == nullptr || !op->is_string() || path == nullptr || !path->is_string()) {
    return fail(Code::invalid_input, "a patch operation needs `op` and `path`");
  }
  const auto* const known = std::find_if(kOperations.begin(), kOperations.end(),
                                         [&](const auto& k) { return k.first == op->text(); });
  if (known == kOperations.end()) {
    return fail(Code::invalid_input, "bad patch operation: " + std::string(op->text()));
  }
  Patch patch;
  patch.operation = known->second;
  patch.path = below;
  WRIT_TRY(const std::vector<std::string> rest, rego::parse_pointer(path->text()));
  patch.path.insert(patch.path.end(), rest.begin(), rest.end());
  const Term* const value = row.find("value");
  if (value != nullptr) patch.value = *value;
  if (value == nullptr && patch.operation != Patch::Operation::remove) {
    return fail(Code::invalid_input, std::string(op->text()) + " needs a value");
  }
  return patch;
}

}  // namespace

Result<net::Answer> put_data(OpaService& service, const net::Request& request,
                             net::Context& context) {
  WRIT_TRY(const std::vector<std::string> path, document_path(request, kV1));
  rego::Session& session = service.session(context.worker);
  rego::Arena& arena = session.begin();
  auto value = parse_document(arena, request);
  if (!value) return opa_error(400, "invalid_parameter", value.error().message);
  const bool only_new = request.fields.value_or("If-None-Match", "") == "*";
  if (only_new && rego::at_path(session.snapshot().data, path).is_defined()) {
    return empty_answer(304);
  }
  if (const auto put = service.fabric().put_data(path, *value); !put) return refused(put.error());
  return empty_answer(204);
}

Result<net::Answer> patch_data(OpaService& service, const net::Request& request,
                               net::Context& context) {
  WRIT_TRY(const std::vector<std::string> path, document_path(request, kV1));
  rego::Arena& arena = service.session(context.worker).begin();
  auto rows = parse_document(arena, request);
  if (!rows) return opa_error(400, "invalid_parameter", rows.error().message);
  if (!rows->is_array()) return opa_error(400, "invalid_parameter", "a patch must be an array");
  std::vector<Patch> patches;
  for (const Term& row : rows->items()) {
    auto patch = parse_operation(row, path);
    if (!patch) return opa_error(400, "invalid_parameter", patch.error().message);
    patches.push_back(std::move(*patch));
  }
  if (const auto done = service.fabric().patch_data(patches); !done) return refused(done.error());
  return empty_answer(204);
}

Result<net::Answer> delete_data(OpaService& service, const net::Request& request,
                                net::Context& context) {
  WRIT_TRY(const std::vector<std::string> path, document_path(request, kV1));
  rego::Session& session = service.session(context.worker);
  session.begin();
  if (!rego::at_path(session.snapshot().data, path).is_defined()) return not_there(path);
  Patch patch;
  patch.operation = Patch::Operation::remove;
  patch.path = path;
  const auto done = path.empty() ? service.fabric().put_data({}, rego::empty_object())
                                 : service.fabric().patch_data(std::span(&patch, 1));
  if (!done) return refused(done.error());
  return empty_answer(204);
}

}  // namespace writ::server
