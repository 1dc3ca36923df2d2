#include "policy/testing/builtin_rows.h"

namespace writ::rego::testing {
namespace {

class Encodings : public BuiltinRows {};

TEST_F(Encodings, WriteAndReadBase64) {
  expect({{"base64.encode", R"(["subjects?_d"])", R"("c3ViamVjdHM/X2Q=")"},
          {"base64.decode", R"(["dGhl\ncmU="])", R"("there")"},
          {"base64.is_valid", R"(["aGVsbG8="])", "true"},
          {"base64.is_valid", R"(["aGVsbG8"])", "false"},
          {"base64.is_valid", "[1]", "false"},
          {"base64url.encode", R"(["subjects?_d"])", R"("c3ViamVjdHM_X2Q=")"},
          {"base64url.encode_no_pad", R"(["hello"])", R"("aGVsbG8")"},
          {"base64url.decode", R"(["aGVsbG8"])", R"("hello")"},
          {"base64url.decode", R"(["aGVsbG8="])", R"("hello")"}});
}

TEST_F(Encodings, PlaceTheFaultsOfBase64AsGoDoes) {
  expect(
      {{"base64.decode", R"(["aGVsbG8"])",
        "error: base64.decode: illegal base64 data at input byte 4"},
       {"base64.decode", R"(["aG!s"])",
        "error: base64.decode: illegal base64 data at input byte 2"},
       {"base64.decode", R"(["aGVs="])",
        "error: base64.decode: illegal base64 data at input byte 4"},
       {"base64.decode", R"(["aG=x"])",
        "error: base64.decode: illegal base64 data at input byte 2"},
       {"base64.decode", R"(["aG="])", "error: base64.decode: illegal base64 data at input byte 3"},
       {"base64.decode", R"(["aGU=x"])",
        "error: base64.decode: illegal base64 data at input byte 4"},
       {"base64url.decode", R"(["a"])", "error: base64url.decode: illegal base64url string: a"}});
}

TEST_F(Encodings, WriteAndReadHex) {
  expect({{"hex.encode", R"(["hé"])", R"("68c3a9")"},
          {"hex.decode", R"(["68C3a9"])", R"("hé")"},
          {"hex.decode", R"(["fghijkl"])",
           "error: hex.decode: encoding/hex: invalid byte: U+0067 'g'"},
          {"hex.decode", R"(["abc"])", "error: hex.decode: encoding/hex: odd length hex string"}});
}

TEST_F(Encodings, WriteAndReadQueries) {
  expect({{"urlquery.encode", R"(["a=b+1 é/~"])", R"("a%3Db%2B1+%C3%A9%2F~")"},
          {"urlquery.decode", R"(["a%3Db%2b1+x"])", R"("a=b+1 x")"},
          {"urlquery.decode", R"(["a%3"])", R"(error: urlquery.decode: invalid URL escape "%3")"},
          {"urlquery.encode_object", R"([{"c": "d", "a": ["b+1", "c"], "e": []}])",
           R"("a=b%2B1&a=c&c=d")"},
          {"urlquery.encode_object", R"([{"a": 1}])",
           "type error: urlquery.encode_object: operand 1 values must be string, array[string], or "
           "set[string]"},
          {"urlquery.decode_object", R"(["a=1&b&a=2%20&&c=="])",
           R"({"a": ["1", "2 "], "b": [""], "c": ["="]})"},
          {"urlquery.decode_object", R"(["a=1;b=2"])",
           "error: urlquery.decode_object: invalid semicolon separator in query"}});
}

}  // namespace
}  // namespace writ::rego::testing
