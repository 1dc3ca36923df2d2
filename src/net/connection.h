#pragma once
// A peer's connection: requests in, answers out, in order, one under way at a time.
//
//   read → take_requests → take_head → take_body → handler (here, or on the pool) → respond
//        → … further requests of the same buffer … → flush → read
//
// A Subscription takes the connection over until its last news. Lives on its loop's thread; shared,
// because operations under way and handlers on the pool hold it. Private to net.
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/loop.h"
#include "net/request_parser.h"
#include "net/transport.h"
#include "net/write_response.h"

namespace writ::net {

class Connection final : public TransportUser, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Loop& loop, std::unique_ptr<Transport> transport, std::string peer);

  void start();
  // Asked by the loop: has a deadline or an interval passed? may there be news? close when nothing
  // is under way; close now.
  void sweep(SteadyTime now);
  void wake();
  void drain();
  void close();

 private:
  // What is waited for, each until a deadline.
  enum class Phase : std::uint8_t {
    idle,        // the first byte of a request
    head,        // the rest of its head; also the handshake
    body,        //
    handling,    // the handler on the pool
    subscribed,  // news
    writing,     // the peer, to take an answer
    lingering,   // the peer, to notice that nothing more is read
    closed
  };
  // How far the buffer's next request got: more bytes are needed, it was answered, its answer comes
  // later.
  enum class Step : std::uint8_t { needs_more, answered, waits };

  void has_opened(bool is_good) override;
  std::span<char> room() override;
  void has_read(std::size_t count) override;
  void has_written(bool is_good) override;

  // Of the request under way, which there must be.
  RequestParser& parser();
  Subscription& subscription();

  void enter(Phase phase, std::chrono::milliseconds patience);
  void read();
  void make_room();
  void take_requests();
  Step take_head();
  Step begin_request();
  Step take_body();
  Step handle();
  Step hand_to_pool();
  Result<Answer> call_handler();
  Step finish(Result<Answer> answer);
  Step refuse(int status, std::string why);
  Response refusal(int status, std::string why) const;
  Step refuse_route();
  void give_up_handler();
  Response render(const Error& error, int status = 0) const;
  Framing framing() const;
  void respond(const Response& response);
  void next_request();

  void subscribe(Subscription held);
  void pull();
  void take_news(Result<Subscription::News> news);
  void take_answer(Result<Subscription::News> news);
  void send_heartbeat();

  void flush();
  void go_on();
  void linger();

  Loop& loop_;
  const ServerLimits& limits_;
  std::unique_ptr<Transport> transport_;
  std::string peer_;
  Phase phase_ = Phase::idle;
  SteadyTime deadline_;

  // [begin_, end_) is unread. The head of the request under way lies before begin_ and stays.
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t searched_ = 0;  // unread bytes that are known to hold no whole head
  bool is_reading_ = false;

  std::optional<RequestParser> parser_;  // of the request under way
  Router::Match match_;
  Context context_;
  SteadyTime began_;
  std::size_t request_bytes_ = 0;

  std::optional<Subscription> subscription_;
  bool is_chunked_ = false;
  bool is_pulling_ = false;
  bool is_woken_ = false;  // while pulling, or while the last news are still being written
  bool is_due_ = false;    // news are asked for whether there seem to be any or not

  std::string out_;      // gathers
  std::string writing_;  // is being written
  std::size_t unflushed_ = 0;
  bool closes_after_ = false;
};

}  // namespace writ::net
