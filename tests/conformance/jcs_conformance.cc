// RFC 8785: the vectors of the reference implementation, and its generated sequence of numbers by
// the SHA-256 of the lines.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/encoding.h"
#include "base/file.h"
#include "base/json.h"
#include "contract/canonical.h"

namespace writ::contract {
namespace {

const std::filesystem::path kVectors = WRIT_SOURCE_DIR "/../shared/conformance/jcs/testdata";
constexpr std::size_t kFileLimit = 1 << 20;

std::string sha256(std::string_view text) {
  std::string digest(32, '\0');
  EXPECT_EQ(EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()),
                       nullptr, EVP_sha256(), nullptr),
            1);
  return digest;
}

// The doubles that open the sequence stand in the vectors' own description.
std::vector<std::uint64_t> opening_bits(std::string_view description) {
  std::vector<std::uint64_t> bits;
  const auto begin = description.find("staticU64s = ");
  const std::string_view table = description.substr(begin, description.find("])", begin) - begin);
  for (auto at = table.find("0x"); at != table.npos; at = table.find("0x", at + 1)) {
    bits.push_back(std::stoull(std::string(table.substr(at + 2, 16)), nullptr, 16));
  }
  for (std::uint64_t i = 0; i < 2000; ++i) bits.push_back(0x0010000000000000u + i);
  return bits;
}

class NumberSequence {
 public:
  explicit NumberSequence(std::string_view description) : opening_(opening_bits(description)) {}

  std::uint64_t next() {
    if (index_ < opening_.size()) return opening_[index_++];
    while (true) {
      if (left_ == 0) {
        block_ = sha256(block_);
        left_ = 4;
      }
      std::uint64_t bits = 0;
      std::memcpy(&bits, block_.data() + (4 - left_--) * 8, sizeof bits);
      const double number = std::bit_cast<double>(bits);
      if (number != 0 && std::isfinite(number)) return bits;
    }
  }

 private:
  std::vector<std::uint64_t> opening_;
  std::size_t index_ = 0;
  std::string block_ = std::string(32, '\0');
  std::size_t left_ = 0;
};

TEST(JcsVectors, GiveTheBytesOfTheReference) {
  if (!std::filesystem::exists(kVectors)) GTEST_SKIP() << "no vectors at " << kVectors;
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kVectors / "input")) {
    const auto input = parse_json(*read_file(entry.path(), kFileLimit));
    ASSERT_TRUE(input.has_value()) << entry.path();
    const auto canonical = canonical_json(*input);
    ASSERT_TRUE(canonical.has_value()) << entry.path();
    EXPECT_EQ(*canonical, *read_file(kVectors / "output" / entry.path().filename(), kFileLimit))
        << entry.path();
    ++count;
  }
  EXPECT_EQ(count, 6u);
}

TEST(JcsNumbers, GiveTheDigestsOfTheGeneratedSequence) {
  const auto description = read_file(kVectors / "README.md", kFileLimit);
  if (!description) GTEST_SKIP() << "no description at " << kVectors;
  constexpr std::pair<std::size_t, std::string_view> kDigests[] = {
      {1'000, "be18b62b6f69cdab33a7e0dae0d9cfa869fda80ddc712221570f9f40a5878687"},
      {10'000, "b9f7a8e75ef22a835685a52ccba7f7d6bdc99e34b010992cbc5864cd12be6892"},
      {100'000, "22776e6d4b49fa294a0d0f349268e5c28808fe7e0cb2bcbe28f63894e494d4c7"},
      {1'000'000, "49415fee2c56c77864931bd3624faad425c3c577d6d74e89a83bc725506dad16"},
  };
  NumberSequence sequence(*description);
  std::string lines;
  std::size_t count = 0;
  for (const auto& [wanted, digest] : kDigests) {
    for (; count < wanted; ++count) {
      const std::uint64_t bits = sequence.next();
      char hex[17];
      const int size =
          std::snprintf(hex, sizeof hex, "%llx", static_cast<unsigned long long>(bits));
      lines.append(hex, static_cast<std::size_t>(size)).append(",");
      lines.append(es6_number(std::bit_cast<double>(bits))).append("\n");
    }
    EXPECT_EQ(to_hex(as_bytes(sha256(lines))), digest) << wanted << " lines";
  }
}

}  // namespace
}  // namespace writ::contract
