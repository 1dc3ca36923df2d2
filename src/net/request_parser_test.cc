#include "net/request_parser.h"

#include <gtest/gtest.h>

namespace writ::net {
namespace {

int status_of(std::string_view head) {
  RequestParser parser(4096);
  const auto refusal = parser.read_head(head);
  return refusal ? refusal->status : 200;
}

TEST(RequestParser, ReadsTargetAndFieldsInPlace) {
  const std::string head =
      "GET /v1/a%20b?x=1&y HTTP/1.1\r\nHost: h\r\nX-Empty:\r\nAccept:  */* \r\n\r\n";
  RequestParser parser(4096);
  ASSERT_FALSE(parser.read_head(head));
  const Request& request = parser.request();
  EXPECT_TRUE(parser.is_done());
  EXPECT_EQ(request.method, Method::GET);
  EXPECT_EQ(request.path, "/v1/a%20b");
  EXPECT_EQ(request.query, "x=1&y");
  EXPECT_EQ(request.fields.find("accept"), "*/*");
  EXPECT_EQ(request.fields.find("x-empty"), "");
  EXPECT_GE(request.path.data(), head.data());
  EXPECT_LT(request.path.data(), head.data() + head.size());
}

TEST(RequestParser, UnderstandsTheAbsoluteForm) {
  RequestParser parser(4096);
  ASSERT_FALSE(parser.read_head("GET http://h:1/p?q HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(parser.request().path, "/p");
  EXPECT_EQ(parser.request().query, "q");
}

TEST(RequestParser, TakesABodyInAnyPieces) {
  const std::string chunked = "4;ext=1\r\nWiki\r\n5\r\npedia\r\n0\r\nTrailer: x\r\n\r\nNEXT";
  for (std::size_t piece = 1; piece <= chunked.size(); ++piece) {
    RequestParser parser(4096);
    ASSERT_FALSE(
        parser.read_head("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"));
    ASSERT_FALSE(parser.limit_body(100));
    // As a connection does: what was not taken is offered again with what came after.
    std::size_t begin = 0;
    for (std::size_t end = piece; !parser.is_done(); end = std::min(end + piece, chunked.size())) {
      const auto taken = parser.read_body(std::string_view(chunked).substr(begin, end - begin));
      ASSERT_FALSE(taken.refusal) << piece << ": " << taken.refusal->why;
      begin += taken.bytes;
      ASSERT_TRUE(parser.is_done() || end < chunked.size()) << piece;
    }
    EXPECT_EQ(parser.request().body, "Wikipedia") << piece;
    EXPECT_EQ(chunked.substr(begin), "NEXT") << piece;
    EXPECT_EQ(parser.request().fields.size(), 2u) << "a trailer became a field";
  }
}

TEST(RequestParser, RefusesWhatTwoReadersCouldReadInTwoWays) {
  struct Case {
    const char* what;
    const char* head;
    int status;
  };
  const Case cases[] = {
      {"length and chunks",
       "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
       "Transfer-Encoding: chunked\r\n\r\n",
       400},
      {"chunks and length",
       "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
       "Content-Length: 3\r\n\r\n",
       400},
      {"two lengths",
       "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", 400},
      {"length with sign", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\n", 400},
      {"another coding", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"coding in a list", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
       501},
      {"coding with tab",
       "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \x0b"
       "chunked\r\n\r\n",
       400},
      {"chunks in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"blank before colon", "GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
      {"folded field", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
      {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"bare line feeds", "GET / HTTP/1.1\nHost: h\n\n\r\n\r\n", 505},
      {"blank in target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 505},
      {"no target", "GET  HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"relative target", "GET a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"another version", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
      {"another method", "BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
  };
  for (const Case& c : cases) EXPECT_EQ(status_of(c.head), c.status) << c.what;
  EXPECT_EQ(status_of(std::string_view("GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n", 29)), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\n\r\n"), 200);
}

TEST(RequestParser, HoldsBodiesToTheirLimit) {
  RequestParser parser(4096);
  ASSERT_FALSE(parser.read_head("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n"));
  EXPECT_EQ(parser.limit_body(10)->status, 413);
  RequestParser chunked(4096);
  ASSERT_FALSE(
      chunked.read_head("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"));
  ASSERT_FALSE(chunked.limit_body(10));
  const auto taken = chunked.read_body("b\r\n0123456789a\r\n0\r\n\r\n");
  ASSERT_TRUE(taken.refusal);
  EXPECT_EQ(taken.refusal->status, 413);
}

}  // namespace
}  // namespace writ::net
