//! Estates that somebody else has made: objects in the emulators that the configuration of a test knows nothing of.

use std::path::Path;

use crate::support::Output;
use crate::support::Place;

/// What a configuration that nobody keeps leaves in the emulators, and a place that finds it there.
pub(crate) struct Estate {
    /// Where the estate is found.
    pub(crate) place: Place,
    ids: Vec<(String, String)>,
}

impl Estate {
    /// Applies a configuration elsewhere. Its outputs are the ids that differ from run to run.
    pub(crate) fn made_by(main: &str, ids: &[&str]) -> Self {
        let maker = Place::with(&[("main.qf.hcl", main)]);
        drop(maker.run(&["apply", "--emulate", "--auto-approve"]).ended(0));
        let ids = ids.iter().map(|name| {
            let printed = maker.run(&["output", "--emulate", "--raw", name]).ended(0);
            ((*name).to_owned(), printed.stdout.trim().to_owned())
        });
        let ids = ids.collect();
        let place = Place::new();
        leave(&maker, &place);
        Self { place, ids }
    }

    /// Returns an id.
    pub(crate) fn id(&self, name: &str) -> &str {
        &self.ids.iter().find(|(known, _)| known == name).unwrap().1
    }

    /// Runs a command with emulators.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--emulate"]).collect();
        let output = self.place.run(&arguments);
        Output { stdout: self.neutral(&output.stdout), stderr: self.neutral(&output.stderr), ..output }
    }

    /// Reads a file.
    pub(crate) fn read(&self, name: &str) -> String {
        self.neutral(&self.place.read(name))
    }

    /// Plans, and wants imports alone; applies them, and wants an empty plan.
    pub(crate) fn takes_over(&self, objects: usize) {
        let planned = self.run(&["plan"]).ended(0);
        let wanted = format!("Plan: {objects} to import, 0 to add, 0 to change, 0 to destroy.");
        assert!(planned.stdout.contains(&wanted), "{planned}");
        let applied = self.run(&["apply", "--auto-approve"]).ended(0);
        let wanted = format!("Resources: {objects} imported, 0 added, 0 changed, 0 destroyed.");
        assert!(applied.stdout.contains(&wanted), "{applied}");
        let planned = self.run(&["plan", "--detailed-exitcode"]).ended(0);
        assert!(planned.stdout.contains("No changes."), "{planned}");
    }

    fn neutral(&self, text: &str) -> String {
        self.ids.iter().fold(text.to_owned(), |text, (name, id)| text.replace(id, &format!("<{name}>")))
    }
}

/// Applies a configuration elsewhere, and leaves what it has made in the emulators of a place.
pub(crate) fn left_in(place: &Place, main: &str) {
    let maker = Place::with(&[("main.qf.hcl", main)]);
    drop(maker.run(&["apply", "--emulate", "--auto-approve"]).ended(0));
    leave(&maker, place);
}

fn leave(maker: &Place, place: &Place) {
    let data = ".queueform/emulator/data";
    copy(&maker.path().join(data), &place.path().join(data));
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}
