//! Machines that share a state in a `PostgreSQL`.

use std::sync::Arc;

use queueform::backend;
use queueform::backend::Given;
use queueform::state::store::Store;
use queueform::state::store::SystemClock;
use queueform::value::Value;

use crate::support::Postgres;
use crate::support::Proxy;

use super::machines;
use super::machines::Shared;

/// A database that commands reach over one port and the test over another.
struct Database {
    server: &'static Postgres,
    name: String,
    port: u16,
}

impl Database {
    fn new(server: &'static Postgres) -> Self {
        Self { server, name: server.database(), port: server.port() }
    }

    fn store(&self) -> Box<dyn Store> {
        let url = Value::string(self.server.url(&self.name, self.server.port()));
        let given = Given { name: "conn_str".into(), name_span: None, value: url, value_span: None };
        let settings =
            backend::settle(("pg", None), vec![given], std::path::Path::new("."), &|_| None).unwrap();
        backend::open(&settings).unwrap().store("default", Arc::new(SystemClock::default())).unwrap()
    }

    fn with(&self, test: impl FnOnce(&Shared<'_>)) {
        let store = || self.store();
        test(&Shared {
            block: "  backend \"pg\" {}",
            variables: vec![("PG_CONN_STR", self.server.url(&self.name, self.port))],
            store: &store,
        });
    }

    fn terminate(&self) {
        let terminate = "SELECT pg_terminate_backend(pid) FROM queueform_remote_state.states_writers WHERE pid IS NOT NULL";
        self.server.sql(&self.name, terminate);
    }
}

#[test]
fn a_killed_run_is_taken_up_elsewhere() {
    let Some(server) = Postgres::shared() else { return };
    Database::new(server).with(machines::a_killed_run_is_taken_up_elsewhere);
}

#[test]
fn an_encrypted_state_is_taken_up_elsewhere() {
    let Some(server) = Postgres::shared() else { return };
    Database::new(server).with(machines::an_encrypted_state_is_taken_up_elsewhere);
}

#[test]
fn runs_come_one_after_the_other() {
    let Some(server) = Postgres::shared() else { return };
    Database::new(server).with(machines::runs_come_one_after_the_other);
}

#[test]
fn plans_do_not_wait() {
    let Some(server) = Postgres::shared() else { return };
    Database::new(server).with(machines::plans_do_not_wait);
}

#[test]
fn a_paused_run_is_refused() {
    let Some(server) = Postgres::shared() else { return };
    let database = Database::new(server);
    database.with(|shared| machines::a_paused_run_is_refused(shared, &|| database.terminate()));
}

#[test]
fn cuts_lose_nothing() {
    let Some(server) = Postgres::shared() else { return };
    let proxy = Proxy::to(server.port());
    let database = Database { port: proxy.port(), ..Database::new(server) };
    database.with(|shared| {
        machines::cuts_lose_nothing(shared, &|count| match count % 3 {
            0 => proxy.cut(),
            1 => proxy.cut_after(1 + count * 37),
            _ => proxy.cut_after(3000 + count * 61),
        });
    });
}
