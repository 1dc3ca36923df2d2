// JSON Schema validation from bytes: an event of about 500 bytes in the CloudEvents format.
//
//   floor  simdjson's parse of the same bytes
//   ours   ByteValidator::is_valid
//   peer   ajv in node (bench/peers), JSON.parse included, as its users run it
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json.h"
#include "bench.h"
#include "contract/byte_validator.h"

namespace {

constexpr std::string_view kSchema = R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "specversion": {"const": "1.0"},
    "id": {"type": "string", "minLength": 1, "maxLength": 128},
    "source": {"type": "string", "minLength": 1, "format": "uri-reference"},
    "type": {"type": "string", "pattern": "^[a-z][a-z0-9_.]*$"},
    "datacontenttype": {"type": ["string", "null"], "minLength": 1},
    "dataschema": {"type": ["string", "null"], "format": "uri", "minLength": 1},
    "subject": {"type": ["string", "null"], "minLength": 1},
    "time": {"type": ["string", "null"], "format": "date-time", "minLength": 1},
    "traceparent": {"type": "string"},
    "data": {"$ref": "#/$defs/step"}
  },
  "required": ["id", "source", "specversion", "type"],
  "additionalProperties": false,
  "$defs": {
    "step": {
      "type": "object",
      "properties": {
        "run": {"type": "string", "minLength": 1},
        "step": {"type": "string", "minLength": 1},
        "attempt": {"type": "integer", "minimum": 1},
        "state": {"enum": ["leased", "done", "failed", "blocked"]},
        "exit": {"type": "integer", "minimum": 0, "maximum": 255},
        "digests": {"type": "array", "maxItems": 16, "items": {"type": "string", "minLength": 8}},
        "elapsed": {"type": "number", "minimum": 0}
      },
      "required": ["run", "step", "state"],
      "additionalProperties": false
    }
  }
})json";

constexpr std::string_view kEvent =
    R"json({"specversion":"1.0","id":"0193b1c4-8f2e-7c3a-9b1d-2f6e8a4c5d70","source":"writ://orders.book/run/0193b1c4","type":"dev.writ.step.completed","time":"2025-01-17T09:30:12.482Z","datacontenttype":"application/json","subject":"test/unit","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","data":{"run":"0193b1c4-8f2e-7c3a","step":"test/unit","attempt":1,"state":"done","exit":0,"digests":["7c1f0a9be2d34c5f","a90be12f77c4d3e1"],"elapsed":12.75}})json";

// Seconds per call: the best of many short rounds, which disturbances only make longer.
template <typename F>
double measure(F&& call) {
  using Clock = std::chrono::steady_clock;
  constexpr int kRounds = 500;
  constexpr int kCalls = 1'000;
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = Clock::now();
    for (int i = 0; i < kCalls; ++i) call();
    const std::chrono::duration<double> elapsed = Clock::now() - begin;
    best = std::min(best, elapsed.count() / kCalls);
  }
  return best;
}

double measure_floor() {
  simdjson::dom::parser parser;
  const simdjson::padded_string text{std::string(kEvent)};
  return measure([&] {
    if (parser.parse(text).error() != simdjson::SUCCESS) std::abort();
  });
}

double measure_ours(const writ::contract::Schema& schema) {
  writ::contract::ByteValidator validator(schema);
  return measure([&] {
    if (!validator.is_valid(kEvent)) std::abort();
  });
}

// Seconds per call that the peer measured, 0 where ajv is not installed.
double measure_ajv() {
  const std::string script = WRIT_SOURCE_DIR "/bench/peers/ajv_bench.mjs";
  const std::string command = "node '" + script + "' 2>/dev/null";
  setenv("WRIT_BENCH_SCHEMA", std::string(kSchema).c_str(), 1);
  setenv("WRIT_BENCH_EVENT", std::string(kEvent).c_str(), 1);
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return 0;
  double seconds = 0;
  const bool has_answer = std::fscanf(pipe, "%lf", &seconds) == 1;
  return pclose(pipe) == 0 && has_answer ? seconds : 0;
}

}  // namespace

int main() {
  using namespace writ::bench;
  const auto schema = writ::contract::Schema::compile(*writ::parse_json(kSchema));
  if (!schema) give_up(schema.error().text());
  fmt::print("an event of {} bytes, from bytes, one core; the best of many short rounds\n",
             kEvent.size());
  const double floor = measure_floor();
  const double ours = measure_ours(*schema);
  const double ajv = measure_ajv();
  const auto rate = [](double seconds) { return fmt::format("{:.0f} /s", 1 / seconds); };
  report({"JSON Schema validation from bytes, one core", rate(floor) + ", simdjson's parse alone",
          rate(ours), fmt::format("{:.2f}", floor / ours), ">= 1,000,000 /s", ours <= 1e-6});
  report({"the same beside ajv, JSON.parse included",
          ajv > 0 ? rate(ajv) + ", ajv" : "peer absent: npm ci in bench/peers", rate(ours),
          ajv > 0 ? fmt::format("{:.2f}", ajv / ours) : "", ">= 1.5",
          ajv > 0 && ajv / ours >= 1.5});
  return 0;
}
