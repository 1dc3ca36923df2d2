#pragma once
// A server with an administrator, for tests that sign people in over HTTP.
#include <string>
#include <string_view>

#include "writ_shell.h"

namespace writ::e2e {

class PeopleTest : public WritTest {
 protected:
  static constexpr std::string_view kPassword = "violet harbour 71 lamps";

  // A project whose first administrator is root@example.org.
  void SetUp() override;
  // What `script` prints while the server of the project listens at $url; then the server's own
  // end. What it says goes to server.log. Scripts have $password and these words:
  //
  //   say CURL…                            body and status
  //   send METHOD PATH TOKEN [BODY]        likewise; TOKEN may be empty
  //   login EMAIL PASSWORD                 the answer of signing in
  //   … | member NAME                      a text member of what comes in
  std::string served(const std::string& script) const;
};

}  // namespace writ::e2e
