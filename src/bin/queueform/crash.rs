//! What is said if the program itself is at fault: where it is, and what to do. Never what a panic says, as that may quote
//! values that it worked with.

use std::backtrace::Backtrace;
use std::backtrace::BacktraceStatus;
use std::panic::AssertUnwindSafe;
use std::panic::Location;
use std::panic::catch_unwind;
use std::panic::set_hook;

use crate::exit::Exit;

/// Runs a command. A panic ends it with a message and the status of an error; what it holds is let go of on the way, the
/// lock of the state with it.
#[expect(clippy::print_stderr, reason = "whoever else prints may be what went wrong")]
pub(crate) fn guarded(run: impl FnOnce() -> Exit) -> Exit {
    set_hook(Box::new(|panic| {
        let backtrace = Backtrace::capture();
        let trace = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
        eprint!("{}", message(panic.location(), trace.as_deref()));
    }));
    catch_unwind(AssertUnwindSafe(run)).unwrap_or(Exit::Error)
}

fn message(place: Option<&Location<'_>>, trace: Option<&str>) -> String {
    let place = place.map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let mut text = format!(
        "error[internal]: Queueform stopped at a defect of its own, at {place}\n  = hint: what was done before is in the journal of the state: run the same command again to go on\n  = hint: please report this place and the command; values are left out, as they may be secrets\n",
    );
    match trace {
        Some(trace) => text.push_str(trace),
        None => text.push_str("  = hint: with `RUST_BACKTRACE=1` the way to this place is shown\n"),
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_says_where_it_is_and_nothing_else() {
        let place = Location::caller();
        let text = message(Some(place), None);
        assert!(text.starts_with("error[internal]: "), "{text}");
        assert!(text.contains(&format!("{}:{}", place.file(), place.line())), "{text}");
        assert!(text.contains("RUST_BACKTRACE"), "{text}");
        assert!(!message(None, Some("the way")).contains("RUST_BACKTRACE"));
    }

    #[test]
    fn a_command_that_panics_is_an_error() {
        let quiet = std::panic::take_hook();
        let exit = guarded(|| std::panic::panic_any("hunter2"));
        set_hook(quiet);
        assert_eq!(exit, Exit::Error);
    }
}
