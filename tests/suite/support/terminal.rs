//! Commands on a terminal, where somebody types.

use std::fs::File;
use std::io::Read as _;
use std::io::Write as _;
use std::process::Stdio;

use nix::pty::Winsize;
use nix::pty::openpty;

use super::output::Output;
use super::place::Run;

/// The size of the terminal.
const SIZE: Winsize = Winsize { ws_row: 24, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };

impl Run<'_> {
    /// Runs it to its end on a terminal of 24 lines and 100 columns, on which a text is typed ahead. Everything that the
    /// terminal shows is standard output.
    pub(crate) fn typed(self, text: &str) -> Output {
        let Self { place, mut command, .. } = self;
        let terminal = openpty(&SIZE, None).unwrap();
        let side = || Stdio::from(terminal.slave.try_clone().unwrap());
        command.stdin(side()).stdout(side()).stderr(side());
        let mut child = command.spawn().unwrap();
        // The terminal ends with the last process on it: this one must not be.
        drop((command, terminal.slave));
        let mut screen = File::from(terminal.master);
        screen.write_all(text.as_bytes()).unwrap();
        let mut shown = Vec::new();
        let mut buffer = [0; 4096];
        // A terminal that has ended is an error of the device.
        while let Ok(count) = screen.read(&mut buffer) {
            if count == 0 {
                break;
            }
            shown.extend(buffer.iter().take(count));
        }
        let status = child.wait().unwrap().code();
        let stdout = place.neutral(&shown).replace("\r\n", "\n");
        Output { stdout, stderr: String::new(), status }
    }
}
