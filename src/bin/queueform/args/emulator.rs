//! `emulator`

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use queueform::emulator::Credentials;
use queueform::emulator::System;

/// `emulator`
#[derive(Debug, Args)]
#[command(after_long_help = demo_credentials())]
pub(crate) struct EmulatorArgs {
    /// Address of the first system; the others take the following ports, or free ones with port 0
    #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))]
    pub(crate) listen: SocketAddr,
    /// The systems to serve, separated by commas; without it, all of them
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = system)]
    pub(crate) systems: Vec<System>,
    /// Write the port of each system to this file as JSON, once all of them answer
    #[arg(long, value_name = "FILE")]
    pub(crate) port_file: Option<PathBuf>,
    /// Keep objects in this directory; without it they are gone when the emulator stops
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Seed of generated ids: same seed and calls, same answers
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,
}

fn system(name: &str) -> Result<System, String> {
    System::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = System::ALL.iter().map(|system| system.name()).collect();
        format!("there is no emulator of `{name}`; there are: {}", known.join(", "))
    })
}

/// The fixed credentials, for help.
fn demo_credentials() -> String {
    let demo = Credentials::default();
    let mut out = "Demo credentials (fixed, good for nothing else):\n".to_owned();
    let rows = [
        ("access key", &demo.access_key),
        ("secret key", &demo.secret_key),
        ("user", &demo.user),
        ("password", &demo.password),
        ("domain", &demo.domain),
        ("domain id", &demo.domain_id),
        ("project", &demo.project_name),
        ("project id", &demo.project_id),
    ];
    for (name, value) in rows {
        // Writing to a string cannot fail.
        writeln!(out, "  {name:<11} {value}").ok();
    }
    out.push_str("\nSystems, with the region that each plays:\n");
    for system in System::ALL {
        writeln!(out, "  {:<19} {}", system.name(), system.region()).ok();
    }
    out.truncate(out.trim_end().len());
    out
}
