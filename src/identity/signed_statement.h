#pragma once
// A person's or agent's word in a run, signed so that it holds nowhere else: it names run, step,
// attempt, tree and plan. A DSSE envelope over RFC 8785 JSON.
// Contract: contracts/statement.schema.json.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "base/value.h"
#include "crypto/digest.h"
#include "crypto/dsse.h"
#include "crypto/key.h"
#include "identity/authority.h"

namespace writ::identity {

inline constexpr std::string_view kStatementType = "application/vnd.writ.statement+json";

enum class StatementKind : std::uint8_t {
  approval,
  rejection,
  resolution,  // a blocker is lifted
  submission,
  assumption,  // made where the documents leave a choice
  deferral,    // something is put off
  closure,     // what was put off is settled
  claim,       // somebody works on an external step
};

std::string_view statement_kind_name(StatementKind kind);
std::optional<StatementKind> find_statement_kind(std::string_view name);
// What the signer of such a statement does.
Act act_of(StatementKind kind);

// A file that a submission vouches for.
struct EvidenceClaim {
  std::string kind;  // evidence kind: tests, file, …
  std::string path;  // as the step declared it
  crypto::Digest digest;
  friend bool operator==(const EvidenceClaim&, const EvidenceClaim&) = default;
};

struct Statement {
  StatementKind kind = StatementKind::approval;
  RunId run;
  std::string step;  // path
  std::uint32_t attempt = 1;
  crypto::Digest tree;  // that the signer looked at
  crypto::Digest plan;
  std::string role;                     // in which the signer acts; may be empty for act submit
  std::string reason;                   // at most 4 KiB; required to reject, resolve and close
  WallTime at;                          // as the signer's clock had it
  std::optional<BlockerId> blocker;     // resolution: which one it lifts
  std::vector<EvidenceClaim> evidence;  // submission: what was handed in
  // assumption, deferral, closure: the digest of the canonical value that it is about.
  std::optional<crypto::Digest> subject;

  friend bool operator==(const Statement&, const Statement&) = default;
};

// Errors: invalid_input (a member that does not fit the kind), those of the signer.
Result<crypto::DsseEnvelope> make_statement(const Statement& statement,
                                            const crypto::Signer& signer);

// What the envelope says, before anybody looked at the signature: to find the step that it is
// about. Errors: invalid_input.
Result<Statement> read_statement(const crypto::DsseEnvelope& envelope);

// What a statement has to be about to count here and now.
struct Occasion {
  StatementKind kind = StatementKind::approval;
  RunId run;
  std::string step;
  std::uint32_t attempt = 1;
  crypto::Digest tree;
  crypto::Digest plan;
  std::string role;                  // that the plan demands; may be empty for act submit
  std::optional<BlockerId> blocker;  // resolution
  std::optional<crypto::Digest> subject = std::nullopt;  // assumption, deferral, closure
  // When it is received, by the clock of who receives it; when it is verified later, the time that
  // was recorded then. Decides about revocation and expiry: the signer's own time could be any, and
  // counts only where it is near this one.
  WallTime now;
};

struct SignedAct {
  Statement statement;
  crypto::KeyId signer;
  std::string signer_name;  // of the trust
};

// How far the time that a signer wrote may be from the time of receipt: clocks differ, and a word
// may be carried here from another machine.
inline constexpr std::int64_t kMaxAheadMicros = 5LL * 60 * 1'000'000;
inline constexpr std::int64_t kMaxBehindMicros = 60LL * 60 * 1'000'000;

// The trusted key that made it; entitled to nothing by that. Errors: as of verify_statement.
Result<crypto::KeyId> statement_signer(const crypto::DsseEnvelope& envelope, const Trust& trust);

// Errors: invalid_input (no statement), signature_bad (the signature does not hold),
// not_permitted (unknown, revoked, expired or unentitled key; another run, step, attempt, tree,
// plan, blocker or role; dated far from the time of receipt), each saying what to do.
Result<SignedAct> verify_statement(const crypto::DsseEnvelope& envelope, const Occasion& occasion,
                                   const Authority& authority);

}  // namespace writ::identity
