//! What Terraform was observed to print for small configurations, against what we print for the same ones.
//!
//! A case is a directory in `tests/fixtures/terraform/cases`: one configuration for each step, what Terraform printed
//! of its plan and of the state behind it, and sometimes a state to begin with. JSON Schemas and policies are in
//! `tests/judges`.

mod compare;
mod meant;
mod streams;
mod whole;

use std::path::Path;
use std::path::PathBuf;

use crate::support::Place;

use compare::same;
use compare::translated;

/// Where the cases are.
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/terraform/cases");

/// A step of a case: its configuration, and what its first lines say.
struct Step {
    number: usize,
    text: String,
}

impl Step {
    /// Returns what a line says that begins with `# NAME: `.
    fn head(&self, name: &str) -> Option<&str> {
        let prefix = format!("# {name}: ");
        self.text.lines().find_map(|line| line.strip_prefix(prefix.as_str()))
    }

    fn arguments(&self) -> Vec<&str> {
        self.head("arguments").unwrap_or_default().split_whitespace().collect()
    }
}

/// A case, and a place with its files.
struct Case {
    name: String,
    directory: PathBuf,
    place: Place,
}

impl Case {
    fn open(name: &str) -> Self {
        let directory = Path::new(CASES).join(name);
        let case = Self { name: name.to_owned(), place: Place::new(), directory };
        case.copy(Path::new(""));
        if let Some(state) = case.recorded("state.json") {
            case.place.write("queueform.state.json", &state);
        }
        case
    }

    /// Copies what every step has: modules and states of others.
    fn copy(&self, below: &Path) {
        for entry in std::fs::read_dir(self.directory.join(below)).unwrap() {
            let entry = entry.unwrap();
            let path = below.join(entry.file_name());
            let name = path.display().to_string();
            let text = || translated(&std::fs::read_to_string(entry.path()).unwrap());
            if entry.file_type().unwrap().is_dir() {
                self.copy(&path);
            } else if let Some(stem) = name.strip_suffix(".tf").filter(|stem| stem.parse::<usize>().is_err())
            {
                self.place.write(&format!("{stem}.qf.hcl"), &text());
            } else if name.ends_with(".tfstate") {
                self.place.write(&name, &text());
            }
        }
    }

    /// Returns a recorded text, with our names.
    fn recorded(&self, name: &str) -> Option<String> {
        Some(translated(&std::fs::read_to_string(self.directory.join(name)).ok()?))
    }

    fn steps(&self) -> impl Iterator<Item = Step> {
        (1..).map_while(|number| Some(Step { number, text: self.recorded(&format!("{number}.tf"))? }))
    }

    /// Replays every step, and returns where we differ without a reason.
    fn replay(&self) -> Vec<String> {
        let mut found = Vec::new();
        let (mut documents, mut lines) = (0, 0);
        for step in self.steps() {
            let (name, number) = (&self.name, step.number);
            self.place.write("main.qf.hcl", &step.text);
            let planned = [&["plan", "-json", "-out=a.qfplan"], &*step.arguments()].concat();
            let planned = self.place.run(&planned).stdout;
            let plan = self.place.run(&["show", "-json", "a.qfplan"]).ended(0).json();
            let expected = self.recorded(&format!("{number}.plan.json")).unwrap();
            found.extend(compare::differences(&format!("{name} {number} plan"), &expected, &plan));
            let expected = self.recorded(&format!("{number}.plan.jsonl")).unwrap();
            found.extend(streams::differences(&format!("{name} {number} plan"), &expected, &planned));
            documents += 1;
            if step.head("end") == Some("plan") {
                continue;
            }
            let applied = self.place.run(&["apply", "-json", "a.qfplan"]).ended(0).stdout;
            let state = self.place.run(&["show", "-json"]).ended(0).json();
            let expected = self.recorded(&format!("{number}.state.json")).unwrap();
            found.extend(compare::differences(&format!("{name} {number} state"), &expected, &state));
            let expected = self.recorded(&format!("{number}.apply.jsonl")).unwrap();
            found.extend(streams::differences(&format!("{name} {number} apply"), &expected, &applied));
            lines += expected.lines().count();
        }
        assert!(documents > 0 && (lines > 0 || documents > 1), "{}: nothing was compared", self.name);
        found
    }
}

/// One test for each case: they run side by side.
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                let found = Case::open(stringify!($name)).replay();
                assert!(found.is_empty(), "\n{}", found.join("\n"));
            }
        )*

        #[test]
        fn every_case_is_replayed() {
            let mut all: Vec<String> = std::fs::read_dir(CASES)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            all.sort();
            assert_eq!(all, [$(stringify!($name)),*]);
        }
    };
}

cases!(
    checks,
    data,
    destroyed,
    errored,
    expressions,
    import,
    left,
    modules,
    moved,
    outputs,
    removed,
    requested,
    shapes,
    targeted,
);
