package writ.approval_test

import data.writ.approval

alice := {"id": "a1", "name": "alice", "roles": ["maintainer", "reviewer"]}

runner := {"id": "r1", "name": "runner", "roles": ["attester", "runner"]}

asked := {
	"act": "approve",
	"role": "maintainer",
	"runner": "r1",
	"at": 1000,
	"is_self_signed": false,
	"key": alice,
}

with_members(members) := decision if {
	decision := approval.decision
		with input as object.union(asked, members)
}

allowed := {"allowed": true}

refused(why) := {"allowed": false, "refusal": why}

test_the_person_with_the_role_may if {
	with_members({}) == allowed
	with_members({"act": "resolve"}) == allowed
	with_members({"act": "submit", "role": ""}) == allowed
}

test_the_runner_may_run_attest_and_submit if {
	every act in ["attest", "run", "submit"] {
		with_members({"act": act, "role": "", "key": runner}) == allowed
	}
}

test_four_eyes if {
	both := object.union(alice, {"id": "r1"})
	with_members({"key": both}) == refused("runs_it")
	with_members({"key": both, "act": "resolve"}) == refused("runs_it")
}

test_a_runner_and_no_more_may_not_approve if {
	other := {"id": "r2", "roles": ["runner"]}
	with_members({"key": other, "role": "runner"}) == refused("only_runs")
	with_members({"key": {"id": "r2", "roles": ["maintainer", "runner"]}}) == allowed
}

test_roles_are_held if {
	with_members({"role": "owner"}) == refused("lacks_role")
	with_members({"act": "run"}) == refused("lacks_role")
	with_members({"act": "attest", "role": "maintainer"}) == refused("lacks_role")
	with_members({"act": "submit", "role": "agent"}) == refused("lacks_role")
}

test_keys_end if {
	with_members({"key": object.union(alice, {"expires_at": 1000})}) == refused("expired")
	with_members({"key": object.union(alice, {"expires_at": 1001})}) == allowed
	with_members({"key": object.union(alice, {"revoked_at": 1000})}) == refused("revoked")
	with_members({"key": object.union(alice, {"revoked_at": 1001})}) == allowed
}

test_revoked_is_said_before_expired if {
	ended := object.union(alice, {"revoked_at": 1, "expires_at": 1})
	with_members({"key": ended}) == refused("revoked")
}

test_keys_end_at_times if {
	every name in ["expires_at", "revoked_at"] {
		every end in ["2026-01-01T00:00:00Z", "", null, false, true, [1], {"at": 1}] {
			with_members({"key": object.union(alice, {name: end})}) == refused("not_understood")
		}
	}
}

test_what_is_no_key_is_not_trusted if {
	every key in [null, "a1", ["a1"], {"id": null, "roles": []}, {"id": "a1", "roles": null}] {
		every act in approval.acts {
			with_members({"act": act, "key": key}) == refused("not_trusted")
		}
	}
}

test_nobody_is_trusted_by_default if {
	decision := approval.decision
		with input as object.remove(asked, ["key"])
	decision == refused("not_trusted")
	with_members({"key": null}) == refused("not_trusted")
}

test_without_a_trust_file_nobody_approves if {
	with_members({"is_self_signed": true}) == refused("no_trust_file")
	with_members({"is_self_signed": true, "act": "run", "key": runner}) == allowed
}

test_what_is_not_understood_is_refused if {
	every members in [
		{"act": "deploy"},
		{"act": null},
		{"at": "now"},
		{"role": null},
		{"role": ""},
		{"runner": null},
		{"is_self_signed": "no"},
	] {
		with_members(members) == refused("not_understood")
	}
	decision := approval.decision
		with input as {}
	decision == refused("not_understood")
}
