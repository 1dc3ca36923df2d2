// Units, semantic versions and UUIDs.
#include "policy/testing/builtin_rows.h"

namespace writ::rego::testing {
namespace {

class Notations : public BuiltinRows {};

TEST_F(Notations, OfUnitsAreExact) {
  expect({{"units.parse", R"(["10"])", "10"},
          {"units.parse", R"(["10m"])", "0.0100000000"},
          {"units.parse", R"(["1.5K"])", "1500"},
          {"units.parse", R"(["0.00000000005"])", "0.0000000001"},
          {"units.parse", R"(["-2.5"])", "-2.5000000000"},
          {"units.parse", R"(["\"100Ki\""])", "102400"},
          {"units.parse", R"(["2M"])", "2000000"},
          {"units.parse", R"(["1mI"])", "1048576"},
          {"units.parse", R"(["1E"])", "1000000000000000000"},
          {"units.parse", R"(["1e2k"])", "100000"},
          {"units.parse", R"([".5"])", "0.5000000000"},
          {"units.parse_bytes", R"(["10KiB"])", "10240"},
          {"units.parse_bytes", R"(["10KB"])", "10000"},
          {"units.parse_bytes", R"(["0.5e3mb"])", "500000000"},
          {"units.parse_bytes", R"(["1.9"])", "1"},
          {"units.parse_bytes", R"(["16E"])", "16000000000000000000"},
          {"units.parse_bytes", R"(["1ei"])", "1152921504606846976"}});
}

TEST_F(Notations, OfUnitsAreRefusedWithTheirFault) {
  expect(
      {{"units.parse", R"([""])", "error: units.parse: no amount provided"},
       {"units.parse", R"(["G"])", "error: units.parse: no amount provided"},
       {"units.parse", R"(["0.0.0"])", "error: units.parse: could not parse amount to a number"},
       {"units.parse", R"(["1e"])", "1000000000000000000"},
       {"units.parse", R"(["1e+"])", "error: units.parse: could not parse amount to a number"},
       {"units.parse", R"(["100 k"])",
        "error: units.parse: spaces not allowed in resource strings"},
       {"units.parse", R"(["1KB"])", "error: units.parse: unit Kb not recognized"},
       {"units.parse", R"(["1e1234567"])", "error: units.parse: exponent too large"},
       {"units.parse", R"(["1e99999"])", "error: units.parse: exponent too large"},
       {"units.parse_bytes", R"(["1XB"])", "error: units.parse_bytes: byte unit xb not recognized"},
       {"units.parse_bytes", R"(["1b"])", "error: units.parse_bytes: byte unit b not recognized"},
       {"units.parse_bytes", R"([".5.2"])",
        "error: units.parse_bytes: could not parse byte amount to a number"}});
}

TEST_F(Notations, OfVersionsHaveAPrecedence) {
  expect({{"semver.compare", R"(["1.0.0", "1.0.0"])", "0"},
          {"semver.compare", R"(["1.2.10", "1.2.9"])", "1"},
          {"semver.compare", R"(["v1.0.0+a", "1.0.0+b"])", "0"},
          {"semver.compare", R"(["1.0.0-alpha", "1.0.0"])", "-1"},
          {"semver.compare", R"(["1.0.0-alpha.1", "1.0.0-alpha"])", "1"},
          {"semver.compare", R"(["1.0.0-2", "1.0.0-11"])", "-1"},
          {"semver.compare", R"(["1.0.0-a", "1.0.0-1"])", "1"},
          {"semver.compare", R"(["1", "1.0.0"])",
           R"(error: semver.compare: operand 1: string "1" is not a valid SemVer)"},
          {"semver.is_valid", R"(["1.0.0-rc.1+b.2"])", "true"},
          {"semver.is_valid", R"(["1.0"])", "false"},
          {"semver.is_valid", R"(["1.0.x"])", "false"},
          {"semver.is_valid", R"(["1.0.0-a..b"])", "false"},
          {"semver.is_valid", "[1]", "false"}});
}

TEST_F(Notations, OfUuidsTellWhatIsInThem) {
  expect({{"uuid.parse", R"(["{00000000-0000-4000-8000-000000000000}"])",
           R"({"variant": "RFC4122", "version": 4})"},
          {"uuid.parse", R"(["urn:uuid:000003E8-48b9-21ee-b200-325096b39f47"])",
           R"({"clocksequence": 12800, "domain": "Person", "id": 1000, )"
           R"("macvariables": "local:unicast", "nodeid": "32-50-96-b3-9f-47", )"
           R"("time": 1693566990121469600, "variant": "RFC4122", "version": 2})"},
          {"uuid.parse", R"(["38074da40b00388dcc3c362de965547a"])",
           R"({"variant": "Microsoft", "version": 3})"},
          {"uuid.parse", R"(["38074da4-0b00-388d-9c3c-362de965547"])", "undefined"},
          {"uuid.parse", R"(["38074da4+0b00-388d-9c3c-362de965547a"])", "undefined"}});
}

TEST_F(Notations, OfNewUuidsAreRandomOnes) {
  const std::string one = call_.text("uuid.rfc4122", R"(["x"])");
  EXPECT_NE(one, call_.text("uuid.rfc4122", R"(["x"])"));
  EXPECT_EQ(call_.text("uuid.parse", "[" + one + "]"), R"({"variant": "RFC4122", "version": 4})");
}

}  // namespace
}  // namespace writ::rego::testing
