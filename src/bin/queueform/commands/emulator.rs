//! `emulator`

use std::io;
use std::path::Path;

use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::emulator::Emulator;
use queueform::emulator::Options;
use queueform::emulator::Running;

use crate::args::EmulatorArgs;
use crate::exit::Exit;
use crate::host;
use crate::session::Session;

/// Serves emulators until it is asked to stop.
pub(crate) fn run(session: &Session<'_>, args: &EmulatorArgs) -> io::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(serve(session, args))
}

async fn serve(session: &Session<'_>, args: &EmulatorArgs) -> io::Result<Exit> {
    let mut options = Options {
        listen: args.listen,
        data_dir: args.data_dir.clone(),
        seed: args.seed,
        ..Options::default()
    };
    if !args.systems.is_empty() {
        options.systems.clone_from(&args.systems);
    }
    let running = match Emulator::start(options).await {
        Ok(running) => running,
        Err(error) => {
            let found =
                Diagnostic::error(Code::Usage, "the emulator did not start").detail(error.to_string());
            session
                .report_one(found.hint("choose another address with `--listen`, or port 0 for a free one"))?;
            return Ok(Exit::Error);
        }
    };
    let announced = announce(session, args, &running);
    if announced.is_ok() {
        host::stop_requested().await?;
    }
    running.shutdown().await;
    if let Some(path) = &args.port_file {
        // Somebody else may have removed it already.
        std::fs::remove_file(path).ok();
    }
    announced?;
    session.say("stopped\n")?;
    Ok(Exit::Success)
}

/// Says where the systems are, after the port file stands.
fn announce(session: &Session<'_>, args: &EmulatorArgs, running: &Running) -> io::Result<()> {
    if let Some(path) = &args.port_file {
        write_ports(path, running)?;
    }
    let mut text = String::new();
    for (system, endpoint) in running.endpoints() {
        text.push_str(&format!("{system:<20} {endpoint}\n"));
    }
    session.print(&text)?;
    session.say("emulators, nothing real is touched; Ctrl-C stops them\n")
}

/// Writes the ports so that a reader sees all of them or no file.
fn write_ports(path: &Path, running: &Running) -> io::Result<()> {
    let text = serde_json::to_string(running.ports())?;
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    std::fs::write(&partial, format!("{text}\n"))?;
    std::fs::rename(&partial, path)
}
