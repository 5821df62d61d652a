//! `state mv` and `state replace-provider`

use std::io;
use std::io::Read as _;
use std::path::Path;

use queueform::addr::InstanceAddr;
use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::ops::Stop;
use queueform::ops::state;
use queueform::ops::state::Rename;

use crate::args::StateMvArgs;
use crate::args::StateReplaceProviderArgs;
use crate::exit::Exit;
use crate::session::Session;

use super::state::with_place;

/// Moves objects to other addresses, or into another state.
pub(crate) fn relocate(session: &Session<'_>, args: &StateMvArgs) -> io::Result<Exit> {
    let renames = match (&args.pairs, &args.from) {
        (Some(path), _) => match read(path) {
            Ok(bytes) => state::pairs::read(&path.display().to_string(), &String::from_utf8_lossy(&bytes)),
            Err(found) => Err(found.into()),
        },
        (None, Some(from)) => {
            let to = args.to.as_ref().unwrap_or(from);
            Ok(vec![Rename { from: from.clone(), to: to.clone() }])
        }
        (None, None) => Ok(Vec::new()),
    };
    with_place(session, |place| {
        let renames = renames?;
        let (verb, end) = if args.dry_run { ("Would move", "would move") } else { ("Moved", "moved") };
        let tell = |moved: &[(InstanceAddr, InstanceAddr)]| -> String {
            let one = |(from, to): &(InstanceAddr, InstanceAddr)| {
                if from == to { format!("{verb} {from}\n") } else { format!("{verb} {from} to {to}\n") }
            };
            moved.iter().map(one).collect()
        };
        if let Some(other) = &args.to_state {
            let handed = state::hand_over(place, other, &renames, args.dry_run, &Stop::never())?;
            let arrived = match handed.arrived {
                0 => String::new(),
                number => format!(", where an earlier run had taken {}", count(number)),
            };
            let number = count(handed.moved.len());
            return Ok(format!("{}{number} {end} to {}{arrived}.\n", tell(&handed.moved), handed.to));
        }
        let moved = state::relocate(place, &renames, args.dry_run, &Stop::never())?;
        Ok(format!("{}{} {end}.\n", tell(&moved), count(moved.len())))
    })
}

/// Puts objects under another provider configuration.
pub(super) fn replace_provider(session: &Session<'_>, args: &StateReplaceProviderArgs) -> io::Result<Exit> {
    with_place(session, |place| {
        let StateReplaceProviderArgs { from, to, addresses, dry_run } = args;
        let changed = state::replace_provider(place, from, to, addresses, *dry_run, &Stop::never())?;
        let mut text: String = changed.iter().map(|addr| format!("{addr}\n")).collect();
        let verb = match (*dry_run, changed.len()) {
            (true, _) => "would belong",
            (false, 1) => "belongs",
            (false, _) => "belong",
        };
        text.push_str(&format!("{} of {from} {verb} to {to}.\n", count(changed.len())));
        Ok(text)
    })
}

/// Reads a file, or standard input for `-`.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    let read = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    read.map_err(|error| {
        Diagnostic::error(Code::FileAccess, format!("cannot read `{}`", path.display()))
            .detail(error.to_string())
    })
}

/// Objects in words.
pub(super) fn count(number: usize) -> String {
    if number == 1 { "1 object".to_owned() } else { format!("{number} objects") }
}
