#include "net/write_response.h"

#include <gtest/gtest.h>

namespace writ::net {
namespace {

std::string written(const Response& response, const Framing& framing) {
  std::string out;
  write_response(out, response, framing);
  return out;
}

Response hello() {
  Response response;
  response.content_type = "text/plain";
  response.body = "hello";
  return response;
}

TEST(WriteResponse, SaysTypeAndLength) {
  Framing framing;
  framing.date = "D";
  EXPECT_EQ(
      written(hello(), framing),
      "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
}

TEST(WriteResponse, LeavesTheBodyOutForHeadAndNotItsLength) {
  Framing framing;
  framing.is_head = true;
  EXPECT_EQ(written(hello(), framing),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n");
}

TEST(WriteResponse, GivesNoLengthWhereNoBodyCanBe) {
  Response response;
  response.status = 204;
  EXPECT_EQ(written(response, {}), "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST(WriteResponse, SaysWhatBecomesOfTheConnection) {
  Framing closes;
  closes.keeps_alive = false;
  EXPECT_NE(written(hello(), closes).find("\r\nConnection: close\r\n"), std::string::npos);
  Framing old;
  old.is_old = true;
  EXPECT_NE(written(hello(), old).find("\r\nConnection: keep-alive\r\n"), std::string::npos);
}

TEST(WriteResponse, LetsNoValueBecomeAnotherField) {
  Response response = hello();
  response.fields = {{"X", "a\r\nSet-Cookie: b"}, {"Y\r\n", "z"}, {"Good", "yes"}};
  const std::string out = written(response, {});
  EXPECT_EQ(out.find("Set-Cookie"), std::string::npos);
  EXPECT_EQ(out.find("Y"), std::string::npos);
  EXPECT_NE(out.find("Good: yes\r\n"), std::string::npos);
}

TEST(WriteChunk, FramesBytesAndNeverEndsByAccident) {
  std::string out;
  write_chunk(out, "0123456789abcdefg");
  write_chunk(out, "");
  write_last_chunk(out);
  EXPECT_EQ(out, "11\r\n0123456789abcdefg\r\n0\r\n\r\n");
}

}  // namespace
}  // namespace writ::net
