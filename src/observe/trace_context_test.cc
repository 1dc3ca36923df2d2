#include "observe/trace_context.h"

#include <gtest/gtest.h>

namespace writ::observe {
namespace {

// The specification's own example.
constexpr std::string_view kExample = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContext, ReadsAndWritesTheSpecificationsExample) {
  const auto context = parse_trace_context(kExample, "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->trace.hex(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(context->span.hex(), "00f067aa0ba902b7");
  EXPECT_TRUE(context->is_sampled);
  EXPECT_EQ(context->state, "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
  EXPECT_EQ(context->traceparent(), kExample);
}

TEST(TraceContext, IgnoresWhatIsMalformed) {
  for (const std::string_view bad : {
           "",
           "00",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
           "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
           "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
           "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
       }) {
    const auto context = parse_trace_context(bad);
    EXPECT_EQ(context ? context->traceparent() : "", "") << bad;
  }
}

TEST(TraceContext, ReadsALaterVersionAsFarAsItKnows) {
  const auto context =
      parse_trace_context("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02-what.comes");
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->traceparent(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
}

TEST(TraceContext, DropsAStateThatCannotBePassedOn) {
  EXPECT_EQ(parse_trace_context(kExample, "a=b\r\nSet-Cookie: x")->state, "");
  EXPECT_EQ(parse_trace_context(kExample, std::string(513, 'a'))->state, "");
  EXPECT_EQ(parse_trace_context(kExample, std::string(512, 'a'))->state.size(), 512U);
}

TEST(TraceContext, MakesIdsThatAreValid) {
  SystemRandom random;
  const TraceContext made{make_trace_id(random), make_span_id(random), true, {}};
  const auto read = parse_trace_context(made.traceparent());
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->trace, made.trace);
  EXPECT_EQ(read->span, made.span);
}

}  // namespace
}  // namespace writ::observe
