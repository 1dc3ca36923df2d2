#include "net/request_parser.h"

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <utility>

namespace writ::net {
namespace {

namespace http = boost::beast::http;

std::string_view view_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

// Beast's reasons for which another status than 400 says more.
struct KnownReason {
  http::error error;
  int status;
  std::string_view why;
};
constexpr KnownReason kReasons[] = {
    {http::error::header_limit, 431, "the header is too large"},
    {http::error::body_limit, 413, "the body is too large"},
    {http::error::bad_version, 505, "only HTTP/1.0 and HTTP/1.1 are spoken here"},
};

}  // namespace

RequestParser::RequestParser(std::size_t header_limit) {
  basic_parser::header_limit(static_cast<std::uint32_t>(header_limit));
  basic_parser::body_limit(boost::none);
  basic_parser::eager(true);
}

std::optional<Refusal> RequestParser::read_head(std::string_view head) {
  head_ = head;
  Failure ec;
  basic_parser::put(boost::asio::buffer(head.data(), head.size()), ec);
  if (ec && ec != http::error::need_more) return refusal_of(ec);
  if (!basic_parser::is_header_done()) return Refusal{400, "the request is not HTTP"};
  return std::nullopt;
}

std::optional<Refusal> RequestParser::limit_body(std::size_t limit) {
  basic_parser::body_limit(limit);
  const auto length = basic_parser::content_length();
  if (length && *length > limit) {
    return Refusal{413, "the body is larger than " + std::to_string(limit) + " bytes"};
  }
  if (length && !basic_parser::chunked()) body_.reserve(static_cast<std::size_t>(*length));
  return std::nullopt;
}

RequestParser::Taken RequestParser::read_body(std::string_view bytes) {
  Taken taken;
  while (!is_done() && taken.bytes < bytes.size()) {
    Failure ec;
    const std::size_t count = basic_parser::put(
        boost::asio::buffer(bytes.data() + taken.bytes, bytes.size() - taken.bytes), ec);
    taken.bytes += count;
    if (ec && ec != http::error::need_more) {
      taken.refusal = refusal_of(ec);
      break;
    }
    if (count == 0) break;
  }
  request_.body = body_;
  return taken;
}

bool RequestParser::wants_continue() const {
  return !is_old() && equals_ignoring_case(request_.fields.value_or("Expect", ""), "100-continue");
}

void RequestParser::refuse(int status, std::string why, Failure& ec) {
  refusal_ = Refusal{status, std::move(why)};
  ec = http::error::bad_field;
}

Refusal RequestParser::refusal_of(Failure ec) const {
  if (refusal_) return *refusal_;
  for (const KnownReason& reason : kReasons) {
    if (ec == reason.error) return {reason.status, std::string(reason.why)};
  }
  return {400, "the request is not HTTP: " + ec.message()};
}

void RequestParser::on_request_impl(Verb, View method, View target, int version, Failure& ec) {
  version_ = version;
  const auto known = net::parse_method(view_of(method));
  if (!known) return refuse(501, "method " + std::string(view_of(method)) + " is not known", ec);
  request_.method = *known;
  request_.target = view_of(target);
  std::string_view path = request_.target;
  // RFC 9112 section 3.2.2: the absolute form must be understood.
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!path.starts_with(scheme)) continue;
    const std::size_t slash = path.find('/', scheme.size());
    path = slash == std::string_view::npos ? std::string_view("/") : path.substr(slash);
    break;
  }
  const std::size_t mark = path.find('?');
  request_.path = path.substr(0, mark);
  if (mark != std::string_view::npos) request_.query = path.substr(mark + 1);
  const bool is_asterisk = path == "*" && request_.method == Method::OPTIONS;
  if (!request_.path.starts_with('/') && !is_asterisk) {
    refuse(400, "the target is neither a path nor a URL", ec);
  }
}

void RequestParser::on_field_impl(Known, View name, View value, Failure& ec) {
  if (has_trailer_phase_) return;  // trailers may not change what was said before
  const std::string_view text = view_of(value);
  const bool is_in_place =
      text.empty() || (text.data() >= head_.data() && text.data() < head_.data() + head_.size());
  if (!is_in_place) return refuse(400, "a field is folded over several lines", ec);
  request_.fields.add(view_of(name), text);
}

void RequestParser::on_header_impl(Failure& ec) {
  has_trailer_phase_ = true;
  const auto count = [&](std::string_view name) {
    return std::count_if(request_.fields.begin(), request_.fields.end(), [&](const Field& field) {
      return equals_ignoring_case(field.name, name);
    });
  };
  const auto codings = count("Transfer-Encoding");
  if (codings > 0) {
    const std::string_view coding = request_.fields.value_or("Transfer-Encoding", "");
    if (is_old()) return refuse(400, "HTTP/1.0 has no transfer codings", ec);
    if (codings > 1 || !equals_ignoring_case(coding, "chunked")) {
      return refuse(501, "no transfer coding but chunked is understood", ec);
    }
    if (count("Content-Length") > 0) return refuse(400, "the length is said in two ways", ec);
  }
  const auto hosts = count("Host");
  if (hosts > 1 || (hosts == 0 && !is_old())) refuse(400, "there must be one Host", ec);
}

void RequestParser::on_body_init_impl(boost::optional<std::uint64_t> const&, Failure&) {}

std::size_t RequestParser::on_body_impl(View body, Failure&) {
  body_.append(body.data(), body.size());
  return body.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, View body, Failure&) {
  body_.append(body.data(), body.size());
  return body.size();
}

void RequestParser::on_finish_impl(Failure&) {}

}  // namespace writ::net
