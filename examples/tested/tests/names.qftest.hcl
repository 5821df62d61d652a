# Rules that need no service: these runs only plan.

run "names_follow_the_rule" {
  command = plan

  assert {
    condition     = alltrue([for topic in dms_rocketmq_topic.topic : topic.read_queue_num == topic.write_queue_num])
    error_message = "A topic is read and written through the same queues."
  }
}

run "capital_letters_are_refused" {
  command = plan

  variables {
    topics = { OrdersCreated = 8 }
  }

  expect_failures = [var.topics]
}

run "large_topics_are_refused" {
  command = plan

  variables {
    topics = { orders-created = 32 }
  }

  expect_failures = [dms_rocketmq_topic.topic]
}
