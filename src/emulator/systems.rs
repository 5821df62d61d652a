//! Which systems there are and how each is opened: the one place of the emulator where they are listed.

use std::io;
use std::sync::Arc;

use super::dms;
use super::options::DEMO_REGION;
use super::options::Options;
use super::service::Service;

/// A remote system that can be emulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// DMS for `RocketMQ` (Huawei Cloud, `SberCloud`), with the part of IAM that its clients call.
    Dms,
}

impl System {
    /// Every system, in the order of their ports.
    pub const ALL: &'static [Self] = &[Self::Dms];

    /// Returns the name used on command lines, in port files and for data on disk.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dms => "dms",
        }
    }

    /// Returns the region that the emulator plays.
    pub fn region(self) -> &'static str {
        match self {
            Self::Dms => DEMO_REGION,
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
}

impl Handles {
    /// Stores in memory that nobody serves.
    pub(crate) fn detached(options: &Options) -> Self {
        Self { dms: dms::Handle::new(dms::detached(options)) }
    }

    /// Opens a system with what the data directory holds of it.
    pub(crate) fn open(&mut self, system: System, options: &Options) -> io::Result<Arc<dyn Service>> {
        Ok(match system {
            System::Dms => {
                let service = dms::open(options)?;
                self.dms = dms::Handle::new(Arc::clone(&service));
                service
            }
        })
    }
}
