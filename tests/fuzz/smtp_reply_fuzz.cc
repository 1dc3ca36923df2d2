// What a mail server answers: read, refused, or waited for, and the same in whatever pieces it
// comes.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/encoding.h"
#include "net/smtp_reply.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace writ;
  std::string_view bytes = as_text({data, size});
  for (;;) {
    const auto parsed = net::parse_smtp_reply(bytes);
    if (!parsed || !*parsed) return 0;
    const net::ParsedReply& one = **parsed;
    WRIT_ASSERT(one.size >= 5 && one.size <= bytes.size());
    WRIT_ASSERT(one.reply.code >= 200 && one.reply.code < 600 && !one.reply.lines.empty());
    WRIT_ASSERT(one.reply.status().size() <= 15);
    (void)net::extensions_of(one.reply);
    // One byte less is not an answer yet, and no other one.
    const auto less = net::parse_smtp_reply(bytes.substr(0, one.size - 1));
    WRIT_ASSERT(less && !*less);
    bytes.remove_prefix(one.size);
  }
}
