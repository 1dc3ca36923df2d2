// Does the steps of bundle_steps.h to a shelf, and prints "did i" or "failed i: error" after each.
//
//   bundle_worker DIRECTORY
#include <cstdio>
#include <iterator>
#include <string>

#include "bundle_steps.h"
#include "policy/shelf/bundle_shelf.h"

namespace {

using namespace writ;
using namespace writ::rego;

Result<void> take(BundleShelf& shelf, const BundleStep& step) {
  switch (step.kind) {
    case BundleStep::Kind::keep:
      return shelf.keep(bundle_of(step.revision));
    case BundleStep::Kind::delta:
      return shelf.keep_delta(bundle_of(step.revision));
    case BundleStep::Kind::roll_back:
      break;
  }
  WRIT_TRY(const KeptRevision chosen, shelf.roll_back({}));
  return chosen.revision.empty() ? Result<void>(fail(Code::internal, "no revision"))
                                 : Result<void>();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  BundleShelf shelf(argv[1], "app", kBundleLimit);
  for (std::size_t i = 0; i < std::size(kBundleSteps); ++i) {
    if (const auto done = take(shelf, kBundleSteps[i]); done) {
      std::printf("did %zu\n", i);
    } else {
      std::printf("failed %zu: %s\n", i, done.error().text().c_str());
      std::fflush(stdout);
      return 9;  // what comes next would be another story
    }
    std::fflush(stdout);
  }
  return 0;
}
