//! States in a real `PostgreSQL`: the contract, the lock and its fence, and what is said when something is wrong.

use std::sync::Arc;
use std::time::Duration;

use queueform::backend;
use queueform::backend::Backend;
use queueform::backend::Given;
use queueform::backend::LockState;
use queueform::backend::PgBackend;
use queueform::backend::PgTiming;
use queueform::backend::Settings;
use queueform::diag::Diagnostic;
use queueform::state::Lineage;
use queueform::state::State;
use queueform::state::document;
use queueform::state::store::Holder;
use queueform::state::store::Request;
use queueform::state::store::Session;
use queueform::state::store::Snapshot;
use queueform::state::store::Store;
use queueform::state::store::StoreError;
use queueform::state::store::SystemClock;
use queueform::value::Value;

use crate::support::PASSWORD;
use crate::support::Pooler;
use crate::support::Postgres;
use crate::support::Proxy;

use super::contract;

/// Short enough for tests, long enough for a busy machine.
const TIMING: PgTiming = PgTiming {
    connect: Duration::from_secs(10),
    statement: Duration::from_secs(20),
    lease: Duration::from_secs(600),
    heartbeat: Duration::from_millis(50),
    retry: Duration::from_secs(60),
};

/// For tests that wait until something is given up.
const IMPATIENT: PgTiming = PgTiming {
    connect: Duration::from_millis(500),
    statement: Duration::from_secs(2),
    retry: Duration::from_millis(500),
    ..TIMING
};

fn settings(arguments: &[(&str, &str)]) -> Settings {
    let given = arguments.iter().map(|(name, text)| Given {
        name: (*name).into(),
        name_span: None,
        value: Value::string(*text),
        value_span: None,
    });
    backend::settle(("pg", None), given.collect(), std::path::Path::new("."), &|_| None).unwrap()
}

fn engine(url: &str, timing: PgTiming) -> Arc<PgBackend> {
    Arc::new(PgBackend::new(&settings(&[("conn_str", url)]), timing).unwrap())
}

fn store(url: &str, timing: PgTiming) -> Box<dyn Store> {
    engine(url, timing).store("default", Arc::new(SystemClock::default())).unwrap()
}

fn request(id: &str) -> Request {
    let holder = Holder { id: id.into(), command: "apply".into(), ..Holder::default() };
    Request { holder, lock: true, wait: Duration::ZERO }
}

fn document(serial: u64) -> Vec<u8> {
    document::write(&State { serial, lineage: Lineage("lineage".into()), ..State::default() }).unwrap()
}

fn commit(session: &mut dyn Session, serial: u64) -> Result<(), StoreError> {
    let lineage = Lineage("lineage".into());
    session.commit(Snapshot { serial, lineage: &lineage, document: &document(serial), is_different: true })
}

/// Everything that an error says to a user.
fn said(error: StoreError) -> String {
    let found = Diagnostic::from(error);
    let text = format!("{}\n{}\n{}", found.summary, found.detail, found.hints.join("\n"));
    assert!(!text.contains(PASSWORD), "{text}");
    text
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(std::time::Instant::now() < deadline, "{what}");
        std::thread::yield_now();
    }
}

#[test]
fn a_database_keeps_the_contract() {
    let Some(server) = Postgres::shared() else { return };
    let url = server.url(&server.database(), server.port());
    contract::store_contract(&|clock| engine(&url, TIMING).store("default", clock).unwrap());
    let url = server.url(&server.database(), server.port());
    contract::encrypted_contract(&|clock| engine(&url, TIMING).store("default", clock).unwrap());
}

#[test]
fn databases_keep_the_contract_of_engines() {
    let Some(server) = Postgres::shared() else { return };
    let url = server.url(&server.database(), server.port());
    contract::backend_contract(&|| engine(&url, TIMING));
}

#[test]
fn a_socket_and_words_instead_of_a_url_do_as_well() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let sockets = server.sockets().display().to_string();
    let port = server.port().to_string();
    let settings = settings(&[
        ("host", &sockets),
        ("port", &port),
        ("conn_str", &format!("dbname={database} user=writer")),
        ("schema_name", "my \"own\" schema"),
        ("table_name", "team's"),
        ("index_name", "by name"),
    ]);
    let engine = PgBackend::new(&settings, TIMING).unwrap();
    let store = engine.store("default", Arc::new(SystemClock::default())).unwrap();
    let mut session = store.open(&request("one")).unwrap();
    session.contents().unwrap();
    session.append(b"line\n").unwrap();
    commit(&mut *session, 1).unwrap();
    assert_eq!(server.sql(&database, "SELECT name FROM \"my \"\"own\"\" schema\".\"team's\""), "default");
}

#[test]
fn what_leaves_the_machine_is_encrypted() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    server.sql(&database, "GRANT ALL ON DATABASE postgres TO only_tls");
    let tls = format!("{}/tests/fixtures/tls", env!("CARGO_MANIFEST_DIR"));
    let of = |more: &str| {
        let url = format!(
            "host=localhost hostaddr=127.0.0.1 port={} dbname={database} user=only_tls password={PASSWORD} {more}",
            server.port()
        );
        store(&url, TIMING).read()
    };
    of(&format!("sslmode=verify-full sslrootcert={tls}/ca.pem")).unwrap();
    of(&format!("sslmode=verify-ca sslrootcert={tls}/ca.pem")).unwrap();
    of("sslmode=require").unwrap();
    // A server of this machine is encrypted where it can be, without being asked for it.
    of("").unwrap();
    let plain = said(of("sslmode=disable").unwrap_err());
    assert!(plain.contains("refuses the connection") && plain.contains("pg_hba.conf"), "{plain}");
    let stranger = said(of(&format!("sslmode=verify-full sslrootcert={tls}/server.pem")).unwrap_err());
    assert!(stranger.contains("no encrypted connection") && stranger.contains("sslrootcert"), "{stranger}");
    let other = format!(
        "host=db.example hostaddr=127.0.0.1 port={} dbname={database} user=only_tls password={PASSWORD} sslrootcert={tls}/ca.pem",
        server.port()
    );
    let named = said(store(&format!("{other} sslmode=verify-full"), TIMING).read().unwrap_err());
    assert!(named.contains("verify-ca"), "{named}");
    store(&format!("{other} sslmode=verify-ca"), TIMING).read().unwrap();
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let port = server.port();
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    for (url, expected) in [
        (
            format!("postgres://writer:{PASSWORD}@127.0.0.1:{free}/{database}"),
            ["cannot connect", "nobody listens there"],
        ),
        (
            format!("postgres://writer:wrong-password@127.0.0.1:{port}/{database}"),
            ["password authentication failed", "PGPASSWORD"],
        ),
        (format!("postgres://writer@127.0.0.1:{port}/{database}"), ["password missing", "PGPASSWORD"]),
        (
            format!("postgres://nobody-here:{PASSWORD}@127.0.0.1:{port}/{database}"),
            ["password authentication failed", "PGPASSWORD"],
        ),
        (
            format!("postgres://writer:{PASSWORD}@127.0.0.1:{port}/missing"),
            ["does not exist", "CREATE DATABASE"],
        ),
    ] {
        let text = said(store(&url, IMPATIENT).open(&request("one")).unwrap_err());
        assert!(expected.iter().all(|part| text.contains(part)), "{url}: {text}");
        let text = said(store(&url, IMPATIENT).read().unwrap_err());
        assert!(expected.iter().all(|part| text.contains(part)), "{url}: {text}");
    }
}

#[test]
fn missing_rights_are_named_with_the_statements_that_give_them() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    server.sql(&database, &format!("CREATE ROLE guest_{database} LOGIN PASSWORD '{PASSWORD}'"));
    let url = format!("postgres://guest_{database}:{PASSWORD}@127.0.0.1:{}/{database}", server.port());
    let open = || store(&url, TIMING).open(&request("one")).map(drop);
    // Nothing is there yet: reading finds nothing, writing must not create.
    assert_eq!(store(&url, TIMING).read().unwrap().snapshot, None);
    let text = said(open().unwrap_err());
    assert!(text.contains("permission denied for database"), "{text}");
    assert!(
        text.contains(&format!(
            "CREATE SCHEMA \"queueform_remote_state\" AUTHORIZATION \"guest_{database}\""
        )),
        "{text}"
    );
    server.sql(&database, &format!("CREATE SCHEMA queueform_remote_state AUTHORIZATION guest_{database}"));
    let text = said(open().unwrap_err());
    assert!(text.contains("CREATE SEQUENCE public.global_states_id_seq"), "{text}");
    server.sql(
        &database,
        &format!("CREATE SEQUENCE public.global_states_id_seq; GRANT ALL ON SEQUENCE public.global_states_id_seq TO guest_{database}"),
    );
    open().unwrap();
}

#[test]
fn tables_of_others_are_used_as_they_are() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    // As Terraform leaves them.
    let text = String::from_utf8(document(7)).unwrap().replace('\'', "''");
    server.sql(
        &database,
        &format!(
            "CREATE SEQUENCE public.global_states_id_seq AS bigint; CREATE SCHEMA terraform_remote_state; \
             CREATE TABLE terraform_remote_state.states (id bigint NOT NULL DEFAULT nextval('public.global_states_id_seq') PRIMARY KEY, name text UNIQUE, data text); \
             CREATE UNIQUE INDEX states_by_name ON terraform_remote_state.states (name); \
             INSERT INTO terraform_remote_state.states (name, data) VALUES ('other', ''), ('default', '{text}'); \
             GRANT USAGE, CREATE ON SCHEMA terraform_remote_state TO writer; GRANT ALL ON ALL TABLES IN SCHEMA terraform_remote_state TO writer; \
             GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO writer"
        ),
    );
    let url = server.url(&database, server.port());
    let engine =
        PgBackend::new(&settings(&[("conn_str", &url), ("schema_name", "terraform_remote_state")]), TIMING)
            .unwrap();
    assert_eq!(engine.workspaces().unwrap(), ["default", "other"]);
    let store = engine.store("default", Arc::new(SystemClock::default())).unwrap();
    assert_eq!(store.read().unwrap().snapshot, Some(document(7)));
    assert_eq!(store.holder().unwrap(), None);
    assert_eq!(store.history().unwrap(), []);
    let mut session = store.open(&request("ours")).unwrap();
    assert_eq!(session.contents().unwrap().snapshot, Some(document(7)));
    // Terraform's own lock on the same state.
    let terraform =
        "SELECT pg_try_advisory_lock(id) FROM terraform_remote_state.states WHERE name = 'default'";
    assert_eq!(server.sql(&database, terraform), "f");
    commit(&mut *session, 8).unwrap();
    assert!(store.backup().is_some());
    drop(session);
    assert_eq!(server.sql(&database, terraform), "t", "it is free, and psql lets go of it at its end");
    let text = server.sql(&database, "SELECT data FROM terraform_remote_state.states WHERE name = 'default'");
    assert_eq!(document::head(text.as_bytes()).unwrap().0, 8);
    let first = server.sql(&database, "SELECT id FROM terraform_remote_state.states WHERE name = 'default'");
    assert_eq!(first, "2", "the row is the same");
    // An empty text is no state.
    let other = engine.store("other", Arc::new(SystemClock::default())).unwrap();
    assert_eq!(other.read().unwrap().snapshot, None);
    let mut session = other.open(&request("ours")).unwrap();
    session.contents().unwrap();
    commit(&mut *session, 1).unwrap();
}

#[test]
fn tables_that_must_not_be_created_are_asked_for() {
    let Some(server) = Postgres::shared() else { return };
    let url = server.url(&server.database(), server.port());
    let engine = |flag: &str| {
        let mut given = settings(&[("conn_str", &url)]);
        let flag = Given { name: flag.into(), name_span: None, value: Value::bool(true), value_span: None };
        let url =
            Given { name: "conn_str".into(), name_span: None, value: Value::string(&*url), value_span: None };
        given = backend::settle(("pg", None), vec![url, flag], given.directory(), &|_| None).unwrap();
        PgBackend::new(&given, TIMING).unwrap().store("default", Arc::new(SystemClock::default())).unwrap()
    };
    let text = said(engine("skip_schema_creation").open(&request("one")).unwrap_err());
    assert!(text.contains("there is no schema") && text.contains("CREATE SCHEMA IF NOT EXISTS"), "{text}");
    let text = said(engine("skip_table_creation").open(&request("one")).unwrap_err());
    assert!(text.contains("must not be created") && text.contains("CREATE TABLE IF NOT EXISTS"), "{text}");
    drop(engine("skip_index_creation").open(&request("one")).unwrap());
}

/// The process on the server that holds the lock.
fn holding(server: &Postgres, database: &str) -> String {
    server.sql(database, "SELECT pid FROM queueform_remote_state.states_writers")
}

#[test]
fn a_lost_connection_is_made_anew_and_nothing_is_lost_or_doubled() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let proxy = Proxy::to(server.port());
    let store = store(&server.url(&database, proxy.port()), TIMING);
    let mut session = store.open(&request("tenacious")).unwrap();
    session.contents().unwrap();
    let mut expected = String::new();
    let mut serial = 0;
    for step in 0..60_usize {
        // Cut before, within and behind whatever is sent next.
        match step % 6 {
            1 => proxy.cut(),
            2 | 3 => proxy.cut_after(1 + step * 7),
            4 => proxy.cut_after(400 + step),
            5 => drop(
                server
                    .sql(&database, &format!("SELECT pg_terminate_backend({})", holding(server, &database))),
            ),
            _ => {}
        }
        let line = format!("line {step}\n");
        session.append(line.as_bytes()).unwrap();
        expected.push_str(&line);
        if step % 10 == 9 {
            proxy.cut_after(50 * step);
            serial += 1;
            commit(&mut *session, serial).unwrap();
        }
    }
    assert!(proxy.cuts() >= 30, "only {} cuts", proxy.cuts());
    let found = store.read().unwrap();
    assert_eq!(String::from_utf8(found.journal).unwrap(), expected);
    assert_eq!(found.snapshot, Some(document(serial)));
    // The lock may be between two connections.
    until("the lock is not taken again", || {
        store.holder().unwrap().is_some_and(|holder| &*holder.id == "tenacious")
    });
    proxy.cut();
    session.rotate().unwrap();
    assert!(store.read().unwrap().journal.is_empty());
}

#[test]
fn a_writer_whose_lock_was_taken_over_writes_nothing_more() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let proxy = Proxy::to(server.port());
    // It does not notice by itself, as if it was stopped.
    let quiet = PgTiming { heartbeat: Duration::from_secs(3600), ..IMPATIENT };
    let slow = store(&server.url(&database, proxy.port()), quiet);
    let mut session = slow.open(&request("slow")).unwrap();
    session.contents().unwrap();
    session.append(b"before\n").unwrap();
    let fence = session.fence();
    fence.check().unwrap();
    proxy.stall();
    server.sql(&database, &format!("SELECT pg_terminate_backend({})", holding(server, &database)));
    let direct = store(&server.url(&database, server.port()), TIMING);
    until("the lock is not freed", || direct.holder().unwrap().is_none());
    let mut next = direct.open(&request("next")).unwrap();
    assert_eq!(next.contents().unwrap().journal, b"before\n");
    proxy.go_on();
    let error = session.append(b"late\n").unwrap_err();
    assert!(matches!(error, StoreError::LostLock { .. }), "{error:?}");
    assert!(matches!(fence.check(), Err(StoreError::LostLock { .. })));
    assert!(matches!(commit(&mut *session, 1), Err(StoreError::LostLock { .. })));
    assert!(matches!(session.rotate(), Err(StoreError::LostLock { .. })));
    drop(session);
    next.append(b"after\n").unwrap();
    let found = direct.read().unwrap();
    assert_eq!((found.snapshot, &*found.journal), (None, &b"before\nafter\n"[..]));
    assert_eq!(direct.holder().unwrap().unwrap().id, "next".into());
}

/// A run that is alive connects again, and finds that it holds nothing any more.
#[test]
fn a_lock_that_is_taken_away_does_not_come_back() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let engine = engine(&server.url(&database, server.port()), TIMING);
    let store = store(&server.url(&database, server.port()), TIMING);
    assert_eq!(engine.lock_state("default").unwrap(), LockState::Free);
    engine.break_lock("default", "nobody").unwrap();
    let mut session = store.open(&request("stubborn")).unwrap();
    session.append(b"before\n").unwrap();
    let LockState::Ours(holder) = engine.lock_state("default").unwrap() else { panic!() };
    assert_eq!(&*holder.id, "stubborn");
    engine.break_lock("default", "another").unwrap();
    session.append(b"still\n").unwrap();
    engine.break_lock("default", "stubborn").unwrap();
    let error = session.append(b"late\n").unwrap_err();
    assert!(matches!(error, StoreError::LostLock { .. }), "{error:?}");
    assert_eq!(engine.lock_state("default").unwrap(), LockState::Free);
    let mut next = store.open(&request("next")).unwrap();
    assert_eq!(next.contents().unwrap().journal, b"before\nstill\n");
}

/// Terraform's lock is that of a connection, which may hang for as long as it likes.
#[test]
fn the_lock_of_another_program_is_taken_away() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let url = server.url(&database, server.port());
    let (engine, store) = (engine(&url, TIMING), store(&url, TIMING));
    drop(store.open(&request("first")).unwrap());
    let hold = "SELECT pg_advisory_lock(id), pg_sleep(600) FROM queueform_remote_state.states_writers";
    let theirs = url.clone();
    let other = std::thread::spawn(move || server.psql(&theirs, hold));
    until("nobody holds the lock", || engine.lock_state("default").unwrap() != LockState::Free);
    let LockState::Other(holder) = engine.lock_state("default").unwrap() else { panic!() };
    assert!(holder.to_string().contains("(lock connection-"), "{holder}");
    let said = said(store.open(&request("second")).unwrap_err());
    assert!(said.contains(&format!("queueform force-unlock {}", holder.id)), "{said}");
    engine.break_lock("default", &holder.id).unwrap();
    drop(store.open(&request("third")).unwrap());
    assert!(!other.join().unwrap().1, "the connection goes on");
}

/// Who may not end connections of others is told what to do.
#[test]
fn connections_of_others_are_ended_by_who_may() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let url = server.url(&database, server.port());
    let (engine, store) = (engine(&url, TIMING), store(&url, TIMING));
    drop(store.open(&request("first")).unwrap());
    let theirs =
        format!("host={} port={} user=postgres dbname={database}", server.sockets().display(), server.port());
    let hold = "SELECT pg_advisory_lock(id), pg_sleep(600) FROM queueform_remote_state.states_writers";
    let other = std::thread::spawn(move || server.psql(&theirs, hold));
    until("nobody holds the lock", || engine.lock_state("default").unwrap() != LockState::Free);
    let LockState::Other(holder) = engine.lock_state("default").unwrap() else { panic!() };
    let said = said(engine.break_lock("default", &holder.id).unwrap_err());
    assert!(said.contains("pg_signal_backend"), "{said}");
    let pid = holder.id.strip_prefix("connection-").unwrap();
    server.sql(&database, &format!("SELECT pg_terminate_backend({pid})"));
    assert!(!other.join().unwrap().1, "the connection goes on");
}

#[test]
fn a_late_statement_of_an_older_epoch_is_refused_by_the_server_itself() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let store = store(
        &server.url(&database, server.port()),
        PgTiming { heartbeat: Duration::from_secs(3600), ..TIMING },
    );
    let mut session = store.open(&request("one")).unwrap();
    session.contents().unwrap();
    session.append(b"before\n").unwrap();
    // Somebody takes over although the connection lives, as after a failover.
    server
        .sql(&database, "UPDATE queueform_remote_state.states_writers SET epoch = epoch + 1, run = 'other'");
    assert!(matches!(session.append(b"late\n"), Err(StoreError::LostLock { .. })));
    assert_eq!(store.read().unwrap().journal, b"before\n");
}

#[test]
fn the_fence_falls_with_the_connection_and_rises_with_the_next() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let proxy = Proxy::to(server.port());
    let store = store(&server.url(&database, proxy.port()), IMPATIENT);
    let mut session = store.open(&request("one")).unwrap();
    session.contents().unwrap();
    let fence = session.fence();
    proxy.close();
    until("the fence does not fall", || fence.check().is_err());
    let error = fence.check().unwrap_err();
    assert!(matches!(error, StoreError::Engine { .. }), "nobody is known to have it: {error:?}");
    // Given up: nothing more is taken into the journal, whatever comes.
    let error = session.append(b"line\n").unwrap_err();
    assert!(said(error).contains("cannot connect"));
    assert!(!session.is_open());
    assert!(matches!(session.append(b"line\n"), Err(StoreError::Closed { .. })));
    proxy.go_on();
    until("the fence does not rise", || fence.check().is_ok());
    // A snapshot may still save what was done.
    commit(&mut *session, 1).unwrap();
    assert_eq!(store.read().unwrap().snapshot, Some(document(1)));
}

#[test]
fn a_server_that_does_not_answer_is_given_up_in_time() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let proxy = Proxy::to(server.port());
    let timing = PgTiming { statement: Duration::from_millis(400), ..IMPATIENT };
    let store = store(&server.url(&database, proxy.port()), timing);
    let mut session = store.open(&request("one")).unwrap();
    session.contents().unwrap();
    proxy.stall();
    let text = said(session.append(b"line\n").unwrap_err());
    assert!(
        text.contains("no answer") || text.contains("did not answer") || text.contains("cannot connect"),
        "{text}"
    );
    proxy.go_on();
    drop(session);
}

#[test]
fn a_silent_holder_loses_the_lock_when_its_lease_ends() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let url = server.url(&database, server.port());
    let gone = PgTiming { lease: Duration::from_secs(1), heartbeat: Duration::from_secs(3600), ..TIMING };
    let mut session = store(&url, gone).open(&request("gone")).unwrap();
    session.contents().unwrap();
    let patient = Request { wait: Duration::from_secs(60), ..request("next") };
    let mut next = store(&url, TIMING).open(&patient).unwrap();
    next.contents().unwrap();
    assert!(matches!(session.append(b"late\n"), Err(StoreError::LostLock { .. })));
    next.append(b"line\n").unwrap();
}

#[test]
fn a_crash_of_the_server_loses_nothing_that_was_acknowledged() {
    let Some(server) = Postgres::start() else { return };
    let database = server.database();
    let store = store(&server.url(&database, server.port()), TIMING);
    let mut session = store.open(&request("one")).unwrap();
    session.contents().unwrap();
    session.append(b"before\n").unwrap();
    commit(&mut *session, 1).unwrap();
    server.crash();
    session.append(b"after\n").unwrap();
    let found = store.read().unwrap();
    assert_eq!((found.snapshot, &*found.journal), (Some(document(1)), &b"before\nafter\n"[..]));
}

#[test]
fn records_lost_in_a_failover_are_written_again() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let store = store(&server.url(&database, server.port()), TIMING);
    let mut session = store.open(&request("one")).unwrap();
    session.contents().unwrap();
    for line in ["one\n", "two\n", "three\n"] {
        session.append(line.as_bytes()).unwrap();
    }
    // The new primary never got the last of them.
    let lose = "DELETE FROM queueform_remote_state.states_journal WHERE part > 1";
    server.sql(&database, &format!("{lose}; SELECT pg_terminate_backend({})", holding(server, &database)));
    session.append(b"four\n").unwrap();
    assert_eq!(store.read().unwrap().journal, b"one\ntwo\nthree\nfour\n");
}

#[test]
fn a_read_only_server_is_told_apart() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let url = server.url(&database, server.port());
    drop(store(&url, TIMING).open(&request("one")).unwrap());
    server.sql(&database, &format!("ALTER DATABASE {database} SET default_transaction_read_only = on"));
    let text = said(store(&url, TIMING).open(&request("one")).unwrap_err());
    assert!(text.contains("read-only"), "{text}");
    store(&url, TIMING).read().unwrap();
    // Of several servers, only one that can be written would do.
    let port = server.port();
    let several =
        format!("host=127.0.0.1,127.0.0.1 port={port} dbname={database} user=writer password={PASSWORD}");
    let text = said(store(&several, IMPATIENT).open(&request("one")).unwrap_err());
    assert!(text.contains("can be written"), "{text}");
}

#[test]
fn another_server_of_the_list_is_taken_when_the_first_is_gone() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let url = format!(
        "postgres://writer:{PASSWORD}@127.0.0.1:{free},127.0.0.1:{}/{database}?sslmode=disable",
        server.port()
    );
    drop(store(&url, TIMING).open(&request("one")).unwrap());
}

#[test]
fn a_password_file_is_read() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("passwords");
    std::fs::write(&file, format!("*:*:{database}:writer:{PASSWORD}\n")).unwrap();
    let url = format!(
        "host=127.0.0.1 port={} dbname={database} user=writer passfile={}",
        server.port(),
        file.display()
    );
    store(&url, TIMING).read().unwrap();
}

#[test]
fn damage_is_noticed() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let make = || store(&server.url(&database, server.port()), TIMING);
    {
        let (ledger, _) = queueform::state::store::Ledger::open(&*make(), &request("one")).unwrap();
        for number in 0..3 {
            let record =
                queueform::state::journal::Record::Complete { plan: format!("plan {number}").into() };
            ledger.append(vec![record]).wait().unwrap();
        }
    }
    let look = || queueform::state::store::view(&*make());
    look().unwrap();
    let journal = "queueform_remote_state.states_journal";
    server.sql(
        &database,
        &format!(
            "UPDATE {journal} SET lines = overlay(lines PLACING '\\x58'::bytea FROM 30 FOR 1) WHERE part = 2"
        ),
    );
    assert!(matches!(look(), Err(StoreError::Journal { .. })));
    server.sql(&database, &format!("DELETE FROM {journal} WHERE part = 2"));
    assert!(matches!(look(), Err(StoreError::Journal { .. })), "a missing part leaves a gap");
}

#[test]
fn passwords_are_in_no_text_about_the_engine() {
    let url = format!("postgres://me:{PASSWORD}@db.example:6432/infra");
    let engine = engine(&url, TIMING);
    assert_eq!(engine.place(), "postgres://db.example:6432/infra#queueform_remote_state.states");
    let store = engine.store("default", Arc::new(SystemClock::default())).unwrap();
    let shown = format!("{engine:?} {store:?} {} {:?}", store.place(), settings(&[("conn_str", &url)]));
    assert!(!shown.contains(PASSWORD), "{shown}");
}

#[test]
fn a_pooler_where_locks_do_not_last_is_refused() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database();
    let Some(pooler) = Pooler::start(server, "transaction") else { return };
    let pooled = store(&server.url(&database, pooler.port()), TIMING);
    let text = said(pooled.open(&request("one")).unwrap_err());
    assert!(text.contains("connection pooler") && text.contains("session mode"), "{text}");
    // Reading needs no lock, and no lock is left behind on connections of the pool.
    pooled.read().unwrap();
    assert_eq!(pooled.holder().unwrap(), None);
    drop(store(&server.url(&database, server.port()), TIMING).open(&request("one")).unwrap());
}

#[test]
fn a_pooler_of_whole_sessions_is_as_good_as_none() {
    let Some(server) = Postgres::shared() else { return };
    let Some(pooler) = Pooler::start(server, "session") else { return };
    let url = server.url(&server.database(), pooler.port());
    contract::store_contract(&|clock| engine(&url, TIMING).store("default", clock).unwrap());
}
