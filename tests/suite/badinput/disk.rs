//! A disk that is full while the state is written: what was done is not forgotten, and the last state is whole.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::time::Duration;

use queueform::api::Stop;
use queueform::diag::Diagnostics;
use queueform::ops;
use queueform::ops::apply::ApplyOutcome;
use queueform::ops::apply::ApplyPorts;
use queueform::ops::place::OpenState;
use queueform::ops::project::Project;
use queueform::plan::PlanOptions;
use queueform::state::store::Disk;
use queueform::state::store::DiskFile;
use queueform::state::store::Holder;
use queueform::state::store::Layout;
use queueform::state::store::Ledger;
use queueform::state::store::LocalDisk;
use queueform::state::store::LocalStore;
use queueform::state::store::Request;
use queueform::state::store::Stamp;
use queueform::state::store::SystemClock;

use super::room::Room;
use super::room::SOUND;
use super::room::STATE;

/// The disk of the machine, full after so many writes to files of a name.
#[derive(Debug, Clone)]
struct Small {
    left: Arc<AtomicU32>,
    /// Part of the names that count; empty counts all.
    name: &'static str,
}

#[derive(Debug)]
struct SmallFile {
    disk: Small,
    file: Box<dyn DiskFile>,
    counts: bool,
}

impl Small {
    fn new(writes: u32) -> Self {
        Self { left: Arc::new(AtomicU32::new(writes)), name: "" }
    }

    /// No file of this name can be written.
    fn without(name: &'static str) -> Self {
        Self { left: Arc::default(), name }
    }

    fn is_full(&self) -> bool {
        self.left.load(Ordering::SeqCst) == 0
    }

    fn file(&self, path: &Path, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        let counts = path.file_name().is_some_and(|name| name.to_string_lossy().contains(self.name));
        Box::new(SmallFile { disk: self.clone(), file, counts })
    }
}

impl Disk for Small {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        LocalDisk.read(path)
    }

    fn stamp(&self, path: &Path) -> io::Result<Option<Stamp>> {
        LocalDisk.stamp(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.file(path, LocalDisk.create(path)?))
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.file(path, LocalDisk.append(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        LocalDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        LocalDisk.remove(path)
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        LocalDisk.create_directory(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        LocalDisk.sync_directory(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        LocalDisk.list(path)
    }
}

impl DiskFile for SmallFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.counts {
            return self.file.write(bytes);
        }
        let left =
            self.disk.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_ok() {
            return self.file.write(bytes);
        }
        // A full disk takes the beginning.
        self.file.write(bytes.get(..bytes.len() / 2).unwrap_or_default())?;
        Err(io::ErrorKind::StorageFull.into())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync()
    }

    fn cut(&mut self, size: u64) -> io::Result<()> {
        self.file.cut(size)
    }
}

/// Applies on a disk. Returns what was said, and whether the disk was full.
async fn apply(room: &Room, disk: Small) -> (String, bool) {
    let project = Project::open(room.options()).output.unwrap();
    let holder = Holder::this_process("apply", &SystemClock::default());
    let request = Request { holder: holder.clone(), lock: true, wait: Duration::ZERO };
    let store = LocalStore::new(Layout::new(&project.options.directory, Layout::DEFAULT, false).unwrap())
        .with_disk(Arc::new(disk.clone()));
    let said = |found: &Diagnostics| room.drawn(found, &project.sources);
    let (ledger, recovered) = match Ledger::open(&store, &request) {
        Ok(opened) => opened,
        Err(error) => return (said(&queueform::diag::Diagnostic::from(error).into()), disk.is_full()),
    };
    let open = OpenState { ledger: Arc::new(ledger), recovered, holder };
    let stop = Stop::never();
    let state = open.ledger.state(Clone::clone);
    let options = PlanOptions::normal();
    let now = ops::plan::now();
    let planned =
        ops::plan::plan_on(&project, state, Some(&open.ledger), &options, &now, &stop).await.unwrap();
    let ports =
        ApplyPorts { approve: &mut |_planned| true, events: &mut |_event| {}, stop: &stop, abort: &stop };
    let outcome = ops::apply::carry_out(&project, planned, &ops::apply::new_id(), &open, ports).await;
    let text = match outcome {
        Ok(ApplyOutcome::Applied(_, applied)) => said(&applied.diagnostics),
        Ok(_) => String::new(),
        Err(found) => said(&found),
    };
    (text, disk.is_full())
}

#[tokio::test]
async fn whenever_the_disk_is_full_the_state_is_whole_and_the_next_run_goes_on() {
    for writes in 0.. {
        assert!(writes < 100, "an apply of one object does not need so many writes");
        let room = Room::new().await;
        room.place.write("main.qf.hcl", &SOUND.replace("kept", "changed"));
        let (text, was_full) = apply(&room, Small::new(writes)).await;
        if !was_full || text.is_empty() {
            assert_eq!(text, "");
            assert!(room.place.read(STATE).contains("changed"));
            break;
        }
        assert!(
            text.contains("free some space") || text.contains("run the same command again"),
            "{writes}: {text}"
        );
        let now = room.place.read(STATE);
        assert!(now == room.state || now.contains("changed"), "{writes}: {now}");
        // There is space again.
        assert_eq!(room.apply().await, "", "{writes}");
        assert!(room.place.read(STATE).contains("changed"), "{writes}");
        assert_eq!(room.apply().await, "", "{writes}");
    }
}

/// Which file is written when depends on how records come together, so each is told by its name.
#[tokio::test]
async fn a_full_disk_is_told_with_the_file_that_could_not_be_written() {
    for place in ["queueform.state.backup.json", "queueform.state.json"] {
        let room = Room::new().await;
        room.place.write("main.qf.hcl", &SOUND.replace("kept", "changed"));
        let (text, _) = apply(&room, Small::without(place)).await;
        for part in [place, "no storage space", "free some space"] {
            assert!(text.contains(part), "{place}: {text}");
        }
        assert_eq!(room.place.read(STATE), room.state);
        assert_eq!(room.apply().await, "");
        assert!(room.place.read(STATE).contains("changed"));
    }
}
