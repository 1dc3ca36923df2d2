// Bodies of OPA's API: the first byte says whose, the rest is the body, read as JSON or as YAML.
// Whatever it is, the answer is one of those that the operation has, with JSON in it; what was put
// is what can be read.
#include <array>
#include <string>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/random.h"
#include "policy/term/json.h"
#include "server/opa/handlers.h"
#include "server/opa/service.h"

namespace {

using namespace writ;
using namespace writ::server;

struct Operation {
  net::Method method;
  std::string_view path;
  OpaHandler handler;
  std::string_view accept = "*/*";
};

constexpr std::array<Operation, 9> kOperations = {
    {{net::Method::POST, "/v1/data/app/allow", &post_data},
     {net::Method::POST, "/v0/data/app/allow", &post_v0_data},
     {net::Method::POST, "/v1/query", &post_query},
     {net::Method::POST, "/v1/compile", &post_compile},
     {net::Method::POST, "/v1/compile/app/shown", &post_filters,
      "application/vnd.opa.sql.postgresql+json"},
     {net::Method::POST, "/v1/compile/app/shown", &post_filters,
      "application/vnd.opa.multitarget+json"},
     {net::Method::PUT, "/v1/data/things", &put_data},
     {net::Method::PATCH, "/v1/data/things", &patch_data},
     {net::Method::PUT, "/v1/policies/other", &put_policy}}};

constexpr const char* kPolicy =
    "package app\nallow if input.user == data.things.owner\n"
    "shown if input.fruits.price > 3\nshown if input.fruits.name == data.things.owner\n";

// A server without sockets.
struct Subject {
  Subject() {
    services.clock = &clock;
    services.random = &random;
    net::ServerOptions serving;
    serving.loops = 1;
    serving.pool_threads = 1;
    OpaOptions options;
    options.limits.steps = 20'000;
    options.limits.memory_bytes = std::size_t{16} << 20;
    service = std::make_unique<OpaService>(fabric, services, serving, options);
    WRIT_ASSERT(fabric.put_policy("app.rego", kPolicy).has_value());
  }

  SystemClock clock;
  SystemRandom random;
  rego::Services services;
  rego::Fabric fabric;
  std::unique_ptr<OpaService> service;
};

void check(const net::Response& response) {
  const int status = response.status;
  WRIT_ASSERT(status == 200 || status == 204 || status == 400 || status == 404 || status == 500);
  rego::Arena arena;
  const auto body = rego::parse_json(arena, response.body);
  WRIT_ASSERT(status == 204 ? response.body.empty() : body.has_value());
  const rego::Term* const message = body && body->is_object() ? body->find("message") : nullptr;
  WRIT_ASSERT(status < 400 || (message != nullptr && message->size() > 0));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Subject subject;
  const Operation& operation = kOperations[(data[0] & 0x0f) % kOperations.size()];
  net::Request request;
  request.method = operation.method;
  request.target = request.path = operation.path;
  request.body = as_text({data + 1, size - 1});
  request.fields.add("Content-Type",
                     (data[0] & 0x10) != 0 ? "application/yaml" : "application/json");
  request.fields.add("Accept", operation.accept);
  net::Context context;
  context.worker = 1;
  context.is_on_pool = true;
  context.parameters = {"other"};
  const auto answer = operation.handler(*subject.service, request, context);
  if (!answer) {
    WRIT_ASSERT(!answer.error().message.empty());
    return 0;
  }
  check(std::get<net::Response>(*answer));
  return 0;
}
