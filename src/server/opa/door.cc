#include "server/opa/door.h"

#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "server/opa/answers.h"
#include "server/opa/service.h"

namespace writ::server {
namespace {

constexpr std::string_view kGzip = "gzip";
// What takes longer than a moment is done on the pool: bytes to pack, and bytes that a body
// becomes.
constexpr std::size_t kPackedOnLoop = std::size_t{16} << 10;
constexpr std::size_t kUnpackedOnLoop = std::size_t{256} << 10;
constexpr std::chrono::milliseconds kAskAgain{20};  // while the pool is full

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// "gzip;q=0.5": 0.5. What cannot be read counts as no wish.
double weight_of(std::string_view parameters) {
  const std::size_t mark = parameters.find("q=");
  if (mark == std::string_view::npos) return 1;
  const std::string_view number = parameters.substr(mark + 2);
  double out = 0;
  std::from_chars(number.data(), number.data() + number.size(), out);
  return out;
}

// RFC 9110 section 12.5.3.
bool accepts_gzip(const net::Request& request) {
  double gzip = -1;
  double any = 0;
  for (const net::Field& field : request.fields) {
    if (!net::equals_ignoring_case(field.name, "Accept-Encoding")) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view one = trimmed(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      const std::size_t semicolon = std::min(one.find(';'), one.size());
      const std::string_view name = trimmed(one.substr(0, semicolon));
      const double weight = weight_of(one.substr(semicolon));
      if (net::equals_ignoring_case(name, kGzip)) gzip = weight;
      if (name == "*") any = weight;
    }
  }
  return (gzip >= 0 ? gzip : any) > 0;
}

bool is_text(const net::Response& response) {
  return response.content_type.starts_with("application/json") ||
         response.content_type.starts_with("text/");
}

net::Response packed(net::Response response, int level) {
  auto body = gzip(response.body, level);
  if (!body) return opa_error(body.error());
  response.body = *std::move(body);
  response.fields.emplace_back("Content-Encoding", kGzip);
  return response;
}

net::Answer pack(net::Response response, const net::Request& request, const net::Context& context,
                 const DoorOptions& options) {
  if (!is_text(response)) return response;
  response.fields.emplace_back("Vary", "Accept-Encoding");
  const bool is_wanted = response.body.size() >= options.gzip_from &&
                         request.method != net::Method::HEAD && accepts_gzip(request);
  if (!is_wanted) return response;
  if (context.is_on_pool || response.body.size() <= kPackedOnLoop) {
    return packed(std::move(response), options.gzip_level);
  }
  net::Subscription later;
  later.is_late = true;
  later.interval = kAskAgain;
  later.next = [level = options.gzip_level,
                whole = std::move(response)]() mutable -> Result<net::Subscription::News> {
    net::Subscription::News news;
    news.answer = packed(std::move(whole), level);
    return news;
  };
  return later;
}

// The request with its body as it was meant, or what to answer instead.
struct Unwrapped {
  net::Request request;
  std::string body;  // that the request's view is of
  std::optional<net::Answer> instead;
};

// Requires: the body is coded.
Unwrapped unwrap(const net::Request& request, const net::Context& context, std::size_t limit) {
  Unwrapped out;
  out.request = request;
  const std::string_view coding = request.fields.value_or("Content-Encoding", "");
  if (!net::equals_ignoring_case(coding, kGzip)) {
    out.instead = opa_error(415, "invalid_parameter",
                            "Content-Encoding " + std::string(coding) + " is not gzip");
    return out;
  }
  const bool is_here = context.is_on_pool || limit <= kUnpackedOnLoop;
  Unpacked read = gunzip(request.body, is_here ? limit : kUnpackedOnLoop);
  if (read.outcome == Unpacked::Outcome::broken) {
    out.instead = opa_error(400, "invalid_parameter", "the body is no whole gzip");
  } else if (read.outcome == Unpacked::Outcome::too_large && !is_here) {
    out.instead = net::Elsewhere{};
  } else if (read.outcome == Unpacked::Outcome::too_large) {
    out.instead = opa_error(413, "invalid_parameter",
                            "the body unpacks to more than " + std::to_string(limit) + " bytes");
  }
  out.body = std::move(read.bytes);
  out.request.body = out.body;
  return out;
}

class Door {
 public:
  Door(OpaService& service, const DoorOptions& options, net::Handler handler, std::size_t limit)
      : service_(service), options_(options), handler_(std::move(handler)), limit_(limit) {}

  Result<net::Answer> operator()(const net::Request& request, net::Context& context) const {
    const std::string_view coding = request.fields.value_or("Content-Encoding", "");
    const bool is_plain =
        request.body.empty() || coding.empty() || net::equals_ignoring_case(coding, "identity");
    const bool is_seen = sees_body(request);
    if (is_plain || !is_seen) {
      if (auto instead = refusal(service_, options_.access, request, context)) {
        return std::move(*instead);
      }
    }
    if (is_plain) return answer(request, request, context);
    Unwrapped read = unwrap(request, context, limit_);
    if (!read.instead && is_seen) {
      read.instead = refusal(service_, options_.access, read.request, context);
    }
    if (read.instead) return std::move(*read.instead);
    return answer(request, read.request, context);
  }

 private:
  // `asked`: as it came, with the wishes for its answer.
  Result<net::Answer> answer(const net::Request& asked, const net::Request& request,
                             net::Context& context) const {
    WRIT_TRY(net::Answer answer, handler_(request, context));
    auto* const response = std::get_if<net::Response>(&answer);
    if (response == nullptr) return answer;
    return pack(std::move(*response), asked, context, options_);
  }

  OpaService& service_;
  const DoorOptions options_;
  const net::Handler handler_;
  const std::size_t limit_;
};

}  // namespace

void put_door(OpaService& service, const DoorOptions& options, std::vector<net::Route>& routes) {
  for (net::Route& route : routes) {
    route.handler = Door(service, options, std::move(route.handler), route.body_limit);
  }
}

}  // namespace writ::server
