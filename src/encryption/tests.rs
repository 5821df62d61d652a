use std::time::Duration;

use age::secrecy::ExposeSecret as _;
use proptest::prelude::*;

use super::*;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::state::Lineage;
use crate::state::State;
use crate::state::journal::Record;
use crate::state::journal::tests::intent;
use crate::state::journal::tests::run;
use crate::state::store::Clock as _;
use crate::state::store::Holder;
use crate::state::store::Layout;
use crate::state::store::Ledger;
use crate::state::store::LocalStore;
use crate::state::store::Request;
use crate::state::store::Store;
use crate::state::store::StoreError;
use crate::state::store::SystemClock;
use crate::state::store::view;
use crate::value::Secret;

use super::envelope::Of;

fn identity() -> (Arc<str>, Secret) {
    let identity = age::x25519::Identity::generate();
    (identity.to_public().to_string().into(), Secret::new(identity.to_string().expose_secret()))
}

fn age_key(name: &str) -> Arc<Key> {
    let (recipient, secret) = identity();
    Arc::new(Key::age(name, &[recipient], Some(&secret)).unwrap())
}

fn phrase(name: &str, text: &str) -> Arc<Key> {
    Arc::new(Key::passphrase(name, Secret::new(text)).unwrap())
}

fn ring(key: Option<&Arc<Key>>, fallbacks: &[Option<&Arc<Key>>], enforced: bool) -> Arc<Keyring> {
    let fallbacks = fallbacks.iter().map(|key| key.map(Arc::clone)).collect();
    Arc::new(Keyring::new(Rule { key: key.map(Arc::clone), fallbacks, enforced }))
}

fn sealed(ring: &Keyring, version: (u64, &Lineage), plain: &[u8]) -> String {
    let sealer = ring.sealer(None).unwrap().unwrap();
    envelope::seal(&sealer, Of::State, Some(version), plain).unwrap()
}

fn opened(ring: &Keyring, text: &str) -> Result<Option<Vec<u8>>, Problem> {
    Ok(envelope::open(ring, Of::State, text.as_bytes())?.map(|(plain, _)| plain))
}

fn lineage() -> Lineage {
    Lineage("5d2f9e0c-0000-4000-8000-000000000001".into())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn documents_round_trip_and_every_changed_bit_is_noticed(
        plain in prop::collection::vec(any::<u8>(), 0..200),
        serial: u64,
        place: prop::sample::Index,
        bit in 0_u8..8,
    ) {
        let ring = ring(Some(&age_key("k")), &[], false);
        let text = sealed(&ring, (serial, &lineage()), &plain);
        prop_assert_eq!(opened(&ring, &text), Ok(Some(plain)));
        let head: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(head.get("serial").and_then(serde_json::Value::as_u64), Some(serial));
        let mut bytes = text.into_bytes();
        let at = place.index(bytes.len());
        bytes[at] ^= 1 << bit;
        // What does not look sealed any more is not taken for clear text either.
        let result = envelope::open(&ring, Of::State, &bytes).map(|found| found.is_some());
        prop_assert!(result != Ok(true), "byte {at}, bit {bit}: {result:?}");
        prop_assert!(ring.allow_plain().is_err());
    }

    #[test]
    fn journals_round_trip_and_tear_like_clear_ones(
        names in prop::collection::vec("[a-z]{1,40}", 1..6),
        cut: prop::sample::Index,
    ) {
        let ring = ring(Some(&age_key("k")), &[], false);
        let sealer = ring.sealer(None).unwrap().unwrap();
        let records: Vec<Record> = names
            .iter()
            .map(|name| Record::Forget(crate::state::journal::tests::target(name)))
            .collect();
        let lines: Vec<String> =
            (1..).zip(&records).map(|(seq, record)| crate::state::journal::encode(seq, record).unwrap()).collect();
        let text = lines.concat();
        let kept = journal::seal(&sealer, text.as_bytes(), true).unwrap();
        prop_assert_eq!(journal::open(&ring, &kept).unwrap().plain, text.as_bytes());
        prop_assert!(!names.iter().any(|name| name.len() > 3 && String::from_utf8_lossy(&kept).contains(name.as_str())));
        let cut = cut.index(kept.len());
        let torn = journal::open(&ring, &kept[..cut]).unwrap();
        let parsed = crate::state::journal::parse(&torn.plain).unwrap();
        let whole = kept[..cut].split(|byte| *byte == b'\n').skip(1).count().saturating_sub(1);
        prop_assert_eq!(parsed.records.len(), whole);
        // What is kept is cut where a line ends.
        let kept_to = usize::try_from(torn.kept(parsed.valid)).unwrap();
        prop_assert!(kept_to <= cut && (kept_to == 0 || kept[kept_to - 1] == b'\n'));
        let again = journal::open(&ring, &kept[..kept_to]).unwrap();
        prop_assert_eq!(crate::state::journal::parse(&again.plain).unwrap().records, parsed.records);
    }
}

#[test]
fn passphrases_open_by_their_text_whatever_they_are_called() {
    let text =
        sealed(&ring(Some(&phrase("old name", "correct horse battery")), &[], false), (3, &lineage()), b"x");
    let same = ring(Some(&phrase("another name", "correct horse battery")), &[], true);
    assert_eq!(opened(&same, &text), Ok(Some(b"x".to_vec())));
    let other = ring(Some(&phrase("key_provider.passphrase.k", "correct horse buttery")), &[], false);
    let found = opened(&other, &text).unwrap_err().about("the state `s`");
    assert_eq!(found.code, Code::KeyMissing);
    assert!(found.detail.contains("`old name`"), "{}", found.detail);
    assert!(
        found.detail.contains("`key_provider.passphrase.k`: the passphrase is another one"),
        "{}",
        found.detail
    );
    assert!(!format!("{found:?}").contains("buttery"));
    let either = ring(Some(&age_key("new")), &[None, Some(&phrase("p", "correct horse battery"))], false);
    assert_eq!(opened(&either, &text), Ok(Some(b"x".to_vec())));
}

#[test]
fn any_recipient_reads_and_nobody_else() {
    let ((one, one_secret), (two, two_secret)) = (identity(), identity());
    let both = |secret: &Secret| {
        ring(
            Some(&Arc::new(Key::age("team", &[Arc::clone(&one), Arc::clone(&two)], Some(secret)).unwrap())),
            &[],
            false,
        )
    };
    let text = sealed(&both(&one_secret), (1, &lineage()), b"x");
    assert_eq!(opened(&both(&two_secret), &text), Ok(Some(b"x".to_vec())));
    let writer = ring(Some(&Arc::new(Key::age("ci", std::slice::from_ref(&one), None).unwrap())), &[], false);
    let found = opened(&writer, &text).unwrap_err().about("the state `s`");
    assert!(
        found.detail.contains(&*one) && found.detail.contains("it can write and not read"),
        "{}",
        found.detail
    );
    let stranger = opened(&ring(Some(&age_key("s")), &[], false), &text).unwrap_err().about("it");
    assert!(stranger.detail.contains("none of its identities is one of them"), "{}", stranger.detail);
    let nobody = opened(&ring(None, &[], false), &text).unwrap_err().about("it");
    assert!(nobody.hints.iter().any(|hint| hint.contains("`encryption { … }`")), "{nobody:?}");
}

#[test]
fn a_changed_list_of_recipients_means_a_new_data_key() {
    let ((one, one_secret), (two, _)) = (identity(), identity());
    let two_readers = Arc::new(Key::age("team", &[Arc::clone(&one), two], Some(&one_secret)).unwrap());
    let one_reader = Arc::new(Key::age("team", &[one], Some(&one_secret)).unwrap());
    let before = ring(Some(&two_readers), &[], false);
    let first = before.sealer(None).unwrap().unwrap();
    let same = before.sealer(Some(&first)).unwrap().unwrap();
    assert_eq!(same.wrapped, first.wrapped);
    let after = ring(Some(&one_reader), &[], false);
    let read = after.unlock(&first.wrapped).unwrap();
    let next = after.sealer(Some(&read)).unwrap().unwrap();
    assert_ne!(next.wrapped, first.wrapped);
    assert_eq!(next.wrapped.recipients.len(), 1);
}

#[test]
fn one_document_cannot_stand_in_for_another() {
    let ring = ring(Some(&age_key("k")), &[], false);
    let sealer = ring.sealer(None).unwrap().unwrap();
    let (a, b) = (lineage(), Lineage("another".into()));
    let text = envelope::seal(&sealer, Of::State, Some((7, &a)), b"x").unwrap();
    for changed in [
        text.replace("\"serial\":7", "\"serial\":8"),
        text.replace(&*a.0, &b.0),
        text.replace("\"serial\":7,", ""),
    ] {
        assert_ne!(changed, text);
        assert_eq!(opened(&ring, &changed), Err(Problem::Damaged), "{changed}");
    }
    assert_eq!(
        envelope::open(&ring, Of::Plan, text.as_bytes()).unwrap_err(),
        Problem::Other { found: "state".to_owned(), wanted: "plan" }
    );
    let newer = text.replace("\"format\":1", "\"format\":2");
    assert_eq!(opened(&ring, &newer), Err(Problem::TooNew { found: 2, known: 1 }));
}

#[test]
fn keys_are_checked_without_being_quoted() {
    assert_eq!(
        Key::passphrase("k", Secret::new("short")).unwrap_err().to_string(),
        "a passphrase needs at least 16 characters, this one has 5"
    );
    let (recipient, secret) = identity();
    assert_eq!(Key::age("k", &[], None).unwrap_err(), KeyError::Nobody);
    let swapped = Key::age("k", &[secret.reveal().into()], None).unwrap_err().to_string();
    assert!(!swapped.contains(secret.reveal()), "{swapped}");
    let file = format!("# created: today\n\n{}\nnonsense\n", secret.reveal());
    let wrong = Key::age("k", std::slice::from_ref(&recipient), Some(&Secret::new(file))).unwrap_err();
    assert_eq!(wrong, KeyError::Identity { line: 4 });
    // Without recipients, whoever has the identity can read.
    let own = ring(Some(&Arc::new(Key::age("k", &[], Some(&secret)).unwrap())), &[], false);
    let text = sealed(&own, (1, &lineage()), b"x");
    assert!(text.contains(&*recipient));
    assert_eq!(opened(&own, &text), Ok(Some(b"x".to_vec())));
}

#[test]
fn plans_are_sealed_as_a_whole() {
    let key = age_key("k");
    let ring_of_plans = ring(Some(&key), &[], true);
    let text = ring_of_plans.seal_plan("{\"plan\":1}\n".to_owned()).unwrap();
    assert!(!text.contains("\"plan\":1"));
    assert_eq!(ring_of_plans.open_plan(text).unwrap(), "{\"plan\":1}\n");
    assert_eq!(ring_of_plans.open_plan("{}".to_owned()), Err(Problem::NotEncrypted { enforced: true }));
    let open = ring(None, &[], false);
    assert_eq!(open.open_plan(open.seal_plan("{}".to_owned()).unwrap()).unwrap(), "{}");
}

// States on a disk.

fn store(directory: &tempfile::TempDir, ring: &Arc<Keyring>) -> EncryptedStore {
    let layout = Layout::of_file(&directory.path().join("queueform.state.json"));
    EncryptedStore::new(Box::new(LocalStore::new(layout)), Arc::clone(ring))
}

fn request() -> Request {
    let clock = SystemClock::default();
    drop(clock.now());
    Request { holder: Holder::this_process("test", &clock), lock: true, wait: Duration::ZERO }
}

fn read(directory: &tempfile::TempDir, name: &str) -> String {
    std::fs::read_to_string(directory.path().join(name)).unwrap_or_default()
}

fn put(name: &str) -> Record {
    let object = crate::state::journal::tests::object(Some("an-id"), name);
    let like = crate::state::Instance::new(crate::addr::ProviderAddr::default_of("dms"), 1, "digest");
    Record::Put(Box::new(crate::state::journal::Put::new(
        crate::state::journal::tests::target(name),
        &like,
        object,
    )))
}

fn in_lineage(state: &State) -> Record {
    let Record::Run(mut header) = run() else { panic!() };
    header.lineage = state.lineage.clone();
    Record::Run(header)
}

fn names(store: &dyn Store) -> Result<Vec<String>, StoreError> {
    let state = view(store)?.recovered.state;
    Ok(state.resources.keys().map(ToString::to_string).collect())
}

fn apply(store: &dyn Store, records: Vec<Record>) -> Ledger {
    let (ledger, _) = Ledger::open(store, &request()).unwrap();
    let head = ledger.state(in_lineage);
    ledger.append(vec![head]).wait().unwrap();
    ledger.append(records).wait().unwrap();
    ledger
}

#[test]
fn nothing_of_a_state_is_on_the_disk_in_clear_and_a_killed_run_is_taken_up() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(&directory, &ring(Some(&age_key("k")), &[], true));
    let ledger = apply(&store, vec![put("orders")]);
    assert!(read(&directory, "queueform.state.journal").contains("\"sealed\""));
    ledger.commit().unwrap();
    drop(ledger);
    // A run that ends in the middle, twice, the second time in the middle of a line.
    drop(apply(&store, vec![put("payments"), intent("mails", crate::state::Action::Create, 1, &[])]));
    drop(apply(&store, vec![put("audit")]));
    let path = directory.path().join("queueform.state.journal");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, [&whole[..], b"{\"seq\":99,\"seal"].concat()).unwrap();
    for file in std::fs::read_dir(directory.path())
        .unwrap()
        .chain(std::fs::read_dir(directory.path().join("queueform.state.history")).unwrap())
    {
        let path = file.unwrap().path();
        if path.is_file() {
            let text = std::fs::read_to_string(&path).unwrap();
            for word in ["orders", "payments", "mails", "audit", "an-id"] {
                assert!(!text.contains(word), "{word} in {}", path.display());
            }
        }
    }
    let all = [
        "dms_rocketmq_topic.audit",
        "dms_rocketmq_topic.mails",
        "dms_rocketmq_topic.orders",
        "dms_rocketmq_topic.payments",
    ];
    assert_eq!(names(&store).unwrap(), all);
    let (ledger, recovered) = Ledger::open(&store, &request()).unwrap();
    assert_eq!(recovered.in_doubt.len(), 1);
    assert_eq!(std::fs::read(&path).unwrap(), whole, "the torn line is cut");
    ledger.append(vec![put("late")]).wait().unwrap();
    ledger.commit().unwrap();
    drop(ledger);
    assert_eq!(names(&store).unwrap().len(), 5);
    // The history can be read with the key.
    let entries = store.history().unwrap();
    let lines = store.history_entry(entries.last().unwrap()).unwrap();
    assert!(String::from_utf8_lossy(&lines).contains("payments"));
    // Serial and lineage can be read without it.
    let head = crate::state::document::head(read(&directory, "queueform.state.json").as_bytes()).unwrap();
    assert_eq!(head.0, 2);
}

#[test]
fn a_changed_line_in_the_middle_of_a_journal_is_damage() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(&directory, &ring(Some(&age_key("k")), &[], false));
    drop(apply(&store, vec![put("a"), put("b"), put("c")]));
    let path = directory.path().join("queueform.state.journal");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    // Changed, swapped and left out.
    let changed = lines[2].replace("\"sealed\":\"", "\"sealed\":\"AA");
    let swapped = lines[3].replacen("\"seq\":3", "\"seq\":2", 1);
    for middle in [changed, swapped, String::new()] {
        std::fs::write(&path, [lines[0], lines[1], &middle, lines[3], lines[4]].concat()).unwrap();
        assert!(matches!(names(&store), Err(StoreError::Journal { .. })), "{middle}");
        assert!(matches!(Ledger::open(&store, &request()), Err(StoreError::Journal { .. })));
    }
    std::fs::write(&path, &text).unwrap();
    assert_eq!(names(&store).unwrap().len(), 3);
}

#[test]
fn keys_change_and_encryption_comes_and_goes() {
    let directory = tempfile::tempdir().unwrap();
    let (old, new) = (age_key("old"), age_key("new"));
    let at = |ring: &Arc<Keyring>| store(&directory, ring);
    let plain = ring(None, &[], false);
    apply(&at(&plain), vec![put("a")]).commit().unwrap();
    // In: not without saying so.
    let strict = names(&at(&ring(Some(&old), &[], false)));
    assert!(
        matches!(&strict, Err(StoreError::Sealed { finding, .. }) if finding.code == Code::NotEncrypted),
        "{strict:?}"
    );
    assert!(matches!(names(&at(&ring(Some(&old), &[None], true))), Err(StoreError::Sealed { .. })));
    // In, by a run that is killed: a clear journal is continued by a sealed one.
    drop(apply(&at(&plain), vec![put("b")]));
    let moving = ring(Some(&old), &[None], false);
    drop(apply(&at(&moving), vec![put("c")]));
    assert_eq!(names(&at(&moving)).unwrap().len(), 3);
    let (ledger, _) = Ledger::open(&at(&moving), &request()).unwrap();
    ledger.commit().unwrap();
    drop(ledger);
    assert_eq!(names(&at(&ring(Some(&old), &[], true))).unwrap().len(), 3);
    // Other tools, and we without the block, see that it is encrypted.
    let layout = Layout::of_file(&directory.path().join("queueform.state.json"));
    let bare = Diagnostic::from(view(&LocalStore::new(layout)).unwrap_err());
    assert_eq!(bare.code, Code::KeyMissing);
    // Another key: the old one reads until something is written.
    let turning = ring(Some(&new), &[Some(&old)], true);
    let before = read(&directory, "queueform.state.json");
    let (ledger, _) = Ledger::open(&at(&turning), &request()).unwrap();
    assert!(ledger.rewrite().unwrap().is_written);
    drop(ledger);
    assert_ne!(read(&directory, "queueform.state.json"), before);
    assert!(names(&at(&ring(Some(&old), &[], true))).is_err());
    assert_eq!(names(&at(&ring(Some(&new), &[], true))).unwrap().len(), 3);
    // Out.
    let leaving = ring(None, &[Some(&new)], false);
    let (ledger, _) = Ledger::open(&at(&leaving), &request()).unwrap();
    ledger.rewrite().unwrap();
    drop(ledger);
    assert_eq!(names(&at(&plain)).unwrap().len(), 3);
    assert!(read(&directory, "queueform.state.json").contains("\"version\": 4"));
}
