#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/encoding.h"
#include "policy/builtins/base64_text.h"
#include "policy/testing/call_builtin.h"

namespace writ::rego {
namespace {

using testing::BuiltinCall;

// RFC 7515 appendix A.1.
constexpr std::string_view kSecretJwk =
    R"({"k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow", "kty": "oct"})";

std::string file(const std::string& name) {
  std::ifstream in(WRIT_SOURCE_DIR "/src/policy/testdata/x509/" + name);
  std::ostringstream out;
  out << in.rdbuf();
  EXPECT_FALSE(out.str().empty()) << name;
  return out.str();
}

std::string rego_text(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

// Without the quotes of a Rego string.
std::string bare(std::string text) {
  if (text.size() >= 2 && text.front() == '"') return text.substr(1, text.size() - 2);
  return text;
}

std::string sign(std::string_view header, std::string_view payload, std::string_view jwk) {
  return bare(BuiltinCall().text(
      "io.jwt.encode_sign",
      "[" + std::string(header) + "," + std::string(payload) + "," + std::string(jwk) + "]"));
}

std::string jwk_of(const std::string& key_file) {
  return BuiltinCall().text("crypto.x509.parse_rsa_private_key",
                            "[" + rego_text(file(key_file)) + "]");
}

std::string verify(const std::string& name, const std::string& token, const std::string& key) {
  return BuiltinCall().text(name, "[" + rego_text(token) + "," + rego_text(key) + "]");
}

std::string decode_verify(const std::string& token, const std::string& constraints) {
  BuiltinCall call;
  call.env().now_ns = 2'000'000'000'000;  // 2000 seconds
  return call.text("io.jwt.decode_verify", "[" + rego_text(token) + "," + constraints + "]");
}

TEST(JwtBuiltins, SignAsTheStandardShows) {
  EXPECT_EQ(sign(R"({"alg": "HS256", "typ": "JWT"})", "{}", kSecretJwk),
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.6cvao8lnOu6FAdK68jQFcDMXOmaWNwWiYhCgijd-AD8");
}

TEST(JwtBuiltins, VerifyWhatTheyHaveSigned) {
  struct Case {
    const char* algorithm;
    const char* builtin;
    const char* private_key;
    const char* public_key;
  };
  constexpr Case kCases[] = {
      {"RS256", "io.jwt.verify_rs256", "rsa.key", "rsa.pub"},
      {"RS384", "io.jwt.verify_rs384", "rsa.key", "rsa.pub"},
      {"PS256", "io.jwt.verify_ps256", "rsa.key", "rsa.pub"},
      {"ES256", "io.jwt.verify_es256", "leaf.key", "leaf.pem"},
      {"ES512", "io.jwt.verify_es512", "p521.key", "p521.pub"},
      {"EdDSA", "io.jwt.verify_eddsa", "ed.key", "ed.pub"},
  };
  for (const Case& c : kCases) {
    const std::string token = sign("{\"alg\": \"" + std::string(c.algorithm) + "\"}",
                                   R"({"iss": "me"})", jwk_of(c.private_key));
    ASSERT_EQ(std::ranges::count(token, '.'), 2) << token;
    const std::string key = file(c.public_key);
    EXPECT_EQ(verify(c.builtin, token, key), "true") << c.algorithm;
    EXPECT_EQ(verify(c.builtin, token, jwk_of(c.private_key)), "true") << c.algorithm;
    EXPECT_EQ(verify(c.builtin, token, "{\"keys\": [" + jwk_of(c.private_key) + "]}"), "true");
    // One bit less, another scheme, another key: never.
    std::string tampered = token;
    char& changed = tampered[tampered.find('.') + 2];
    changed = changed == 'A' ? 'B' : 'A';
    EXPECT_EQ(verify(c.builtin, tampered, key), "false") << c.algorithm;
    EXPECT_EQ(verify("io.jwt.verify_rs512", token, key), "false") << c.algorithm;
    EXPECT_EQ(verify(c.builtin, token, file("ca.pem")), "false") << c.algorithm;
    EXPECT_EQ(decode_verify(token, "{\"cert\": " + rego_text(key) + ", \"alg\": \"" + c.algorithm +
                                       "\", \"iss\": \"me\"}"),
              "[true, {\"alg\": \"" + std::string(c.algorithm) + "\"}, {\"iss\": \"me\"}]");
  }
}

TEST(JwtBuiltins, ASecretIsNoPublicKey) {
  // The classic confusion: a token signed with HMAC, the public key's text as the secret.
  const std::string key = file("rsa.pub");
  const std::string jwk = "{\"kty\": \"oct\", \"k\": \"" + encode_base64url_unpadded(key) + "\"}";
  const std::string token = sign(R"({"alg": "HS256"})", R"({"iss": "me"})", jwk);
  EXPECT_EQ(verify("io.jwt.verify_hs256", token, key), "true");
  EXPECT_EQ(decode_verify(token, "{\"cert\": " + rego_text(key) + "}"), "[false, {}, {}]");
  EXPECT_EQ(verify("io.jwt.verify_rs256", token, key), "false");
}

TEST(JwtBuiltins, DemandClaims) {
  const auto token = [](std::string_view payload) {
    return sign(R"({"alg": "HS256"})", payload, kSecretJwk);
  };
  std::string secret;
  append_quoted(secret, "secret");
  const std::string jwk = R"({"kty": "oct", "k": "c2VjcmV0"})";
  const auto accepted = [&](std::string_view payload, std::string_view more) {
    const std::string out = decode_verify(sign(R"({"alg": "HS256"})", payload, jwk),
                                          "{\"secret\": " + secret + std::string(more) + "}");
    return out.substr(0, out.find(','));
  };
  EXPECT_EQ(accepted("{}", ""), "[true");
  EXPECT_EQ(accepted(R"({"exp": 2001})", ""), "[true");
  EXPECT_EQ(accepted(R"({"exp": 2000})", ""), "[false");
  EXPECT_EQ(accepted(R"({"nbf": 2000})", ""), "[true");
  EXPECT_EQ(accepted(R"({"nbf": 2000.1})", ""), "[false");
  EXPECT_EQ(accepted(R"({"nbf": 2000.1})", R"(, "time": 2000100000000)"), "[true");
  EXPECT_EQ(accepted(R"({"iss": "a"})", R"(, "iss": "a")"), "[true");
  EXPECT_EQ(accepted(R"({"iss": 1})", R"(, "iss": "a")"), "[false");
  EXPECT_EQ(accepted("{}", R"(, "iss": "a")"), "[false");
  EXPECT_EQ(accepted(R"({"aud": ["x", "a"]})", R"(, "aud": "a")"), "[true");
  EXPECT_EQ(accepted(R"({"aud": "a"})", ""), "[false");
  EXPECT_EQ(accepted("{}", R"(, "aud": "a")"), "[false");
  EXPECT_EQ(accepted(R"({"exp": "soon"})", ""),
            "error: io.jwt.decode_verify: exp value must be a number");
  const std::string any = token("{}");
  const std::string prefix = "error: io.jwt.decode_verify: ";
  EXPECT_EQ(decode_verify(any, "{}"), prefix + "no key constraint");
  EXPECT_EQ(decode_verify(any, R"({"secret": "a", "other": 1})"),
            prefix + "unknown token validation constraint: other");
  EXPECT_EQ(decode_verify(any, R"({"secret": "a", "time": -1})"),
            prefix + "token time constraint: must not be negative");
  EXPECT_EQ(decode_verify(any, R"({"secret": 1})"), prefix + "secret constraint: must be a string");
  EXPECT_EQ(decode_verify(any, "{\"secret\": \"a\", \"cert\": " + rego_text(file("rsa.pub")) + "}"),
            prefix + "duplicate key constraints");
}

TEST(JwtBuiltins, CriticalHeadersMustBeKnown) {
  const std::string jwk = R"({"kty": "oct", "k": "c2VjcmV0"})";
  const std::string strange =
      sign(R"({"alg": "HS256", "crit": ["exotic"], "exotic": 1})", "{}", jwk);
  EXPECT_EQ(decode_verify(strange, R"({"secret": "secret"})"), "[false, {}, {}]");
  const std::string none =
      encode_base64url_unpadded(R"({"alg": "none"})") + "." + encode_base64url_unpadded("{}") + ".";
  EXPECT_EQ(decode_verify(none, R"({"secret": "secret"})"), "[false, {}, {}]");
}

TEST(JwtBuiltins, DecodeAndNameWhatIsWrong) {
  const auto decode = [](std::string_view token) {
    return BuiltinCall().text("io.jwt.decode", "[" + rego_text(token) + "]");
  };
  const auto part = [](std::string_view text) { return encode_base64url_unpadded(text); };
  const std::string header = part(R"({"alg": "HS256"})");
  EXPECT_EQ(decode(header + "." + part(R"({"a": 1, "a": 2})") + "." + part("\x01\xff")),
            R"([{"alg": "HS256"}, {"a": 2}, "01ff"])");
  const std::string inner = header + "." + part(R"({"in": 1})") + "." + part("x");
  EXPECT_EQ(decode(part(R"({"cty": "JWT"})") + "." + part("\"" + inner + "\"") + ".x"),
            R"([{"alg": "HS256"}, {"in": 1}, "78"])");
  const std::string prefix = "error: io.jwt.decode: ";
  EXPECT_EQ(decode("none"), prefix + "encoded JWT had no period separators");
  EXPECT_EQ(decode("a.b"), prefix + "encoded JWT must have 3 sections, found 2");
  EXPECT_EQ(decode("a.b.c.d"), prefix + "encoded JWT must have 3 sections, found 4");
  EXPECT_EQ(decode("e30!.e30.x"),
            prefix + "JWT header had invalid encoding: illegal base64 data at input byte 3");
  EXPECT_EQ(decode(part(R"({"enc": "A128GCM"})") + ".e30.x"),
            prefix + "JWT is a JWE object, which is not supported");
  EXPECT_EQ(decode(part("[]") + ".e30.x"),
            prefix + "bad JWT header: decoded JSON type was not an Object");
}

TEST(JwtBuiltins, SigningNamesWhatIsWrong) {
  const auto raw = [](std::string_view header, std::string_view payload, std::string_view jwk) {
    return BuiltinCall().text(
        "io.jwt.encode_sign_raw",
        "[" + rego_text(header) + "," + rego_text(payload) + "," + rego_text(jwk) + "]");
  };
  const std::string prefix = "error: io.jwt.encode_sign_raw: ";
  EXPECT_EQ(raw("{}", "{}", kSecretJwk),
            prefix + "missing or invalid 'alg' header: jwsbb: header \"alg\" not found");
  EXPECT_TRUE(raw("", "{}", kSecretJwk)
                  .starts_with(prefix + "missing or invalid 'alg' header: cannot parse JSON: "
                                        "cannot parse empty string"));
  EXPECT_EQ(raw(R"({"alg": "dummy"})", "{}", kSecretJwk), prefix + "unknown JWS algorithm: dummy");
  EXPECT_EQ(raw(R"({"alg": "HS256", "typ": "JWT"})", "", kSecretJwk),
            prefix + "type is JWT but payload is not JSON");
  EXPECT_EQ(raw(R"({"alg": "RS256"})", "{}", kSecretJwk),
            prefix + "key is of another kind than the algorithm needs");
  EXPECT_EQ(raw(R"({"alg": "HS256"})", "{}", R"({"keys": []})"),
            prefix + "no keys found in JWK set");
  EXPECT_TRUE(raw(R"({"alg": "HS256"})", "{}", "nonsense")
                  .starts_with(prefix + "failed to parse a JWK key (set): "));
}

TEST(JwtBuiltins, KeysMustBeWellFormed) {
  const std::string token = sign(R"({"alg": "HS256"})", "{}", kSecretJwk);
  const std::string prefix = "error: io.jwt.verify_rs256: ";
  EXPECT_EQ(verify("io.jwt.verify_rs256", token, file("rsa.pub") + "more"),
            prefix + "extra data after a PEM certificate block");
  EXPECT_EQ(verify("io.jwt.verify_rs256", token, file("rsa.key")),
            prefix + "failed to extract a Key from the PEM certificate");
  EXPECT_EQ(verify("io.jwt.verify_rs256", "x", file("rsa.pub")),
            prefix + "encoded JWT had no period separators");
  EXPECT_EQ(verify("io.jwt.verify_rs256", token, R"({"kty": "EC", "crv": "P-1"})"),
            prefix + "failed to parse a JWK key (set): EC key has an unknown curve");
}

TEST(AwsBuiltins, SignRequestsWithVersionFour) {
  constexpr std::string_view kConfig =
      R"({"aws_access_key": "MYAWSACCESSKEYGOESHERE", "aws_secret_access_key": "MYAWSSECRETACCESSKEYGOESHERE", "aws_service": "s3", "aws_region": "us-east-1"})";
  const auto sign_request = [](std::string_view request, std::string_view config) {
    return BuiltinCall().text(
        "providers.aws.sign_req",
        "[" + std::string(request) + "," + std::string(config) + ", 1451311705000000000]");
  };
  EXPECT_EQ(
      sign_request(R"({"method": "get", "url": "http://example.com"})", kConfig),
      R"({"headers": {"Authorization": "AWS4-HMAC-SHA256 Credential=MYAWSACCESSKEYGOESHERE/20151228/us-east-1/s3/aws4_request,SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature=0047a7016c81e5c7f29cd522f97e911e04fc472fced0aee7916cbc287ad6c8e3", "host": "example.com", "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "x-amz-date": "20151228T140825Z"}, "method": "get", "url": "http://example.com"})");
  const std::string prefix = "type error: providers.aws.sign_req: operand ";
  EXPECT_EQ(sign_request("{}", kConfig),
            prefix + R"(1 missing required request parameters(s): {"method", "url"})");
  EXPECT_EQ(sign_request(R"({"method": 1, "url": "http://a"})", kConfig),
            prefix + R"(1 invalid values for required request parameters(s): {"method"})");
  EXPECT_EQ(sign_request(R"({"method": "get", "url": "http://a", "x": 1})", kConfig),
            prefix + R"(1 invalid request parameters(s): {"x"})");
  EXPECT_EQ(sign_request(R"({"method": "get", "url": "http://a"})", R"({"aws_service": "s3"})"),
            prefix +
                "2 missing required AWS config parameters(s): {\"aws_access_key\", "
                "\"aws_region\", \"aws_secret_access_key\"}");
}

}  // namespace
}  // namespace writ::rego
