#include "evidence/ustar.h"

#include <algorithm>
#include <array>

namespace writ::evidence {
namespace {

constexpr std::size_t kBlock = 512;
using Header = std::array<char, kBlock>;

// POSIX.1-2017, pax "ustar Interchange Format": offsets and lengths of the fields.
constexpr std::size_t kNameLength = 100;
constexpr std::size_t kMode = 100;
constexpr std::size_t kUid = 108;
constexpr std::size_t kGid = 116;
constexpr std::size_t kSize = 124;
constexpr std::size_t kTime = 136;
constexpr std::size_t kChecksum = 148;
constexpr std::size_t kType = 156;
constexpr std::size_t kMagic = 257;

void put(Header& header, std::size_t at, std::string_view text) {
  std::copy(text.begin(), text.end(), header.begin() + static_cast<std::ptrdiff_t>(at));
}

// `digits` octal digits; the field's last byte stays NUL.
void put_octal(Header& header, std::size_t at, std::uint64_t n, std::size_t digits) {
  for (std::size_t i = digits; i-- > 0; n >>= 3) {
    header[at + i] = static_cast<char>('0' + (n & 7));
  }
}

Header make_header(std::string_view name, std::uint64_t size) {
  Header header{};
  put(header, 0, name);
  put(header, kMode, "0000644");
  put(header, kUid, "0000000");
  put(header, kGid, "0000000");
  put_octal(header, kSize, size, 11);
  put(header, kTime, "00000000000");
  put(header, kChecksum, "        ");  // counted as spaces
  header[kType] = '0';
  put(header, kMagic,
      std::string_view("ustar\0"
                       "00",
                       8));
  std::uint64_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put_octal(header, kChecksum, sum, 6);
  header[kChecksum + 6] = '\0';
  return header;
}

std::size_t padding(std::size_t size) { return (kBlock - size % kBlock) % kBlock; }

std::unexpected<Error> broken(std::size_t offset, std::string_view what) {
  return fail(Code::tampered,
              "the archive is broken at byte " + std::to_string(offset) + ": " + std::string(what));
}

bool all_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

// The size that the header states; larger than any archive when it states none.
std::uint64_t stated_size(std::string_view header) {
  std::uint64_t size = 0;
  for (const char c : header.substr(kSize, 11)) {
    if (c < '0' || c > '7') return ~std::uint64_t{0};
    size = size << 3 | static_cast<std::uint64_t>(c - '0');
  }
  return size;
}

Result<void> check_end(std::string_view rest, std::size_t offset) {
  if (rest.size() != 2 * kBlock) return broken(offset, "it does not end with two empty blocks");
  if (!all_zero(rest)) return broken(offset, "its end is not empty");
  return {};
}

}  // namespace

std::string write_tar(const std::vector<TarMember>& members) {
  std::string out;
  for (const TarMember& member : members) {
    WRIT_ASSERT(!member.name.empty() && member.name.size() <= kMaxTarName &&
                member.bytes.size() <= kMaxTarFile);
    const Header header = make_header(member.name, member.bytes.size());
    out.append(header.data(), header.size());
    out.append(member.bytes);
    out.append(padding(member.bytes.size()), '\0');
  }
  out.append(2 * kBlock, '\0');
  return out;
}

Result<std::vector<TarMember>> read_tar(std::string_view archive, std::size_t max_members) {
  std::vector<TarMember> members;
  std::size_t at = 0;
  while (archive.size() - at >= kBlock && archive[at] != '\0') {
    if (members.size() == max_members) return broken(at, "it has too many members");
    const std::string_view header = archive.substr(at, kBlock);
    const std::string_view name = header.substr(0, header.substr(0, kNameLength).find('\0'));
    const std::uint64_t size = stated_size(header);
    const Header expected = make_header(name.substr(0, kMaxTarName), size);
    const auto wrong = std::mismatch(header.begin(), header.end(), expected.begin()).first;
    if (wrong != header.end()) {
      return broken(at + static_cast<std::size_t>(wrong - header.begin()), "not a header of ours");
    }
    at += kBlock;
    if (size > archive.size() - at) return broken(at, "a member is cut off");
    const auto length = static_cast<std::size_t>(size);
    members.push_back({name, archive.substr(at, length)});
    at += length;
    const std::string_view pad = archive.substr(at, padding(length));
    if (pad.size() != padding(length) || !all_zero(pad)) return broken(at, "padding");
    at += pad.size();
  }
  WRIT_CHECK(check_end(archive.substr(at), at));
  return members;
}

}  // namespace writ::evidence
