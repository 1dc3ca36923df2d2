#include "identity/base62.h"

#include "base/result.h"

namespace writ::identity {

std::string to_base62(std::string_view bytes, std::size_t digits) {
  std::string number(bytes);
  std::string out(digits, kBase62[0]);
  for (auto digit = out.rbegin(); digit != out.rend(); ++digit) {
    unsigned rest = 0;  // long division by 62
    for (char& c : number) {
      const unsigned value = rest << 8 | static_cast<unsigned char>(c);
      c = static_cast<char>(value / 62);
      rest = value % 62;
    }
    *digit = kBase62[rest];
  }
  WRIT_ASSERT(number.find_first_not_of('\0') == number.npos);
  return out;
}

bool is_base62(std::string_view text) { return text.find_first_not_of(kBase62) == text.npos; }

}  // namespace writ::identity
