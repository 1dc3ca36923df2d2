#pragma once
// One request out of bytes, on Beast's parser (RFC 9112). Stricter than it where two readers could
// disagree on where a message ends: no folded fields, no transfer coding but `chunked`, none at all
// in HTTP/1.0, exactly one Host.
//
// Private to net: includes Beast. Belongs to its connection's thread.
#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "net/handler.h"

namespace writ::net {

// Why a request is refused: a status and a sentence.
struct Refusal {
  int status = 400;
  std::string why;
};

class RequestParser : private boost::beast::http::basic_parser<true> {
 public:
  explicit RequestParser(std::size_t header_limit);

  // `head` is everything up to and including the empty line, and stays where it is while the
  // request is used.
  std::optional<Refusal> read_head(std::string_view head);
  // Requires: read_head succeeded. Before the first byte of the body.
  std::optional<Refusal> limit_body(std::size_t limit);
  // How many of `bytes` were taken; fewer when the request ends in them or a chunk's line is cut.
  struct Taken {
    std::size_t bytes = 0;
    std::optional<Refusal> refusal;
  };
  Taken read_body(std::string_view bytes);

  bool is_done() const { return basic_parser::is_done(); }
  bool keeps_alive() const { return basic_parser::keep_alive(); }
  bool is_old() const { return version_ < 11; }
  bool wants_continue() const;
  // Whole once `is_done`.
  const Request& request() const { return request_; }

 private:
  using Verb = boost::beast::http::verb;
  using Known = boost::beast::http::field;
  using View = boost::beast::string_view;
  using Failure = boost::beast::error_code;

  void on_request_impl(Verb verb, View method, View target, int version, Failure& ec) override;
  void on_response_impl(int, View, int, Failure&) override {}
  void on_field_impl(Known known, View name, View value, Failure& ec) override;
  void on_header_impl(Failure& ec) override;
  void on_body_init_impl(boost::optional<std::uint64_t> const& length, Failure& ec) override;
  std::size_t on_body_impl(View body, Failure& ec) override;
  void on_chunk_header_impl(std::uint64_t, View, Failure&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View body, Failure& ec) override;
  void on_finish_impl(Failure& ec) override;

  void refuse(int status, std::string why, Failure& ec);
  Refusal refusal_of(Failure ec) const;

  Request request_;
  std::string body_;
  std::string_view head_;
  int version_ = 11;
  bool has_trailer_phase_ = false;
  std::optional<Refusal> refusal_;
};

}  // namespace writ::net
