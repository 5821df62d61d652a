# A change must not be larger than people can look at: every action has a weight, and the sum is limited.
package blast

import rego.v1

limit := 30

weights := {
	"dms_rocketmq_instance": {"delete": 100, "create": 10, "update": 5},
	"dms_rocketmq_topic": {"delete": 10, "create": 1, "update": 1},
}

default allow := false

allow if {
	score < limit
	not touches_network
}

score := sum([weight |
	some change in input.resource_changes
	some action in change.change.actions
	weight := weights[change.type][action]
])

# Networks are somebody else's.
touches_network if {
	some change in input.resource_changes
	change.type == "dms_rocketmq_instance"
	"update" in change.change.actions
	change.change.before.vpc_id != change.change.after.vpc_id
}
