// Requests of every operation of the contract: the first two bytes say whose, then come a line with
// the query, one with the path's parameter, and the body. A function sees only what keeps to the
// contract; whatever else comes is answered with an error that the contract describes.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/random.h"
#include "server/api/answer_check.h"
#include "server/api/answers.h"
#include "server/api/api.h"

namespace {

using namespace writ;
using namespace writ::server;

// Lets everybody in who shows something, with every scope there is.
class OpenDoor final : public Doorkeeper {
 public:
  explicit OpenDoor(const contract::Description& description) {
    caller_.is_superuser = true;
    for (const contract::DescribedOperation& one : description.operations()) {
      for (const std::string& scope : one.scopes) caller_.scopes.push_back(scope);
    }
    std::sort(caller_.scopes.begin(), caller_.scopes.end());
  }
  Result<std::optional<identity::Caller>> who_asks(const net::Request&,
                                                   const net::Context&) override {
    return std::optional(caller_);
  }

 private:
  identity::Caller caller_;
};

// An API whose functions look at what they get, over the contract itself.
struct Subject {
  Subject() : description(*contract::Description::own()), door(description) {
    Families families(description.families().begin(), description.families().end());
    std::vector<Binding> bindings;
    for (const contract::DescribedOperation& one : description.operations()) {
      if (one.is_raw) {
        bindings.push_back({one.id, [](const net::Request&, net::Context&) -> Result<net::Answer> {
                              return net::Response{};
                            }});
        continue;
      }
      described.push_back(&one);
      checks.push_back(*AnswerCheck::compile(description, one));
      bindings.push_back({one.id, [this](const Call& call) -> Result<net::Answer> {
                            WRIT_ASSERT(call.trace.size() == 32);
                            was_reached = true;
                            return no_content();
                          }});
    }
    ApiOptions options{.description = description, .clock = clock, .random = random};
    options.families = families;
    options.doorkeeper = &door;
    options.rates = {};
    api = *Api::build(std::move(bindings), std::move(options));
    routes = api->routes();
    // Behind those of the operations stand the preflights, which read no body and no parameter.
    WRIT_ASSERT(routes.size() >= described.size());
    routes.resize(described.size());
  }

  SystemClock clock;
  SystemRandom random;
  const contract::Description description;
  OpenDoor door;
  std::unique_ptr<Api> api;
  std::vector<const contract::DescribedOperation*> described;
  std::vector<AnswerCheck> checks;
  std::vector<net::Route> routes;
  bool was_reached = false;
};

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static Subject subject;
  const std::size_t index = data[0] % subject.routes.size();
  const contract::DescribedOperation& operation = *subject.described[index];
  std::string_view rest = as_text({data + 2, size - 2});
  net::Request request;
  request.query = take_line(rest);
  const std::string parameter(take_line(rest));
  request.body = rest;
  request.path = "/";
  const std::size_t bodies = operation.bodies.size();
  const std::string media = bodies == 0 ? "" : operation.bodies[data[1] % bodies].media_type;
  if (data[1] != 0xff) request.fields.add("Content-Type", media);
  net::Context context;
  context.is_on_pool = true;
  context.peer = "127.0.0.1:1";
  context.parameters = {parameter, parameter, parameter};
  subject.was_reached = false;
  const auto answer = subject.routes[index].handler(request, context);
  WRIT_ASSERT(answer.has_value());
  if (subject.was_reached) return 0;
  const net::Response& response = std::get<net::Response>(*answer);
  WRIT_ASSERT(response.status >= 400 && response.status < 500);
  WRIT_ASSERT(!subject.checks[index].broken(response));
  return 0;
}
