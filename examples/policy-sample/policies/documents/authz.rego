# Who may do what with a document, by attributes of four things:
#
#	subject      {id, role, department}
#	action       "read", "write", "delete"
#	resource     {id, owner, department, level: "public", "internal" or "secret"}
#	environment  {network: "office" or "remote", hour}
#
# What no rule allows is denied.
package documents.authz

default allow := false

allow if {
	granted
	within_reach
	fits_action
}

# The role may do such a thing at all.
granted if input.action in data.documents.grants[input.subject.role]

# The document is not kept from the subject.
within_reach if input.resource.level == "public"

within_reach if {
	input.resource.level == "internal"
	same_department
}

within_reach if {
	input.resource.level == "secret"
	same_department
	input.subject.role == "lead"
	input.environment.network == "office"
}

same_department if input.subject.department == input.resource.department

# What each action asks beside that.
fits_action if input.action == "read"

fits_action if {
	input.action == "write"
	same_department
}

fits_action if {
	input.action == "delete"
	input.resource.owner == input.subject.id
	input.environment.hour >= data.documents.working_hours.from
	input.environment.hour < data.documents.working_hours.to
}
