# Nothing that holds messages is deleted or replaced without somebody who says so.
package main

import rego.v1

holds_messages := {"dms_rocketmq_instance", "dms_rocketmq_topic"}

deny contains message if {
	some change in input.resource_changes
	change.type in holds_messages
	"delete" in change.change.actions
	message := sprintf("%s would be deleted (%s)", [change.address, object.get(change, "action_reason", "by itself")])
}

# What is known beyond Terraform's format: the risk, and why.
warn contains message if {
	some change in input.resource_changes
	change.queueform.risk == "interrupts"
	message := sprintf("%s interrupts its clients", [change.address])
}
