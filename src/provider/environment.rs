//! The environment as a port: variables and programs that give credentials. The binary supplies it.

use std::collections::BTreeMap;
use std::fmt::Debug;

/// What a provider configuration may take from the process it runs in.
pub trait Environment: Debug + Send + Sync {
    /// Returns a variable; none if it is not set or empty.
    fn variable(&self, name: &str) -> Option<String>;

    /// Runs a program with its arguments and returns what it printed.
    ///
    /// # Errors
    /// Why it could not be run, or that it failed, without quoting its output.
    fn run(&self, command: &[String]) -> Result<String, String>;
}

/// Variables alone; programs are not run.
impl Environment for BTreeMap<String, String> {
    fn variable(&self, name: &str) -> Option<String> {
        self.get(name).filter(|value| !value.is_empty()).cloned()
    }

    fn run(&self, command: &[String]) -> Result<String, String> {
        Err(format!("`{}` cannot be run here", command.first().map_or("", String::as_str)))
    }
}

/// Where an emulated system listens and who may call it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmulatedEndpoint {
    /// Arguments that the emulator decides, whatever the configuration says: endpoint, credentials, project.
    pub arguments: BTreeMap<String, String>,
    /// Arguments that are used if the configuration is silent: cloud, region.
    pub defaults: BTreeMap<String, String>,
}

impl EmulatedEndpoint {
    /// Whether an argument differs from run to run; a pin leaves it out.
    pub(super) fn is_address(name: &str) -> bool {
        name == "auth_url" || name.ends_with("endpoint")
    }
}
