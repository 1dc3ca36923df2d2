#pragma once
// Text that a builtin writes and whose length a policy chooses: it stops growing where the arena
// has no more room for it.
#include <string>
#include <string_view>

#include "policy/builtins/builtin.h"

namespace writ::rego {

class BoundedText {
 public:
  explicit BoundedText(const Call& call) : call_(call) {}

  // False when the call is to end; then any outcome will do.
  bool append(std::string_view more) {
    text_ += more;
    return text_.size() < checked_ || check();
  }
  bool append(std::size_t count, char c) {
    if (count > kStep && !call_.arena().admit(count)) return false;
    text_.append(count, c);
    return text_.size() < checked_ || check();
  }

  std::string& text() { return text_; }
  Term term() const { return call_.string(text_); }

 private:
  static constexpr std::size_t kStep = std::size_t{1} << 16;
  bool check() {
    checked_ = text_.size() + kStep;
    return call_.keep_going() && call_.arena().admit(text_.size());
  }

  const Call& call_;
  std::string text_;
  std::size_t checked_ = kStep;
};

}  // namespace writ::rego
