// Receipts: C2SP tlog-proof, https://c2sp.org/tlog-proof.
#include <charconv>

#include "base/encoding.h"
#include "ledger/checkpoint.h"
#include "ledger/leaf.h"
#include "ledger/ledger.h"
#include "ledger/receipt.h"

namespace writ::ledger {
namespace {

constexpr std::string_view kHeader = "c2sp.org/tlog-proof@v1\n";
constexpr std::size_t kMaxProof = 64;

std::unexpected<Error> malformed(const std::string& what) {
  return fail(Code::invalid_input, "no receipt: " + what,
              "A receipt is a C2SP tlog-proof: header, index, proof and checkpoint");
}

// Takes `prefix…\n` off `text`; false when the next line begins otherwise.
bool take_line(std::string_view& text, std::string_view prefix, std::string_view& rest_of_line) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(prefix)) return false;
  rest_of_line = text.substr(prefix.size(), end - prefix.size());
  text.remove_prefix(end + 1);
  return true;
}

Result<std::vector<Digest>> take_proof(std::string_view& text) {
  std::vector<Digest> proof;
  std::string_view line;
  while (take_line(text, "", line)) {
    if (line.empty()) return proof;
    const Result<std::string> bytes = parse_base64(line);
    if (!bytes || bytes->size() != 32 || to_base64(*bytes) != line) {
      return malformed("a proof line is no SHA-256 in base64");
    }
    if (proof.size() == kMaxProof) return malformed("the proof is too long");
    WRIT_TRY(proof.emplace_back(), Digest::from_bytes(*bytes));
  }
  return malformed("the checkpoint is missing");
}

}  // namespace

Receipt make_receipt(std::uint64_t index, std::vector<Digest> proof, Checkpoint checkpoint) {
  Receipt receipt{index, std::move(proof), std::move(checkpoint), std::string(kHeader)};
  receipt.text += "index " + std::to_string(index) + "\n";
  for (const Digest& hash : receipt.proof) receipt.text += to_base64(hash.view()) + "\n";
  receipt.text += "\n" + receipt.checkpoint.note;
  return receipt;
}

Result<Receipt> parse_receipt(std::string_view text) {
  std::string_view rest = text;
  if (!rest.starts_with(kHeader)) return malformed("the header line is missing");
  rest.remove_prefix(kHeader.size());
  std::string_view line;
  if (take_line(rest, "extra ", line) && !parse_base64(line)) {
    return malformed("the extra line is no base64");
  }
  if (!take_line(rest, "index ", line)) return malformed("the index line is missing");
  Receipt receipt;
  const char* const end = line.data() + line.size();
  const auto [at, error] = std::from_chars(line.data(), end, receipt.index);
  if (error != std::errc{} || at != end || std::to_string(receipt.index) != line) {
    return malformed("the index is no number");
  }
  WRIT_TRY(receipt.proof, take_proof(rest));
  WRIT_TRY(receipt.checkpoint, parse_checkpoint(rest));
  receipt.text = text;
  return receipt;
}

Result<void> verify_receipt(const Event& event, const Receipt& receipt,
                            std::span<const crypto::PublicKey> log_keys) {
  if (event.index && *event.index != receipt.index) {
    return fail(Code::tampered, "the receipt is for another index than the event's");
  }
  const bool has_payload = event.payload_state == Event::Payload::intact;
  if (has_payload && payload_digest(event.salt, event.entry.payload) != event.payload_digest) {
    return fail(Code::tampered, "the event's payload is not the one that was logged");
  }
  WRIT_CHECK(verify_checkpoint(receipt.checkpoint, log_keys));
  return verify_inclusion(receipt.index, receipt.checkpoint.size, leaf_hash(leaf_bytes(event)),
                          receipt.proof, receipt.checkpoint.root);
}

}  // namespace writ::ledger
