#pragma once
// Drives that wait for somebody's word. Who says one in this process hands it to the drive itself,
// which makes it durable with all that comes of it: one commit, and the drive need not read what it
// has been told. For words of other processes there is one look at the store for all that wait:
// whoever writes to a run wakes who waits for that run, and nobody else.
//
// Thread-safe. Waiters go before it does.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <future>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/id.h"
#include "base/result.h"
#include "store/store.h"

namespace writ::execution {

class Journal;
struct Tree;

// A word in the hands of a drive. Whoever said it waits until it is durable, or until this goes.
class HandedWord {
 public:
  struct Word {
    std::string step;  // which it is about
    // Stages it, or nothing but its refusal, in the drive's own journal and on its thread, about
    // the tree as the drive sees it.
    std::function<void(Journal&, const Tree&)> say;
  };

  explicit HandedWord(const Word& word) : word_(word) {}  // borrowed
  ~HandedWord() {
    if (!is_answered_) answer_.set_value(false);
  }
  HandedWord(const HandedWord&) = delete;
  HandedWord& operator=(const HandedWord&) = delete;

  const std::string& step() const { return word_.step; }
  void say(Journal& journal, const Tree& tree) const { word_.say(journal, tree); }
  // Once, when all that it staged is.
  void tell_durable() {
    is_answered_ = true;
    answer_.set_value(true);
  }

 private:
  friend class RunNews;
  const Word& word_;
  std::promise<bool> answer_;
  bool is_answered_ = false;
};

class RunNews {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `store` is borrowed. Nothing is watched before somebody waits.
  explicit RunNews(store::Store& store) : store_(store) {}
  ~RunNews();
  RunNews(const RunNews&) = delete;
  RunNews& operator=(const RunNews&) = delete;

  // What a drive that waited knows.
  struct News {
    bool has_moved = false;            // the run's next event has another number than `next`
    std::unique_ptr<HandedWord> word;  // null: none was handed to it
    bool is_any() const { return has_moved || word != nullptr; }
  };
  // Until there are news of the run, `end` comes, or `stop` is asked for. Errors: those of the
  // store.
  Result<News> wait(RunId run, std::uint64_t next, const std::stop_token& stop, Time end);

  // Has the drive that waits for `run` take a word, and blocks until it is durable. False: none
  // waits here, or it came to nothing; then nothing of the word stands, though it may have been
  // said.
  bool hand(RunId run, const HandedWord::Word& word);
  // Whether a word could be handed to a drive of `run` at this moment.
  bool is_awaited(RunId run) const;

 private:
  struct Waiter {
    RunId run;
    std::uint64_t next = 0;
    bool is_called = false;  // it has moved, or nobody could tell
    std::unique_ptr<HandedWord> word;
    std::condition_variable_any called;
    bool hears(RunId of) const { return run == of && word == nullptr; }
  };
  using Waiters = std::list<Waiter>;

  Result<void> begin();
  void keep_looking(const std::stop_token& stop);
  void look();

  store::Store& store_;
  mutable std::mutex mutex_;  // guards what follows
  Waiters waiters_;
  bool has_rung_ = false;
  std::condition_variable_any rung_;
  std::unique_ptr<store::Watch> watch_;
  std::jthread looker_;  // a watch may not ask the store
};

}  // namespace writ::execution
