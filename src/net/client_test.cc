#include "net/client.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <memory>
#include <thread>

#include "base/random.h"
#include "base/testing/fake_clock.h"
#include "base/testing/temporary_directory.h"
#include "net/testing/served.h"
#include "observe/current_span.h"

namespace writ::net {
namespace {

using std::chrono::milliseconds;
using testing::route;
using testing::Served;
using testing::text_response;

struct Caller {
  explicit Caller(ClientOptions options = quick()) : client(clock, random, std::move(options)) {}
  static ClientOptions quick() {
    ClientOptions options;
    options.backoff = milliseconds(1);
    return options;
  }
  Result<Response> get(const std::string& url, Method method = Method::GET) {
    Call call;
    call.method = method;
    call.url = url;
    return client.send(call);
  }
  SystemClock clock;
  SystemRandom random;
  Client client;
};

// Counts the requests and answers `statuses` in turn, the last one for ever.
std::vector<Route> flaky(std::atomic<int>& count, std::vector<int> statuses) {
  const Handler handler = [&count, statuses](const Request&, Context&) -> Result<Answer> {
    const auto at = static_cast<std::size_t>(count.fetch_add(1));
    Response response = text_response("try " + std::to_string(at + 1));
    response.status = statuses[std::min(at, statuses.size() - 1)];
    return response;
  };
  std::vector<Route> routes;
  routes.push_back(route(Method::GET, "/", Runs::on_loop, handler));
  routes.push_back(route(Method::POST, "/", Runs::on_loop, handler));
  return routes;
}

TEST(Client, SendsAndReceivesOverOneKeptConnection) {
  std::vector<Route> routes;
  routes.push_back(route(
      Method::PUT, "/k/{key}", Runs::on_loop,
      [](const Request& request, Context& context) -> Result<Answer> {
        Response response = text_response(context.parameters[0] + "=" + std::string(request.body));
        response.status = 201;
        response.fields.emplace_back("X-Said", std::string(request.fields.value_or("X-Say", "")));
        return response;
      }));
  Served served(std::move(routes));
  Caller caller;
  Call call;
  call.method = Method::PUT;
  call.url = served.url("/k/a%20b");
  call.fields = {{"X-Say", "word"}, {"Content-Type", "text/plain"}};
  call.body = "value";
  for (int i = 0; i < 5; ++i) {
    const auto response = caller.client.send(call);
    ASSERT_TRUE(response) << response.error().text();
    EXPECT_EQ(response->status, 201);
    EXPECT_EQ(response->body, "a b=value");
    EXPECT_EQ(response->content_type, "text/plain");
    EXPECT_EQ(response->field("x-said"), "word");
  }
  EXPECT_EQ(served.server().stats().accepted, 1u);
  const auto stats = caller.client.stats();
  ASSERT_EQ(stats.size(), 1u);
  EXPECT_EQ(stats[0].calls, 5u);
  EXPECT_EQ(stats[0].idle, 1u);
  EXPECT_EQ(stats[0].busy, 0u);
}

TEST(Client, AsksAgainWhatMayBeRepeated) {
  std::atomic<int> count = 0;
  Served served(flaky(count, {503, 502, 200}));
  Caller caller;
  const auto response = caller.get(served.url("/"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "try 3");
  EXPECT_EQ(caller.client.stats()[0].retries, 2u);
}

TEST(Client, DoesNotRepeatWhatMayHaveHadItsEffect) {
  std::atomic<int> count = 0;
  Served served(flaky(count, {503, 200}));
  Caller caller;
  EXPECT_EQ(caller.get(served.url("/"), Method::POST)->status, 503);
  EXPECT_EQ(count, 1);
  Call call;
  call.method = Method::POST;
  call.url = served.url("/");
  call.is_repeatable = true;
  count = 0;
  EXPECT_EQ(caller.client.send(call)->status, 200);
  EXPECT_EQ(count, 2);
}

TEST(Client, GivesTheLastAnswerWhenAttemptsAreUsedUp) {
  std::atomic<int> count = 0;
  Served served(flaky(count, {503}));
  Caller caller;
  EXPECT_EQ(caller.get(served.url("/"))->status, 503);
  EXPECT_EQ(count, 3);
}

TEST(Client, LeavesAServerAloneThatFailsAgainAndAgain) {
  std::atomic<int> count = 0;
  Served served(flaky(count, {500, 500, 200}));
  FakeClock clock;
  SystemRandom random;
  ClientOptions options = Caller::quick();
  options.attempts = 1;
  options.breaker_failures = 2;
  options.breaker_time = milliseconds(1000);
  Client client(clock, random, options);
  Call call;
  call.url = served.url("/");
  EXPECT_EQ(client.send(call)->status, 500);
  EXPECT_EQ(client.send(call)->status, 500);
  const auto held_back = client.send(call);
  ASSERT_FALSE(held_back);
  EXPECT_EQ(held_back.error().code, Code::unavailable);
  EXPECT_EQ(count, 2);
  EXPECT_TRUE(client.stats()[0].is_held_back);
  clock.advance(milliseconds(1001));
  EXPECT_EQ(client.send(call)->status, 200);
  EXPECT_FALSE(client.stats()[0].is_held_back);
}

TEST(Client, TriesAServerThatHadARestWithOneCall) {
  std::atomic<int> count = 0;
  Served served(flaky(count, {500, 500, 500, 200}));
  FakeClock clock;
  SystemRandom random;
  ClientOptions options = Caller::quick();
  options.attempts = 1;
  options.breaker_failures = 2;
  options.breaker_time = milliseconds(1000);
  Client client(clock, random, options);
  Call call;
  call.url = served.url("/");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(client.send(call)->status, 500);
  clock.advance(milliseconds(1001));
  EXPECT_EQ(client.send(call)->status, 500);
  const auto held_back = client.send(call);
  ASSERT_FALSE(held_back);
  EXPECT_NE(held_back.error().message.find("failed 3 times in a row and gets a rest"),
            std::string::npos)
      << held_back.error().message;
  EXPECT_EQ(count, 3);
  clock.advance(milliseconds(1001));
  EXPECT_EQ(client.send(call)->status, 200);
  EXPECT_EQ(client.send(call)->status, 200);
}

TEST(Client, OpensAnotherConnectionWhenTheServerGaveTheIdleOneUp) {
  std::atomic<int> count = 0;
  ServerOptions options;
  options.limits.idle_time = milliseconds(50);
  Served served(flaky(count, {200}), std::move(options));
  ClientOptions once = Caller::quick();
  once.attempts = 1;
  Caller caller(once);
  ASSERT_EQ(caller.get(served.url("/"), Method::POST)->status, 200);
  while (served.server().stats().open > 0) std::this_thread::yield();
  const auto again = caller.get(served.url("/"), Method::POST);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(count, 2);
}

TEST(Client, GivesUpAfterItsTime) {
  std::vector<Route> routes;
  std::atomic<bool> may_end = false;
  routes.push_back(
      route(Method::GET, "/", Runs::on_pool, [&](const Request&, Context&) -> Result<Answer> {
        while (!may_end) std::this_thread::yield();
        return text_response("late");
      }));
  Served served(std::move(routes));
  Caller caller;
  Call call;
  call.url = served.url("/");
  call.timeout = milliseconds(50);
  call.is_repeatable = false;
  const auto late = caller.client.send(call);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::timed_out);
  std::stop_source stop;
  call.timeout = milliseconds(60'000);
  std::thread stops([&] { stop.request_stop(); });
  const auto cancelled = caller.client.send(call, stop.get_token());
  stops.join();
  may_end = true;
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code, Code::cancelled);
}

TEST(Client, AsksAgainOnlyWhileThereIsTime) {
  std::atomic<int> count = 0;
  Served served(flaky(count, {503}));
  ClientOptions options;
  options.attempts = 1'000'000;
  options.backoff = milliseconds(20);
  options.backoff_limit = milliseconds(20);
  options.breaker_failures = 1'000'000;
  Caller caller(options);
  Call call;
  call.url = served.url("/");
  call.total_time = milliseconds(1'000);
  const auto response = caller.client.send(call);
  ASSERT_TRUE(response) << response.error().text();
  EXPECT_EQ(response->status, 503);
  // The time may have run out in the middle of a last one: then the answer before it stands.
  const int asked = count;
  EXPECT_TRUE(response->body == "try " + std::to_string(asked) ||
              response->body == "try " + std::to_string(asked - 1))
      << response->body << " of " << asked;
  EXPECT_GE(asked, 2);
  EXPECT_LE(asked, 100) << "a pause is ten milliseconds at least";
}

TEST(Client, TakesNoLargerResponseThanAskedFor) {
  std::vector<Route> routes;
  routes.push_back(
      route(Method::GET, "/", Runs::on_loop, [](const Request&, Context&) -> Result<Answer> {
        return text_response(std::string(5000, 'x'));
      }));
  Served served(std::move(routes));
  Caller caller;
  Call call;
  call.url = served.url("/");
  call.response_limit = 4999;
  EXPECT_EQ(caller.client.send(call).error().code, Code::overloaded);
  call.response_limit = 5000;
  EXPECT_EQ(caller.client.send(call)->body.size(), 5000u);
}

TEST(Client, PassesTheTraceOfTheCurrentSpanOn) {
  std::vector<Route> routes;
  routes.push_back(route(
      Method::GET, "/", Runs::on_loop, [](const Request& request, Context&) -> Result<Answer> {
        return text_response(std::string(request.fields.value_or("traceparent", "none")) + " " +
                             std::string(request.fields.value_or("tracestate", "none")));
      }));
  const Served served(std::move(routes));
  Caller caller;
  std::vector<observe::SpanRecord> spans;
  observe::Tracer tracer(caller.clock, caller.random,
                         [&](observe::SpanRecord span) { spans.push_back(std::move(span)); });
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-";
  const auto asked = [&](const std::string& flags) {
    observe::Span span =
        tracer.start("request", *observe::parse_trace_context(trace + "00f067aa0ba902b7-" + flags,
                                                              "vendor=a-longer-state-of-theirs"));
    const observe::CurrentSpan current(span);
    return caller.get(served.url("/"))->body + "|" + span.context().span.hex();
  };
  EXPECT_EQ(caller.get(served.url("/"))->body, "none none");
  const std::string not_sampled = asked("00");
  EXPECT_EQ(not_sampled.substr(0, not_sampled.find('|')),
            trace + not_sampled.substr(not_sampled.find('|') + 1) +
                "-00 vendor=a-longer-state-of-theirs");
  EXPECT_TRUE(spans.empty());
  const std::string sampled = asked("01");
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(sampled.substr(0, sampled.find('|')),
            trace + spans[0].context.span.hex() + "-01 vendor=a-longer-state-of-theirs");
  EXPECT_EQ(spans[0].name, "GET");
  EXPECT_EQ(spans[0].kind, observe::SpanKind::client);
  EXPECT_EQ(spans[0].parent, spans[1].context.span);
  EXPECT_EQ(std::get<std::int64_t>(spans[0].attributes.back().value), 200);
}

TEST(Client, SaysThatNobodyListens) {
  std::string url;
  {
    Served served({});
    url = served.url("/");
  }
  Caller caller;
  const auto response = caller.get(url);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::unavailable);
  EXPECT_NE(response.error().message.find("connecting to http://127.0.0.1:"), std::string::npos);
}

TEST(Client, CallsAUnixSocket) {
  TemporaryDirectory here;
  const std::string path = (here.path() / "w.sock").string();
  std::atomic<int> count = 0;
  ServerOptions options;
  options.endpoints.push_back({"unix:" + path, false});
  Served served(flaky(count, {200}), std::move(options));
  Caller caller;
  EXPECT_EQ(caller.get("unix:" + path + ":/")->body, "try 1");
}

// --- TLS

struct Certificate {
  std::string certificate_file;
  std::string key_file;
};

// A self-signed certificate for `name`.
Certificate certificate_for(const std::string& name, const std::filesystem::path& directory) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  const std::string alternative = "DNS:" + name;
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative.c_str());
  X509_add_ext(certificate.get(), extension, -1);
  X509_EXTENSION_free(extension);
  EXPECT_GT(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);
  Certificate out{directory / (name + ".pem"), directory / (name + ".key")};
  const auto write = [](const std::string& file, const auto& put) {
    const std::unique_ptr<std::FILE, decltype(&std::fclose)> to(std::fopen(file.c_str(), "w"),
                                                                &std::fclose);
    EXPECT_EQ(put(to.get()), 1);
  };
  write(out.certificate_file, [&](std::FILE* f) { return PEM_write_X509(f, certificate.get()); });
  write(out.key_file, [&](std::FILE* f) {
    return PEM_write_PrivateKey(f, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return out;
}

struct Secured {
  explicit Secured(const Certificate& certificate) {
    ServerOptions options;
    options.endpoints.push_back({"127.0.0.1:0", true});
    options.tls = {certificate.certificate_file, certificate.key_file};
    served = std::make_unique<Served>(flaky(count, {200}), std::move(options));
  }
  std::string url(const std::string& host) const {
    const std::string address = served->address();
    return "https://" + host + address.substr(address.rfind(':')) + "/";
  }
  std::atomic<int> count = 0;
  std::unique_ptr<Served> served;
};

TEST(ClientTls, TrustsWhomItsAuthorityVouchesForAndNobodyElse) {
  TemporaryDirectory here;
  const Certificate good = certificate_for("localhost", here.path());
  const Certificate other = certificate_for("other.test", here.path());
  Secured secured(good);
  ClientOptions options = Caller::quick();
  options.attempts = 1;
  options.ca_file = good.certificate_file;
  Caller trusting(options);
  for (int i = 1; i <= 3; ++i) {
    const auto response = trusting.get(secured.url("localhost"));
    ASSERT_TRUE(response) << response.error().text();
    EXPECT_EQ(response->body, "try " + std::to_string(i));
  }
  EXPECT_EQ(secured.served->server().stats().accepted, 1u);
  const auto wrong_name = trusting.get(secured.url("127.0.0.1"));
  ASSERT_FALSE(wrong_name);
  EXPECT_EQ(wrong_name.error().code, Code::signature_bad);
  options.ca_file = other.certificate_file;
  Caller suspicious(options);
  EXPECT_EQ(suspicious.get(secured.url("localhost")).error().code, Code::signature_bad);
  EXPECT_EQ(secured.count, 3);
}

TEST(ClientTls, ReloadedCertificatesServeNewConnections) {
  TemporaryDirectory here;
  const Certificate first = certificate_for("localhost", here.path());
  Secured secured(first);
  ClientOptions options = Caller::quick();
  options.attempts = 1;
  options.ca_file = first.certificate_file;
  Caller before(options);
  ASSERT_TRUE(before.get(secured.url("localhost")));
  certificate_for("localhost", here.path());  // over the same files
  ASSERT_TRUE(secured.served->server().reload_tls());
  EXPECT_TRUE(before.get(secured.url("localhost"))) << "an open connection keeps its certificate";
  Caller after(options);  // trusts the file as it is now
  EXPECT_TRUE(after.get(secured.url("localhost")));
}

TEST(ClientTls, PlainBytesOnATlsPortAreCutOff) {
  TemporaryDirectory here;
  Secured secured(certificate_for("localhost", here.path()));
  Caller caller;
  Call call;
  call.url = "http://" + secured.served->address() + "/";
  call.is_repeatable = false;
  const auto response = caller.client.send(call);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::unavailable);
}

TEST(Client, GivesUpAServerThatDoesNotBeginToAnswer) {
  std::atomic<bool> is_over = false;
  Served served(
      {route(Method::GET, "/slow", Runs::on_pool, [&](const Request&, Context&) -> Result<Answer> {
        while (!is_over) std::this_thread::yield();
        return text_response("at last");
      })});
  SystemClock clock;
  SystemRandom random;
  ClientOptions options;
  options.attempts = 1;
  Client client(clock, random, options);
  Call call;
  call.url = served.url("/slow");
  call.timeout = std::chrono::minutes(5);
  call.head_timeout = milliseconds(20);
  const auto given_up = client.send(call);
  is_over = true;
  ASSERT_FALSE(given_up);
  EXPECT_EQ(given_up.error().code, Code::timed_out);
  call.head_timeout = std::chrono::minutes(1);
  const auto answered = client.send(call);
  ASSERT_TRUE(answered) << answered.error().text();
  EXPECT_EQ(answered->body, "at last");
}

TEST(ClientTls, AServerWithoutItsKeyDoesNotStart) {
  TemporaryDirectory here;
  const Certificate one = certificate_for("one.test", here.path());
  const Certificate two = certificate_for("two.test", here.path());
  ServerOptions options;
  options.endpoints.push_back({"127.0.0.1:0", true});
  options.tls = {one.certificate_file, two.key_file};
  const auto server = Server::start(std::move(options), {});
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, Code::invalid_input);
}

}  // namespace
}  // namespace writ::net
