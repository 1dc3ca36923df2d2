#include "server/telemetry/otlp_sink.h"

#include <utility>

#include "net/client.h"

namespace writ::server {
namespace {

class OtlpSink final : public observe::Sink {
 public:
  OtlpSink(std::string endpoint, const Clock& clock, Random& random)
      : endpoint_(std::move(endpoint)), client_(clock, random) {
    while (endpoint_.ends_with('/')) endpoint_.pop_back();
  }

  Result<void> send(observe::Signal signal, const std::string& body) override {
    net::Call call;
    call.method = net::Method::POST;
    call.url = endpoint_ + "/v1/" + std::string(observe::kSignals.name(signal));
    call.fields = {{"Content-Type", "application/json"}};
    call.body = body;
    call.timeout = std::chrono::seconds(2);
    // A server that ends sends what is left, and waits no longer for a collector that is silent.
    call.total_time = std::chrono::seconds(4);
    // A batch that came twice is counted twice by few collectors, and lost by none.
    call.is_repeatable = true;
    WRIT_TRY(const net::Response response, client_.send(call));
    if (response.status >= 200 && response.status < 300) return {};
    return fail(Code::unavailable,
                "the collector answered " + std::to_string(response.status) + " to " + call.url);
  }

 private:
  std::string endpoint_;
  net::Client client_;
};

}  // namespace

std::unique_ptr<observe::Sink> make_otlp_sink(std::string endpoint, const Clock& clock,
                                              Random& random) {
  return std::make_unique<OtlpSink>(std::move(endpoint), clock, random);
}

}  // namespace writ::server
