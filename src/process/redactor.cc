#include "process/redactor.h"

#include <algorithm>

namespace writ::process {
namespace {

struct Match {
  std::size_t begin;
  std::size_t end;
};

std::vector<Match> find_all(const std::vector<std::string>& secrets, std::string_view text) {
  std::vector<Match> matches;
  for (const std::string& secret : secrets) {
    for (std::size_t at = text.find(secret); at != std::string_view::npos;
         at = text.find(secret, at + 1)) {
      matches.push_back({at, at + secret.size()});
    }
  }
  std::sort(matches.begin(), matches.end(),
            [](const Match& a, const Match& b) { return a.begin < b.begin; });
  return matches;
}

}  // namespace

Redactor::Redactor(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {
  std::erase_if(secrets_, [](const std::string& secret) { return secret.empty(); });
}

std::string Redactor::feed(std::string_view chunk) {
  if (secrets_.empty()) return std::string(chunk);
  held_ += chunk;
  return release(false);
}

std::string Redactor::finish() { return release(true); }

std::size_t Redactor::undecided() const {
  std::size_t longest = 0;
  for (const std::string& secret : secrets_) {
    for (std::size_t size = std::min(secret.size() - 1, held_.size()); size > longest; --size) {
      if (std::string_view(held_).ends_with(std::string_view(secret).substr(0, size))) {
        longest = size;
      }
    }
  }
  return held_.size() - longest;
}

std::string Redactor::release(bool is_last) {
  const std::size_t hold = is_last ? held_.size() : undecided();
  std::string out;
  std::size_t done = covered_;
  for (const Match& match : find_all(secrets_, held_)) {
    if (match.begin >= hold) break;
    if (match.begin >= done) {
      out.append(held_, done, match.begin - done).append("***");
    }
    done = std::max(done, match.end);
  }
  if (done < hold) {
    out.append(held_, done, hold - done);
    done = hold;
  }
  held_.erase(0, hold);
  covered_ = done - hold;
  return out;
}

}  // namespace writ::process
