#include "policy/bundle/signature.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "policy/builtins/base64_text.h"
#include "policy/builtins/pkey.h"

namespace writ::rego {
namespace {

using Files = std::vector<ArchiveFile>;

const std::filesystem::path kKeys = WRIT_SOURCE_DIR "/src/policy/testdata/x509";

std::string key_file(const std::string& name) { return read_file(kKeys / name, 1 << 20).value(); }

Files sample() {
  return {{"a/p.rego", "package a\n"},
          {"data.json", R"({"z": [1, 2], "v": 1.0})"},
          {".manifest", R"({"roots": ["a", "v", "z"], "revision": "r"})"}};
}

BundleVerification with_key(std::string algorithm, std::string key) {
  BundleVerification out;
  out.keys["default"] = {std::move(algorithm), std::move(key), {}};
  return out;
}

// The sample signed, one file changed by `change` afterwards.
std::string verdict(const BundleSigning& signing, const BundleVerification& how,
                    const std::function<void(Files&)>& change = {}) {
  Files files = sample();
  auto signatures = sign_bundle(files, signing);
  if (!signatures) return signatures.error().message;
  files.push_back(*std::move(signatures));
  if (change) change(files);
  const auto verified = verify_bundle(files, how);
  return verified ? "valid" : verified.error().message;
}

const BundleSigning kSecretSigning{.algorithm = "HS256", .key = "secret"};

TEST(BundleSignature, HoldsWithEveryKindOfKey) {
  for (const std::string name : {"HS256", "HS384", "HS512"}) {
    EXPECT_EQ(verdict({.algorithm = name, .key = "secret"}, with_key(name, "secret")), "valid");
  }
  for (const std::string name : {"RS256", "RS384", "RS512", "PS256", "PS384"}) {
    EXPECT_EQ(verdict({.algorithm = name, .key = key_file("rsa.key")},
                      with_key(name, key_file("rsa.pub"))),
              "valid")
        << name;
  }
  EXPECT_EQ(verdict({.algorithm = "ES512", .key = key_file("p521.key")},
                    with_key("ES512", key_file("p521.pub"))),
            "valid");
  EXPECT_EQ(verdict({.algorithm = "EdDSA", .key = key_file("ed.key")},
                    with_key("EdDSA", key_file("ed.pub"))),
            "valid");
}

TEST(BundleSignature, DigestsDataAsCanonicalTextAndOtherFilesAsTheyAre) {
  EXPECT_EQ(digested_text({"a/data.json", R"({"z": [1, 2], "v": 1.0})"}).value(),
            R"({"v":1.0,"z":[1,2]})");
  EXPECT_EQ(digested_text({".manifest", "{ \"b\":\"<\xe2\x80\xa8>\",\"a\":{} }"}).value(),
            R"({"a":{},"b":"<\u2028>"})");
  EXPECT_EQ(digested_text({"x/data.yaml", "b: [x]\na: 1\n"}).value(), R"({"a":1,"b":["x"]})");
  EXPECT_EQ(digested_text({"x/patch.json", "{ }"}).value(), "{ }");
}

TEST(BundleSignature, ListsEveryFileWithItsDigest) {
  const Files files = {{"p.rego", "package p\n"}, {"data.json", "{\"a\": 1}\n"}};
  const ArchiveFile signatures = sign_bundle(files, kSecretSigning).value();
  EXPECT_EQ(signatures.path, ".signatures.json");
  EXPECT_TRUE(signatures.bytes.starts_with(R"({"signatures":[")")) << signatures.bytes;
  const std::string token = signatures.bytes.substr(16, signatures.bytes.size() - 19);
  const std::size_t first = token.find('.');
  EXPECT_EQ(decode_base64url(token.substr(0, first)).value(), R"({"alg":"HS256","typ":"JWT"})");
  EXPECT_EQ(
      decode_base64url(token.substr(first + 1, token.rfind('.') - first - 1)).value(),
      R"({"files":[{"algorithm":"SHA-256","hash":)"
      R"("0ad6261536f6380b14ade1a508ac911b8c48230731746e0c76abd26bf3e3a15d","name":"p.rego"},)"
      R"({"algorithm":"SHA-256","hash":)"
      R"("015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862","name":"data.json"}]})");
}

TEST(BundleSignature, NamesTheFileThatIsNotWhatWasSigned) {
  const BundleVerification how = with_key("HS256", "secret");
  EXPECT_TRUE(verdict(kSecretSigning, how, [](Files& files) {
                files[0].bytes += " ";
              }).starts_with("a/p.rego: digest mismatch (want: "));
  EXPECT_EQ(
      verdict(kSecretSigning, how, [](Files& files) { files.push_back({"a/extra.json", "1"}); }),
      "file a/extra.json not included in bundle signature");
  EXPECT_EQ(verdict(kSecretSigning, how, [](Files& files) { files.erase(files.begin()); }),
            "file a/p.rego specified in bundle signatures but not found in the target bundle");
  EXPECT_EQ(
      verdict(kSecretSigning, how, [](Files& files) { files[1].bytes = R"({"v":1.0,"z":[1,2]})"; }),
      "valid");
}

TEST(BundleSignature, LeavesOutWhatIsExcluded) {
  BundleVerification how = with_key("HS256", "secret");
  how.excluded = {"/a/*.json"};
  EXPECT_EQ(
      verdict(kSecretSigning, how, [](Files& files) { files.push_back({"a/extra.json", "1"}); }),
      "valid");
}

TEST(BundleSignature, BelievesOnlyTheKeyOfTheConfiguration) {
  EXPECT_EQ(verdict(kSecretSigning, with_key("HS256", "other")),
            "failed to verify JWT signature: the signature is not of this key");
  // A public key must not become the secret of a token that says so.
  EXPECT_EQ(verdict({.algorithm = "HS256", .key = key_file("rsa.pub")},
                    with_key("RS256", key_file("rsa.pub"))),
            "failed to verify JWT signature: it is made by HS256, the key is for RS256");
  EXPECT_EQ(verdict(kSecretSigning, {}), "verification key not provided");
  BundleVerification two = with_key("HS256", "secret");
  two.keys["other"] = {"HS256", "other", {}};
  EXPECT_EQ(verdict(kSecretSigning, two), "verification key ID is empty");
  two.key_id = "third";
  EXPECT_EQ(verdict(kSecretSigning, two), "verification key corresponding to ID third not found");
  BundleSigning named = kSecretSigning;
  named.key_id = "default";
  two.key_id.clear();
  EXPECT_EQ(verdict(named, two), "valid");
}

TEST(BundleSignature, IsForItsScopeAlone) {
  BundleSigning signing = kSecretSigning;
  signing.scope = "write";
  BundleVerification how = with_key("HS256", "secret");
  EXPECT_EQ(verdict(signing, how), "scope mismatch");
  how.scope = "write";
  EXPECT_EQ(verdict(signing, how), "valid");
  EXPECT_EQ(verdict(kSecretSigning, how), "scope mismatch");
}

TEST(BundleSignature, RefusesWhatIsNoSignature) {
  const auto with = [](std::string text) {
    Files files = sample();
    files.push_back({".signatures.json", std::move(text)});
    return verify_bundle(files, with_key("HS256", "secret")).error().message;
  };
  EXPECT_EQ(verify_bundle(sample(), with_key("HS256", "secret")).error().message,
            "bundle missing .signatures.json file");
  EXPECT_EQ(with(R"({"signatures":[]})"), ".signatures.json: missing JWT (expected exactly one)");
  EXPECT_EQ(with(R"({"signatures":["a","b"]})"),
            ".signatures.json: multiple JWTs not supported (expected exactly one)");
  EXPECT_TRUE(with(R"({"signatures":["a"]})").starts_with("failed to verify JWT signature: "));
  EXPECT_TRUE(with("{").starts_with(".signatures.json: "));
}

// A payload of a test's own, signed rightly.
std::string verdict_on(std::string_view payload) {
  const std::string text =
      encode_base64url_unpadded(R"({"alg":"HS256"})") + "." + encode_base64url_unpadded(payload);
  const std::string token =
      text + "." + encode_base64url_unpadded(hmac_digest(256, "secret", text));
  const Files files = {{"p.rego", "x"},
                       {".signatures.json", R"({"signatures":[")" + token + "\"]}"}};
  const auto verified = verify_bundle(files, with_key("HS256", "secret"));
  return verified ? "valid" : verified.error().message;
}

TEST(BundleSignature, RefusesDigestsThatProveNothing) {
  EXPECT_EQ(verdict_on(R"({"files":[{"name":"p.rego","hash":"00","algorithm":"MD5"}]})"),
            "MD5 proves nothing any more");
  EXPECT_EQ(verdict_on(R"({"files":[{"name":"p.rego","hash":"00","algorithm":"SHA-1"}]})"),
            "SHA-1 proves nothing any more");
  EXPECT_EQ(verdict_on(R"({"files":[{"name":"p.rego","hash":"00"}]})"),
            "no hashing algorithm provided for file p.rego");
  EXPECT_EQ(verdict_on(R"({"files":[{"name":"p.rego"},{"name":"/p.rego"}]})"),
            "p.rego is listed twice");
  EXPECT_EQ(verdict_on(R"({"files":[{"name":"p.rego","algorithm":"SHA-512-256","hash":)"
                       R"("8e6e5bb5fa6fc9ac5b4c33ba0b5e7a7a"}]})")
                .substr(0, 23),
            "p.rego: digest mismatch");
}

TEST(BundleSignature, KeepsSignedBundlesOutWhereNoKeyIsGiven) {
  Files files = sample();
  files.push_back(sign_bundle(files, kSecretSigning).value());
  EXPECT_EQ(make_verified_bundle(files, {}).error().message, "verification key not provided");
  EXPECT_EQ(make_verified_bundle(files, {}, Signatures::ignored)->manifest.revision, "r");
  EXPECT_EQ(make_verified_bundle(files, with_key("HS256", "secret"))->manifest.revision, "r");
  EXPECT_EQ(make_verified_bundle(sample(), with_key("HS256", "secret")).error().message,
            "bundle missing .signatures.json file");
}

TEST(BundleSignature, SaysWhichKeyDoesNotFit) {
  EXPECT_EQ(verdict({.algorithm = "none", .key = "x"}, {}), "unknown signature algorithm: none");
  EXPECT_EQ(verdict({.algorithm = "RS256", .key = "x"}, {}),
            "the signing key is no private key in PEM");
  EXPECT_EQ(verdict({.algorithm = "RS256", .key = key_file("ed.key")}, {}),
            "key is of another kind than the algorithm needs");
  BundleSigning signing = kSecretSigning;
  signing.claims = "[]";
  EXPECT_EQ(verdict(signing, {}), "the claims must be a JSON object");
}

}  // namespace
}  // namespace writ::rego
