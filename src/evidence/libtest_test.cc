#include <gtest/gtest.h>

#include "evidence/testing/reports.h"

namespace writ::evidence {
namespace {

using Lines = std::vector<std::string>;

TEST(Libtest, CountsTheTestsOfEveryProgram) {
  EXPECT_EQ(cases_of("\nrunning 4 tests\ntest a::one ... ok\ntest a::two - should panic ... ok\n"
                     "test a::slow ... ignored, takes long\ntest a::bad ... FAILED\n\nfailures:\n\n"
                     "---- a::bad stdout ----\nthread 'a::bad' panicked at src/lib.rs:3:5:\nboom\n"
                     "test of what it prints ... ok\n\nfailures:\n    a::bad\n\n"
                     "test result: FAILED. 2 passed; 1 failed; 1 ignored; finished in 0.00s\n\n"
                     "\nrunning 1 test\ntest src/lib.rs - (line 14) ... ok\n\n"
                     "test result: ok. 1 passed; 0 failed; finished in 0.10s\n"),
            (Lines{"a::one passed", "a::two - should panic passed", "a::slow skipped",
                   "a::bad failed: thread 'a::bad' panicked at src/lib.rs:3:5:|boom|"
                   "test of what it prints ... ok",
                   "src/lib.rs - (line 14) passed"}));
}

TEST(Libtest, NeverBelievesTheResultLine) {
  EXPECT_EQ(error_of("running 0 tests\n\ntest result: ok. 96 passed; 0 failed\n"),
            "1:1: the report holds no test case");
  EXPECT_EQ(error_of("running 2 tests\ntest a ... ok\ntest result: ok. 2 passed; 0 failed\n"),
            "3:1: fewer tests than were announced: 1");
  EXPECT_EQ(error_of("running 1 test\ntest a ... ok\ntest b ... ok\ntest result: ok.\n"),
            "3:1: more tests than were announced");
}

TEST(Libtest, RefusesWhatWasCutOffOrRunsIntoEachOther) {
  EXPECT_EQ(error_of("running 1 test\ntest a ... ok\n"),
            "2:1: the report ends before `test result`");
  EXPECT_EQ(error_of("running 1 test\nrunning 1 test\n"),
            "2:1: a test program begins before the last one has ended");
}

TEST(Libtest, IsNotWhatOnlyTalksOfTests) {
  EXPECT_EQ(error_of("16 tests ran, all tests passed\n"),
            "1:1: this is no test report that Writ knows");
}

}  // namespace
}  // namespace writ::evidence
