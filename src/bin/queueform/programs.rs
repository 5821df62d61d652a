//! Programs that print credentials and keys: bounded in time and output, and never quoted with what they print.

use std::io::Read;
use std::process::Child;
use std::process::Command;
use std::process::ExitStatus;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;
use std::time::Instant;

/// How long a program may take: somebody may have to touch a key.
pub(crate) const COMMAND_TIME: Duration = Duration::from_mins(1);

/// Most bytes that a program may print.
const MOST: u64 = 1024 * 1024;

/// Most characters of an error output that are shown.
const SHOWN: usize = 300;

/// Shorter words are not taken for secrets when an error output is shown.
const SHORTEST: usize = 6;

/// How often it is looked whether a program has ended.
const PAUSE: Duration = Duration::from_millis(10);

/// Runs a program and returns what it printed.
///
/// # Errors
/// That it could not be run, did not end in time, or failed: with its exit status and the last line of its error
/// output, without anything that it printed on its standard output.
pub(crate) fn run_within(command: &[String], time: Duration) -> Result<String, String> {
    let [program, arguments @ ..] = command else { return Err("no program is named".to_owned()) };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("`{program}` cannot be run: {error}"))?;
    let (printed, complained) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let end = Instant::now() + time;
    let Some(status) =
        wait(&mut child, end).map_err(|error| format!("`{program}` cannot be waited for: {error}"))?
    else {
        child.kill().and_then(|()| child.wait()).ok();
        return Err(format!("`{program}` did not end within {} s", time.as_secs()));
    };
    // What it started may go on and hold its output open.
    let rest = |from: &mpsc::Receiver<Vec<u8>>| {
        from.recv_timeout(end.saturating_duration_since(Instant::now()).max(PAUSE)).unwrap_or_default()
    };
    let printed = rest(&printed);
    if !status.success() {
        let complaint = complaint(&rest(&complained), &printed);
        return Err(format!("`{program}` failed: {status}{complaint}"));
    }
    if printed.len() as u64 > MOST {
        return Err(format!("`{program}` printed more than {MOST} bytes"));
    }
    String::from_utf8(printed).map_err(|_error| format!("what `{program}` printed is not text"))
}

/// Reads all that comes, on a thread of its own.
fn collect(from: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut from) = from {
            from.by_ref().take(MOST + 1).read_to_end(&mut bytes).ok();
            // Goes on reading, so that the program does not wait for us.
            std::io::copy(&mut from, &mut std::io::sink()).ok();
        }
        sender.send(bytes).ok();
    });
    receiver
}

#[expect(clippy::disallowed_methods, reason = "a process cannot be waited for with a limit otherwise")]
fn wait(child: &mut Child, end: Instant) -> std::io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= end {
            return Ok(None);
        }
        std::thread::sleep(PAUSE);
    }
}

/// Returns the last line of an error output, without what stands in the output too.
fn complaint(stderr: &[u8], stdout: &[u8]) -> String {
    let (text, printed) = (String::from_utf8_lossy(stderr), String::from_utf8_lossy(stdout));
    let Some(line) = text.lines().map(str::trim).rfind(|line| !line.is_empty()) else { return String::new() };
    let mut line: String = line.chars().filter(|letter| !letter.is_control()).collect();
    let words = printed
        .split(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | ',' | ':' | '='));
    let mut words: Vec<&str> = words.filter(|word| word.len() >= SHORTEST).collect();
    words.sort_unstable_by_key(|word| std::cmp::Reverse(word.len()));
    for word in words {
        line = line.replace(word, "(sensitive)");
    }
    let more = if line.chars().count() > SHOWN { "…" } else { "" };
    format!(": {}{more}", line.chars().take(SHOWN).collect::<String>())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, time: Duration) -> Result<String, String> {
        run_within(&["sh".to_owned(), "-c".to_owned(), script.to_owned()], time)
    }

    #[test]
    fn programs_print_secrets_and_say_why_they_fail() {
        let minute = Duration::from_mins(1);
        assert_eq!(shell("printf key; echo noise >&2", minute), Ok("key".to_owned()));
        let failed =
            shell("echo hunter2hunter2; echo first >&2; echo 'bad token hunter2hunter2' >&2; exit 3", minute);
        assert_eq!(failed.unwrap_err(), "`sh` failed: exit status: 3: bad token (sensitive)");
        assert_eq!(shell("exit 1", minute).unwrap_err(), "`sh` failed: exit status: 1");
        assert!(shell("head -c 2000000 /dev/zero", minute).unwrap_err().contains("more than 1048576 bytes"));
        assert!(
            run_within(&["queueform-no-such-program".to_owned()], minute)
                .unwrap_err()
                .contains("cannot be run")
        );
        assert_eq!(run_within(&[], minute).unwrap_err(), "no program is named");
    }

    #[test]
    fn programs_that_hang_are_ended() {
        let error = shell("exec sleep 600", Duration::from_millis(50)).unwrap_err();
        assert_eq!(error, "`sh` did not end within 0 s");
    }
}
