#include "net/server.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <latch>
#include <mutex>
#include <thread>

#include "base/testing/temporary_directory.h"
#include "net/testing/raw_peer.h"
#include "net/testing/served.h"

namespace writ::net {
namespace {

using std::chrono::milliseconds;
using testing::RawPeer;
using testing::route;
using testing::Served;
using testing::text_response;

const std::string kGet = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n";

Result<Answer> echo(const Request& request, Context& context) {
  std::string said(method_name(request.method));
  said += " " + std::string(request.path) + "?" + std::string(request.query);
  for (const std::string& parameter : context.parameters) said += " [" + parameter + "]";
  said += " " + std::string(request.body);
  return text_response(std::move(said));
}

std::vector<Route> echo_routes() {
  std::vector<Route> routes;
  routes.push_back(
      route(Method::GET, "/hello", Runs::on_loop,
            [](const Request&, Context&) -> Result<Answer> { return text_response("hello"); }));
  routes.push_back(route(Method::GET, "/pool/{name}", Runs::on_pool, echo));
  routes.push_back(route(Method::POST, "/echo", Runs::on_loop, echo));
  routes.back().body_limit = 100'000;
  routes.push_back(
      route(Method::GET, "/fails", Runs::on_pool, [](const Request&, Context&) -> Result<Answer> {
        return fail(Code::conflict, "two at once");
      }));
  routes.push_back(
      route(Method::GET, "/throws", Runs::on_loop, [](const Request&, Context&) -> Result<Answer> {
        throw std::runtime_error("secret of the inside");
      }));
  return routes;
}

// The bodies of the responses in `bytes`, all with a Content-Length.
std::vector<std::string> bodies_of(std::string_view bytes) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t end = bytes.find("\r\n\r\n");
    const std::size_t length = bytes.find("Content-Length: ");
    if (end == std::string_view::npos || length == std::string_view::npos) return out;
    const std::size_t count = std::stoul(std::string(bytes.substr(length + 16, 10)));
    out.emplace_back(bytes.substr(end + 4, count));
    bytes.remove_prefix(std::min(bytes.size(), end + 4 + count));
  }
}

TEST(Server, AnswersOnTheLoopAndOnThePoolOverOneConnection) {
  Served served(echo_routes());
  RawPeer peer(served.address());
  peer.send(kGet);
  EXPECT_NE(peer.read_until("hello").find("HTTP/1.1 200 OK\r\nDate: "), std::string::npos);
  peer.forget();
  peer.send("GET /pool/a%2Fb?x=1 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(bodies_of(peer.read_until("[a/b]")),
            std::vector<std::string>{"GET /pool/a%2Fb?x=1 [a/b] "});
}

TEST(Server, AnswersRequestsThatCameTogetherInTheirOrder) {
  Served served(echo_routes());
  RawPeer peer(served.address());
  std::string requests;
  std::vector<std::string> expected;
  for (int i = 0; i < 300; ++i) {
    const std::string name = std::to_string(i);
    if (i % 3 == 0) {
      requests += "GET /pool/" + name + " HTTP/1.1\r\nHost: h\r\n\r\n";
      expected.push_back("GET /pool/" + name + "? [" + name + "] ");
    } else {
      requests +=
          "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(name.size()) +
          "\r\n\r\n" + name;
      expected.push_back("POST /echo? " + name);
    }
  }
  peer.send(requests + "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  expected.emplace_back("hello");
  EXPECT_EQ(bodies_of(peer.read_all()), expected);
}

TEST(Server, TakesRequestsCutAnywhere) {
  Served served(echo_routes());
  const std::string body(40'000, 'x');
  const std::string request =
      "\r\nPOST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "9c40\r\n" +
      body + "\r\n0\r\n\r\n" + kGet;
  for (const std::size_t piece : {1u, 7u, 1000u, 16'384u, 50'000u}) {
    RawPeer peer(served.address());
    for (std::size_t at = 0; at < request.size(); at += piece) {
      peer.send(std::string_view(request).substr(at, piece));
    }
    peer.finish_sending();
    const std::vector<std::string> bodies = bodies_of(peer.read_until("\r\n\r\nhello"));
    ASSERT_EQ(bodies.size(), 2u) << piece;
    EXPECT_EQ(bodies[0], "POST /echo? " + body) << piece;
    EXPECT_EQ(bodies[1], "hello") << piece;
  }
}

TEST(Server, InvitesABodyThatIsExpected) {
  Served served(echo_routes());
  RawPeer peer(served.address());
  peer.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.forget();
  peer.send("ok");
  EXPECT_EQ(bodies_of(peer.read_until("ok")), std::vector<std::string>{"POST /echo? ok"});
}

TEST(Server, RefusesWithAStatusAndAReason) {
  Served served(echo_routes());
  struct Case {
    std::string request;
    std::string answer;
    bool closes;
  };
  const Case cases[] = {
      {"GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 404 Not Found", false},
      {"POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", "Allow: GET", false},
      {"GET /fails HTTP/1.1\r\nHost: h\r\n\r\n", "\"code\":\"conflict\"", false},
      {"GET /throws HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 500 Internal", false},
      {"GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 404", false},
      {"GET /pool/%zz HTTP/1.1\r\nHost: h\r\n\r\n", "broken escape", true},
      {"nonsense\r\n\r\n", "HTTP/1.1 400", true},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100001\r\n\r\n", "HTTP/1.1 413", true},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 400",
       true},
      {"GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x'), "HTTP/1.1 431", true},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
           std::string(40'000, 'e'),
       "HTTP/1.1 400", true},
  };
  for (const Case& c : cases) {
    RawPeer peer(served.address());
    peer.send(c.request);
    if (c.closes) {
      const std::string said = peer.read_all();
      EXPECT_NE(said.find(c.answer), std::string::npos) << c.request.substr(0, 60) << said;
      EXPECT_NE(said.find("Connection: close"), std::string::npos) << said;
    } else {
      peer.send(kGet);
      const std::string said = peer.read_until("\r\n\r\nhello");
      EXPECT_NE(said.find(c.answer), std::string::npos) << c.request << said;
      EXPECT_EQ(said.find("secret of the inside"), std::string::npos);
    }
  }
}

TEST(Server, SpeaksToOldClients) {
  Served served(echo_routes());
  RawPeer closes(served.address());
  closes.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(bodies_of(closes.read_all()), std::vector<std::string>{"hello"});
  RawPeer keeps(served.address());
  keeps.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(keeps.read_until("hello").find("Connection: keep-alive"), std::string::npos);
  keeps.send("HEAD /hello HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(keeps.is_closed());
}

TEST(Server, CutsOffWhoIsTooSlow) {
  ServerOptions options;
  options.limits.header_time = milliseconds(300);
  options.limits.body_time = milliseconds(300);
  options.limits.idle_time = milliseconds(300);
  Served served(echo_routes(), std::move(options));
  RawPeer slow_head(served.address());
  RawPeer slow_body(served.address());
  RawPeer silent(served.address());
  RawPeer idle(served.address());
  slow_head.send("GET /hello HT");
  slow_body.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
  idle.send(kGet);
  EXPECT_NE(slow_head.read_all().find("HTTP/1.1 408"), std::string::npos);
  EXPECT_NE(slow_body.read_all().find("HTTP/1.1 408"), std::string::npos);
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_EQ(bodies_of(idle.read_all()), std::vector<std::string>{"hello"});
  EXPECT_EQ(served.server().stats().timed_out, 3u);
}

TEST(Server, GivesUpAHandlerThatTakesTooLong) {
  std::promise<void> may_end;
  const std::shared_future<void> ended = may_end.get_future().share();
  std::vector<Route> routes = echo_routes();
  routes.push_back(route(Method::GET, "/slow", Runs::on_pool,
                         [ended](const Request& request, Context&) -> Result<Answer> {
                           ended.wait();
                           return text_response(std::string(request.target));
                         }));
  routes.back().timeout = milliseconds(200);
  Served served(std::move(routes));
  RawPeer peer(served.address());
  peer.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_NE(peer.read_all().find("HTTP/1.1 504"), std::string::npos);
  may_end.set_value();
  RawPeer other(served.address());
  other.send(kGet);
  EXPECT_NE(other.read_until("hello").find("200 OK"), std::string::npos);
}

TEST(Server, RefusesWorkThatItsPoolCannotQueue) {
  std::promise<void> may_end;
  const std::shared_future<void> ended = may_end.get_future().share();
  std::latch has_begun(1);
  std::vector<Route> routes = echo_routes();
  routes.push_back(route(Method::GET, "/slow", Runs::on_pool,
                         [&, ended](const Request&, Context&) -> Result<Answer> {
                           if (!has_begun.try_wait()) has_begun.count_down();
                           ended.wait();
                           return text_response("done");
                         }));
  ServerOptions options;
  options.pool_threads = 1;
  options.limits.pool_queue = 1;
  Served served(std::move(routes), std::move(options));
  const std::string slow = "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n";
  RawPeer working(served.address());
  working.send(slow);
  has_begun.wait();
  RawPeer second(served.address());
  RawPeer third(served.address());
  second.send(slow);
  third.send(slow);
  // One of the two waits, the other is refused; which is up to the loops.
  std::string refused;
  std::thread waits([&] { refused = third.read_until("\r\n\r\n"); });
  const std::string said = second.read_until("\r\n\r\n").substr(0, 12);
  may_end.set_value();
  waits.join();
  const std::string other = refused.substr(0, 12);
  EXPECT_TRUE((said == "HTTP/1.1 429") != (other == "HTTP/1.1 429")) << said << " " << other;
  EXPECT_NE(working.read_until("done").find("200 OK"), std::string::npos);
}

TEST(Server, RunsOnThePoolWhatIsTooMuchForALoop) {
  ServerOptions options;
  options.loops = 2;
  options.pool_threads = 3;
  EXPECT_EQ(Server::workers(options), 5u);
  std::vector<Route> routes;
  routes.push_back(route(Method::GET, "/{work}", Runs::on_loop,
                         [](const Request&, Context& context) -> Result<Answer> {
                           EXPECT_EQ(context.worker >= 2, context.is_on_pool);
                           EXPECT_LT(context.worker, 5u);
                           if (context.parameters[0] == "long" && !context.is_on_pool) {
                             return Elsewhere{};
                           }
                           return text_response(context.is_on_pool ? "pool" : "loop");
                         }));
  Served served(std::move(routes), std::move(options));
  RawPeer peer(served.address());
  peer.send(
      "GET /short HTTP/1.1\r\nHost: h\r\n\r\nGET /long HTTP/1.1\r\nHost: h\r\n"
      "Connection: close\r\n\r\n");
  EXPECT_EQ(bodies_of(peer.read_all()), (std::vector<std::string>{"loop", "pool"}));
}

TEST(Server, RefusesConnectionsOverItsLimit) {
  ServerOptions options;
  options.limits.connections = 3;
  Served served(echo_routes(), std::move(options));
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 3; ++i) {
    peers.push_back(std::make_unique<RawPeer>(served.address()));
    peers.back()->send(kGet);
    ASSERT_NE(peers.back()->read_until("hello"), "");
  }
  RawPeer late(served.address());
  EXPECT_TRUE(late.is_closed());
  EXPECT_EQ(served.server().stats().refused, 1u);
  peers[0]->forget();
  peers[0]->send(kGet);
  EXPECT_NE(peers[0]->read_until("hello").find("200 OK"), std::string::npos);
}

TEST(Server, ServesOthersWhileManyAreIdle) {
  Served served(echo_routes());
  std::vector<std::unique_ptr<RawPeer>> idle;
  for (int i = 0; i < 500; ++i) {
    idle.push_back(std::make_unique<RawPeer>(served.address()));
    idle.back()->send("GET /hel");
  }
  RawPeer peer(served.address());
  peer.send(kGet);
  EXPECT_NE(peer.read_until("hello").find("200 OK"), std::string::npos);
  idle[250]->send("lo HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_NE(idle[250]->read_until("\r\n\r\nhello").find("200 OK"), std::string::npos);
}

// News that a test hands out.
struct Newsroom {
  std::mutex mutex;
  std::vector<std::string> items;
  bool is_over = false;

  void add(std::string item) {
    const std::lock_guard lock(mutex);
    items.push_back(std::move(item));
  }
  Subscription subscribe() {
    Subscription subscription;
    subscription.head.content_type = "text/event-stream";
    subscription.interval = milliseconds(100'000);
    subscription.next = [this, at = std::size_t{0}]() mutable -> Result<Subscription::News> {
      const std::lock_guard lock(mutex);
      Subscription::News news;
      if (at < items.size()) news.bytes = "data: " + items[at++] + "\n\n";
      news.is_last = is_over && at == items.size();
      return news;
    };
    return subscription;
  }
};

std::vector<Route> news_routes(Newsroom& room) {
  std::vector<Route> routes = echo_routes();
  routes.push_back(
      route(Method::GET, "/news", Runs::on_loop,
            [&room](const Request&, Context&) -> Result<Answer> { return room.subscribe(); }));
  return routes;
}

const std::string kNews = "GET /news HTTP/1.1\r\nHost: h\r\n\r\n";

TEST(Server, SendsNewsAsTheyComeAndGoesOnWithTheConnection) {
  Newsroom room;
  room.add("first");
  Served served(news_routes(room));
  RawPeer peer(served.address());
  peer.send(kNews);
  const std::string head = peer.read_until("first\n\n");
  EXPECT_NE(head.find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_NE(head.find("d\r\ndata: first\n\n\r\n"), std::string::npos) << head;
  peer.send(kGet);  // waits for the end of the news
  room.add("second");
  room.add("third");
  served.server().wake();
  peer.read_until("third\n\n");
  {
    const std::lock_guard lock(room.mutex);
    room.is_over = true;
  }
  served.server().wake();
  const std::string all = peer.read_until("\r\n\r\nhello");
  EXPECT_LT(all.find("second"), all.find("third"));
  EXPECT_LT(all.find("0\r\n\r\nHTTP/1.1 200"), all.find("\r\n\r\nhello"));
}

TEST(Server, SendsHeartbeatsWhileThereAreNoNews) {
  Newsroom room;
  std::vector<Route> routes;
  routes.push_back(route(Method::GET, "/news", Runs::on_loop,
                         [&room](const Request&, Context&) -> Result<Answer> {
                           Subscription subscription = room.subscribe();
                           subscription.interval = milliseconds(100);
                           subscription.heartbeat = ":\n\n";
                           return subscription;
                         }));
  Served served(std::move(routes));
  RawPeer peer(served.address());
  peer.send(kNews);
  EXPECT_NE(peer.read_until("3\r\n:\n\n\r\n3\r\n:\n\n\r\n").find(":\n\n\r\n3\r\n:\n\n"),
            std::string::npos);
}

// A request that is answered when there is something to say, with a status of its own.
struct Held {
  std::atomic<int> asked = 0;
  std::atomic<int> status = 0;  // 0: nothing to say yet

  std::vector<Route> routes() {
    std::vector<Route> out = echo_routes();
    out.push_back(route(Method::GET, "/news", Runs::on_loop,
                        [this](const Request&, Context&) -> Result<Answer> {
                          Subscription held;
                          held.is_late = true;
                          held.interval = milliseconds(100'000);
                          held.next = [this] { return next(); };
                          return held;
                        }));
    return out;
  }
  Result<Subscription::News> next() {
    ++asked;
    Subscription::News news;
    if (status == 500) return fail(Code::internal, "out of order");
    if (status == 0) return news;
    news.answer = text_response("late");
    news.answer->status = status;
    return news;
  }
};

TEST(Server, HoldsARequestUntilItsAnswerIsKnown) {
  Held held;
  Served served(held.routes());
  RawPeer peer(served.address());
  peer.send(kNews + kGet);
  while (held.asked == 0) std::this_thread::yield();
  served.server().wake();
  while (held.asked == 1) std::this_thread::yield();
  held.status = 304;
  served.server().wake();
  const std::string all = peer.read_until("\r\n\r\nhello");
  EXPECT_TRUE(all.starts_with("HTTP/1.1 304 Not Modified\r\n")) << all;
  EXPECT_EQ(all.find("chunked"), std::string::npos) << all;
  EXPECT_NE(all.find("\r\n\r\nHTTP/1.1 200 OK"), std::string::npos) << all;
  held.status = 500;
  peer.send(kNews);
  EXPECT_NE(peer.read_until("out of order").find("HTTP/1.1 500"), std::string::npos);
}

TEST(Server, AsksForNewsOnlyWhereThereAreSome) {
  std::atomic<int> asked = 0;
  std::atomic<int> whether = 0;
  std::atomic<bool> has_news = false;
  std::vector<Route> routes;
  routes.push_back(
      route(Method::GET, "/news", Runs::on_loop, [&](const Request&, Context&) -> Result<Answer> {
        Subscription subscription;
        subscription.interval = milliseconds(100'000);
        subscription.head.content_type = "text/event-stream";
        subscription.has_news = [&] {
          ++whether;
          return has_news.load();
        };
        subscription.next = [&]() -> Result<Subscription::News> {
          ++asked;
          const bool has_some = has_news.exchange(false);
          return Subscription::News{has_some ? "data: new\n\n" : ""};
        };
        return subscription;
      }));
  Served served(std::move(routes));
  RawPeer peer(served.address());
  peer.send(kNews);
  while (asked == 0) std::this_thread::yield();
  EXPECT_EQ(whether, 0) << "what was there before is asked for without";
  while (whether < 2) {
    served.server().wake();
    std::this_thread::yield();
  }
  has_news = true;
  served.server().wake();
  EXPECT_NE(peer.read_until("data: new").find("200 OK"), std::string::npos);
  EXPECT_EQ(asked, 2);
}

TEST(Server, TellsHeldRequestsThatItGoes) {
  Held held;
  Served served(held.routes());
  RawPeer peer(served.address());
  peer.send(kNews);
  while (held.asked == 0) std::this_thread::yield();
  served.server().drain(std::chrono::seconds(5));
  EXPECT_NE(peer.read_until("shutting down").find("HTTP/1.1 503"), std::string::npos);
}

TEST(Server, ForgetsSubscribersThatHaveGone) {
  Newsroom room;
  room.add("first");
  Served served(news_routes(room));
  {
    RawPeer peer(served.address());
    peer.send(kNews);
    peer.read_until("first");
  }
  RawPeer other(served.address());
  while (served.server().stats().open > 1) std::this_thread::yield();
  other.send(kGet);
  EXPECT_NE(other.read_until("hello").find("200 OK"), std::string::npos);
}

TEST(Server, DrainsByAnsweringWhatIsUnderWay) {
  std::promise<void> may_end;
  const std::shared_future<void> ended = may_end.get_future().share();
  std::latch has_begun(1);
  Newsroom room;
  std::vector<Route> routes = news_routes(room);
  routes.push_back(route(Method::GET, "/slow", Runs::on_pool,
                         [&, ended](const Request&, Context&) -> Result<Answer> {
                           has_begun.count_down();
                           ended.wait();
                           return text_response("done");
                         }));
  Served served(std::move(routes));
  RawPeer idle(served.address());
  RawPeer subscribed(served.address());
  RawPeer busy(served.address());
  idle.send(kGet);
  idle.read_until("hello");
  subscribed.send(kNews);
  subscribed.read_until("\r\n\r\n");
  busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  has_begun.wait();
  std::thread drains([&] { served.server().drain(milliseconds(10'000)); });
  EXPECT_TRUE(idle.is_closed());
  EXPECT_NE(subscribed.read_all().find("0\r\n\r\n"), std::string::npos);
  may_end.set_value();
  const std::string said = busy.read_all();
  EXPECT_NE(said.find("Connection: close"), std::string::npos);
  EXPECT_EQ(bodies_of(said), std::vector<std::string>{"done"});
  drains.join();
  EXPECT_EQ(served.server().stats().open, 0u);
}

TEST(Server, TellsWhatItServed) {
  struct Seen {
    std::string pattern;
    std::string target;
    int status;
  };
  std::mutex mutex;
  std::vector<Seen> seen;
  ServerOptions options;
  options.loops = 1;
  options.on_served = [&](const ServerOptions::Served& served) {
    const std::lock_guard lock(mutex);
    seen.push_back(
        {served.route ? served.route->pattern : "", std::string(served.target), served.status});
    EXPECT_GT(served.bytes_in, 0u);
    EXPECT_GT(served.bytes_out, 0u);
  };
  Served served(echo_routes(), std::move(options));
  RawPeer peer(served.address());
  peer.send("GET /nothing HTTP/1.1\r\nHost: h\r\n\r\nGET /pool/a?b HTTP/1.1\r\nHost: h\r\n\r\n" +
            kGet);
  peer.read_until("\r\n\r\nhello");
  const std::lock_guard lock(mutex);
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].pattern + seen[0].target + std::to_string(seen[0].status), "/nothing404");
  EXPECT_EQ(seen[1].pattern + seen[1].target + std::to_string(seen[1].status),
            "/pool/{name}/pool/a?b200");
  EXPECT_EQ(seen[2].target, "/hello");
}

TEST(Server, ListensOnAUnixSocketThatOthersCannotUse) {
  TemporaryDirectory here;
  const std::string path = (here.path() / "w.sock").string();
  const auto start = [&] {
    ServerOptions options;
    options.loops = 1;
    options.endpoints.push_back({"unix:" + path, false});
    return Server::start(std::move(options), echo_routes());
  };
  auto first = start();
  ASSERT_TRUE(first) << first.error().text();
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  const auto second = start();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::unavailable);
  first->reset();
  // The socket of a server that is no more is replaced.
  const auto third = start();
  ASSERT_TRUE(third) << third.error().text();
  EXPECT_EQ((*third)->addresses(), std::vector<std::string>{"unix:" + path});
}

TEST(Server, RefusesAddressesThatAreNone) {
  for (const char* address :
       {"", "127.0.0.1", "127.0.0.1:x", "example.org:80", "::1:80", "unix:", "127.0.0.1:70000"}) {
    ServerOptions options;
    options.endpoints.push_back({address, false});
    const auto server = Server::start(std::move(options), echo_routes());
    ASSERT_FALSE(server) << address;
    EXPECT_EQ(server.error().code, Code::invalid_input) << address;
  }
}

}  // namespace
}  // namespace writ::net
