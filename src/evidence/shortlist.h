#pragma once
// As many entries as fit into a budget of JSON, and how many did not: for the data of records.
#include <cstddef>

#include "base/json.h"
#include "base/value.h"

namespace writ::evidence {

class Shortlist {
 public:
  // `budget` in bytes of the entries as JSON.
  explicit Shortlist(std::size_t budget) : left_(budget) {}

  void add(Value entry) {
    const std::size_t size = to_json(entry).size() + 1;
    if (size > left_ || not_listed_ > 0) {
      ++not_listed_;
      return;
    }
    left_ -= size;
    entries_.push_back(std::move(entry));
  }
  Array take() { return std::move(entries_); }
  std::size_t not_listed() const { return not_listed_; }

 private:
  Array entries_;
  std::size_t left_;
  std::size_t not_listed_ = 0;
};

}  // namespace writ::evidence
