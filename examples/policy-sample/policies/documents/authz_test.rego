package documents.authz_test

import data.documents.authz

ada := {"id": "ada", "role": "lead", "department": "legal"}

bob := {"id": "bob", "role": "reader", "department": "legal"}

eve := {"id": "eve", "role": "editor", "department": "sales"}

contract(level) := {"id": "c1", "owner": "ada", "department": "legal", "level": level}

office := {"network": "office", "hour": 10}

remote := {"network": "remote", "hour": 10}

may(subject, action, resource, environment) if {
	authz.allow with input as {
			"subject": subject,
			"action": action,
			"resource": resource,
			"environment": environment,
		}
}

test_nothing_is_allowed_without_attributes if not authz.allow with input as {}

test_public_documents_are_read_by_all if {
	every subject in [ada, bob, eve] {
		may(subject, "read", contract("public"), remote)
	}
}

test_internal_documents_stay_in_their_department if {
	may(bob, "read", contract("internal"), remote)
	not may(eve, "read", contract("internal"), office)
}

test_secret_documents_are_read_by_leads_in_the_office if {
	may(ada, "read", contract("secret"), office)
	not may(ada, "read", contract("secret"), remote)
	not may(bob, "read", contract("secret"), office)
}

test_writing_takes_a_role_and_the_department if {
	may(ada, "write", contract("internal"), office)
	not may(bob, "write", contract("internal"), office)
	not may(eve, "write", contract("public"), office)
}

test_deleting_is_for_owners_at_working_hours if {
	may(ada, "delete", contract("internal"), office)
	not may(object.union(ada, {"id": "amy"}), "delete", contract("internal"), office)
	not may(ada, "delete", contract("internal"), {"network": "office", "hour": 7})
	not may(ada, "delete", contract("internal"), {"network": "office", "hour": 18})
}

test_unknown_roles_and_actions_are_denied if {
	not may(object.union(ada, {"role": "guest"}), "read", contract("public"), office)
	not may(ada, "publish", contract("public"), office)
	not may(ada, "read", contract("unheard of"), office)
}
