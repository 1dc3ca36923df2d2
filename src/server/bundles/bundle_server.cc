#include "server/bundles/bundle_server.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/safe_path.h"
#include "bundles/publication.h"
#include "crypto/digest.h"
#include "policy/bundle/bundle.h"
#include "server/opa/answers.h"

namespace writ::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBundleType = "application/vnd.openpolicyagent.bundles";
constexpr std::string_view kPacked = ".tar.gz";
constexpr std::chrono::seconds kLongestWait{3600};
constexpr std::uint64_t kLargest = std::uint64_t{1} << 30;
// How soon those who wait hear of something new.
constexpr std::chrono::milliseconds kLook{100};

// `wait=10` in "modes=snapshot,delta;wait=10" (RFC 7240 section 4.3).
std::chrono::seconds wait_of(const net::Request& request) {
  constexpr std::string_view kWait = "wait=";
  std::string_view rest = request.fields.value_or("Prefer", "");
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(";,"), rest.size());
    std::string_view one = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (!one.starts_with(kWait)) continue;
    one.remove_prefix(kWait.size());
    unsigned seconds = 0;
    const auto [at, error] = std::from_chars(one.data(), one.data() + one.size(), seconds);
    if (error != std::errc() || at != one.data() + one.size()) return std::chrono::seconds(0);
    return std::min(std::chrono::seconds(seconds), kLongestWait);
  }
  return std::chrono::seconds(0);
}

bool has(const net::Request& request, const std::string& etag) {
  const std::string_view known = request.fields.value_or("If-None-Match", "");
  return known == "*" || known.contains(etag);
}

net::Response response_of(int status, const std::string& etag, std::string bytes) {
  net::Response response;
  response.status = status;
  response.content_type = kBundleType;
  response.fields.emplace_back("ETag", etag);
  response.body = std::move(bytes);
  return response;
}

}  // namespace

// Counts who waits for a name, for as long as it lives.
class BundleServer::Waiting {
 public:
  Waiting(BundleServer& server, std::string name) : server_(server), name_(std::move(name)) {
    const std::lock_guard lock(server_.mutex_);
    ++server_.waited_for_[name_];
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    const std::lock_guard lock(server_.mutex_);
    const auto at = server_.waited_for_.find(name_);
    if (--at->second == 0) server_.waited_for_.erase(at);
  }

 private:
  BundleServer& server_;
  const std::string name_;
};

BundleServer::BundleServer(fs::path directory, const Clock& clock)
    : directory_(std::move(directory)), clock_(clock) {
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

BundleServer::~BundleServer() = default;

void BundleServer::set_server(net::Server* server) {
  const std::lock_guard lock(waking_);
  server_ = server;
}

net::Route BundleServer::route() {
  net::Route route;
  route.method = net::Method::GET;
  route.pattern = "/bundles/{name...}";
  route.runs = net::Runs::on_pool;
  route.body_limit = 0;
  route.handler = [this](const net::Request& request,
                         net::Context& context) -> Result<net::Answer> {
    Result<net::Answer> out = answer(request, context);
    if (out) return out;
    return opa_error(out.error());
  };
  return route;
}

// The file NAME.tar.gz, or the folder NAME.
Result<fs::path> BundleServer::path_of(const std::string& name) const {
  std::string plain = name;
  if (plain.ends_with(kPacked)) plain.resize(plain.size() - kPacked.size());
  WRIT_TRY(fs::path packed, join_inside(directory_, plain + std::string(kPacked)));
  std::error_code error;
  if (fs::is_regular_file(packed, error)) return packed;
  WRIT_TRY(fs::path folder, join_inside(directory_, plain));
  if (fs::is_directory(folder, error)) return folder;
  return fail(Code::not_found, "there is no bundle " + plain);
}

Result<BundleServer::Bundle> BundleServer::newest(const std::string& name) {
  WRIT_TRY(const fs::path path, path_of(name));
  const std::string stamp = bundles::stamp_of(path);
  {
    const std::lock_guard lock(mutex_);
    const auto shelf = shelves_.find(name);
    if (shelf != shelves_.end() && shelf->second.stamp == stamp) {
      if (shelf->second.bundle != nullptr) return shelf->second.bundle;
      return fail(Code::unavailable, shelf->second.wrong);
    }
  }
  auto bytes = bundles::packed_bundle(path, kLargest);
  const auto read = bytes ? rego::read_bundle(*bytes) : std::unexpected(bytes.error());
  const std::lock_guard lock(mutex_);
  Shelf& shelf = shelves_[name];
  shelf.stamp = stamp;
  if (read) {
    shelf.wrong.clear();
    shelf.bundle = std::make_shared<const Published>(
        Published{"\"" + crypto::sha256(*bytes).hex() + "\"", *std::move(bytes)});
  } else {
    shelf.wrong = "bundle " + name + " cannot be read: " + read.error().message;
  }
  if (shelf.bundle == nullptr) return fail(Code::unavailable, shelf.wrong);
  return shelf.bundle;
}

Result<net::Answer> BundleServer::answer(const net::Request& request, const net::Context& context) {
  const std::string& name = context.parameters.front();
  WRIT_TRY(const Bundle bundle, newest(name));
  if (!has(request, bundle->etag)) return response_of(200, bundle->etag, bundle->bytes);
  const std::chrono::seconds wait = wait_of(request);
  if (wait.count() == 0) return response_of(304, bundle->etag, {});
  return hold(name, bundle->etag, wait);
}

net::Subscription BundleServer::hold(const std::string& name, const std::string& etag,
                                     std::chrono::seconds wait) {
  net::Subscription held;
  held.is_late = true;
  held.head = response_of(304, etag, {});
  held.interval = wait;
  held.next = [this, name, etag, until = clock_.steady() + wait,
               waiting =
                   std::make_shared<Waiting>(*this, name)]() -> Result<net::Subscription::News> {
    net::Subscription::News news;
    auto bundle = newest(name);
    if (!bundle) {
      news.answer = opa_error(bundle.error());  // taken away meanwhile
    } else if ((*bundle)->etag != etag) {
      news.answer = response_of(200, (*bundle)->etag, (*bundle)->bytes);
    } else if (clock_.steady() >= until) {
      news.answer = response_of(304, etag, {});
    }
    return news;
  };
  return held;
}

void BundleServer::watch(const std::stop_token& stop) {
  std::map<std::string, std::string> stamps;
  while (!stop.stop_requested()) {
    bool has_news = false;
    std::map<std::string, std::size_t> names;
    {
      const std::lock_guard lock(mutex_);
      names = waited_for_;
    }
    std::erase_if(stamps, [&](const auto& row) { return !names.contains(row.first); });
    for (const auto& [name, count] : names) {
      const auto path = path_of(name);
      std::string stamp = path ? bundles::stamp_of(*path) : std::string();
      // Also when it is new here: it may have changed just before.
      auto [at, is_new] = stamps.try_emplace(name);
      has_news = has_news || is_new || at->second != stamp;
      at->second = std::move(stamp);
    }
    if (has_news) {
      const std::lock_guard lock(waking_);
      if (server_ != nullptr) server_->wake();
    }
    std::unique_lock lock(mutex_);
    wakes_.wait_for(lock, stop, kLook, [] { return false; });
  }
}

}  // namespace writ::server
