//! `QF_LOG`: what the program does, for debugging. Only our own targets are ever shown.

use std::fs::OpenOptions;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use crate::host::Host;

/// Starts logging if `QF_LOG` asks for it: a level (`error`, `warn`, `info`, `debug`, `trace`), `json` for
/// every event as JSON, or directives such as `queueform::api=trace`. `QF_LOG_PATH` names a file to append to.
///
/// # Errors
/// If the file cannot be opened.
pub(crate) fn start(host: &Host) -> std::io::Result<()> {
    let Some(wanted) = host.variable("QF_LOG") else { return Ok(()) };
    let json = wanted.eq_ignore_ascii_case("json");
    let filter = EnvFilter::new(directives(wanted));
    let writer = match host.variable("QF_LOG_PATH") {
        Some(path) => {
            let file = OpenOptions::new().create(true).append(true).open(path)?;
            BoxMakeWriter::new(Mutex::new(file))
        }
        None => BoxMakeWriter::new(std::io::stderr),
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(writer);
    // Starting a second time changes nothing.
    let started = if json { builder.json().try_init() } else { builder.try_init() };
    started.or(Ok(()))
}

/// Turns the value of `QF_LOG` into directives that let nothing but our own events through.
fn directives(wanted: &str) -> String {
    let mut out = "off".to_owned();
    for part in wanted.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let level = part.to_ascii_lowercase();
        match level.as_str() {
            "json" => out.push_str(",queueform=trace"),
            "error" | "warn" | "info" | "debug" | "trace" => {
                out.push_str(",queueform=");
                out.push_str(&level);
            }
            "1" | "true" => out.push_str(",queueform=debug"),
            _ if part.starts_with("queueform") => {
                out.push(',');
                out.push_str(part);
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::directives;

    #[test]
    fn only_our_targets_are_let_through() {
        assert_eq!(directives("DEBUG"), "off,queueform=debug");
        assert_eq!(directives("json"), "off,queueform=trace");
        assert_eq!(directives("queueform::api=trace, reqwest=trace,h2"), "off,queueform::api=trace");
    }
}
