#include "policy/bundle/patch.h"

#include <gtest/gtest.h>

#include "policy/term/json.h"

namespace writ::rego {
namespace {

using Operation = Patch::Operation;

struct Case {
  Operation operation;
  const char* path;
  const char* value;
  const char* result;  // a message where the patch is refused
};

const char* const kDocument = R"({"a":{"list":[1,2,3],"s":"x"},"b":null})";

std::string patched(const Case& c) {
  Arena arena;
  const Term document = parse_json(arena, kDocument).value();
  Patch patch;
  patch.operation = c.operation;
  patch.path = parse_pointer(c.path).value();
  if (c.value != nullptr) patch.value = parse_json(arena, c.value).value();
  const auto result = apply_patches(arena, document, std::span(&patch, 1));
  EXPECT_EQ(to_json(document), kDocument) << "the old version changed";
  return result ? to_json(*result) : result.error().message;
}

TEST(Patch, DoesWhatItSaysOrNothing) {
  const Case cases[] = {
      {Operation::add, "/a/list/0", "0", R"({"a":{"list":[0,1,2,3],"s":"x"},"b":null})"},
      {Operation::add, "/a/list/-", "4", R"({"a":{"list":[1,2,3,4],"s":"x"},"b":null})"},
      {Operation::add, "/a/list/3", "4", R"({"a":{"list":[1,2,3,4],"s":"x"},"b":null})"},
      {Operation::add, "/a/list/4", "4", "/a/list/4: document does not exist"},
      {Operation::add, "/a/list/01", "4", "/a/list/01: `01` is no index of an array"},
      {Operation::add, "/a/n", "{}", R"({"a":{"list":[1,2,3],"n":{},"s":"x"},"b":null})"},
      {Operation::add, "/c/d", "1", "/c: document does not exist"},
      {Operation::upsert, "/c/d", "1", R"({"a":{"list":[1,2,3],"s":"x"},"b":null,"c":{"d":1}})"},
      {Operation::upsert, "/b/d", "1", "/b: neither object nor array has the key `d`"},
      {Operation::replace, "/a/s", "[]", R"({"a":{"list":[1,2,3],"s":[]},"b":null})"},
      {Operation::replace, "/a/list/1", "9", R"({"a":{"list":[1,9,3],"s":"x"},"b":null})"},
      {Operation::replace, "/a/none", "1", "/a/none: document does not exist"},
      {Operation::remove, "/a/list/1", nullptr, R"({"a":{"list":[1,3],"s":"x"},"b":null})"},
      {Operation::remove, "/a", nullptr, R"({"b":null})"},
      {Operation::remove, "/z", nullptr, "/z: document does not exist"},
      {Operation::replace, "", R"({"n":1})", R"({"n":1})"},
  };
  for (const Case& c : cases) EXPECT_EQ(patched(c), c.result) << c.path;
}

TEST(Pointer, IsReadAsRfc6901Says) {
  EXPECT_EQ(parse_pointer("/a~1b/m~0n//").value(),
            (std::vector<std::string>{"a/b", "m~n", "", ""}));
  EXPECT_EQ(parse_pointer("a/b").value(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(parse_pointer("").value(), std::vector<std::string>{});
  EXPECT_EQ(parse_pointer("/a~2").error().code, Code::invalid_input);
  EXPECT_EQ(parse_pointer("/a~").error().code, Code::invalid_input);
}

TEST(AtPath, FindsMembersAndElements) {
  Arena arena;
  const Term document = parse_json(arena, kDocument).value();
  EXPECT_EQ(to_json(at_path(document, std::vector<std::string>{"a", "list", "2"})), "3");
  EXPECT_FALSE(at_path(document, std::vector<std::string>{"a", "list", "3"}).is_defined());
  EXPECT_FALSE(at_path(document, std::vector<std::string>{"b", "x"}).is_defined());
}

}  // namespace
}  // namespace writ::rego
