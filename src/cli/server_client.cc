#include "cli/server_client.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <optional>
#include <utility>

#include "base/file.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/project.h"
#include "cli/wiring.h"
#include "net/url.h"
#include "repo/repo.h"

namespace writ::cli {
namespace {

constexpr std::string_view kApi = "/writ/v1";
constexpr std::size_t kMaxToken = 16u << 10;
// A server that lives here answers at once; one that hangs must not keep a command waiting.
constexpr std::chrono::milliseconds kPatience{2000};
constexpr std::chrono::milliseconds kWholeCall{120'000};
// Of what is as large as a run may be; the server looks at all that it has first.
constexpr std::chrono::milliseconds kLongCall{600'000};
constexpr std::size_t kMaxBytes = std::size_t{1} << 30;

std::string variable(const Wiring& wiring, const char* name) {
  const auto at = wiring.environment.find(name);
  return at == wiring.environment.end() ? "" : at->second;
}

// "unix:/run/writ.sock" takes a path behind a colon.
Result<std::string> base_of(std::string url) {
  if (url.starts_with("unix:")) return url + ":";
  while (url.ends_with('/')) url.pop_back();
  if (url.starts_with("http://") || url.starts_with("https://")) return url;
  return fail(Code::usage, "a server is an address, not " + url,
              "Write for example https://writ.example.org or unix:/run/writ.sock");
}

Result<std::string> token_of(const Wiring& wiring) {
  std::string token = variable(wiring, "WRIT_TOKEN");
  const std::string file = variable(wiring, "WRIT_TOKEN_FILE");
  if (!token.empty() || file.empty()) return token;
  WRIT_TRY(token, read_file(wiring.directory / file, kMaxToken));
  while (token.ends_with('\n') || token.ends_with('\r')) token.pop_back();
  return token;
}

// Whoever reads the token on its way has it.
Result<void> expect_safe_way(const CommandContext& context, const std::string& base) {
  WRIT_TRY(const net::Url url, net::parse_url(base));
  if (url.scheme == net::Url::Scheme::https || url.is_of_this_machine()) return {};
  if (context.global.may_be_plain) return {};
  return fail(Code::usage, "the token would go to " + url.origin() + " in the open",
              "Ask the server by https://, or say --plain-http where everybody on the way may read "
              "the token");
}

// Of the project around `directory`; empty: there is none, or nobody ever served it.
std::string socket_near(const std::filesystem::path& directory) {
  const auto repo = repo::Repo::open(directory);
  if (!repo) return "";
  const std::filesystem::path socket = ProjectPaths{repo->root()}.socket();
  std::error_code ignored;
  return std::filesystem::is_socket(socket, ignored) ? socket.string() : "";
}

constexpr std::pair<int, Code> kStatusCodes[] = {
    {400, Code::invalid_input}, {401, Code::unauthenticated}, {403, Code::not_permitted},
    {404, Code::not_found},     {409, Code::conflict},        {422, Code::invalid_input},
    {429, Code::overloaded},    {503, Code::unavailable}};

// What the identity paths say: a sentence, or a row for each part of the request that is wrong.
std::optional<Error> detailed(int status, const Value& body) {
  const Value* detail = body.find("detail");
  const auto* const code = std::ranges::find(kStatusCodes, status, &std::pair<int, Code>::first);
  if (detail == nullptr || code == std::end(kStatusCodes)) return std::nullopt;
  Error error;
  error.code = code->second;
  if (detail->is_array() && !detail->as_array().empty()) detail = &detail->as_array().front();
  error.message = detail->is_string() ? detail->as_string() : detail->string_or("msg", "");
  if (error.code == Code::unauthenticated || error.code == Code::not_permitted) {
    error.remediation = "Show the token of an administrator: WRIT_TOKEN, or WRIT_TOKEN_FILE";
  }
  return error;
}

// What a problem+json says, as the error that it was made from.
Error error_of(const net::Response& response) {
  Error error;
  const auto body = parse_json(response.body);
  if (body && body->is_object() && body->find("code") == nullptr) {
    if (auto said = detailed(response.status, *body)) return *std::move(said);
  }
  if (!body || !body->is_object() || body->find("code") == nullptr) {
    error.code = Code::unavailable;
    error.message = "the server answered " + std::to_string(response.status) +
                    ", and not as a Writ server does";
    error.remediation = "Check the address of --server";
    return error;
  }
  error.code = code_named(body->string_or("code", ""));
  error.message = body->string_or("detail", "");
  error.remediation = body->string_or("remediation", "");
  const Value* const diagnostics = body->find("diagnostics");
  if (diagnostics == nullptr || !diagnostics->is_array()) return error;
  for (const Value& one : diagnostics->as_array()) {
    Diagnostic row;
    row.file = one.string_or("file", "");
    row.at.line = static_cast<decltype(row.at.line)>(one.integer_or("line", 0));
    row.at.column = static_cast<decltype(row.at.column)>(one.integer_or("column", 0));
    row.message = one.string_or("message", "");
    row.remedy = one.string_or("remedy", "");
    error.diagnostics.push_back(std::move(row));
  }
  return error;
}

std::string below_api(const std::string& path) { return std::string(kApi) + path; }

net::Call call_of(net::Method method, const Value& body, std::string_view content_type) {
  net::Call call;
  call.method = method;
  if (!body.is_null()) {
    call.fields.emplace_back("Content-Type", content_type);
    call.body = to_json(body);
  }
  return call;
}

net::ClientOptions once() {
  net::ClientOptions options;
  options.attempts = 1;
  options.breaker_failures = 1'000'000;  // a command says itself how long it tries
  return options;
}

}  // namespace

Code code_named(std::string_view name) {
#define WRIT_ROW(code, http, exit, retry, remedy) \
  if (name == #code) return Code::code;
  WRIT_ERROR_TABLE(WRIT_ROW)
#undef WRIT_ROW
  return Code::internal;
}

std::string named_server(const Wiring& wiring, const GlobalOptions& global) {
  return global.server.empty() ? variable(wiring, "WRIT_SERVER") : global.server;
}

ServerClient::ServerClient(const Wiring& wiring, std::string base, std::string token)
    : client_(wiring.clock, wiring.random, once()),
      base_(std::move(base)),
      token_(std::move(token)) {}

Result<std::unique_ptr<ServerClient>> ServerClient::find_named(const CommandContext& context) {
  const Wiring& wiring = context.wiring;
  const std::string named = named_server(wiring, context.global);
  if (named.empty()) return nullptr;
  WRIT_TRY(std::string base, base_of(named));
  WRIT_TRY(std::string token, token_of(wiring));
  if (!token.empty()) WRIT_CHECK(expect_safe_way(context, base));
  return std::unique_ptr<ServerClient>(new ServerClient(wiring, std::move(base), std::move(token)));
}

Result<std::unique_ptr<ServerClient>> ServerClient::find(const CommandContext& context) {
  const Wiring& wiring = context.wiring;
  WRIT_TRY(auto named, find_named(context));
  if (named != nullptr) return named;
  if (!context.global.store.empty() || !variable(wiring, "WRIT_STORE").empty()) return nullptr;
  return find_here(context);
}

Result<std::unique_ptr<ServerClient>> ServerClient::find_as_person(const CommandContext& context) {
  WRIT_TRY(auto server, find_named(context));
  if (server != nullptr) return server;
  WRIT_TRY(std::string token, token_of(context.wiring));
  server = find_here(context, std::move(token));
  if (server != nullptr) return server;
  return fail(Code::unavailable, "no server is named, and none lives here",
              "Name one with --server, or start `writ serve` in this repository");
}

std::unique_ptr<ServerClient> ServerClient::find_here(const CommandContext& context,
                                                      std::string token) {
  const std::string socket = socket_near(context.global.directory);
  if (socket.empty()) return nullptr;
  std::unique_ptr<ServerClient> client(
      new ServerClient(context.wiring, "unix:" + socket + ":", std::move(token)));
  if (!client->answers()) return nullptr;
  return client;
}

bool ServerClient::answers() {
  net::Call call;
  call.url = base_ + "/healthz";
  call.timeout = kPatience;
  const auto response = client_.send(call);
  return response && response->status == 200;
}

Result<Value> ServerClient::get(const std::string& path) {
  return send({}, below_api(path), kWholeCall);
}

Result<Value> ServerClient::post(const std::string& path, const Value& body,
                                 std::string_view content_type) {
  return send(call_of(net::Method::POST, body, content_type), below_api(path), kWholeCall);
}

Result<Value> ServerClient::call(net::Method method, const std::string& path, const Value& body) {
  return send(call_of(method, body, "application/json"), path, kWholeCall);
}

Result<Value> ServerClient::long_call(net::Method method, const std::string& path,
                                      const Value& body) {
  return send(call_of(method, body, "application/json"), path, kLongCall);
}

Result<Value> ServerClient::put_bytes(const std::string& path, std::string_view bytes) {
  net::Call call;
  call.method = net::Method::PUT;
  call.fields.emplace_back("Content-Type", "application/octet-stream");
  call.body = bytes;
  return send(std::move(call), below_api(path), kWholeCall);
}

Result<std::string> ServerClient::get_bytes(const std::string& path) {
  net::Call call;
  call.response_limit = kMaxBytes;
  call.timeout = kLongCall;
  WRIT_TRY(net::Response response, ask(std::move(call), below_api(path)));
  return std::move(response.body);
}

std::string ServerClient::name() const {
  std::string name = base_;
  if (name.ends_with(':')) name.pop_back();
  return name;
}

Result<net::Response> ServerClient::ask(net::Call call, const std::string& path) {
  call.url = base_ + path;
  if (!token_.empty()) call.fields.emplace_back("Authorization", "Bearer " + token_);
  WRIT_TRY(net::Response response, client_.send(call));
  if (response.status / 100 != 2) return std::unexpected(error_of(response));
  return response;
}

Result<Value> ServerClient::send(net::Call call, const std::string& path,
                                 std::chrono::milliseconds timeout) {
  call.timeout = timeout;
  WRIT_TRY(const net::Response response, ask(std::move(call), path));
  if (response.body.empty()) return Value();
  return parse_json(response.body, "the server's answer");
}

}  // namespace writ::cli
