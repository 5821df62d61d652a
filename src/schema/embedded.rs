//! The schema files that are part of the program. A test compares the list with the directory.

/// Embeds files by their paths below `schemas/`.
macro_rules! files {
    ($($path:literal)*) => {
        /// Path below `schemas/` and content of each file.
        pub(super) const FILES: &[(&str, &str)] = &[
            $(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/", $path))),)*
        ];
    };
}

files! {
    "apsaramq/provider.hcl"
    "dms/data/rocketmq_availability_zones.hcl"
    "dms/data/rocketmq_background_task.hcl"
    "dms/data/rocketmq_background_tasks.hcl"
    "dms/data/rocketmq_billing_cores.hcl"
    "dms/data/rocketmq_brokers.hcl"
    "dms/data/rocketmq_configs.hcl"
    "dms/data/rocketmq_consumer_group.hcl"
    "dms/data/rocketmq_consumer_group_access_users.hcl"
    "dms/data/rocketmq_consumer_group_topics.hcl"
    "dms/data/rocketmq_consumer_groups.hcl"
    "dms/data/rocketmq_consumers.hcl"
    "dms/data/rocketmq_dead_letter_messages.hcl"
    "dms/data/rocketmq_diagnoses.hcl"
    "dms/data/rocketmq_diagnosis.hcl"
    "dms/data/rocketmq_extend_flavors.hcl"
    "dms/data/rocketmq_flavors.hcl"
    "dms/data/rocketmq_instance.hcl"
    "dms/data/rocketmq_instance_tags.hcl"
    "dms/data/rocketmq_instances.hcl"
    "dms/data/rocketmq_message_traces.hcl"
    "dms/data/rocketmq_messages.hcl"
    "dms/data/rocketmq_metric_names.hcl"
    "dms/data/rocketmq_migration_tasks.hcl"
    "dms/data/rocketmq_nodes.hcl"
    "dms/data/rocketmq_quotas.hcl"
    "dms/data/rocketmq_recycle_instances.hcl"
    "dms/data/rocketmq_resize_check.hcl"
    "dms/data/rocketmq_scheduled_tasks.hcl"
    "dms/data/rocketmq_tags.hcl"
    "dms/data/rocketmq_topic.hcl"
    "dms/data/rocketmq_topic_access_users.hcl"
    "dms/data/rocketmq_topic_consumer_groups.hcl"
    "dms/data/rocketmq_topic_status.hcl"
    "dms/data/rocketmq_topics.hcl"
    "dms/data/rocketmq_user.hcl"
    "dms/data/rocketmq_users.hcl"
    "dms/provider.hcl"
    "dms/rocketmq_consumer_group.hcl"
    "dms/rocketmq_instance.hcl"
    "dms/rocketmq_instance_config.hcl"
    "dms/rocketmq_migration_task.hcl"
    "dms/rocketmq_topic.hcl"
    "dms/rocketmq_user.hcl"
    "queueform/data.hcl"
    "queueform/provider.hcl"
}
