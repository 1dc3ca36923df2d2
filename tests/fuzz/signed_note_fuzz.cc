// Signed notes and verifier keys: what parses formats back to the same bytes.
#include <cstddef>
#include <cstdint>

#include "base/encoding.h"
#include "crypto/signed_note.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace writ;
  static const auto known = crypto::NoteKey::parse_vkey(
      "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
  WRIT_ASSERT(known.has_value());
  const std::string_view text = as_text({data, size});
  if (const auto key = crypto::NoteKey::parse_vkey(text)) WRIT_ASSERT(key->vkey() == text);
  const auto note = crypto::SignedNote::parse(text);
  if (!note) return 0;
  WRIT_ASSERT(note->format() == text);
  if (const auto verified = note->verify({&*known, 1})) {
    WRIT_ASSERT(note->text == "This is an example message.\n");
  }
  return 0;
}
