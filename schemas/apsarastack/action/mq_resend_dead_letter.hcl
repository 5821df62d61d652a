action "apsarastack_mq_resend_dead_letter" {
  version     = 1
  service     = mq
  description = "Gives a dead letter to its group once more. It stays where it is, and if it fails again, another dead letter with the same id is added."
  impact      = "the group gets the message again"
  example     = <<-EOT
    action "apsarastack_mq_resend_dead_letter" "one" {
      config {
        instance_id = apsarastack_mq_instance.shop.id
        group_id    = "GID_billing"
        message_ids = ["0A1B2C3D4E5F60718293A4B5C6D7E8F9"]
      }
    }
  EOT

  attribute "instance_id" {
    type        = string
    mode        = required
    description = "The instance; `-` for the one instance without a namespace."
  }
  attribute "group_id" {
    type        = string
    mode        = required
    description = "The group."
  }
  attribute "message_ids" {
    type        = set(string)
    mode        = required
    length      = [1, 1000]
    description = "The ids of the dead letters, as `apsarastack_mq_dead_letter_messages` lists them."
  }
  attribute "topics" {
    type        = map(string)
    mode        = computed
    description = "The topic that each dead letter stands in, by its id."
  }

  run {
    # All of them are looked at before the first is sent.
    step "letters" {
      for_each  = self.message_ids
      call      = "GET /json/message/getByIdInDLQ"
      operation = "message/getByIdInDLQ"
      query     = { InstanceId = self.instance_id == "-" ? null : self.instance_id, GroupId = self.group_id, MsgId = each.value }
      set       = { topics = { (each.value) = try(tostring(response.data.topic), "") } }
    }
    step "resend" {
      for_each  = self.message_ids
      call      = "POST /json/message/resendByIdInDLQ"
      operation = "message/resendByIdInDLQ"
      query     = { InstanceId = self.instance_id == "-" ? null : self.instance_id, GroupId = self.group_id, MsgId = each.value }
    }
  }

  # What is no dead letter of the group, or cannot be looked at, is not sent again.
  guard "messages that are no dead letters" {
    kind = data
    step "letters" {
      for_each  = self.message_ids
      call      = "GET /json/message/getByIdInDLQ"
      operation = "message/getByIdInDLQ"
      query     = { InstanceId = self.instance_id == "-" ? null : self.instance_id, GroupId = self.group_id, MsgId = each.value }
      set       = { found = { (each.value) = try(tostring(response.data.topic), "") } }
      tolerate  = [gone]
    }
    count   = length(self.message_ids) - length(observed.found)
    message = "${count} of ${length(self.message_ids)} are no dead letters of `${self.group_id}`: ${join(", ", [for id in self.message_ids : id if !contains(keys(observed.found), id)])}"
  }
  guard "messages that come again" {
    kind    = impact
    count   = length(self.message_ids)
    message = "${count} dead ${count == 1 ? "letter goes" : "letters go"} to `${self.group_id}` once more"
  }
}
