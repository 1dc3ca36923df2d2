#pragma once
// The members of the plan's structs, written once: the writer and the reader of plan_value.cc both
// walk them, so what is written can be read. `local` members are no part of the digest; those that
// came `since_then` are left out where they say nothing, so that older plans keep their digests.
#include "protocol/plan.h"

namespace writ::protocol {

template <typename Archive>
void fields(Archive& a, Origin& o) {
  a("document", o.document);
  a.local("file", o.file);
  a.local("line", o.at.line);
  a.local("column", o.at.column);
}

template <typename Archive>
void fields(Archive& a, EvidenceWanted& e) {
  a("kind", e.kind);
  a("path", e.path);
  a("required", e.required);
}

template <typename Archive>
void fields(Archive& a, RetryPolicy& r) {
  a("max", r.max);
  a("on", r.on);
  a("backoff_ms", r.backoff);
  a("backoff_limit_ms", r.backoff_limit);
}

template <typename Archive>
void fields(Archive& a, PlanStep& s) {
  a("path", s.path);
  a("title", s.title);
  a("stage", s.stage);
  a("slot", s.slot);
  a("kind", s.kind);
  a("needs", s.needs);
  a("with", s.with);
  a("timeout_ms", s.timeout);
  a("retry", s.retry);
  a("evidence", s.evidence);
  a("gate", s.gate);
  a("gate_over", s.gate_over);
  a("blocks", s.blocks);
  a("inputs", s.inputs);
  a("writes_tree", s.writes_tree);
  a("repeatable", s.is_repeatable);
  a("authority", s.authority);
  a("origin", s.origin);
}

template <typename Archive>
void fields(Archive& a, Question& q) {
  a("id", q.id);
  a("text", q.text);
  a("gate", q.gate);
  a("gate_over", q.gate_over);
  a("origin", q.origin);
}

template <typename Archive>
void fields(Archive& a, AttestCheck& c) {
  a("name", c.name);
  a("gate", c.gate);
  a("gate_over", c.gate_over);
  a("origin", c.origin);
}

template <typename Archive>
void fields(Archive& a, Criterion& c) {
  a("id", c.id);
  a("text", c.text);
  a("proved_by", c.proved_by);
}

template <typename Archive>
void fields(Archive& a, KnownFailure& f) {
  a("test", f.test);
  a("file", f.file);
  a("reason", f.reason);
}

template <typename Archive>
void fields(Archive& a, Invariant& i) {
  a("id", i.id);
  a("text", i.text);
  a("paths", i.paths);
  a("origin", i.origin);
}

template <typename Archive>
void fields(Archive& a, BoundDocument& d) {
  a("name", d.name);
  a("path", d.path);
  a("uri", d.uri);
  a("digest", d.digest);
  a("authority", d.authority);
}

// Of a protocol the digest covers name and authority: what it says is in the plan.
struct BoundProtocol {
  BoundDocument& document;
};

template <typename Archive>
void fields(Archive& a, BoundProtocol& p) {
  a("name", p.document.name);
  a.local("path", p.document.path);
  a.local("digest", p.document.digest);
  a("authority", p.document.authority);
}

template <typename Archive>
void fields(Archive& a, Scope& s) {
  a("base", s.base);
  a("locked", s.is_locked);
  a("may_change", s.may_change);
  a("allowed_new_files", s.allowed_new_files);
  a("outputs", s.outputs);
  a("sequential", s.sequential);
}

template <typename Archive>
void fields(Archive& a, Budget& b) {
  a("max_files", b.max_files);
  a("max_lines_per_file", b.max_lines_per_file);
  a("max_total_lines", b.max_total_lines);
  a("max_iterations", b.max_iterations);
  a("max_tokens", b.max_tokens);
  a("max_micro_usd", b.max_micro_usd);
  a("active_ms", b.active);
}

template <typename Archive>
void fields(Archive& a, Group& g) {
  a("id", g.id);
  a("name", g.name);
  a("description", g.description);
  a("priority", g.priority);
  a("items", g.items);
  a("needs", g.needs);
  a("validation", g.validation);
  a("origin", g.origin);
}

template <typename Archive>
void fields(Archive& a, Inapplicable& i) {
  a("what", i.what);
  a("why", i.why);
  a("origin", i.origin);
}

template <typename Archive>
void fields(Archive& a, ComposedRule& r) {
  a("name", r.name);
  a("value", r.value);
  a("authority", r.authority);
  a("origin", r.origin);
  a("overrode", r.overrode);
  a("because", r.because);
}

template <typename Archive>
void fields(Archive& a, DeclaredArtifact& d) {
  a("name", d.name);
  a("title", d.title);
  a("paths", d.paths);
  a("evidence", d.evidence);
  a("by", d.by);
  a("origin", d.origin);
}

template <typename Archive>
void fields(Archive& a, RegisterWanted& r) {
  a("path", r.path);
  a("sections", r.sections);
  a("origin", r.origin);
}

template <typename Archive>
void fields(Archive& a, LookupTable& t) {
  a("name", t.name);
  a("title", t.title);
  a("columns", t.columns);
  a("rows", t.rows);
  a("origin", t.origin);
}

template <typename Archive>
void fields(Archive& a, AppliedAddendum& d) {
  a("id", d.id);
  a("why", d.why);
  a("origin", d.origin);
}

template <typename Archive>
void fields(Archive& a, Plan& p) {
  a("spec_id", p.spec_id);
  a("spec_name", p.spec_name);
  a.local("spec_file", p.spec_file);
  a.local("spec_digest", p.spec_digest);
  a.protocols("protocols", p.protocols);
  a("inputs", p.inputs);
  a("context", p.context);
  a("module", p.module);
  a("work_type", p.work_type);
  a("ambiguity", p.ambiguity);
  a("risk", p.risk);
  a("remediation_entry", p.remediation_entry);
  a("scope", p.scope);
  a("budget", p.budget);
  a("acceptance", p.acceptance);
  a("known_failures", p.known_failures);
  a("invariants", p.invariants);
  a("forbid", p.forbid);
  a("steps", p.steps);
  a("questions", p.questions);
  a("attest", p.attest);
  a("groups", p.groups);
  a("rules", p.rules);
  a("inapplicable", p.inapplicable);
  a.since_then("artifacts", p.artifacts);
  a.since_then("register", p.register_wanted);
  a.since_then("tables", p.tables);
  a.since_then("addenda", p.addenda);
}

}  // namespace writ::protocol
