package writ.gate_test

import data.writ.gate

test_opens_when_every_step_has_passed if {
	gate.allow with input.facts as {"steps.unfinished": 0}
}

test_is_shut_by_a_step_that_has_not if {
	not gate.allow with input.facts as {"steps.unfinished": 1}
}

test_is_shut_by_default if {
	not gate.allow with input as {}
	not gate.allow with input.facts as {"steps.unfinished": "0"}
}
