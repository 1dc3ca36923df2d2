// Decides once in this process: `foreign POLICY ROLE`.
#include <writ/sdk/local.h>
#include <writ/sdk/remote.h>
#include <iostream>
#include <memory>

int main(int argc, char** argv) {
  using namespace writ::sdk;
  if (argc != 3) return 2;
  LocalOptions options;
  options.files = {argv[1]};
  const auto local = LocalDecider::open(options);
  if (!local) {
    std::cout << local.error().text() << "\n";
    return 1;
  }
  const Decider& decider = **local;
  const Verdict verdict = decider.allowed("app/allow", Object{{"role", argv[2]}});
  std::cout << verdict.why << "\n";
  // The other kind, to be linked with all that it needs.
  const auto remote = RemoteDecider::open({.url = "unix:/nonexistent/socket"});
  std::cout << (*remote)->allowed("app/allow", {}).is_allowed() << "\n";
}
