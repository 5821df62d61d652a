# Nothing is called, not even an emulator: what the service would decide is given here, or made up.

mock_provider "dms" {
  mock_resource "dms_rocketmq_instance" {
    defaults = {
      namesrv_address = "10.0.0.1:8100"
    }
  }
}

run "addresses" {
  assert {
    condition     = dms_rocketmq_instance.main.namesrv_address == "10.0.0.1:8100"
    error_message = "The address is the one of the mock."
  }

  assert {
    condition     = output.topics == { orders-created = 8, orders-refund = 4 }
    error_message = "What the configuration says counts: ${jsonencode(output.topics)}."
  }
}

run "known_while_planning" {
  command = plan

  override_resource {
    target          = dms_rocketmq_topic.topic["orders-refund"]
    override_during = plan
    values          = { id = "the-one" }
  }

  state_key = "other"

  assert {
    condition     = dms_rocketmq_topic.topic["orders-refund"].id == "the-one"
    error_message = "The id is the one of the override."
  }
}
