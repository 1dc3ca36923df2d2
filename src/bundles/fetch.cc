#include "bundles/fetch.h"

#include <utility>

#include "base/file.h"
#include "bundles/publication.h"
#include "crypto/digest.h"

namespace writ::bundles {
namespace {

// By which a publisher says that it understands `wait`.
constexpr std::string_view kBundleType = "application/vnd.openpolicyagent.bundles";
// From the head of an answer to its last byte.
constexpr std::chrono::minutes kTransfer{10};
constexpr std::size_t kLargestToken = std::size_t{64} << 10;

class ServiceFetch final : public BundleFetch {
 public:
  ServiceFetch(const BundleConfig& bundle, ServiceConfig service, net::Client& client)
      : url_(service.url + "/" + bundle.resource),
        size_limit_(bundle.size_limit),
        service_(std::move(service)),
        client_(client) {}

  Result<Fetched> fetch(const Wanted& wanted, const std::stop_token& stop) override {
    WRIT_TRY(const net::Call call, call_for(wanted));
    WRIT_TRY(net::Response response, client_.send(call, stop));
    Fetched out;
    out.status = response.status;
    out.can_wait = response.content_type.starts_with(kBundleType);
    out.etag = std::string(response.field("ETag"));
    if (response.status == 304) {
      out.etag = wanted.etag;
    } else if (response.status == 200) {
      out.kind = Fetched::Kind::fresh;
      out.bytes = std::move(response.body);
    } else {
      out.kind = Fetched::Kind::refused;
    }
    return out;
  }

 private:
  Result<net::Call> call_for(const Wanted& wanted) const {
    net::Call call;
    call.url = url_;
    call.fields = service_.headers;
    std::string prefer =
        wanted.takes_delta || wanted.etag.empty() ? "modes=snapshot,delta" : "modes=snapshot";
    if (wanted.wait.count() > 0) prefer += ";wait=" + std::to_string(wanted.wait.count());
    call.fields.emplace_back("Prefer", prefer);
    if (!wanted.etag.empty()) call.fields.emplace_back("If-None-Match", wanted.etag);
    std::string token = service_.token;
    if (!service_.token_path.empty()) {
      WRIT_TRY(token, read_file(service_.token_path, kLargestToken));
      while (token.ends_with('\n') || token.ends_with('\r')) token.pop_back();
    }
    if (!token.empty()) call.fields.emplace_back("Authorization", service_.scheme + " " + token);
    call.response_limit = size_limit_;
    call.head_timeout = service_.response_time + wanted.wait;
    call.timeout = call.head_timeout + kTransfer;
    return call;
  }

  const std::string url_;
  const std::uint64_t size_limit_;
  const ServiceConfig service_;
  net::Client& client_;
};

class FileFetch final : public BundleFetch {
 public:
  explicit FileFetch(const BundleConfig& bundle)
      : file_(bundle.file), size_limit_(bundle.size_limit) {}

  Result<Fetched> fetch(const Wanted& wanted, const std::stop_token&) override {
    Fetched out;
    out.etag = wanted.etag;
    const std::string stamp = stamp_of(file_);
    // A bad file is read again and again: it stays wrong until it is replaced.
    const bool is_known = !stamp.empty() && stamp == stamp_ && etag_ == wanted.etag;
    if (is_known && !wanted.etag.empty()) return out;
    WRIT_TRY(out.bytes, packed_bundle(file_, size_limit_));
    out.etag = crypto::sha256(out.bytes).hex();
    if (out.etag != wanted.etag) out.kind = Fetched::Kind::fresh;
    stamp_ = stamp;
    etag_ = out.etag;
    return out;
  }

 private:
  const std::filesystem::path file_;
  const std::uint64_t size_limit_;
  std::string stamp_;  // of what was read last
  std::string etag_;
};

}  // namespace

std::unique_ptr<BundleFetch> fetch_from_service(const BundleConfig& bundle, ServiceConfig service,
                                                net::Client& client) {
  return std::make_unique<ServiceFetch>(bundle, std::move(service), client);
}

std::unique_ptr<BundleFetch> fetch_from_file(const BundleConfig& bundle) {
  return std::make_unique<FileFetch>(bundle);
}

}  // namespace writ::bundles
