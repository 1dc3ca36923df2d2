#pragma once
// A Rego value: 16 bytes, immutable, copied like a number. Short strings and numbers stand inside;
// what is longer, and arrays, objects and sets, stand in an Arena that must outlive the term.
//
//   const Term name = make_string(arena, "ada");     // term/build.h makes them
//   if (const Term* role = user.find("role")) …      // members of an object
//   for (const Term& item : list.items()) …          // arrays, and sets in their order
//
// A default Term is `undefined`: no value at all, which is neither null nor false.
// Thread-safety: as for any value; concurrent reads are fine.
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace writ::rego {

// In the order that values have among each other (after undefined).
enum class Kind : std::uint8_t { undefined, null, boolean, number, string, array, object, set };

// "null", "boolean", "number", …: as type_name and error messages say it.
std::string_view kind_name(Kind kind);

class Term {
 public:
  constexpr Term() = default;
  static Term null() { return Term(Kind::null, 0, 0, 0); }
  static Term boolean(bool b) { return Term(Kind::boolean, 0, 0, b ? 1 : 0); }
  static Term integer(std::int64_t n) {
    return Term(Kind::number, 0, 0, static_cast<std::uint64_t>(n));
  }

  Kind kind() const { return static_cast<Kind>(low_ & 0xff); }
  bool is_defined() const { return kind() != Kind::undefined; }
  bool is_null() const { return kind() == Kind::null; }
  bool is_boolean() const { return kind() == Kind::boolean; }
  bool is_number() const { return kind() == Kind::number; }
  bool is_string() const { return kind() == Kind::string; }
  bool is_array() const { return kind() == Kind::array; }
  bool is_object() const { return kind() == Kind::object; }
  bool is_set() const { return kind() == Kind::set; }
  bool is_collection() const { return kind() >= Kind::array; }
  bool is_true() const { return is_boolean() && high_ != 0; }
  bool is_false() const { return is_boolean() && high_ == 0; }

  // Requires the kind, here and below.
  bool as_boolean() const { return high_ != 0; }

  // The bytes of a string. The view may point into the term itself: keep the term.
  std::string_view text() const& { return spelled(); }
  std::string_view text() const&& = delete;

  // A number that is spelled as an int64 is; see term/number.h for the others (1.0, 1e2, 2.5).
  bool is_small_integer() const {
    return (low_ & 0xffff) == static_cast<std::uint64_t>(Kind::number);
  }
  std::int64_t as_small_integer() const { return static_cast<std::int64_t>(high_); }
  // Requires: a number that is no small integer. Its source text.
  std::string_view number_text() const& { return spelled(); }
  std::string_view number_text() const&& = delete;

  // Elements of an array, members of a set in their order.
  std::span<const Term> items() const;
  // Of an array or object: number of elements or members. Of a set likewise.
  std::size_t size() const { return static_cast<std::size_t>(low_ >> 32); }
  // Of an object: keys in their order, and the values that belong to them.
  std::span<const Term> keys() const;
  std::span<const Term> values() const;

  // Of an object: the value of `key` (compared by value), nullptr when there is none.
  const Term* find(const Term& key) const;
  const Term* find(std::string_view key) const;
  // Of a set.
  bool contains(const Term& member) const;

  // What `term[key]` means: an element, the value of a key, a member of a set; nullptr when that
  // is undefined, also for a term that has no elements.
  const Term* at(const Term& key) const;

  // How many levels of collections are nested in it; 0 for scalars.
  std::uint32_t depth() const;

  // Whether both are the same bits: enough for equality, not necessary.
  bool is_same(const Term& other) const { return low_ == other.low_ && high_ == other.high_; }

 private:
  friend class TermMaker;  // term/build.cc, term/number.cc
  static constexpr std::uint8_t kLong = 0xff;
  static constexpr std::size_t kShortest = 14;

  Term(Kind kind, std::uint8_t form, std::uint32_t size, std::uint64_t payload)
      : low_(static_cast<std::uint64_t>(kind) | static_cast<std::uint64_t>(form) << 8 |
             static_cast<std::uint64_t>(size) << 32),
        high_(payload) {}

  std::uint8_t form() const { return static_cast<std::uint8_t>(low_ >> 8); }
  std::string_view spelled() const {
    if (form() == kLong) return {std::bit_cast<const char*>(high_), size()};
    return {reinterpret_cast<const char*>(this) + 2, form()};
  }
  template <typename Node>
  const Node* node() const {
    return std::bit_cast<const Node*>(high_);
  }
  friend std::uint32_t hash_of(const Term& term);

  // Byte 0: kind. Byte 1: length of a text that stands inside (bytes 2 to 15, zeros after it),
  // 0xff for one in the arena, 0 for an integer. Bytes 4 to 7: size of what stands in the arena.
  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;
};
static_assert(sizeof(Term) == 16);

// The total order of all values: null, false, true, numbers, strings by bytes, arrays, objects by
// keys then values, sets. Numbers by value: 1 equals 1.0.
std::strong_ordering compare(const Term& a, const Term& b);
bool operator==(const Term& a, const Term& b);
inline bool operator<(const Term& a, const Term& b) { return compare(a, b) < 0; }

// Equal terms have equal hashes. Kept in collections once it is known.
std::uint32_t hash_of(const Term& term);

}  // namespace writ::rego
