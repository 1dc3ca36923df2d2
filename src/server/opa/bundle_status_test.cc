// How polled bundles show to others.
#include "server/opa/bundle_status.h"

#include <gtest/gtest.h>

#include "policy/fabric/fabric.h"
#include "policy/term/json.h"

namespace writ::server {
namespace {

TEST(BundleStatuses, SayWhatWentWrongAsOpaDoes) {
  const rego::Fabric fabric;
  bundles::BundleBoard board;
  board.add("b");
  board.change("b", [](bundles::BundleStatus& row) {
    row.message = "server replied with Not Found";
    row.http_code = 404;
  });
  rego::Arena arena;
  const std::string shown = rego::to_json(bundle_statuses(arena, *fabric.snapshot(), &board));
  EXPECT_TRUE(shown.contains(R"("code":"bundle_error")")) << shown;
  EXPECT_TRUE(shown.contains(R"("http_code":"404")")) << shown;
  EXPECT_TRUE(shown.contains(R"("message":"server replied with Not Found")")) << shown;
  EXPECT_TRUE(shown.contains(R"("last_successful_activation":"0001-01-01T00:00:00Z")")) << shown;
  EXPECT_EQ(bundle_plugin_state(&board), "NOT_READY");
  std::string metrics;
  add_bundle_metrics(metrics, board);
  EXPECT_TRUE(metrics.contains("bundle_loaded_counter{name=\"b\"} 0\n")) << metrics;
}

TEST(BundleStatuses, ShowARevisionOnceItHasBeenActive) {
  const rego::Fabric fabric;
  bundles::BundleBoard board;
  board.add("b");
  board.change("b", [](bundles::BundleStatus& row) {
    row.revision = "r1";
    row.loaded = 1;
    row.last_successful_activation = WallTime{1'000'000};
  });
  rego::Arena arena;
  const std::string shown = rego::to_json(bundle_statuses(arena, *fabric.snapshot(), &board));
  EXPECT_TRUE(shown.contains(R"("active_revision":"r1")")) << shown;
  EXPECT_FALSE(shown.contains("bundle_error")) << shown;
  EXPECT_EQ(bundle_plugin_state(&board), "OK");
}

}  // namespace
}  // namespace writ::server
