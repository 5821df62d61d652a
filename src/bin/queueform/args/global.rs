//! Options that every command has.

use std::path::PathBuf;
use std::time::Duration;

use clap::ArgAction;
use clap::Args;
use clap::ValueEnum;

/// Options that every command has.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Work in this directory instead of the current one
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) chdir: Option<PathBuf>,
    /// Use no colours
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// Print long plans at once, even on a terminal, where `QF_PAGER` or `PAGER` shows them otherwise
    #[arg(long, global = true)]
    pub(crate) no_pager: bool,
    /// Ask for what is missing; `--input=false` fails instead
    #[arg(long, global = true, value_name = "BOOL", action = ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value_t = true, hide_default_value = true)]
    pub(crate) input: bool,
    /// Hold the state's lock while working; `--lock=false` only reads safely
    #[arg(long, global = true, value_name = "BOOL", action = ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value_t = true, hide_default_value = true)]
    pub(crate) lock: bool,
    /// How long to wait for a lock that another run holds, such as `30s` or `5m`
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration, default_value = "0s",
          hide_default_value = true)]
    pub(crate) lock_timeout: Duration,
    /// Work against built-in emulators, with a state of their own; `--emulate=state` fills them from the
    /// real state first
    #[arg(long, global = true, value_name = "FROM", num_args = 0..=1, require_equals = true,
          default_missing_value = "fresh")]
    pub(crate) emulate: Option<Emulate>,
}

/// What an emulator starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Emulate {
    /// What earlier runs left in it
    Fresh,
    /// The objects of the real state
    State,
}

/// Reads `90`, `90s`, `5m`, `1h` or a sum of them such as `1m30s`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a duration; write for example `30s`, `5m` or `1h30m`");
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok(Duration::from_secs(seconds));
    }
    let mut total = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, unit) = rest.split_at_checked(end).ok_or_else(wrong)?;
        let number: u64 = number.parse().map_err(|_error| wrong())?;
        let (factor, after) = match unit.as_bytes() {
            [b'h', ..] => (3600, unit.get(1..)),
            [b'm', next, ..] if *next == b's' => return Err(wrong()),
            [b'm', ..] => (60, unit.get(1..)),
            [b's', ..] => (1, unit.get(1..)),
            _ => return Err(wrong()),
        };
        total = number.checked_mul(factor).and_then(|part| total.checked_add(part)).ok_or_else(wrong)?;
        rest = after.unwrap_or("");
    }
    if text.is_empty() { Err(wrong()) } else { Ok(Duration::from_secs(total)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        let read = |text: &str| duration(text).map(|found| found.as_secs());
        assert_eq!(read("0s"), Ok(0));
        assert_eq!(read("90"), Ok(90));
        assert_eq!(read("1h2m3s"), Ok(3723));
        for wrong in ["", "s", "5x", "1h2", "10ms", "-1s", "99999999999999999999h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
