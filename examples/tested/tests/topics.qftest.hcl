# What really happens, on an emulator of its own.

run "create" {
  assert {
    condition     = output.topics == { orders-created = 8, orders-refund = 4 }
    error_message = "The topics are ${jsonencode(output.topics)}."
  }
}

run "grow" {
  variables {
    topics = { for name, queues in run.create.topics : name => queues * 2 }
  }

  assert {
    condition     = dms_rocketmq_topic.topic["orders-created"].read_queue_num == 16
    error_message = "The topic has ${dms_rocketmq_topic.topic["orders-created"].read_queue_num} queues."
  }
}
