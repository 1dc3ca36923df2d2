#include "scan/keywords.h"

#include <hs/hs.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"

namespace writ::scan {
namespace {

struct Free {
  void operator()(hs_database_t* database) const { hs_free_database(database); }
  void operator()(hs_scratch_t* scratch) const { hs_free_scratch(scratch); }
};
using Scratch = std::unique_ptr<hs_scratch_t, Free>;

// What one search knows. Matches come in the order of their ends, so a line is known whole when
// one behind it comes.
struct Search {
  std::span<const std::uint32_t> owners;
  std::string_view text;
  const std::function<bool(std::size_t, std::uint32_t)>& found;
  // Of the bytes that are being looked through, and which matches count: those that end there.
  std::size_t offset = 0;
  std::size_t first = 0;
  std::size_t last = 0;
  // The line that is being gathered; nobody owns anything: none yet.
  std::size_t at = 0;
  std::size_t end = 0;
  std::uint32_t gathered = 0;

  bool report() const { return gathered == 0 || found(at, gathered); }
};

int note(unsigned int id, unsigned long long, unsigned long long to, unsigned int, void* context) {
  auto& search = *static_cast<Search*>(context);
  const std::size_t last = search.offset + static_cast<std::size_t>(to) - 1;
  if (last < search.first || last >= search.last) return 0;
  if (last >= search.end) {
    if (!search.report()) return 1;
    search.at = last;
    search.end = std::min(search.text.find('\n', last), search.text.size());
    search.gathered = 0;
  }
  search.gathered |= search.owners[id];
  return 0;
}

// On processors with AVX-512 Vectorscan 5.4.9 misses some matches that end in the last 64 bytes of
// what it is given, short texts whole: the end of a text is looked through in a copy with so many
// bytes behind it.
constexpr std::size_t kPadding = 128;
// Texts up to this size are copied whole.
constexpr std::size_t kCopied = 16u << 10;
// How far before the end of a longer one the copy begins, for keywords that go over lines.
constexpr std::size_t kOverlap = 4u << 10;

// A search takes 32 bits of length: longer texts are cut, at the end of a line where there is one.
std::string_view next_piece(std::string_view text) {
  constexpr std::size_t kLongest = 1u << 30;
  if (text.size() <= kLongest) return text;
  const std::size_t cut = text.rfind('\n', kLongest - 1);
  return text.substr(0, cut == std::string_view::npos ? kLongest : cut + 1);
}

}  // namespace

struct Keywords::Database {
  std::unique_ptr<hs_database_t, Free> compiled;  // null: no keywords
  std::vector<std::uint32_t> owners;              // by the keyword's number
  // One for each search under way: a search writes into its own.
  std::mutex mutex;
  std::vector<Scratch> idle;

  hs_error_t look(std::string_view bytes, hs_scratch_t* scratch, Search& search) const {
    return hs_scan(compiled.get(), bytes.data(), static_cast<unsigned>(bytes.size()), 0, scratch,
                   note, &search);
  }
  // The bytes from `begin` to `end` of the text; those up to `first` were looked through before.
  hs_error_t look_at_copy(std::size_t begin, std::size_t first, std::size_t end,
                          hs_scratch_t* scratch, Search& search) const {
    std::string copy;
    copy.reserve(end - begin + kPadding);
    copy.append(search.text.substr(begin, end - begin)).append(kPadding, '\n');
    search.offset = begin;
    search.first = first;
    search.last = end;
    return look(copy, scratch, search);
  }
  hs_error_t look_at_piece(std::size_t begin, std::size_t end, hs_scratch_t* scratch,
                           Search& search) const {
    if (end - begin <= kCopied) return look_at_copy(begin, begin, end, scratch, search);
    search.offset = search.first = begin;
    search.last = end - kPadding;
    const hs_error_t code = look(search.text.substr(begin, end - begin), scratch, search);
    if (code != HS_SUCCESS) return code;
    const std::size_t line = search.text.rfind('\n', end - kPadding - kOverlap);
    const bool is_near = line != std::string_view::npos && line + kCopied > end;
    return look_at_copy(is_near ? line + 1 : end - kPadding - kOverlap, end - kPadding, end,
                        scratch, search);
  }

  Scratch take() {
    const std::lock_guard lock(mutex);
    if (idle.empty()) {
      hs_scratch_t* scratch = nullptr;
      WRIT_ASSERT(hs_alloc_scratch(compiled.get(), &scratch) == HS_SUCCESS);
      return Scratch(scratch);
    }
    Scratch scratch = std::move(idle.back());
    idle.pop_back();
    return scratch;
  }
  void give_back(Scratch scratch) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(scratch));
  }
};

Keywords::Keywords(std::span<const Keyword> keywords) : database_(std::make_unique<Database>()) {
  if (keywords.empty()) return;
  std::vector<std::string> copies;
  std::vector<const char*> expressions;
  std::vector<unsigned> ids;
  for (const Keyword& keyword : keywords) {
    ids.push_back(static_cast<unsigned>(ids.size()));
    copies.emplace_back(keyword.pattern);
    database_->owners.push_back(keyword.owners);
  }
  for (const std::string& copy : copies) expressions.push_back(copy.c_str());
  const std::vector<unsigned> flags(copies.size(), HS_FLAG_CASELESS);
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  const hs_error_t code = hs_compile_multi(expressions.data(), flags.data(), ids.data(),
                                           static_cast<unsigned>(copies.size()), HS_MODE_BLOCK,
                                           nullptr, &database, &error);
  WRIT_ASSERT(code == HS_SUCCESS);  // the patterns are ours
  database_->compiled.reset(database);
}
Keywords::Keywords(Keywords&&) noexcept = default;
Keywords::~Keywords() = default;

void Keywords::each_line(std::string_view text,
                         const std::function<bool(std::size_t, std::uint32_t)>& found) const {
  if (database_->compiled == nullptr) return;
  Search search{.owners = database_->owners, .text = text, .found = found};
  Scratch scratch = database_->take();
  hs_error_t code = HS_SUCCESS;
  for (std::size_t begin = 0; begin < text.size() && code == HS_SUCCESS;) {
    const std::size_t end = begin + next_piece(text.substr(begin)).size();
    code = database_->look_at_piece(begin, end, scratch.get(), search);
    begin = end;
  }
  database_->give_back(std::move(scratch));
  if (code == HS_SCAN_TERMINATED) return;
  WRIT_ASSERT(code == HS_SUCCESS);
  search.report();
}

}  // namespace writ::scan
