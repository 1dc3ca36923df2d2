// writ contract: schemas and canonical documents, without a project.
#include "writ_shell.h"

namespace writ::e2e {
namespace {

using ContractTest = WritTest;

constexpr std::string_view kSchema = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "required": ["name"],
  "properties": {"name": {"type": "string"}, "size": {"type": "integer", "minimum": 1}}
})";

TEST_F(ContractTest, NamesPlaceKeywordAndReason) {
  write("s.json", kSchema);
  write("good.yaml", "name: x\nsize: 3\n");
  write("bad.yaml", "name: x\nsize: 0\n");
  EXPECT_EQ(writ_expecting(0, {"contract", "validate", "--schema", "s.json", "good.yaml"}).out,
            "good.yaml: valid\n");
  const Ran ran =
      writ_expecting(2, {"contract", "validate", "--schema", "s.json", "good.yaml", "bad.yaml"});
  EXPECT_TRUE(contains(ran.out, "bad.yaml:2:7: minimum: ")) << ran.out;
  EXPECT_TRUE(contains(ran.out, "good.yaml: valid")) << ran.out;
}

TEST_F(ContractTest, GivesViolationsAsJson) {
  write("s.json", kSchema);
  write("bad.json", R"({"size": "big"})");
  const Ran ran = writ({"contract", "validate", "--schema", "s.json", "bad.json", "--json"});
  EXPECT_EQ(ran.exit, 2);
  const Value value = json(ran.out);
  EXPECT_FALSE(value.bool_or("valid", true));
  EXPECT_EQ(size_at(value, {"violations"}), 2u);
}

TEST_F(ContractTest, KnowsTheContractsOfItsOwn) {
  writ_expecting(0, {"init"});
  writ_expecting(0, {"contract", "validate", "--schema", "trust", ".writ/trust.yaml"});
  const Ran ran =
      writ_expecting(2, {"contract", "validate", "--schema", "trost", ".writ/trust.yaml"});
  EXPECT_TRUE(contains(ran.err, "trust")) << ran.err;
}

TEST_F(ContractTest, RefusesASchemaThatIsNone) {
  write("s.json", R"({"type": "objekt"})");
  write("x.json", "{}");
  const Ran ran = writ_expecting(2, {"contract", "validate", "--schema", "s.json", "x.json"});
  EXPECT_TRUE(contains(ran.err, "s.json:1:")) << ran.err;
}

TEST_F(ContractTest, PrintsExactlyTheCanonicalBytes) {
  write("x.json", "{\"b\": 1.0, \"a\": [1e2, \"\\u20ac\"]}\n");
  EXPECT_EQ(writ_expecting(0, {"contract", "canon", "x.json"}).out, "{\"a\":[100,\"€\"],\"b\":1}");
  write("y.yaml", "b: 1\na: [x]\n");
  EXPECT_EQ(writ_expecting(0, {"contract", "canon", "y.yaml"}).out, R"({"a":["x"],"b":1})");
  write("z.json", "{\"a\":1,\"a\":2}");
  writ_expecting(2, {"contract", "canon", "z.json"});
}

TEST_F(ContractTest, CountsWhatASuiteShows) {
  write("suite/type.json", R"([{"description": "strings", "schema": {"type": "string"}, "tests": [
    {"description": "a string", "data": "x", "valid": true},
    {"description": "a number", "data": 1, "valid": false}]}])");
  const Ran good = writ_expecting(0, {"contract", "conformance", "suite"});
  EXPECT_TRUE(good.out.ends_with("2 passed, 0 failed\n")) << good.out;
  write("suite/wrong.json", R"([{"description": "wrong", "schema": {"type": "string"}, "tests": [
    {"description": "says too much", "data": 1, "valid": true}]}])");
  const Ran bad = writ_expecting(7, {"contract", "conformance", "suite"});
  EXPECT_TRUE(contains(bad.out, "says too much")) << bad.out;
  EXPECT_TRUE(bad.out.ends_with("2 passed, 1 failed\n")) << bad.out;
  const auto lines = json_lines(writ({"contract", "conformance", "suite", "--json"}).out);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].string_or("test", ""), "says too much");
  EXPECT_EQ(lines[1].integer_or("failed", 0), 1);
  writ_expecting(2, {"contract", "conformance", "no-such-folder"});
}

TEST_F(ContractTest, TakesRemoteSchemasFromAFolder) {
  write("remotes/text.json", R"({"type": "string"})");
  write("suite/ref.json", R"([{"description": "remote",
    "schema": {"$ref": "http://localhost:1234/text.json"}, "tests": [
    {"description": "a string", "data": "x", "valid": true},
    {"description": "a number", "data": 1, "valid": false}]}])");
  const Ran found = writ_expecting(0, {"contract", "conformance", "suite", "--remotes", "remotes"});
  EXPECT_EQ(found.out, "2 passed, 0 failed\n");
  const Ran missing = writ_expecting(7, {"contract", "conformance", "suite"});
  EXPECT_TRUE(missing.out.ends_with("0 passed, 2 failed\n")) << missing.out;
}

TEST_F(ContractTest, PassesTheOfficialSuite) {
  const std::string suite = std::string(WRIT_SOURCE_DIR) + "/../shared/conformance/json-schema";
  if (!std::filesystem::exists(suite)) GTEST_SKIP() << "the official suite is not here";
  const Ran ran = writ_expecting(0, {"contract", "conformance", suite + "/tests/draft2020-12",
                                     "--remotes", suite + "/remotes"});
  EXPECT_TRUE(ran.out.ends_with(", 0 failed\n")) << ran.out.substr(ran.out.size() - 200);
}

}  // namespace
}  // namespace writ::e2e
