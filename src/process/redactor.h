#pragma once
// Replaces secret values in a stream by ***, also where a value is split over two chunks.
//
// Holds back only what may be the beginning of a secret, so output stays live. Values that overlap
// become one ***. One Redactor per stream.
#include <string>
#include <string_view>
#include <vector>

namespace writ::process {

class Redactor {
 public:
  // Empty values are ignored.
  explicit Redactor(std::vector<std::string> secrets);

  // What may be shown after `chunk` came. The result is empty while a secret may be under way.
  std::string feed(std::string_view chunk);
  // The rest, when no more comes.
  std::string finish();

 private:
  std::string release(bool is_last);
  // Start of the longest suffix of `held_` that a longer input could complete to a secret.
  std::size_t undecided() const;

  std::vector<std::string> secrets_;
  std::string held_;
  std::size_t covered_ = 0;  // bytes at the front of `held_` that an earlier *** stands for
};

}  // namespace writ::process
