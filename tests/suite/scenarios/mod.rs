//! Whole courses of configurations against the emulator: create, change, destroy, with nothing to do in between.

#![expect(clippy::indexing_slicing, reason = "a test that meets the unexpected should stop at once")]

mod actions;
mod configs;
mod data;
mod dialects;
mod dms_random;
mod examples;
mod instances;
mod kills;
mod limits;
mod members;
mod migration_random;
mod migrations;
mod moments;
mod mqtt;
mod mqtt_actions;
mod mqtt_data;
mod mqtt_random;
mod queries;
mod rocketmq;
mod rocketmq_actions;
mod rocketmq_laws;
mod rocketmq_needs;
mod rocketmq_random;
mod runs;
mod script;
mod service_secrets;
mod stage;
mod switches;
mod tags;
mod triggers;
mod wish;
