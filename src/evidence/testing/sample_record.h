#pragma once
// A complete record for tests: the unit tests of attempt 1, three passed.
#include "base/clock.h"
#include "evidence/record.h"

namespace writ::evidence {

inline Record sample_record(std::string step = "test/unit", std::string name = "build/junit.xml",
                            std::uint32_t attempt = 1, Kind kind = Kind::tests,
                            std::uint8_t run = 7) {
  Record record;
  record.run.uuid.bytes.fill(run);
  record.step = std::move(step);
  record.attempt = attempt;
  record.kind = kind;
  record.name = std::move(name);
  record.id = make_evidence_id(record.run, record.step, attempt, kind, record.name);
  record.tree = crypto::sha256("tree");
  record.at = WallTime{1'767'225'600'000'001};
  record.data = Object{{"format", "junit"}, {"total", 3}};
  record.facts = {{"tests.passed", 3}, {"tests.failed", 0}};
  record.blobs = {{crypto::sha256("report"), 6}};
  return record;
}

}  // namespace writ::evidence
