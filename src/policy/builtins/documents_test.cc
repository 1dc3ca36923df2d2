// Objects, paths into them, patches, and JSON as text.
#include "policy/testing/builtin_rows.h"

namespace writ::rego::testing {
namespace {

class Documents : public BuiltinRows {};

TEST_F(Documents, AreChosenFromByKey) {
  expect(
      {{"object.filter", R"([{"a": 1, "b": 2}, ["a", "c"]])", R"({"a": 1})"},
       {"object.filter", R"([{"a": 1, "b": 2}, {"b": 0}])", R"({"b": 2})"},
       {"object.remove", R"([{"a": 1, "b": 2}, ["a"]])", R"({"b": 2})"},
       {"object.remove", R"([{"a": 1}, "a"])",
        "type error: object.remove: operand 2 must be one of {object, set, array} but got string"},
       {"object.filter", R"([[], ["a"]])",
        "type error: object.filter: operand 1 must be object but got array"},
       {"object.keys", R"([{"a": 1, "b": 2}])", R"({"a", "b"})"},
       {"object.get", R"([{"a": 1}, "a", 5])", "1"},
       {"object.get", R"([{"a": 1}, "b", 5])", "5"},
       {"object.get", R"([{"a": [{"b": true}]}, ["a", 0, "b"], false])", "true"},
       {"object.get", R"([{"a": [{"b": true}]}, ["a", "0", "b"], "no"])", R"("no")"},
       {"object.get", R"([{"a": 1}, [], 5])", R"({"a": 1})"}});
}

TEST_F(Documents, ArePartsOfOthers) {
  expect({{"object.subset", R"([{"a": {"b": 1, "c": [1, 2, 3]}}, {"a": {"c": [2, 3]}}])", "true"},
          {"object.subset", R"([{"a": 1}, {"a": 2}])", "false"},
          {"object.subset", "[[1, 1, 2, 1, 1, 3], [1, 1, 3]]", "true"},
          {"object.subset", "[[1, 2, 3], [1, 3]]", "false"},
          {"object.subset", "[[1, 2], []]", "true"},
          {"object.subset", "[[1, 2], {}]",
           "error: object.subset: both arguments object.subset must be of the same type or array "
           "and set"},
          {"object.subset", "[1, {}]",
           "type error: object.subset: operand 1 must be one of {object, set, array} but got "
           "number"}});
  const Term args[] = {*parse_json(call_.arena(), "[3, 1, 2]"), call_.set("[1, 3]")};
  EXPECT_EQ(call_.with("object.subset", args), "true");
}

TEST_F(Documents, AreMergedWithTheLaterOnesWinning) {
  expect(
      {{"object.union", R"([{"a": 1, "c": {"d": 3}}, {"a": 7, "c": {"d": 4, "e": 5}}])",
        R"({"a": 7, "c": {"d": 4, "e": 5}})"},
       {"object.union", R"([{"a": {"b": 1}}, {"a": 2}])", R"({"a": 2})"},
       {"object.union_n", R"([[{"a": {"b": 2}}, {"a": 4}, {"a": {"c": 3}}]])",
        R"({"a": {"c": 3}})"},
       {"object.union_n", R"([[{"a": {"b": {"x": 1}}}, {"a": {"b": {"y": 2}}}, {"z": 1}]])",
        R"({"a": {"b": {"x": 1, "y": 2}}, "z": 1})"},
       {"object.union_n", "[[]]", "{}"},
       {"object.union_n", "[[{}, 1]]",
        "type error: object.union_n: operand 1 must be array of objects but got array containing "
        "number"}});
}

TEST_F(Documents, AreFilteredByPath) {
  expect(
      {{"json.filter", R"([{"a": {"b": {"c": 7, "d": 8}}, "e": 9}, ["a/b/c", "e"]])",
        R"({"a": {"b": {"c": 7}}, "e": 9})"},
       {"json.filter", R"([{"a": [{"b": 7, "c": 8}, {"d": 9}]}, ["a/0/b", "a/1"]])",
        R"({"a": [{"b": 7}, {"d": 9}]})"},
       {"json.filter", R"([{"a": {"b": 7}}, ["a", "a/b"]])", R"({"a": {"b": 7}})"},
       {"json.filter", R"([{"a": {"b": 7}}, ["a/b/c", "/x"]])", R"({"a": {"b": 7}})"},
       {"json.filter", R"([{"a/b": 1, "~": 2, "c": 3}, ["a~1b", "~0"]])", R"({"a/b": 1, "~": 2})"},
       {"json.filter", R"([{"a": {"b": 1, "c": 2}}, [["a", "c"], ""]])", R"({"a": {"c": 2}})"},
       {"json.filter", R"([{"a": 7}, []])", "{}"}});
}

TEST_F(Documents, LosePaths) {
  expect({{"json.remove", R"([{"a": {"b": {"c": 7, "d": 8}}, "e": 9}, ["a/b/c", "e"]])",
           R"({"a": {"b": {"d": 8}}})"},
          {"json.remove", R"([{"a": [1, 2, 3]}, ["a/0", "a/2"]])", R"({"a": [2]})"},
          {"json.remove", R"([{"a": [1]}, [["a", 0]]])", R"({"a": [1]})"},
          {"json.remove", R"([{"a": 1}, "a"])",
           "type error: json.remove: operand 2 must be one of {set, array} but got string"},
          {"json.remove", R"([{"a": 1}, [1]])",
           "type error: json.remove: operand 2 must be one of {set, array} containing string paths "
           "or array of path segments but got number"}});
}

TEST_F(Documents, ArePatched) {
  expect({{"json.patch", R"([{"a": {"foo": 1}}, [{"op": "add", "path": "/a/bar", "value": 2}]])",
           R"({"a": {"bar": 2, "foo": 1}})"},
          {"json.patch",
           R"([[1, 2, 3], [{"op": "remove", "path": "1"}, {"op": "add", "path": "-", "value": 4},
            {"op": "add", "path": [0], "value": 0}]])",
           "[0, 1, 3, 4]"},
          {"json.patch",
           R"([{"a": {"b": 1}, "c": 2}, [{"op": "move", "from": "a/b", "path": "d"},
            {"op": "copy", "from": "c", "path": "a/e"},
            {"op": "replace", "path": "c", "value": {"x": 1}},
            {"op": "add", "path": "c/y", "value": 2},
            {"op": "test", "path": "c", "value": {"x": 1, "y": 2.0}}]])",
           R"({"a": {"e": 2}, "c": {"x": 1, "y": 2}, "d": 1})"},
          {"json.patch", R"([{"a": 1}, [{"op": "replace", "path": "", "value": [1]}]])", "[1]"},
          {"json.patch", R"([5, [{"op": "test", "path": "", "value": 5}]])", "5"}});
}

TEST_F(Documents, AreNotPatchedByHalf) {
  expect({{"json.patch",
           R"([{"a": 1}, [{"op": "add", "path": "b", "value": 2}, {"op": "remove", "path": "x"}]])",
           "undefined"},
          {"json.patch", R"([{"a": 1}, [{"op": "test", "path": "a", "value": 2}]])", "undefined"},
          {"json.patch", R"([[1], [{"op": "add", "path": "2", "value": 2}]])", "undefined"},
          {"json.patch", R"([[1], [{"op": "remove", "path": "00"}]])", "undefined"},
          {"json.patch", R"([{"a": 1}, [{"op": "add", "path": "a/b", "value": 2}]])", "undefined"},
          {"json.patch", R"([{"a": 1}, [{"op": "merge", "path": "a", "value": 2}]])", "undefined"},
          {"json.patch", R"([{"a": 1}, [{"op": "add", "path": "a"}]])", "undefined"},
          {"json.patch", R"([{"a": 1}, [{"op": "remove", "path": ""}]])", "undefined"}});
}

TEST_F(Documents, ArePatchedInsideSets) {
  Arena& arena = call_.arena();
  const auto patched = [&](const Term& target, const char* patches) {
    const Term args[] = {target, *parse_json(arena, patches)};
    return call_.with("json.patch", args);
  };
  const Term letters =
      make_object(arena, {{make_string(arena, "foo"), call_.set(R"(["a", "b"])")}});
  EXPECT_EQ(patched(letters, R"([{"op": "remove", "path": "foo/b"}])"), R"({"foo": {"a"}})");
  EXPECT_EQ(patched(letters, R"([{"op": "add", "path": "foo/c", "value": "c"}])"),
            R"({"foo": {"a", "b", "c"}})");
  EXPECT_EQ(patched(letters, R"([{"op": "add", "path": "foo/c", "value": "d"}])"), "undefined");
  const Term lists = call_.set("[[1]]");
  EXPECT_EQ(patched(lists, R"([{"op": "add", "path": [[1], 1], "value": 2},
                               {"op": "add", "path": [[1, 2], 2], "value": 3}])"),
            "{[1, 2, 3]}");
}

TEST_F(Documents, AreWrittenAsJson) {
  expect({{"json.marshal", R"([{"b": [1.0, 1e2], "a": "<é>"}])",
           R"("{\"a\":\"\\u003cé\\u003e\",\"b\":[1.0,1e2]}")"},
          {"json.marshal_with_options", R"([{"a": [1, {}]}, {"indent": "  "}])",
           R"("{\n  \"a\": [\n    1,\n    {}\n  ]\n}")"},
          {"json.marshal_with_options", R"([["a,b"], {"prefix": "> "}])",
           R"("> [\n> \t\"a,b\"\n> ]")"},
          {"json.marshal_with_options", R"([[1], {"pretty": false, "prefix": "x"}])", R"("[1]")"},
          {"json.marshal_with_options", R"([[], {"pretty": true}])", R"("[]")"},
          {"json.marshal_with_options", R"([[], {"pretty": 1}])",
           "type error: json.marshal_with_options: operand 2 key pretty failed cast to bool"},
          {"json.marshal_with_options", R"([[], {"x": 1}])",
           "type error: json.marshal_with_options: operand 2 object contained unknown key x"}});
}

TEST_F(Documents, AreReadFromJson) {
  expect({{"json.unmarshal", R"(["[{\"foo\":[1.50,2]}]"])", R"([{"foo": [1.50, 2]}])"},
          {"json.is_valid", R"(["{\"a\": 1}"])", "true"},
          {"json.is_valid", R"(["{"])", "false"},
          {"json.is_valid", "[1]", "false"},
          {"json.unmarshal", "[1]",
           "type error: json.unmarshal: operand 1 must be string but got number"}});
  EXPECT_TRUE(call_.text("json.unmarshal", R"(["["])").starts_with("error: json.unmarshal: "));
}

TEST_F(Documents, ThatShareTheirPartsAreNotWrittenWithoutEnd) {
  call_.arena().set_limit(std::size_t{1} << 22);
  Term shared = make_array(call_.arena(), {Term::integer(1)});
  for (int i = 0; i < 64; ++i) shared = make_array(call_.arena(), {shared, shared});
  const Term args[] = {shared};
  EXPECT_EQ(call_.with("json.marshal", args), "undefined");
  EXPECT_TRUE(call_.arena().exhausted());
}

}  // namespace
}  // namespace writ::rego::testing
