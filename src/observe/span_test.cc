#include "observe/span.h"

#include <gtest/gtest.h>

#include "observe/current_span.h"

namespace writ::observe {
namespace {

class SpanTest : public testing::Test {
 protected:
  // Names of what was recorded, in the order in which it ended.
  std::string names() const {
    std::string out;
    for (const SpanRecord& span : taken_) out += span.name + " ";
    return out;
  }

  SystemClock clock_;
  SystemRandom random_;
  std::vector<SpanRecord> taken_;
  Tracer tracer_{clock_, random_, [this](SpanRecord span) { taken_.push_back(std::move(span)); }};
};

TEST_F(SpanTest, ChildrenBelongToTheCurrentSpanOfTheirThread) {
  tracer_.set_sampled_per_10000(10'000);
  EXPECT_EQ(current_trace(), nullptr);
  {
    Span request = tracer_.start("request", {}, SpanKind::server);
    const CurrentSpan outer(request);
    EXPECT_EQ(current_trace()->traceparent(), request.context().traceparent());
    {
      Span call = child_span("call", SpanKind::client);
      const CurrentSpan inner(call);
      child_span("write").end();
    }
    child_span("check").end();
  }
  EXPECT_EQ(current_trace(), nullptr);
  child_span("of nobody").end();
  EXPECT_EQ(names(), "write call check request ");
  const SpanId request = taken_[3].context.span;
  EXPECT_EQ(taken_[0].parent, taken_[1].context.span);
  EXPECT_EQ(taken_[1].parent, request);
  EXPECT_EQ(taken_[2].parent, request);
  for (const SpanRecord& span : taken_) EXPECT_EQ(span.context.trace, taken_[3].context.trace);
}

TEST_F(SpanTest, OfATraceThatIsNotSampledNothingIsRecordedAndTheTraceGoesOn) {
  const auto asked = parse_trace_context("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
  tracer_.set_sampled_per_10000(10'000);
  {
    Span request = tracer_.start("request", *asked, SpanKind::server);
    const CurrentSpan current(request);
    Span child = child_span("child");
    child.set("rows", std::int64_t{1});
    const CurrentSpan nothing(child);
    EXPECT_EQ(current_trace()->traceparent(),
              "00-4bf92f3577b34da6a3ce929d0e0e4736-" + request.context().span.hex() + "-00");
  }
  EXPECT_EQ(names(), "");
  EXPECT_FALSE(tracer_.may_sample(*asked));
  EXPECT_TRUE(tracer_.may_sample({}));
  tracer_.set_sampled_per_10000(0);
  EXPECT_FALSE(tracer_.may_sample({}));
  TraceContext sampled = *asked;
  sampled.is_sampled = true;
  EXPECT_TRUE(tracer_.may_sample(sampled)) << "those that come with a decision keep it";
}

TEST_F(SpanTest, IsBounded) {
  tracer_.set_sampled_per_10000(10'000);
  {
    Span span = tracer_.start("request", {});
    for (std::size_t i = 0; i < 2 * kMostChildren; ++i) span.child("child").end();
    span.set("text", std::string(kMostAttributeBytes - 1, 'x') + "é");
    for (std::size_t i = 0; i < 2 * kMostAttributes; ++i) span.set("n", std::int64_t{1});
  }
  ASSERT_EQ(taken_.size(), kMostChildren + 1);
  ASSERT_EQ(taken_.back().attributes.size(), kMostAttributes);
  EXPECT_EQ(std::get<std::string>(taken_.back().attributes[0].value),
            std::string(kMostAttributeBytes - 1, 'x'))
      << "no character is cut in two";
}

TEST_F(SpanTest, WhatIsForgottenIsNotTold) {
  tracer_.set_sampled_per_10000(10'000);
  tracer_.start("request", {}).forget();
  EXPECT_EQ(names(), "");
}

}  // namespace
}  // namespace writ::observe
