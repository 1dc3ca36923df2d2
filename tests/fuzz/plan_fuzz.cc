// Any text as a spec: refused with positions, or a plan that reads back exactly and prints. Text
// that says `kind: Protocol` binds a small spec instead.
#include <cstddef>
#include <cstdint>

#include "base/encoding.h"
#include "base/testing/temporary_directory.h"
#include "protocol/load.h"
#include "protocol/render.h"

namespace {

constexpr std::string_view kSpec =
    "writ: 1\nkind: Spec\nmodule: {id: m}\nprotocols: [p@1]\n"
    "steps: [{id: a, run: x, evidence: {tests: t.xml}}]\n";

void check(const writ::Result<writ::protocol::Plan>& plan) {
  if (!plan) {
    WRIT_ASSERT(plan.error().code == writ::Code::invalid_input);
    WRIT_ASSERT(!plan.error().diagnostics.empty());
    for (const writ::Diagnostic& d : plan.error().diagnostics) {
      WRIT_ASSERT(!d.message.empty() && writ::is_utf8(d.message));
    }
    return;
  }
  const auto again = writ::protocol::Plan::from_value(plan->to_value());
  WRIT_ASSERT(again.has_value() && again->to_value() == plan->to_value());
  WRIT_ASSERT(again->digest() == plan->digest());
  WRIT_ASSERT(!writ::protocol::render_plan(*plan).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > (1u << 14)) return 0;
  const std::string text(writ::as_text({data, size}));
  const writ::TemporaryDirectory directory;
  directory.write("README.md", "read me");
  const bool is_protocol = text.contains("kind: Protocol");
  directory.write(is_protocol ? ".writ/protocols/p.yaml" : "spec.yaml", text);
  if (is_protocol) directory.write("spec.yaml", kSpec);
  check(writ::protocol::load_plan(directory.path() / "spec.yaml", {directory.path(), {}}));
  return 0;
}
