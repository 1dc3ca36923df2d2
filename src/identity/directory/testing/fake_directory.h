#pragma once
// A directory in memory, which says what a test has put there, and fails where one wants it to.
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "identity/directory/directory_source.h"

namespace writ::identity {

class FakeDirectory final : public DirectorySource {
 public:
  // As one whose id is their name.
  void put(const std::string& name, std::vector<std::string> groups = {},
           std::vector<std::string> addresses = {}) {
    if (addresses.empty()) addresses = {name + "@example.org"};
    people[name] = {.id = name, .addresses = std::move(addresses), .groups = std::move(groups)};
  }

  Result<void> read(const Take& take, std::stop_token) override {
    std::size_t pages = 0;
    std::vector<DirectoryPerson> page;
    for (const auto& [name, person] : people) {
      page.push_back(person);
      if (page.size() < page_size) continue;
      WRIT_CHECK(take(std::exchange(page, {})));
      if (fails_after && ++pages == *fails_after) {
        return fail(Code::unavailable, "the directory has gone away");
      }
    }
    if (const auto once = std::exchange(on_read, {})) once();
    return take(std::move(page));
  }

  std::map<std::string, DirectoryPerson> people;
  std::size_t page_size = 2;
  std::optional<std::size_t> fails_after;  // pages
  std::function<void()> on_read;           // once, when all but the last page was handed over
};

}  // namespace writ::identity
