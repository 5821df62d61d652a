//! A state open for writing: numbers records, makes them durable in groups, folds them, writes snapshots.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::thread::JoinHandle;

use crate::state::Lineage;
use crate::state::ObjectRef;
use crate::state::State;
use crate::state::document;
use crate::state::journal;
use crate::state::journal::Fold;
use crate::state::journal::Record;
use crate::state::journal::Recovered;

use super::Fence;
use super::Lease;
use super::Request;
use super::Session;
use super::Snapshot;
use super::Store;
use super::StoreError;
use super::Ticket;
use super::view;

/// A state open for writing. Shared by everything that runs at once; closed when dropped.
#[derive(Debug)]
pub struct Ledger {
    shared: Arc<Shared>,
    flusher: Option<JoinHandle<()>>,
}

/// What a commit did.
#[derive(Debug, Clone)]
pub struct Committed {
    /// The serial of the state.
    pub serial: u64,
    /// Whether a new snapshot was written (not if nothing changed).
    pub is_written: bool,
    /// What went wrong after the snapshot was durable; the state is whole nevertheless.
    pub trouble: Option<StoreError>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    /// Something is queued, or the ledger closes.
    wake: Condvar,
    /// Everything queued is durable or refused.
    idle: Condvar,
    /// Taken before the fold where both are needed; held while an engine is waited for.
    writer: Mutex<Writer>,
    /// The state with everything that is durable: never held while anything is waited for.
    fold: Mutex<Fold>,
    fence: Arc<dyn Fence>,
    keeps_secrets: bool,
    journal_name: Arc<str>,
}

#[derive(Debug)]
struct Queue {
    next: u64,
    lines: String,
    records: Vec<(u64, Record)>,
    tickets: Vec<Ticket>,
    /// The objects that this session has touched.
    touched: BTreeSet<ObjectRef>,
    is_writing: bool,
    is_closing: bool,
}

#[derive(Debug)]
struct Writer {
    session: Box<dyn Session>,
    /// The state as the snapshot on disk has it; none if there is none.
    base: Option<State>,
    /// Bytes of the journal and of the snapshot.
    journal: u64,
    document: u64,
    /// A journal of fewer bytes is not folded while a run lasts.
    least: u64,
    /// The snapshot is written although it says the same.
    is_rewritten: bool,
}

/// The journal is folded into the snapshot during a run once it is larger than this and than twice the snapshot:
/// so all snapshots of a run together cost no more than a few times its journal, and replaying stays short.
const JOURNAL_LEAST: u64 = 8 * 1024 * 1024;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ledger {
    /// Opens a state for writing: takes the lock, reads snapshot and journal, and says what an earlier run
    /// left unfinished. A journal tail that was written only in part is cut off.
    ///
    /// # Errors
    /// If another run holds the lock, or state or journal cannot be read or do not fit together.
    pub fn open(store: &dyn Store, request: &Request) -> Result<(Self, Recovered), StoreError> {
        let mut session = store.open(request)?;
        let contents = session.contents()?;
        let snapshot = view::snapshot(store, &contents)?;
        let base = contents.snapshot.is_some().then(|| snapshot.clone());
        let document = contents.snapshot.as_ref().map_or(0, |bytes| bytes.len() as u64);
        let (mut fold, lines) = view::folded(store, &contents, snapshot)?;
        session.cut(lines.valid)?;
        if fold.state().lineage.0.is_empty() {
            fold.state_mut().lineage = Lineage::random();
        }
        let recovered = fold.clone().recovered();
        let (_, journal_name) = store.names();
        let fence = session.fence();
        let keeps_secrets = session.keeps_secrets();
        let queue = Queue {
            next: fold.state().folded + 1,
            lines: String::new(),
            records: Vec::new(),
            tickets: Vec::new(),
            touched: BTreeSet::new(),
            is_writing: false,
            is_closing: false,
        };
        let shared = Arc::new(Shared {
            queue: Mutex::new(queue),
            wake: Condvar::new(),
            idle: Condvar::new(),
            writer: Mutex::new(Writer {
                session,
                base,
                journal: lines.valid,
                document,
                least: JOURNAL_LEAST,
                is_rewritten: false,
            }),
            fold: Mutex::new(fold),
            fence,
            keeps_secrets,
            journal_name,
        });
        let worker = Arc::clone(&shared);
        let flusher = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || worker.run())
            .map_err(StoreError::io("write", &shared.journal_name))?;
        Ok((Self { shared, flusher: Some(flusher) }, recovered))
    }

    /// Appends records. They are numbered in the order of these calls; the ticket tells when they are
    /// durable and part of [`Ledger::state`]. Records that are queued at the same time share one sync.
    pub fn append(&self, records: Vec<Record>) -> Ticket {
        let mut queue = lock(&self.shared.queue);
        let ticket = Ticket::new(queue.next, records.len() as u64);
        if records.is_empty() {
            ticket.complete(Ok(()));
            return ticket;
        }
        let mut lines = String::new();
        let mut numbered = Vec::with_capacity(records.len());
        for (sequence, mut record) in (queue.next..).zip(records) {
            self.remember_prior(&mut queue.touched, &mut record);
            if let Record::Intent(intent) = &mut record {
                intent.sequence = sequence;
            }
            if !self.shared.keeps_secrets
                && let Err(source) = record.seal()
            {
                ticket.complete(Err(StoreError::Unwritable { source }));
                return ticket;
            }
            match journal::encode(sequence, &record) {
                Ok(line) => lines.push_str(&line),
                Err(error) => {
                    let error = StoreError::io("write", &self.shared.journal_name)(error.into());
                    ticket.complete(Err(error));
                    return ticket;
                }
            }
            numbered.push((sequence, record));
        }
        queue.next += numbered.len() as u64;
        queue.lines.push_str(&lines);
        queue.records.append(&mut numbered);
        queue.tickets.push(ticket.clone());
        drop(queue);
        self.shared.wake.notify_one();
        ticket
    }

    /// The first record of a run about an object says what it was: so the run can be undone, and told about.
    fn remember_prior(&self, touched: &mut BTreeSet<ObjectRef>, record: &mut Record) {
        let (target, prior) = match record {
            Record::Intent(intent) => (&intent.target, &mut intent.prior),
            Record::Put(put) => (&put.target, &mut put.prior),
            _ => return,
        };
        if touched.insert(target.clone()) {
            *prior = lock(&self.shared.fold).state().object(target).map(|object| Box::new(object.clone()));
        }
    }

    /// Returns what a function makes of the state with everything that is durable folded in. Never waits for the engine.
    pub fn state<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(lock(&self.shared.fold).state())
    }

    /// Returns how long writing is still allowed: a mutating call starts only while that outlasts its timeout. Never
    /// waits.
    ///
    /// # Errors
    /// If the lock is lost.
    pub fn fence(&self) -> Result<Lease, StoreError> {
        self.shared.fence.check()
    }

    /// Returns whether secrets are kept in the state: it is encrypted.
    #[must_use]
    pub fn keeps_secrets(&self) -> bool {
        self.shared.keeps_secrets
    }

    /// Sets from how many bytes on the journal is folded into the snapshot while the run lasts.
    pub fn fold_journal_from(&self, bytes: u64) {
        lock(&self.shared.writer).least = bytes;
    }

    /// Replaces the whole state, as `state push` does, and commits it.
    ///
    /// # Errors
    /// See [`Ledger::commit`].
    pub fn replace(&self, mut state: State) -> Result<Committed, StoreError> {
        drop(self.settle());
        let mut fold = lock(&self.shared.fold);
        state.folded = fold.state().folded;
        fold.replace(state);
        drop(fold);
        self.commit()
    }

    /// Commits even if nothing changed: what is there is written with other keys, or with none.
    ///
    /// # Errors
    /// See [`Ledger::commit`].
    pub fn rewrite(&self) -> Result<Committed, StoreError> {
        lock(&self.shared.writer).is_rewritten = true;
        self.commit()
    }

    /// Writes a snapshot with everything appended so far and moves the journal into the history. Nothing is
    /// written if nothing changed.
    ///
    /// # Errors
    /// If somebody else changed the state, or it cannot be written. The snapshot before and the journal are
    /// whole then.
    pub fn commit(&self) -> Result<Committed, StoreError> {
        let mut queue = self.settle();
        let mut writer = lock(&self.shared.writer);
        let is_written = writer.save(&self.shared.fold)?;
        let serial = lock(&self.shared.fold).state().serial;
        let trouble = match writer.rotate() {
            Ok(trouble) => {
                // Records without any effect leave the snapshot as it was, so their numbers are used again.
                // Nothing can be queued meanwhile: the queue is locked.
                let folded = writer.base.as_ref().map_or(0, |base| base.folded);
                lock(&self.shared.fold).state_mut().folded = folded;
                queue.next = folded + 1;
                trouble
            }
            Err(error) => Some(error),
        };
        Ok(Committed { serial, is_written, trouble })
    }

    /// Waits until everything queued is durable or refused.
    fn settle(&self) -> MutexGuard<'_, Queue> {
        let mut queue = lock(&self.shared.queue);
        while queue.is_writing || !queue.records.is_empty() {
            queue = self.shared.idle.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        queue
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        lock(&self.shared.queue).is_closing = true;
        self.shared.wake.notify_one();
        if let Some(flusher) = self.flusher.take()
            && flusher.join().is_err()
        {
            tracing::error!("the journal's thread ended in a panic");
        }
    }
}

impl Writer {
    /// Writes a snapshot of everything that is folded. Returns false if the one there is says the same. Nothing is
    /// folded meanwhile: whoever folds holds the writer.
    fn save(&mut self, fold: &Mutex<Fold>) -> Result<bool, StoreError> {
        let Self { session, base, .. } = self;
        let empty = State::default();
        let before = base.as_ref().unwrap_or(&empty);
        let now = lock(fold);
        let is_different = !now.state().same_content(before);
        let is_noted = now.state().pins != before.pins
            || now.state().plans != before.plans
            || now.state().due != before.due;
        if !is_different && !is_noted && !self.is_rewritten {
            return Ok(false);
        }
        let mut state = now.state().clone();
        drop(now);
        // Engines take no other document with a serial that they have already.
        if (is_different || self.is_rewritten) && state.serial <= before.serial {
            state.serial = before.serial + 1;
        }
        state.written_by = env!("CARGO_PKG_VERSION").into();
        let written = if session.keeps_secrets() {
            document::write_with_secrets(&state)
        } else {
            document::write(&state)
        };
        let document = written.map_err(|source| StoreError::Unwritable { source })?;
        let snapshot =
            Snapshot { serial: state.serial, lineage: &state.lineage, document: &document, is_different };
        session.commit(snapshot)?;
        let mut now = lock(fold);
        now.state_mut().serial = state.serial;
        now.state_mut().written_by = Arc::clone(&state.written_by);
        drop(now);
        self.document = document.len() as u64;
        self.is_rewritten = false;
        *base = Some(state);
        Ok(true)
    }

    /// Moves the journal, which is part of the snapshot now, into the history.
    fn rotate(&mut self) -> Result<Option<StoreError>, StoreError> {
        let trouble = self.session.rotate()?;
        self.journal = 0;
        Ok(trouble)
    }

    /// Folds a journal that has grown large. That this does not succeed harms nobody: the journal stays.
    fn fold_large_journal(&mut self, fold: &Mutex<Fold>) {
        if self.journal < self.least.max(2 * self.document) || !self.session.is_open() {
            return;
        }
        let folded = self.save(fold).and_then(|is_written| if is_written { self.rotate() } else { Ok(None) });
        if let Err(error) = &folded {
            tracing::warn!(%error, "the journal could not be folded during the run");
        }
        // The journal is as large as before, so the next record must not cause the next attempt.
        self.least = self.least.max(2 * self.journal);
    }
}

impl Shared {
    /// Writes what is queued, again and again: everything queued since the last sync shares the next one.
    fn run(&self) {
        loop {
            let (lines, records, tickets) = {
                let mut queue = lock(&self.queue);
                while queue.records.is_empty() && !queue.is_closing {
                    queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
                }
                if queue.records.is_empty() {
                    return;
                }
                queue.is_writing = true;
                let Queue { lines, records, tickets, .. } = &mut *queue;
                (std::mem::take(lines), std::mem::take(records), std::mem::take(tickets))
            };
            let result = self.write(&lines, records);
            let mut refused = Vec::new();
            {
                let mut queue = lock(&self.queue);
                queue.is_writing = false;
                if result.is_err() {
                    // What was queued meanwhile is numbered behind records that do not exist.
                    refused = std::mem::take(&mut queue.tickets);
                    let records = std::mem::take(&mut queue.records);
                    queue.lines.clear();
                    let is_open = lock(&self.writer).session.is_open();
                    let mut fold = lock(&self.fold);
                    keep_unsaved(is_open, &mut fold, records);
                    queue.next = fold.state().folded + 1;
                }
                if queue.records.is_empty() {
                    self.idle.notify_all();
                }
            }
            for ticket in tickets.into_iter().chain(refused) {
                ticket.complete(result.clone());
            }
            lock(&self.writer).fold_large_journal(&self.fold);
        }
    }

    fn write(&self, lines: &str, records: Vec<(u64, Record)>) -> Result<(), StoreError> {
        let mut writer = lock(&self.writer);
        if let Err(error) = writer.session.append(lines.as_bytes()) {
            keep_unsaved(writer.session.is_open(), &mut lock(&self.fold), records);
            return Err(error);
        }
        writer.journal += lines.len() as u64;
        let mut fold = lock(&self.fold);
        for (sequence, record) in records {
            fold.apply(sequence, record)
                .map_err(|source| StoreError::Fold { place: Arc::clone(&self.journal_name), source })?;
        }
        Ok(())
    }
}

/// Remembers in memory what has happened although the journal could not take it: a snapshot may still save it.
/// Intents are forgotten, their calls are not made.
fn keep_unsaved(is_open: bool, fold: &mut Fold, records: Vec<(u64, Record)>) {
    let last = records.last().map(|(sequence, _)| *sequence);
    for (sequence, record) in records {
        if matches!(record, Record::Intent(_)) {
            continue;
        }
        if let Err(error) = fold.apply_unsaved(record) {
            tracing::warn!(sequence, %error, "a record that could not be saved does not fit");
        }
    }
    // Where it is unknown whether the lines reached the disk, nothing more is appended, and a snapshot must
    // not have them replayed on top of what they say.
    if let (false, Some(last)) = (is_open, last) {
        fold.state_mut().folded = last;
    }
}
