// The boundary to the network: whatever bytes come, in whatever pieces, a connection answers in
// order or closes, and a body that a handler sees is never larger than its route allows.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "net/connection.h"

namespace {

using namespace writ;
using namespace writ::net;

constexpr std::size_t kBodyLimit = 300;

// Hands out what the fuzzer made, in pieces; swallows what is written.
class Pieces final : public Transport {
 public:
  void open(std::shared_ptr<TransportUser> user) override { user->has_opened(true); }
  void read(std::shared_ptr<TransportUser> user) override { waiting = std::move(user); }
  std::optional<std::size_t> write_now(std::string_view bytes) override {
    written += bytes.size();
    return bytes.size();
  }
  void write(std::shared_ptr<TransportUser> user, std::string_view) override {
    user->has_written(true);
  }
  void finish_sending() override {}
  void close() override { is_closed = true; }
  bool is_encrypted() const override { return false; }

  std::shared_ptr<TransportUser> waiting;
  std::size_t written = 0;
  bool is_closed = false;
};

Router routes() {
  std::vector<Route> out;
  for (const Method method : {Method::GET, Method::POST, Method::PUT}) {
    Route& route = out.emplace_back();
    route.method = method;
    route.pattern = "/v1/{name}/{rest...}";
    route.runs = Runs::on_loop;
    route.body_limit = kBodyLimit;
    route.handler = [](const Request& request, Context& context) -> Result<Answer> {
      WRIT_ASSERT(request.body.size() <= kBodyLimit);
      WRIT_ASSERT(context.parameters.size() == 2);
      Response response;
      response.body = std::string(request.path) + context.parameters[1];
      return response;
    };
  }
  return Router::build(std::move(out)).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  static Service& service = *new Service{{}, routes(), std::make_unique<WorkerPool>(0, 0), {}};
  service.options.limits.header_bytes = 512;
  Loop loop(service, 0);
  const std::size_t piece = 1 + data[0];
  std::string_view bytes = as_text({data, size}).substr(1);
  auto transport = std::make_unique<Pieces>();
  Pieces& peer = *transport;
  auto connection = std::make_shared<Connection>(loop, std::move(transport), "fuzz");
  connection->start();
  while (!bytes.empty() && !peer.is_closed) {
    loop.io().restart();
    loop.io().poll();
    const std::shared_ptr<TransportUser> user = std::exchange(peer.waiting, nullptr);
    if (user == nullptr) continue;  // what it has keeps it busy
    const std::span<char> room = user->room();
    WRIT_ASSERT(!room.empty());
    const std::size_t count = std::min({piece, room.size(), bytes.size()});
    std::copy_n(bytes.begin(), count, room.begin());
    bytes.remove_prefix(count);
    user->has_read(count);
  }
  loop.io().restart();
  loop.io().poll();
  connection->close();
  peer.waiting = nullptr;
  return 0;
}
