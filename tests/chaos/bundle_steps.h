#pragma once
// What happens to a shelf of bundles, step by step, and which revision it begins with after each.
#include <string>

#include "policy/bundle/archive.h"

namespace writ::rego {

struct BundleStep {
  enum class Kind { keep, delta, roll_back } kind;
  const char* revision;  // that is kept
  const char* after;     // what is loaded then: a revision, "+" for each delta
};

inline constexpr BundleStep kBundleSteps[] = {
    {BundleStep::Kind::keep, "r1", "r1"},    {BundleStep::Kind::keep, "r2", "r2"},
    {BundleStep::Kind::delta, "d1", "r2+"},  {BundleStep::Kind::delta, "d2", "r2++"},
    {BundleStep::Kind::keep, "r3", "r3"},    {BundleStep::Kind::keep, "r4", "r4"},
    {BundleStep::Kind::keep, "r5", "r5"},    {BundleStep::Kind::keep, "r6", "r6"},
    {BundleStep::Kind::keep, "r7", "r7"},    {BundleStep::Kind::roll_back, "", "r6"},
    {BundleStep::Kind::roll_back, "", "r5"}, {BundleStep::Kind::keep, "r8", "r8"},
};

inline constexpr std::uint64_t kBundleLimit = 1u << 20;

inline std::string bundle_of(const std::string& revision) {
  return write_archive({{".manifest", R"({"revision": ")" + revision + R"("})"},
                        {"data.json", "{\"is\": \"" + revision + "\"}"}})
      .value();
}

}  // namespace writ::rego
