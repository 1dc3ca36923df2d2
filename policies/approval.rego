# Who may do what in a run: docs/architecture/trust.md describes the input.
#
# The decision is {"allowed": true}, or {"allowed": false, "refusal": why}. What this does not
# understand is refused.
package writ.approval

acts := {"approve", "attest", "resolve", "run", "submit"}

# Acts that ask for a role of their own; the others ask for what the plan says.
own_roles := {"attest": "attester", "run": "runner"}

# Four eyes: never done by the key that runs, nor by one that is trusted to run and no more.
acts_of_others := {"approve", "resolve"}

default decision := {"allowed": false, "refusal": "not_understood"}

decision := {"allowed": true} if {
	is_understood
	count(refusals) == 0
}

decision := {"allowed": false, "refusal": first} if is_understood

# The first of them is said.
order := [
	"no_trust_file",
	"not_trusted",
	"revoked",
	"expired",
	"runs_it",
	"only_runs",
	"lacks_role",
]

first := [refusal | some refusal in order; refusal in refusals][0]

is_understood if {
	input.act in acts
	is_string(input.role)
	is_string(input.runner)
	is_number(input.at)
	is_boolean(input.is_self_signed)
	not lacks_its_role
	not has_strange_end
}

# Approvals and resolutions are always asked of a role.
lacks_its_role if {
	input.act in acts_of_others
	input.role == ""
}

# A key ends at a time or never: a text is after every number, and would never come.
has_strange_end if {
	some name in ["expires_at", "revoked_at"]
	end := input.key[name]
	not is_number(end)
}

role := object.get(own_roles, input.act, input.role)

refusals contains "no_trust_file" if {
	input.is_self_signed
	input.act in acts_of_others
}

refusals contains "not_trusted" if not is_trusted

is_trusted if {
	is_string(input.key.id)
	is_array(input.key.roles)
}

refusals contains "revoked" if input.at >= input.key.revoked_at

refusals contains "expired" if input.at >= input.key.expires_at

refusals contains "runs_it" if {
	input.act in acts_of_others
	input.key.id == input.runner
}

refusals contains "only_runs" if {
	input.act in acts_of_others
	input.key.roles == ["runner"]
}

refusals contains "lacks_role" if {
	role != ""
	not role in input.key.roles
}
