#include "net/connection.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include "net/problem.h"

namespace writ::net {
namespace {

// Answers are written when this much has gathered, even if more requests wait.
constexpr std::size_t kWriteAt = 256u << 10;
// How long a peer that was refused may go on sending before it is cut off.
constexpr std::chrono::milliseconds kLinger{2'000};

}  // namespace

Connection::Connection(Loop& loop, std::unique_ptr<Transport> transport, std::string peer)
    : loop_(loop),
      limits_(loop.service().options.limits),
      transport_(std::move(transport)),
      peer_(std::move(peer)) {}

void Connection::start() {
  loop_.add(shared_from_this());
  enter(Phase::head, limits_.header_time);
  transport_->open(shared_from_this());
}

void Connection::has_opened(bool is_good) { is_good ? read() : close(); }

RequestParser& Connection::parser() {
  WRIT_ASSERT(parser_.has_value());
  return *parser_;
}

Subscription& Connection::subscription() {
  WRIT_ASSERT(subscription_.has_value());
  return *subscription_;
}

void Connection::enter(Phase phase, std::chrono::milliseconds patience) {
  phase_ = phase;
  deadline_ = std::chrono::steady_clock::now() + patience;
}

// --- reading

void Connection::read() {
  if (phase_ == Phase::closed || is_reading_) return;
  is_reading_ = true;
  if (begin_ == end_ && !parser_) {
    begin_ = end_ = 0;
    loop_.give_buffer(std::exchange(buffer_, {}));
  }
  transport_->read(shared_from_this());
}

std::span<char> Connection::room() {
  if (buffer_.empty()) buffer_ = loop_.take_buffer();
  make_room();
  return {buffer_.data() + end_, buffer_.size() - end_};
}

// Unread bytes move down: to the front, or, while a head is in use, to right behind the largest.
void Connection::make_room() {
  const std::size_t floor = parser_ ? limits_.header_bytes : 0;
  if (begin_ <= floor) return;
  std::memmove(buffer_.data() + floor, buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_ - floor;
  begin_ = floor;
}

void Connection::has_read(std::size_t count) {
  is_reading_ = false;
  if (count == 0 || phase_ == Phase::closed) return close();
  if (phase_ == Phase::lingering) {
    begin_ = end_ = 0;
    return read();
  }
  end_ += count;
  if (phase_ == Phase::subscribed) {
    // The next request waits; that the peer has gone shows as the end of what it sends.
    if (end_ < buffer_.size()) read();
    return;
  }
  if (phase_ == Phase::idle) enter(Phase::head, limits_.header_time);
  take_requests();
}

// --- requests

// As many requests of the buffer as can be answered now; their answers go out together.
void Connection::take_requests() {
  Step step = Step::answered;
  while (step == Step::answered && phase_ != Phase::closed && !closes_after_ &&
         unflushed_ < limits_.pipelined && out_.size() < kWriteAt) {
    step = parser_ ? take_body() : take_head();
  }
  flush();
}

Connection::Step Connection::take_head() {
  // RFC 9112 section 2.2: empty lines before a request are ignored.
  while (end_ - begin_ >= 2 && std::memcmp(buffer_.data() + begin_, "\r\n", 2) == 0) begin_ += 2;
  std::string_view bytes(buffer_.data() + begin_, end_ - begin_);
  const std::size_t mark = bytes.find("\r\n\r\n", searched_ > 3 ? searched_ - 3 : 0);
  const std::size_t size = mark == std::string_view::npos ? bytes.size() + 1 : mark + 4;
  if (size > limits_.header_bytes) {
    return refuse(431,
                  "the header is larger than " + std::to_string(limits_.header_bytes) + " bytes");
  }
  if (mark == std::string_view::npos) {
    searched_ = bytes.size();
    return Step::needs_more;
  }
  searched_ = 0;
  if (begin_ + size > limits_.header_bytes) {
    make_room();  // the head stays where it is now; its body needs room behind it
    bytes = {buffer_.data() + begin_, end_ - begin_};
  }
  began_ = std::chrono::steady_clock::now();
  request_bytes_ = size;
  begin_ += size;
  parser_.emplace(limits_.header_bytes);
  if (auto refusal = parser().read_head(bytes.substr(0, size))) {
    return refuse(refusal->status, std::move(refusal->why));
  }
  return begin_request();
}

// The head is there: is there a route, and may the body come?
Connection::Step Connection::begin_request() {
  const Request& request = parser().request();
  auto match = loop_.service().router.find(request.method, request.path);
  if (!match) return refuse(400, match.error().message);
  match_ = std::move(*match);
  if (match_.route == nullptr) return refuse_route();
  if (auto refusal = parser().limit_body(match_.route->body_limit)) {
    return refuse(refusal->status, std::move(refusal->why));
  }
  if (parser().is_done()) return handle();
  enter(Phase::body, limits_.body_time);
  if (begin_ == end_ && parser().wants_continue()) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  return take_body();
}

Connection::Step Connection::take_body() {
  const auto taken = parser().read_body({buffer_.data() + begin_, end_ - begin_});
  begin_ += taken.bytes;
  request_bytes_ += taken.bytes;
  if (taken.refusal) return refuse(taken.refusal->status, taken.refusal->why);
  if (parser().is_done()) return handle();
  const bool is_full = end_ - begin_ >= buffer_.size() - limits_.header_bytes;
  return is_full ? refuse(400, "the line of a chunk is too long") : Step::needs_more;
}

Connection::Step Connection::handle() {
  const Route& route = *match_.route;
  context_.parameters = std::move(match_.parameters);
  context_.peer = peer_;
  context_.is_encrypted = transport_->is_encrypted();
  context_.deadline = began_ + route.timeout;
  context_.stop = loop_.service().stop.get_token();
  if (route.runs == Runs::on_pool) return hand_to_pool();
  context_.worker = loop_.index();
  Result<Answer> answer = call_handler();
  const bool is_too_much = answer && std::holds_alternative<Elsewhere>(*answer);
  return is_too_much ? hand_to_pool() : finish(std::move(answer));
}

Connection::Step Connection::hand_to_pool() {
  enter(Phase::handling, match_.route->timeout);
  const bool is_taken =
      loop_.service().pool->try_post([me = shared_from_this()](std::size_t thread) {
        // Views of the request stay good: the connection waits, and is held here.
        me->context_.worker = me->loop_.service().options.loops + thread;
        me->context_.is_on_pool = true;
        me->loop_.post([me, answer = me->call_handler()]() mutable {
          if (me->phase_ != Phase::handling) return;  // given up meanwhile
          me->phase_ = Phase::head;
          if (me->finish(std::move(answer)) == Step::answered) me->take_requests();
        });
      });
  if (is_taken) return Step::waits;
  return finish(fail(Code::overloaded, "more requests wait than this server works on",
                     "Ask again after the time in Retry-After"));
}

Result<Answer> Connection::call_handler() {
  try {
    return match_.route->handler(parser().request(), context_);
  } catch (const std::exception& e) {
    // Handlers throw nothing by contract; what does is a defect that must not end the server.
    return fail(Code::internal, e.what());
  }
}

// --- answers

Connection::Step Connection::finish(Result<Answer> answer) {
  if (!answer) {
    respond(render(answer.error()));
    return Step::answered;
  }
  WRIT_ASSERT(
      !std::holds_alternative<Elsewhere>(*answer));  // there is no other place than the pool
  auto* subscription = std::get_if<Subscription>(&*answer);
  if (subscription == nullptr) {
    respond(std::get<Response>(*answer));
    return Step::answered;
  }
  if (parser().request().method == Method::HEAD) {
    respond(subscription->head);
    return Step::answered;
  }
  subscribe(std::move(*subscription));
  return Step::waits;
}

// What cannot be read as a request: where the next one would begin is not known.
Connection::Step Connection::refuse(int status, std::string why) {
  closes_after_ = true;
  respond(refusal(status, std::move(why)));
  return Step::answered;
}

Response Connection::refusal(int status, std::string why) const {
  Error error;
  error.code = Code::invalid_input;
  error.message = std::move(why);
  return render(error, status);
}

Connection::Step Connection::refuse_route() {
  const std::string path(parser().request().path);
  if (match_.allow.empty()) return finish(fail(Code::not_found, "nothing is at " + path));
  Response response = refusal(405, path + " takes " + match_.allow);
  response.fields.emplace_back("Allow", match_.allow);
  respond(response);
  return Step::answered;
}

// The handler still reads the request; only its answer is not waited for.
void Connection::give_up_handler() {
  closes_after_ = true;
  write_response(out_, render(fail(Code::timed_out, "the answer took too long").error()),
                 framing());
  enter(Phase::writing, limits_.write_time);
  flush();
}

Response Connection::render(const Error& error, int status) const {
  const auto& own = loop_.service().options.render_error;
  static const Request kNoRequest;
  const Request& request = parser_ ? parser_->request() : kNoRequest;
  return own ? own(error, request, status) : to_problem(error, {}, status);
}

Framing Connection::framing() const {
  Framing framing;
  framing.keeps_alive = !closes_after_;
  framing.is_head = parser_ && parser_->request().method == Method::HEAD;
  framing.is_old = parser_ && parser_->is_old();
  framing.is_chunked = is_chunked_;
  framing.date = loop_.date();
  return framing;
}

void Connection::respond(const Response& response) {
  const bool is_whole = parser_ && parser_->is_done();
  if (!is_whole || !parser_->keeps_alive() || loop_.is_draining()) closes_after_ = true;
  const std::size_t before = out_.size();
  write_response(out_, response, framing());
  ++unflushed_;
  loop_.requests.fetch_add(1, std::memory_order_relaxed);
  if (const auto& on_served = loop_.service().options.on_served; on_served && parser_) {
    const Request& request = parser_->request();
    on_served({match_.route, request.method, request.target, peer_, response.status, request_bytes_,
               out_.size() - before, std::chrono::steady_clock::now() - began_, loop_.index(),
               context_.trace});
  }
  next_request();
}

void Connection::next_request() {
  parser_.reset();
  match_ = {};
  context_ = {};
  const bool has_begun = begin_ < end_;
  enter(has_begun ? Phase::head : Phase::idle, has_begun ? limits_.header_time : limits_.idle_time);
}

// --- writing

// Most answers fit into the socket's buffer: they are written at once, without a trip through the
// event queue.
void Connection::flush() {
  if (phase_ == Phase::closed || !writing_.empty()) return;
  if (!out_.empty()) {
    const auto count = transport_->write_now(out_);
    if (!count) return close();
    out_.erase(0, *count);
  }
  if (out_.empty()) return go_on();
  std::swap(out_, writing_);
  // While a request is under way, its own deadline is the nearer one.
  if (!parser_) enter(Phase::writing, limits_.write_time);
  transport_->write(shared_from_this(), writing_);
}

void Connection::has_written(bool is_good) {
  if (!is_good) return close();
  writing_.clear();
  if (phase_ == Phase::writing && !closes_after_) next_request();
  flush();
}

// Everything is written: what now?
void Connection::go_on() {
  unflushed_ = 0;
  if (phase_ == Phase::subscribed) {
    if (is_woken_) pull();
    return;
  }
  if (closes_after_) return linger();
  if (phase_ == Phase::handling) return;
  const bool has_requests = !parser_ && begin_ < end_ && searched_ < end_ - begin_;
  if (!has_requests) return read();
  // Not at once: other connections have their turn first.
  loop_.post([me = shared_from_this()] {
    if (me->phase_ != Phase::closed) me->take_requests();
  });
}

// A socket that is closed with unread bytes resets the connection, and the peer may lose the
// answer.
void Connection::linger() {
  if (phase_ == Phase::lingering) return;
  if (parser_ && phase_ == Phase::writing) return close();  // the handler still has the buffer
  transport_->finish_sending();
  parser_.reset();
  enter(Phase::lingering, kLinger);
  begin_ = end_ = 0;
  read();
}

// --- the loop's side

void Connection::sweep(SteadyTime now) {
  if (phase_ == Phase::closed || now < deadline_) return;
  switch (phase_) {
    case Phase::subscribed:
      return send_heartbeat();
    case Phase::handling:
      loop_.timed_out.fetch_add(1, std::memory_order_relaxed);
      return give_up_handler();
    case Phase::head:
    case Phase::body:
      loop_.timed_out.fetch_add(1, std::memory_order_relaxed);
      if (begin_ == end_ && !parser_) return close();  // no handshake, no byte
      refuse(408, "the request took too long");
      return flush();
    case Phase::writing:
      loop_.timed_out.fetch_add(1, std::memory_order_relaxed);
      return close();
    case Phase::idle:
    case Phase::lingering:
    case Phase::closed:
      return close();
  }
}

void Connection::drain() {
  closes_after_ = true;
  if (phase_ == Phase::subscribed && subscription().is_late) {
    return take_answer(fail(Code::unavailable, "the server is shutting down"));
  }
  if (phase_ == Phase::subscribed) {
    if (is_chunked_) write_last_chunk(out_);
    enter(Phase::writing, limits_.write_time);
    return flush();
  }
  if (phase_ == Phase::idle && writing_.empty()) close();
}

void Connection::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  transport_->close();
  loop_.remove(shared_from_this());
}

}  // namespace writ::net
