#pragma once
// A log service for tests: takes what a server uploads, refuses as often as it is told to.
#include <gtest/gtest.h>
#include <zlib.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "base/json.h"
#include "net/testing/served.h"

namespace writ::server::testing {

inline std::string gunzipped(std::string_view bytes) {
  z_stream stream{};
  EXPECT_EQ(::inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(std::size_t{8} << 20, '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  ::inflateEnd(&stream);
  return out;
}

class LogService {
 public:
  // Answers 500 to the first `refusals` uploads.
  explicit LogService(int refusals = 0)
      : refusals_(refusals),
        served_({net::testing::route(
            net::Method::POST, "/{path...}", net::Runs::on_pool,
            [this](const net::Request& request, net::Context&) { return take(request); })}) {}

  std::string url() const { return served_.url("/logs-api/"); }

  struct Upload {
    std::string path;
    std::string encoding;
    std::string authorization;
    std::size_t bytes = 0;
    Array events;
  };
  std::vector<Upload> uploads() const {
    const std::lock_guard lock(mutex_);
    return uploads_;
  }
  int refused() const {
    const std::lock_guard lock(mutex_);
    return refused_;
  }
  // In the order in which they were taken.
  std::vector<Value> events() const {
    std::vector<Value> out;
    for (const Upload& upload : uploads()) {
      out.insert(out.end(), upload.events.begin(), upload.events.end());
    }
    return out;
  }
  // Until that many have come, for at most ten seconds.
  std::vector<Value> wait_for_events(std::size_t count) {
    std::unique_lock lock(mutex_);
    wakes_.wait_for(lock, std::chrono::seconds(10), [&] { return taken_ >= count; });
    lock.unlock();
    return events();
  }
  void refuse_next(int count) {
    const std::lock_guard lock(mutex_);
    refusals_ = count;
  }

 private:
  Result<net::Answer> take(const net::Request& request) {
    const std::lock_guard lock(mutex_);
    net::Response response;
    if (refusals_ > 0) {
      --refusals_;
      ++refused_;
      response.status = 500;
      wakes_.notify_all();
      return response;
    }
    Upload upload{std::string(request.path),
                  std::string(request.fields.value_or("Content-Encoding", "")),
                  std::string(request.fields.value_or("Authorization", "")),
                  request.body.size(),
                  {}};
    const auto events = parse_json(gunzipped(request.body));
    EXPECT_TRUE(events && events->is_array());
    if (events) upload.events = events->as_array();
    taken_ += upload.events.size();
    uploads_.push_back(std::move(upload));
    wakes_.notify_all();
    return response;
  }

  mutable std::mutex mutex_;
  std::condition_variable wakes_;
  int refusals_;
  int refused_ = 0;
  std::size_t taken_ = 0;
  std::vector<Upload> uploads_;
  net::testing::Served served_;
};

}  // namespace writ::server::testing
