# Every instance says whose it is.
package main

import rego.v1

required_tags := {"team", "cost_center"}

deny contains message if {
	some change in input.resource_changes
	change.type == "dms_rocketmq_instance"
	not "delete" in change.change.actions
	missing := required_tags - object.keys(object.get(change.change.after, "tags", {}))
	count(missing) > 0
	message := sprintf("%s lacks the tags %s", [change.address, concat(", ", sort(missing))])
}
