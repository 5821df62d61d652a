//! What this program is.

use serde_json::Value as Json;
use serde_json::json;

use crate::render::json::TERRAFORM;

/// The version and what it reads and writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The version of the program.
    pub version: &'static str,
    /// Operating system and processor, as `linux_amd64`.
    pub platform: String,
}

/// Returns the version of this program.
#[must_use]
pub fn version() -> Version {
    let processor = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    Version { version: env!("CARGO_PKG_VERSION"), platform: format!("{system}_{processor}") }
}

impl Version {
    /// Returns the document of `version --json`.
    #[must_use]
    pub fn to_json(&self) -> Json {
        json!({
            "format_version": "1.0",
            "terraform_version": TERRAFORM,
            "queueform_version": self.version,
            "platform": self.platform,
            "state_version": 4,
            "plan_format_version": "1.2",
        })
    }
}
