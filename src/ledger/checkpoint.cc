#include "ledger/checkpoint.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "crypto/signed_note.h"
#include "ledger/tables.h"
#include "ledger/tree.h"

namespace writ::ledger {
namespace {

std::unexpected<Error> malformed(const char* what) {
  return fail(Code::invalid_input, std::string("no checkpoint: ") + what,
              "A checkpoint has three lines, origin, size and root, and signatures under them");
}

std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::vector<crypto::NoteKey> note_keys(std::string_view origin,
                                       std::span<const crypto::PublicKey> keys) {
  std::vector<crypto::NoteKey> known;
  for (const crypto::PublicKey& key : keys) known.push_back({std::string(origin), key});
  return known;
}

std::string encode_signed(const LastSigned& last) {
  return encode_number(last.size) + std::string(last.root.view());
}

// What signing needs to know, from one snapshot.
struct HeadState {
  Frontier head;
  std::optional<std::string> guard;  // the row as it stands
  std::optional<Checkpoint> newest;
};

// The tree must have grown out of what was signed last.
Result<void> check_guard(store::Tx& tx, const Frontier& head) {
  WRIT_TRY(const auto last, load_last_signed(tx));
  if (!last) return {};
  const std::string advice =
      "Restore the newest copy of the store: this one would contradict what was signed before";
  if (head.size < last->size) {
    return fail(Code::tampered,
                "the log has " + std::to_string(head.size) + " events, but a head of " +
                    std::to_string(last->size) + " was signed",
                advice);
  }
  TileReader tiles(tx);
  WRIT_TRY(const Digest then, tiles.root_at(last->size));
  WRIT_TRY(const Digest now, tiles.root_at(head.size));
  if (then == last->root && now == head.root()) return {};
  return fail(Code::tampered,
              "the first " + std::to_string(last->size) + " events are not those that were signed",
              advice);
}

Result<HeadState> read_head_state(store::Tx& tx) {
  HeadState state;
  WRIT_TRY(state.head, load_head(tx));
  WRIT_CHECK(check_guard(tx, state.head));
  WRIT_TRY(state.guard, tx.get(kHead, kSignedKey));
  WRIT_TRY(state.newest, load_newest_checkpoint(tx));
  return state;
}

bool already_signed(const HeadState& state, const Digest& root, const crypto::Signer& signer) {
  return state.newest && state.newest->size == state.head.size && state.newest->root == root &&
         verify_checkpoint(*state.newest, {&signer.public_key(), 1}).has_value();
}

// False when someone else signed in the meantime.
Result<bool> keep_checkpoint(store::Tx& tx, const HeadState& state, const Checkpoint& checkpoint) {
  WRIT_TRY(const auto guard, tx.get(kHead, kSignedKey));
  if (guard != state.guard) return false;
  WRIT_CHECK(tx.put(kHead, kSignedKey, encode_signed({checkpoint.size, checkpoint.root})));
  WRIT_CHECK(tx.put(kCheckpoints, number_key(checkpoint.size), checkpoint.note));
  return true;
}

}  // namespace

std::string checkpoint_text(std::string_view origin, std::uint64_t size, const Digest& root) {
  return std::string(origin) + "\n" + std::to_string(size) + "\n" + to_base64(root.view()) + "\n";
}

bool is_origin(std::string_view origin) {
  const auto is_allowed = [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code > 0x20 && code < 0x7f && c != '+';
  };
  return !origin.empty() && std::ranges::all_of(origin, is_allowed);
}

Result<Checkpoint> parse_checkpoint(std::string_view note) {
  WRIT_TRY(const crypto::SignedNote parsed, crypto::SignedNote::parse(note));
  std::string_view rest = parsed.text;
  const auto origin = take_line(rest);
  const auto size = take_line(rest);
  const auto root = take_line(rest);
  if (!origin || origin->empty() || !size || !root) return malformed("lines are missing");
  Checkpoint checkpoint;
  checkpoint.origin = *origin;
  checkpoint.note = note;
  const char* const end = size->data() + size->size();
  const auto [at, error] = std::from_chars(size->data(), end, checkpoint.size);
  // One spelling only, as for everything that is signed.
  if (error != std::errc{} || at != end || std::to_string(checkpoint.size) != *size) {
    return malformed("the size is no number");
  }
  const Result<std::string> hash = parse_base64(*root);
  if (!hash || hash->size() != kHashSize || to_base64(*hash) != *root) {
    return malformed("the root is no SHA-256 in base64");
  }
  WRIT_TRY(checkpoint.root, Digest::from_bytes(*hash));
  while (const auto line = take_line(rest)) {
    if (line->empty()) return malformed("an extension line is empty");
  }
  return checkpoint;
}

Result<void> verify_checkpoint(const Checkpoint& checkpoint,
                               std::span<const crypto::PublicKey> log_keys) {
  WRIT_TRY(const Checkpoint stated, parse_checkpoint(checkpoint.note));
  if (stated.origin != checkpoint.origin || stated.size != checkpoint.size ||
      stated.root != checkpoint.root) {
    return fail(Code::tampered, "a checkpoint's note does not say what is claimed of it");
  }
  WRIT_TRY(const auto note, crypto::SignedNote::parse(checkpoint.note));
  WRIT_CHECK(note.verify(note_keys(checkpoint.origin, log_keys)));
  return {};
}

Result<std::optional<Checkpoint>> load_newest_checkpoint(store::Tx& tx) {
  WRIT_TRY(const auto rows, tx.scan(kCheckpoints, everything(), 1, store::Order::descending));
  if (rows.empty()) return std::optional<Checkpoint>();
  Result<Checkpoint> checkpoint = parse_checkpoint(rows.front().value);
  if (!checkpoint || number_key(checkpoint->size) != rows.front().key) {
    return fail(Code::tampered, "the newest stored checkpoint is damaged");
  }
  return std::optional(*std::move(checkpoint));
}

Result<std::optional<LastSigned>> load_last_signed(store::Tx& tx) {
  WRIT_TRY(const auto row, tx.get(kHead, kSignedKey));
  if (!row) return std::optional<LastSigned>();
  LastSigned last;
  WRIT_TRY(last.size, decode_number(std::string_view(*row).substr(0, 8)));
  const Result<Digest> root = Digest::from_bytes(std::string_view(*row).substr(8));
  if (!root) return fail(Code::tampered, "the record of the last signed head is damaged");
  last.root = *root;
  return std::optional(last);
}

Result<Checkpoint> sign_head(store::Store& store, std::string_view origin,
                             const crypto::Signer& signer) {
  while (true) {
    WRIT_TRY(const HeadState state, store.read(read_head_state));
    const Digest root = state.head.root();
    if (already_signed(state, root, signer)) return *state.newest;
    crypto::SignedNote note;
    note.text = checkpoint_text(origin, state.head.size, root);
    WRIT_CHECK(note.sign(origin, signer));
    Checkpoint checkpoint{std::string(origin), state.head.size, root, note.format()};
    // Nothing signed leaves this function before the guard knows of it.
    WRIT_TRY(const bool kept,
             store.write([&](store::Tx& tx) { return keep_checkpoint(tx, state, checkpoint); }));
    if (kept) return checkpoint;
  }
}

}  // namespace writ::ledger
