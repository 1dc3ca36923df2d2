#include "server/config/server_config.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/testing/temporary_directory.h"

namespace writ::server {
namespace {

constexpr const char* kWhole = R"(services:
  acme:
    url: https://${HOST}/policies/
    response_header_timeout_seconds: 5
    credentials:
      bearer: {token: "${TOKEN}"}
    headers: {X-Team: "a ${TEAM} b"}
    tls: {ca_cert: ca.pem}
labels: {region: eu}
keys:
  global: {algorithm: HS256, key: shared secret}
bundles:
  authz:
    service: acme
    resource: /bundles/authz.tar.gz
    polling: {min_delay_seconds: 1, max_delay_seconds: "${MOST}", long_polling_timeout_seconds: 30}
    persist: true
    size_limit_bytes: 1000
    signing: {keyid: global, scope: read, exclude_files: ["*.md"]}
  local:
    resource: file:///srv/local.tar.gz
default_decision: /app/main
persistence_directory: kept
bundle_server: {directory: out}
decision_logs: {service: acme}
nd_builtin_cache: true
status: {service: acme, partition_name: /eu, console: true}
server: {encoding: {gzip: {min_length: 100, compression_level: 9}}}
default_authorization_decision: /own/authz
)";

class ServerConfigFile : public ::testing::Test {
 protected:
  Result<ServerConfig> load(const std::string& text, std::vector<std::string> overrides = {},
                            const std::string& name = "c.yaml") {
    ConfigSource source;
    source.file = directory_.write(name, text);
    source.directory = "/srv/base";
    source.environment = {{"HOST", "acme.example"}, {"TOKEN", "12345"}, {"MOST", "2.5"}};
    source.overrides = std::move(overrides);
    return load_server_config(source);
  }
  // "line:column message" of each diagnostic, or the message alone where there are none.
  std::string wrong(const std::string& text, std::vector<std::string> overrides = {}) {
    const auto loaded = load(text, std::move(overrides));
    if (loaded) return "nothing";
    if (loaded.error().diagnostics.empty()) return loaded.error().message;
    std::string out;
    for (const Diagnostic& one : loaded.error().diagnostics) {
      if (!out.empty()) out += "; ";
      out += std::to_string(one.at.line) + ":" + std::to_string(one.at.column) + " " + one.message;
    }
    return out;
  }

  TemporaryDirectory directory_;
};

TEST_F(ServerConfigFile, IsReadInOpasFormat) {
  const auto config = load(kWhole);
  ASSERT_TRUE(config) << config.error().text();
  const bundles::ServiceConfig& acme = config->services.at("acme");
  EXPECT_EQ(acme.url, "https://acme.example/policies");
  EXPECT_EQ(acme.token, "12345");
  EXPECT_EQ(acme.headers.at(0).second, "a  b");
  EXPECT_EQ(acme.ca_file, "/srv/base/ca.pem");
  EXPECT_EQ(acme.response_time, std::chrono::seconds(5));
  ASSERT_EQ(config->bundles.size(), 2u);
  const bundles::BundleConfig& authz = config->bundles[0];
  EXPECT_EQ(authz.name + " " + authz.service + " " + authz.resource,
            "authz acme bundles/authz.tar.gz");
  EXPECT_EQ(authz.min_delay, std::chrono::seconds(1));
  EXPECT_EQ(authz.max_delay, std::chrono::milliseconds(2500));
  EXPECT_EQ(authz.long_poll, std::chrono::seconds(30));
  EXPECT_TRUE(authz.is_kept);
  EXPECT_EQ(authz.size_limit, 1000u);
  ASSERT_TRUE(authz.verification.has_value());
  EXPECT_EQ(authz.verification->key_id, "global");
  EXPECT_EQ(authz.verification->scope, "read");
  EXPECT_EQ(authz.verification->keys.at("global").key, "shared secret");
  EXPECT_EQ(authz.verification->excluded, std::vector<std::string>{"*.md"});
  EXPECT_EQ(config->bundles[1].file, "/srv/local.tar.gz");
  EXPECT_EQ(config->bundles[1].service, "");
  EXPECT_EQ(config->default_decision, (std::vector<std::string>{"app", "main"}));
  EXPECT_EQ(config->persistence_directory, "/srv/base/kept");
  EXPECT_EQ(config->bundle_directory, "/srv/base/out");
  EXPECT_EQ(config->labels.at("region"), "eu");
  ASSERT_TRUE(config->decision_logs.has_value());
  EXPECT_TRUE(config->decision_logs->nd_builtin_cache);
  EXPECT_EQ(config->decision_logs->destination.url, "https://acme.example/policies");
  EXPECT_EQ(config->decision_logs->destination.bearer_token, "12345");
  EXPECT_EQ(config->decision_logs->buffer.store, "sqlite:/srv/base/kept/decisions.db");
}

TEST_F(ServerConfigFile, ShowsNoSecrets) {
  const auto config = load(kWhole);
  ASSERT_TRUE(config) << config.error().text();
  const std::string shown = to_json(config->shown);
  EXPECT_EQ(shown.find("12345"), std::string::npos) << shown;
  EXPECT_EQ(shown.find("shared secret"), std::string::npos) << shown;
  EXPECT_EQ(shown.find("X-Team"), std::string::npos) << shown;
  EXPECT_TRUE(shown.contains(R"("services":{"acme":{"url":"https://acme.example/policies"}})"))
      << shown;
  EXPECT_TRUE(shown.contains(R"("keys":{"global":{"algorithm":"HS256"}})")) << shown;
}

TEST_F(ServerConfigFile, MayBeJsonWithServicesAsAListAndTheOnlyServiceUnnamed) {
  const auto config = load(R"({"services": [{"name": "one", "url": "http://127.0.0.1:1"}],
                              "bundles": {"a/b": {}}})",
                           {}, "c.json");
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->bundles.at(0).service, "one");
  EXPECT_EQ(config->bundles.at(0).resource, "bundles/a/b");
  EXPECT_EQ(config->bundles.at(0).min_delay, std::chrono::seconds(60));
  EXPECT_EQ(config->bundles.at(0).max_delay, std::chrono::seconds(120));
  EXPECT_FALSE(config->bundles.at(0).verification.has_value());
}

TEST_F(ServerConfigFile, SaysWhoIsToldAndHowAnswersArePacked) {
  const auto config = load(kWhole);
  ASSERT_TRUE(config) << config.error().text();
  ASSERT_TRUE(config->status.has_value());
  EXPECT_EQ(config->status->destination.url, "https://acme.example/policies");
  EXPECT_EQ(config->status->resource, "/status/eu");
  EXPECT_TRUE(config->status->console);
  EXPECT_EQ(config->gzip_from, 100u);
  EXPECT_EQ(config->gzip_level, 9);
  EXPECT_EQ(config->authorization_decision, (std::vector<std::string>{"own", "authz"}));
  const auto alone = load("services: {a: {url: 'http://a'}}\nstatus: {}\n");
  ASSERT_TRUE(alone) << alone.error().text();
  EXPECT_EQ(alone->status->service, "a");
  EXPECT_EQ(alone->status->resource, "/status");
  EXPECT_EQ(wrong("status: {}\n"), "1:9 `status` tells nobody");
  EXPECT_EQ(wrong("services: {acme: {url: 'http://a'}}\nstatus: {service: acne}\n"),
            "2:19 there is no service `acne` (did you mean `acme`?)");
  EXPECT_EQ(wrong("server: {encoding: {gzip: {compression_level: 10}}}\n"),
            "1:47 `server.encoding.gzip.compression_level` must be at most 9");
}

// Wherever it is broken, and whatever stands there.
TEST_F(ServerConfigFile, NeverTellsASecret) {
  const std::string service = "services:\n  a:\n    url: http://x\n    ";
  for (const std::string credentials :
       {"credentials: {bearer: {token: s3cret}", "credentials: {bearer: s3cret}",
        "credentials: {bearer: {token: [s3cret]}}", "credentials: {bearer: {token: s3cret, x: 1}}",
        "credentials: {bearer: {token: *s3cret}}", "credentials: {bearer: {token: \"s3cret}}",
        "credentials: {bearer: {token: @s3cret}}", "credentials: {bearer: {s3cret: token: a}}",
        "credentials: s3cret", "credentials: {bearer: {token: !s3cret x}}",
        "headers: {Authorization: [s3cret]}", "headers: s3cret"}) {
    const auto loaded = load(service + credentials + "\n");
    ASSERT_FALSE(loaded) << credentials;
    ASSERT_FALSE(loaded.error().diagnostics.empty()) << credentials;
    const Diagnostic& said = loaded.error().diagnostics.front();
    EXPECT_GE(said.at.line, 4u) << credentials;
    EXPECT_FALSE(loaded.error().text().contains("s3cret")) << loaded.error().text();
  }
  for (const std::string credentials :
       {R"({"bearer": {"token": s3cret}})", R"({"bearer": {"token" "s3cret"}})",
        R"({"bearer": {"token": 7e99973}})", R"({"bearer": {"token": "s3cret})"}) {
    const auto loaded =
        load(R"({"services": {"a": {"url": "http://x", "credentials": )" + credentials + "}}}", {},
             "c.json");
    ASSERT_FALSE(loaded) << credentials;
    const std::string said = loaded.error().text();
    EXPECT_FALSE(said.contains("s3cret") || said.contains("99973")) << said;
  }
}

TEST_F(ServerConfigFile, SaysWhereItIsWrong) {
  EXPECT_EQ(wrong("servces: {}\n"), "1:1 unknown key `servces` (did you mean `services`?)");
  EXPECT_EQ(wrong("services: {a: {url: 'http://x'}}\nbundles:\n  b: {service: ab}\n"),
            "3:16 there is no service `ab` (did you mean `a`?)");
  EXPECT_EQ(wrong("bundles:\n  b: {}\n"), "2:6 bundle `b` says no service");
  EXPECT_EQ(wrong("services: {a: {url: 'http://x'}}\nkeys: {k: {key: s}}\nbundles:\n  b:\n    "
                  "signing: {keyid: l}\n"),
            "5:22 there is no key `l` (did you mean `k`?)");
  EXPECT_EQ(wrong("services: {a: {url: 'http://x'}}\nbundles:\n  b:\n    polling: "
                  "{min_delay_seconds: 5, max_delay_seconds: 4}\n"),
            "4:56 max polling delay must be >= min polling delay");
  EXPECT_EQ(wrong("services: {a: {url: 'http://x'}}\ndecision_logs: {service: b}\n"),
            "2:26 there is no service `b` (did you mean `a`?)");
  EXPECT_EQ(wrong("services: {a: {url: 'http://x'}}\nbundles: {b: {signing: {}}}\n"),
            "2:24 verification key not provided");
}

TEST_F(ServerConfigFile, IsOverriddenByName) {
  const auto config =
      load("services: {a: {url: 'http://x'}}\n",
           {"bundles.b.polling.max_delay_seconds=7", "bundles.b.persist=true", "labels.x=y=z"});
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->bundles.at(0).max_delay, std::chrono::seconds(7));
  EXPECT_EQ(config->bundles.at(0).min_delay, std::chrono::seconds(7));
  EXPECT_TRUE(config->bundles.at(0).is_kept);
  EXPECT_EQ(config->labels.at("x"), "y=z");
  EXPECT_EQ(wrong("labels: {a: b}\n", {"labels.a.c=1"}), "--set labels.a.c leads through string");
  EXPECT_EQ(wrong("labels: {}\n", {"labels"}), "--set labels has no value");
  EXPECT_EQ(wrong("labels: {}\n", {"labels..a=1"}), "--set labels..a has an empty name");
}

TEST_F(ServerConfigFile, TakesNoStructureFromVariables) {
  ConfigSource source;
  source.file = directory_.write("c.yaml", "labels: {a: '${EVIL}', b: '${MISSING}', c: '${'}\n");
  source.environment = {{"EVIL", "x}\nbundles: {}"}};
  const auto config = load_server_config(source);
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->labels.at("a"), "x}\nbundles: {}");
  EXPECT_EQ(config->labels.at("b"), "");
  EXPECT_EQ(config->labels.at("c"), "${");
  EXPECT_TRUE(config->bundles.empty());
}

}  // namespace
}  // namespace writ::server
