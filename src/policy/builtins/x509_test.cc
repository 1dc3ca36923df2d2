#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/encoding.h"
#include "policy/builtins/base64_text.h"
#include "policy/builtins/der.h"
#include "policy/builtins/pem.h"
#include "policy/builtins/url_parts.h"
#include "policy/testing/call_builtin.h"

namespace writ::rego {
namespace {

using testing::BuiltinCall;

constexpr std::int64_t kYear2100 = 4'102'444'800'000'000'000;

std::string file(const std::string& name) {
  std::ifstream in(WRIT_SOURCE_DIR "/src/policy/testdata/x509/" + name);
  std::ostringstream out;
  out << in.rdbuf();
  EXPECT_FALSE(out.str().empty()) << name;
  return out.str();
}

// Calls with texts and looks at one value of the result.
class X509 : public ::testing::Test {
 protected:
  X509() { call_.env().now_ns = kYear2100; }

  Term value(std::string_view name, std::initializer_list<std::string> texts) {
    std::vector<Term> args;
    for (const std::string& text : texts) args.push_back(make_string(call_.arena(), text));
    return value(name, args);
  }
  Term value(std::string_view name, const std::vector<Term>& args) {
    const BuiltinEntry* entry = BuiltinTable::standard().find(name);
    Call call(*entry->row, args, call_.env());
    const Outcome outcome = invoke(*entry, call);
    if (outcome.failed()) return make_string(call_.arena(), call.problem().message);
    return outcome.value();
  }
  std::string error(std::string_view name, std::initializer_list<std::string> texts) {
    const Term out = value(name, texts);
    return out.is_string() ? std::string(out.text()) : to_rego(out);
  }
  std::string member(const Term& object, std::string_view key) {
    const Term* const found = object.find(key);
    return found == nullptr ? "missing" : to_rego(*found);
  }
  Term options(std::string_view json) {
    auto parsed = parse_json(call_.arena(), json);
    EXPECT_TRUE(parsed.has_value());
    return *parsed;
  }
  std::string verified(const std::string& certificates, std::string_view json) {
    const Term out = value("crypto.x509.parse_and_verify_certificates_with_options",
                           {make_string(call_.arena(), certificates), options(json)});
    return out.is_string() ? std::string(out.text()) : to_rego(out.items()[0]);
  }

  BuiltinCall call_;
};

TEST_F(X509, ShowsACertificateFieldByField) {
  const Term list = value("crypto.x509.parse_certificates", {file("leaf.pem")});
  ASSERT_TRUE(list.is_array());
  ASSERT_EQ(list.size(), 1u);
  const Term leaf = list.items()[0];
  EXPECT_EQ(member(leaf, "DNSNames"), R"(["api.example"])");
  EXPECT_EQ(member(leaf, "IPAddresses"), R"(["192.0.2.7"])");
  EXPECT_EQ(member(leaf, "EmailAddresses"), R"(["ops@example.com"])");
  EXPECT_EQ(member(leaf, "URIStrings"), R"(["spiffe://example.com/a%20b?x"])");
  EXPECT_EQ(member(leaf.find("URIs")->items()[0], "Path"), R"("/a b")");
  EXPECT_EQ(member(leaf, "ExtKeyUsage"), "[1]");
  EXPECT_EQ(member(leaf, "UnknownExtKeyUsage"), "[[1, 2, 3, 4, 5]]");
  EXPECT_EQ(member(leaf, "KeyUsage"), "1");
  EXPECT_EQ(member(leaf, "SerialNumber"), "85968058272638546416180");
  EXPECT_EQ(member(leaf, "Version"), "3");
  EXPECT_EQ(member(leaf, "SignatureAlgorithm"), "10");
  EXPECT_EQ(member(leaf, "PublicKeyAlgorithm"), "3");
  EXPECT_EQ(member(leaf, "NotAfter"), R"("2126-10-28T07:38:44Z")");
  EXPECT_EQ(member(leaf, "IsCA"), "false");
  EXPECT_EQ(member(leaf, "MaxPathLen"), "-1");
  EXPECT_EQ(member(leaf, "Policies"), R"(["1.2.3.4"])");
  EXPECT_EQ(member(leaf, "OCSPServer"), R"(["http://ocsp.example"])");
  EXPECT_EQ(member(leaf, "CRLDistributionPoints"), R"(["http://crl.example/a.crl"])");
  EXPECT_EQ(member(*leaf.find("Subject"), "OrganizationalUnit"), R"(["A", "B"])");
  EXPECT_EQ(member(*leaf.find("Subject"), "CommonName"), R"("api.example")");
  EXPECT_EQ(member(*leaf.find("Issuer"), "CommonName"), R"("Example Root")");
  EXPECT_EQ(
      *leaf.find("AuthorityKeyId"),
      *value("crypto.x509.parse_certificates", {file("ca.pem")}).items()[0].find("SubjectKeyId"));
}

TEST_F(X509, ShowsConstraintsAndWhatIsNotUnderstood) {
  const Term list = value("crypto.x509.parse_certificates", {file("constrained.pem")});
  ASSERT_TRUE(list.is_array());
  const Term root = list.items()[0];
  EXPECT_EQ(member(root, "PermittedDNSDomains"), R"([".example"])");
  EXPECT_EQ(member(root, "ExcludedIPRanges"), R"([{"IP": "10.0.0.0", "Mask": "/wAAAA=="}])");
  EXPECT_EQ(member(root, "PermittedDNSDomainsCritical"), "true");
  EXPECT_EQ(member(root, "UnhandledCriticalExtensions"), "[[1, 2, 3, 9]]");
}

TEST_F(X509, ReadsPemInBase64AndRefusesTheRest) {
  const std::string name = "crypto.x509.parse_certificates";
  const std::string pem = file("ca.pem");
  EXPECT_EQ(to_rego(value(name, {to_base64(pem)})), to_rego(value(name, {pem})));
  EXPECT_EQ(error(name, {"foobar"}), name + ": illegal base64 data at input byte 4");
  EXPECT_EQ(error(name, {"YmFkc3RyaW5n"}), name + ": x509: malformed certificate");
  EXPECT_EQ(error(name, {file("rsa.key")}),
            name + ": PEM block type is 'RSA PRIVATE KEY', expected CERTIFICATE");
  // Cut off anywhere, it is an error and nothing worse.
  std::string_view text = pem;
  const auto block = take_pem_block(text);
  ASSERT_TRUE(block.has_value());
  for (std::size_t size = 1; size < block->bytes.size(); size += 7) {
    const std::string cut = to_base64(block->bytes.substr(0, size));
    EXPECT_TRUE(error(name, {cut}).starts_with(name + ": ")) << size;
  }
}

TEST_F(X509, VerifiesAChainFromLeafToRoot) {
  const Term out =
      value("crypto.x509.parse_and_verify_certificates", {file("ca.pem") + file("leaf.pem")});
  ASSERT_EQ(to_rego(out.items()[0]), "true");
  const Term chain = out.items()[1];
  ASSERT_EQ(chain.size(), 2u);
  EXPECT_EQ(member(*chain.items()[0].find("Subject"), "CommonName"), R"("api.example")");
  EXPECT_EQ(member(*chain.items()[1].find("Subject"), "CommonName"), R"("Example Root")");

  const std::string name = "crypto.x509.parse_and_verify_certificates";
  EXPECT_EQ(error(name, {file("leaf.pem") + file("ca.pem")}), "[false, []]");
  EXPECT_EQ(error(name, {file("ca.pem")}), "[false, []]");
  EXPECT_EQ(error(name, {"foobar"}), "[false, []]");
  call_.env().now_ns = 0;
  EXPECT_EQ(error(name, {file("ca.pem") + file("leaf.pem")}), "[false, []]");
}

TEST_F(X509, VerificationTakesOptions) {
  const std::string chain = file("ca.pem") + file("leaf.pem");
  const std::string prefix = "crypto.x509.parse_and_verify_certificates_with_options: ";
  EXPECT_EQ(verified(chain, R"({"DNSName": "api.example"})"), "true");
  EXPECT_EQ(verified(chain, R"({"DNSName": "192.0.2.7"})"), "true");
  EXPECT_EQ(verified(chain, R"({"DNSName": "b.example"})"), "false");
  EXPECT_EQ(verified(chain, R"({"CurrentTime": 4102444800000000000})"), "true");
  EXPECT_EQ(verified(chain, R"({"CurrentTime": 0})"), "false");
  EXPECT_EQ(verified(chain, R"({"KeyUsages": ["KeyUsageClientAuth"]})"), "false");
  EXPECT_EQ(verified(chain, R"({"KeyUsages": ["KeyUsageAny"]})"), "true");
  EXPECT_EQ(verified(chain, R"({"KeyUsages": ["Nonsense"]})"),
            prefix + "invalid entries for 'KeyUsages' found: [Nonsense]");
  EXPECT_EQ(verified(chain, R"({"CurrentTime": 1.5})"),
            prefix + "'CurrentTime' should be a valid int64 number");
  EXPECT_EQ(verified(chain, R"({"Other": 1})"), prefix + "invalid key option");
}

TEST_F(X509, ShowsACertificateRequest) {
  const Term out = value("crypto.x509.parse_certificate_request", {file("leaf.csr")});
  ASSERT_TRUE(out.is_object());
  EXPECT_EQ(member(out, "DNSNames"), R"(["api.example"])");
  EXPECT_EQ(member(*out.find("Subject"), "Country"), R"(["DE"])");
  EXPECT_EQ(member(out, "Version"), "0");
  EXPECT_EQ(member(*out.find("Attributes")->items().data(), "Type"),
            "[1, 2, 840, 113549, 1, 9, 14]");
  EXPECT_EQ(error("crypto.x509.parse_certificate_request", {"YmFkc3RyaW5n"}),
            "crypto.x509.parse_certificate_request: asn1: structure error: tags don't match (16 "
            "vs {class:1 tag:2 length:97 isCompound:true})");
}

TEST_F(X509, PairsAKeyWithItsCertificate) {
  const Term out = value("crypto.x509.parse_keypair", {file("leaf.pem"), file("leaf.key")});
  ASSERT_TRUE(out.is_object());
  EXPECT_EQ(out.find("Certificate")->size(), 1u);
  EXPECT_EQ(*out.find("PrivateKey")->find("X"), *out.find("Leaf")->find("PublicKey")->find("X"));
  EXPECT_EQ(error("crypto.x509.parse_keypair", {file("ca.pem"), file("leaf.key")}),
            "crypto.x509.parse_keypair: tls: private key does not match public key");
  EXPECT_EQ(error("crypto.x509.parse_keypair", {file("ca.pem"), file("rsa.key")}),
            "crypto.x509.parse_keypair: tls: private key type does not match public key type");
}

TEST_F(X509, ShowsPrivateKeys) {
  const Term keys = value("crypto.parse_private_keys",
                          {file("rsa.key") + file("ed.key") + file("ca.pem") + file("p521.key")});
  ASSERT_EQ(keys.size(), 3u);
  EXPECT_EQ(member(keys.items()[0], "E"), "65537");
  EXPECT_EQ(keys.items()[0].find("Primes")->size(), 2u);
  EXPECT_TRUE(keys.items()[1].is_string());
  EXPECT_EQ(member(keys.items()[2], "Curve"), "{}");
  EXPECT_EQ(error("crypto.parse_private_keys", {""}), "null");
  EXPECT_EQ(error("crypto.parse_private_keys", {"no keys"}), "[]");

  const Term jwk = value("crypto.x509.parse_rsa_private_key", {file("rsa.key")});
  EXPECT_EQ(member(jwk, "kty"), R"("RSA")");
  EXPECT_EQ(member(jwk, "e"), R"("AQAB")");
  EXPECT_TRUE(jwk.find("qi") != nullptr);
  EXPECT_EQ(error("crypto.x509.parse_rsa_private_key", {"invalid"}),
            "crypto.x509.parse_rsa_private_key: illegal base64 data at input byte 4");
  EXPECT_EQ(error("crypto.x509.parse_rsa_private_key", {""}),
            "crypto.x509.parse_rsa_private_key: input PEM data was empty");
}

TEST(CryptoBuiltins, HashAndAuthenticate) {
  struct Case {
    const char* name;
    const char* args;
    const char* want;
  };
  constexpr Case kCases[] = {
      {"crypto.md5", R"(["message digest"])", R"("f96b697d7cb7938d525a2f31aaf161d0")"},
      {"crypto.sha1", R"(["message digest"])", R"("c12252ceda8be8994d5fa0290a47231c1d16aae3")"},
      {"crypto.sha256", R"(["message digest"])",
       R"("f7846f55cf23e14eebeab5b4e1550cad5b509e3348fbc4efa3a1413d393cb650")"},
      {"crypto.hmac.md5", R"(["foo", "bar"])", R"("31b6db9e5eb4addb42f1a6ca07367adc")"},
      {"crypto.hmac.sha1", R"(["foo", "bar"])", R"("85d155c55ed286a300bd1cf124de08d87e914f3a")"},
      {"crypto.hmac.sha256", R"(["foo", "bar"])",
       R"("147933218aaabc0b8b10a2b3a5c34684c8d94341bcf10a4736dc7270f7741851")"},
      {"crypto.hmac.equal", R"(["ab", "ab"])", "true"},
      {"crypto.hmac.equal", R"(["ab", "abc"])", "false"},
      {"crypto.md5", "[1]", "type error: crypto.md5: operand 1 must be string but got number"},
  };
  for (const Case& c : kCases) EXPECT_EQ(BuiltinCall().text(c.name, c.args), c.want) << c.name;
}

TEST(Base64Text, NamesThePositionAsGoDoes) {
  EXPECT_EQ(decode_base64("Zm\r\n9v\n").value(), "foo");
  EXPECT_EQ(decode_base64("Zg==").value(), "f");
  for (const auto& [text, at] : {std::pair{"Zg=", 3},
                                 {"Zg=x", 2},
                                 {"Zg", 0},
                                 {"Zm9v!", 4},
                                 {"Zg==x", 4},
                                 {"=", 0},
                                 {"Zm9vZ", 4}}) {
    EXPECT_EQ(decode_base64(text).error().message,
              "illegal base64 data at input byte " + std::to_string(at))
        << text;
  }
  EXPECT_EQ(decode_base64url("_-8").value(), "\xff\xef");
  EXPECT_EQ(decode_base64url("a").error().message, "illegal base64url string: a");
  EXPECT_EQ(encode_base64url_unpadded("\xff\xef"), "_-8");
}

TEST(Der, RefusesWhatIsNotShortest) {
  EXPECT_TRUE(DerReader(std::string_view("\x04\x01x", 3)).next().has_value());
  EXPECT_FALSE(DerReader(std::string_view("\x04\x81\x01x", 4)).next().has_value());  // long form
  EXPECT_FALSE(DerReader(std::string_view("\x04\x80x\0\0", 5)).next().has_value());  // indefinite
  EXPECT_FALSE(DerReader(std::string_view("\x04\x05x", 3)).next().has_value());      // cut off
  EXPECT_FALSE(DerReader(std::string_view("\x1f\x01x", 3)).next().has_value());      // high tag
  EXPECT_EQ(integer_text("\xff"), "-1");
  EXPECT_EQ(oid_text("\x2a\x86\x48\x86\xf7\x0d"), "1.2.840.113549");
  EXPECT_FALSE(oid_numbers("\x2a\x86").has_value());
}

TEST(UrlParts, AreThoseOfGo) {
  const auto url = parse_url("HTTP://u@h.example:80/a%2Fb%20c?q=1#f%20g");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->scheme, "http");
  EXPECT_EQ(url->host, "h.example:80");
  EXPECT_TRUE(url->has_user);
  EXPECT_EQ(url->path, "/a/b c");
  EXPECT_EQ(url->raw_path, "/a%2Fb%20c");
  EXPECT_EQ(url->escaped_path(), "/a%2Fb%20c");
  EXPECT_EQ(url->query, "q=1");
  EXPECT_EQ(url->fragment, "f g");
  EXPECT_EQ(parse_url("mailto:a@b")->opaque, "a@b");
  EXPECT_EQ(parse_url(":x").error().message, "parse \":x\": missing protocol scheme");
  EXPECT_EQ(parse_url("/%zz").error().message, "parse \"/%zz\": invalid URL escape");
}

}  // namespace
}  // namespace writ::rego
