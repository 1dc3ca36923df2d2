#include "server/api/access.h"

#include <algorithm>
#include <utility>

#include "observe/current_span.h"
#include "server/api/errors.h"
#include "server/api/peer.h"

namespace writ::server {
namespace {

using contract::Asker;
using contract::DescribedOperation;

// What tries credentials without having one that counts is limited as logins are.
constexpr std::string_view kTryingRate = "login";

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

Error error_of(Code code, std::string message, std::string remediation = {}) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  error.remediation = std::move(remediation);
  return error;
}

void set_field(net::Response& response, std::string_view name, std::string value) {
  std::erase_if(response.fields,
                [&](const auto& field) { return net::equals_ignoring_case(field.first, name); });
  response.fields.emplace_back(name, std::move(value));
}

}  // namespace

std::optional<net::Response> ApiAccess::limit(const DescribedOperation& operation,
                                              std::string_view rate, std::string_view who,
                                              std::string_view trace) const {
  if (who.empty()) return std::nullopt;  // the server's own socket
  const auto wait = needs_.rates.take(rate, who);
  if (wait.count() == 0) return std::nullopt;
  const std::string seconds = std::to_string((wait.count() + 999) / 1000);
  net::Response response =
      render_error(operation.errors,
                   error_of(Code::overloaded, "too many requests of this kind from here",
                            "Ask again in " + seconds + " s"),
                   trace);
  set_field(response, "Retry-After", seconds);
  return response;
}

std::optional<net::Response> ApiAccess::limit_stranger(const net::Request& request,
                                                       const net::Context& context) const {
  const std::string peer = counted_peer(context.peer, request.fields, needs_.trusted_proxies);
  DescribedOperation none;
  none.errors = contract::ErrorShape::oauth;
  return limit(none, "check", peer, context.trace);
}

// RFC 6750 section 3, RFC 9728 section 5.1.
std::string ApiAccess::challenge(std::string_view error, std::string_view scope) const {
  std::string out = "Bearer";
  const auto add = [&out](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out += out.size() == 6 ? " " : ", ";
    out.append(name).append("=\"").append(value).append("\"");
  };
  add("error", error);
  add("scope", scope);
  add("resource_metadata", needs_.resource_metadata);
  return out;
}

net::Response ApiAccess::unknown(const DescribedOperation& operation, const Error& error,
                                 bool has_shown, std::string_view trace) const {
  net::Response response = render_error(operation.errors, error, trace);
  if (error.code != Code::unauthenticated) return response;
  set_field(response, "WWW-Authenticate",
            challenge(has_shown ? "invalid_token" : "", joined(operation.scopes)));
  return response;
}

namespace {

// What an application was given is for what its scopes name. What needs none is a person's own.
bool is_of_application(const identity::Caller& caller) {
  return caller.kind == identity::PrincipalKind::user && caller.actors.empty() &&
         caller.credential.starts_with("token/");
}

}  // namespace

std::optional<net::Response> ApiAccess::refuse_caller(const DescribedOperation& operation,
                                                      const identity::Caller& caller,
                                                      std::string_view trace) const {
  if (operation.needs_superuser && (!caller.is_superuser || !caller.actors.empty())) {
    return render_error(operation.errors,
                        error_of(Code::not_permitted, "only superusers may do this, for themselves",
                                 "Ask an administrator"),
                        trace);
  }
  if (operation.scopes.empty() && operation.asker == Asker::known && is_of_application(caller)) {
    return render_error(operation.errors,
                        error_of(Code::not_permitted, "applications may not do this for people",
                                 "Sign in yourself"),
                        trace);
  }
  const bool has_all = std::ranges::all_of(
      operation.scopes, [&](const std::string& scope) { return caller.has_scope(scope); });
  if (has_all) return std::nullopt;
  const std::string scopes = joined(operation.scopes);
  net::Response response = render_error(
      operation.errors,
      error_of(Code::not_permitted, "the credential does not have the scope: " + scopes,
               "Use one that has it"),
      trace);
  set_field(response, "WWW-Authenticate", challenge("insufficient_scope", scopes));
  return response;
}

ApiAccess::Verdict ApiAccess::judge(const DescribedOperation& operation,
                                    const net::Request& request, const net::Context& context,
                                    std::string_view trace) const {
  Verdict out;
  const auto refuse = [&out](Code why, std::optional<net::Response> refusal) {
    out.why = why;
    out.refusal = std::move(refusal);
    return out.refusal.has_value();
  };
  const std::string peer = counted_peer(context.peer, request.fields, needs_.trusted_proxies);
  if (operation.asker != Asker::anyone && needs_.doorkeeper != nullptr) {
    auto caller = [&] {
      const observe::Span span = observe::child_span("caller.identify");
      return needs_.doorkeeper->who_asks(request, context);
    }();
    if (!caller) {
      const bool is_late =
          refuse(Code::overloaded, limit(operation, kTryingRate, "tries " + peer, trace));
      if (peer.empty() || !is_late) {
        refuse(caller.error().code, unknown(operation, caller.error(), true, trace));
      }
      return out;
    }
    out.caller = *std::move(caller);
  }
  if (operation.asker == Asker::known && !out.caller) {
    if (refuse(Code::overloaded, limit(operation, operation.rate, peer, trace))) return out;
    const Error error = error_of(Code::unauthenticated, "this asks for a credential");
    refuse(error.code, unknown(operation, error, false, trace));
    return out;
  }
  // The server's own socket has no limits, whoever it is.
  const std::string who = peer.empty() || !out.caller ? peer : out.caller->actor().text();
  if (refuse(Code::overloaded, limit(operation, operation.rate, who, trace))) return out;
  if (out.caller) refuse(Code::not_permitted, refuse_caller(operation, *out.caller, trace));
  return out;
}

}  // namespace writ::server
