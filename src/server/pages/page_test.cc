#include "server/pages/page.h"

#include <gtest/gtest.h>

namespace writ::server {
namespace {

TEST(Pages, EscapeWhateverStandsInThem) {
  const net::Response page = render({.title = "<script>",
                                     .paragraphs = {"a & b"},
                                     .items = {"'x'"},
                                     .action = "/there",
                                     .hidden = {{"q", "\"><b>"}},
                                     .links = {{"<i>", "/\"onclick"}},
                                     .form_leads_to = "https://app.example.org"});
  for (const char* const raw : {"<script>", "a & b", "'x'", "\"><b>", "<i>", "/\"onclick"}) {
    EXPECT_EQ(page.body.find(raw), std::string::npos) << raw;
  }
  EXPECT_EQ(page.field("Content-Security-Policy"),
            "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' "
            "https://app.example.org");
}

}  // namespace
}  // namespace writ::server
