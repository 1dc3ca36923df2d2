package writ.default_check_test

import data.writ.default_check

test_opens_when_every_step_has_passed if {
	default_check.allow with input.facts as {"steps.unfinished": 0}
}

test_is_shut_by_a_step_that_has_not if {
	not default_check.allow with input.facts as {"steps.unfinished": 1}
}

test_is_shut_by_default if {
	not default_check.allow with input as {}
	not default_check.allow with input.facts as {"steps.unfinished": "0"}
}
