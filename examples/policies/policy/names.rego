# Topics are named AREA-EVENT. All modules are looked at.
package main

import rego.v1

planned contains resource if {
	some path
	walk(input.planned_values.root_module, [path, value])
	path[count(path) - 1] == "resources"
	some resource in value
}

deny contains message if {
	some resource in planned
	resource.type == "dms_rocketmq_topic"
	not regex.match(`^[a-z]+(-[a-z]+)+$`, resource.values.name)
	message := sprintf("%s: the name %s is not AREA-EVENT", [resource.address, resource.values.name])
}

# Instances are referred to, not written down.
deny contains message if {
	some block in input.configuration.root_module.resources
	block.type == "dms_rocketmq_topic"
	not block.expressions.instance_id.references
	message := sprintf("%s names its instance by a constant", [block.address])
}
