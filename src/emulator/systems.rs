//! Which systems there are and how each is opened: the one place of the emulator where they are listed.

use std::io;
use std::sync::Arc;

use super::apsarastack;
use super::dms;
use super::mqtt;
use super::options::DEMO_REGION;
use super::options::Options;
use super::rocketmq;
use super::service::Service;

/// A remote system that can be emulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// DMS for `RocketMQ` (Huawei Cloud, `SberCloud`), with the part of IAM that its clients call.
    Dms,
    /// `ApsaraMQ` for MQTT (Alibaba Cloud).
    ApsaramqMqtt,
    /// Message Queue for Apache `RocketMQ` of Apsara Stack, the console's `/json/…` API.
    ApsaraStack,
    /// `ApsaraMQ` for `RocketMQ` (Alibaba Cloud).
    ApsaramqRocketmq,
}

impl System {
    /// Every system, in the order of their ports.
    pub const ALL: &'static [Self] =
        &[Self::Dms, Self::ApsaramqMqtt, Self::ApsaraStack, Self::ApsaramqRocketmq];

    /// Returns the name used on command lines, in port files and for data on disk.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dms => "dms",
            Self::ApsaramqMqtt => "apsaramq-mqtt",
            Self::ApsaraStack => "apsarastack",
            Self::ApsaramqRocketmq => "apsaramq-rocketmq",
        }
    }

    /// Returns the region that the emulator plays.
    pub fn region(self) -> &'static str {
        match self {
            Self::Dms => DEMO_REGION,
            Self::ApsaraStack => "mq-private",
            Self::ApsaramqMqtt | Self::ApsaramqRocketmq => "cn-hangzhou",
        }
    }

    /// Returns the system of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|system| system.name() == name)
    }
}

/// The store of each system; one that is not served has an empty store that nobody reaches.
#[derive(Clone, Debug)]
pub(crate) struct Handles {
    pub(crate) dms: dms::Handle,
    pub(crate) mqtt: mqtt::Handle,
    pub(crate) apsarastack: apsarastack::Handle,
    pub(crate) rocketmq: rocketmq::Handle,
}

impl Handles {
    /// Stores in memory that nobody serves.
    pub(crate) fn detached(options: &Options) -> Self {
        Self {
            dms: dms::Handle::new(dms::detached(options)),
            mqtt: mqtt::Handle::new(mqtt::detached(options)),
            apsarastack: apsarastack::Handle::new(apsarastack::detached(options)),
            rocketmq: rocketmq::Handle::new(rocketmq::detached(options)),
        }
    }

    /// Opens a system with what the data directory holds of it.
    pub(crate) fn open(&mut self, system: System, options: &Options) -> io::Result<Arc<dyn Service>> {
        Ok(match system {
            System::Dms => {
                let service = dms::open(options)?;
                self.dms = dms::Handle::new(Arc::clone(&service));
                service
            }
            System::ApsaramqMqtt => {
                let service = mqtt::open(options)?;
                self.mqtt = mqtt::Handle::new(Arc::clone(&service));
                service
            }
            System::ApsaraStack => {
                let service = apsarastack::open(options)?;
                self.apsarastack = apsarastack::Handle::new(Arc::clone(&service));
                service
            }
            System::ApsaramqRocketmq => {
                let service = rocketmq::open(options)?;
                self.rocketmq = rocketmq::Handle::new(Arc::clone(&service));
                service
            }
        })
    }
}
