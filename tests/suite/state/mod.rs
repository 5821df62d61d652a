//! State as other modules use it, across processes.

use std::io::BufRead as _;
use std::io::BufReader;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use queueform::addr::ProviderAddr;
use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::state::Action;
use queueform::state::Attributes;
use queueform::state::Instance;
use queueform::state::Intent;
use queueform::state::Object;
use queueform::state::ObjectRef;
use queueform::state::Output;
use queueform::state::Status;
use queueform::state::document;
use queueform::state::journal::Outcome;
use queueform::state::journal::OutcomeResult;
use queueform::state::journal::Put;
use queueform::state::journal::Record;
use queueform::state::journal::RunHeader;
use queueform::state::store::Clock as _;
use queueform::state::store::Holder;
use queueform::state::store::Layout;
use queueform::state::store::Ledger;
use queueform::state::store::LocalStore;
use queueform::state::store::Request;
use queueform::state::store::Store as _;
use queueform::state::store::SystemClock;
use queueform::state::store::view;
use queueform::value::Marks;
use queueform::value::Type;
use queueform::value::Value;

/// Tells the other process of [`a_killed_writer_frees_the_lock`] where its state is.
const DIRECTORY: &str = "QF_TEST_STATE_DIRECTORY";

fn store(directory: &Path) -> LocalStore {
    LocalStore::new(Layout::new(directory, Layout::DEFAULT, false).unwrap())
}

fn request(command: &str) -> Request {
    let holder = Holder::this_process(command, &SystemClock::default());
    Request { holder, lock: true, wait: Duration::ZERO }
}

fn ty() -> Type {
    Type::object([("id", Type::String), ("name", Type::String), ("password", Type::String)])
}

fn user(id: Value, password: &str) -> Object {
    let value = Value::object([
        ("id", id),
        ("name", Value::string("reader")),
        ("password", Value::string(password).mark(Marks::SENSITIVE)),
    ]);
    Object::new(Attributes::encode(&value, &ty(), None).unwrap())
}

fn target() -> ObjectRef {
    ObjectRef::current("dms_rocketmq_user.reader[\"a\"]".parse().unwrap())
}

fn begin(ledger: &Ledger, holder: &Holder) {
    let header = RunHeader {
        id: Arc::clone(&holder.id),
        lineage: ledger.state(|state| state.lineage.clone()),
        who: Arc::clone(&holder.who),
        host: Arc::clone(&holder.host),
        pid: holder.pid,
        command: Arc::clone(&holder.command),
        plan: Some("plan".into()),
        version: "0.1.0".into(),
        at: SystemClock::default().now(),
        ..RunHeader::default()
    };
    ledger.append(vec![Record::Run(header)]).wait().unwrap();
}

fn intent(holder: &Holder) -> Record {
    Record::Intent(Box::new(Intent {
        sequence: 0,
        run: Arc::clone(&holder.id),
        plan: "plan".into(),
        step: 0,
        call: "create".into(),
        done: Vec::new(),
        action: Action::Create,
        target: target(),
        provider: ProviderAddr::default_of("dms"),
        schema_version: 1,
        schema_digest: "digest".into(),
        planned: Some(Box::new(user(Value::unknown(Type::String), "correct horse"))),
        natural_key: Some("instance/reader".into()),
        token: None,
        seen: Vec::new(),
        due: Vec::new(),
        serves: None,
        before: Box::default(),
        prior: None,
        at: SystemClock::default().now(),
    }))
}

/// The writer that gets killed. Without its variable it is not that process and has nothing to do.
#[test]
fn killed_writer() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let request = request("apply");
    let (ledger, _) = Ledger::open(&store(Path::new(&directory)), &request).unwrap();
    begin(&ledger, &request.holder);
    ledger.append(vec![intent(&request.holder)]).wait().unwrap();
    println!("\nwritten");
    // Until it is killed, or the process that waits for it is gone.
    std::io::stdin().lines().for_each(drop);
}

/// Ends the child even if an assertion fails.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn a_killed_writer_frees_the_lock_and_leaves_its_intent() {
    let directory = tempfile::tempdir().unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "state::killed_writer", "--nocapture"])
        .env(DIRECTORY, directory.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut child = Killed(child);
    let output = BufReader::new(child.0.stdout.take().unwrap());
    assert!(output.lines().map_while(Result::ok).any(|line| line == "written"), "the writer failed");

    let store = store(directory.path());
    let holder = store.holder().unwrap().unwrap();
    assert_eq!((holder.pid, &*holder.command), (child.0.id(), "apply"));
    let error = Diagnostic::from(Ledger::open(&store, &request("apply")).unwrap_err());
    assert_eq!(error.code, Code::StateLocked);
    assert!(error.detail.contains(&format!("process {}", holder.pid)));
    assert_eq!(view(&store).unwrap().writer, Some(holder));

    child.0.kill().unwrap();
    child.0.wait().unwrap();
    let (ledger, recovered) = Ledger::open(&store, &request("apply")).unwrap();
    assert_eq!(recovered.in_doubt, [target()]);
    let object = recovered.state.object(&target()).unwrap();
    let Status::InDoubt(doubt) = &object.status else { panic!("{:?}", object.status) };
    assert_eq!(doubt.natural_key.as_deref(), Some("instance/reader"));
    drop(ledger);
}

#[test]
fn a_run_goes_on_where_another_one_ended() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    let first = request("apply");
    {
        let (ledger, recovered) = Ledger::open(&store, &first).unwrap();
        assert!(recovered.is_settled());
        begin(&ledger, &first.holder);
        ledger.append(vec![intent(&first.holder)]).wait().unwrap();
        // A snapshot in the middle of a call keeps the doubt.
        ledger.commit().unwrap();
    }
    let text = std::fs::read_to_string(store.layout().state()).unwrap();
    assert!(!text.contains("correct horse"));
    let second = request("apply");
    let (ledger, recovered) = Ledger::open(&store, &second).unwrap();
    assert_eq!(recovered.in_doubt, [target()]);
    let open = recovered.state.object(&target()).unwrap().status.intent().unwrap().sequence;
    begin(&ledger, &second.holder);
    let outcome = Outcome {
        intent: open,
        target: target(),
        result: OutcomeResult::Object(Box::new(user(Value::string("u-1"), "correct horse"))),
        step_done: true,
        due: Vec::new(),
        at: SystemClock::default().now(),
        failure: None,
    };
    let secret = Output::from_value(&Value::string("sesame"), true, None).unwrap();
    let data = ObjectRef::current("queueform_data.d".parse().unwrap());
    let like = Instance::new(ProviderAddr::default_of("queueform"), 0, "");
    let put = Put::new(data, &like, user(Value::string("d"), "other"));
    ledger
        .append(vec![
            Record::Outcome(Box::new(outcome)),
            Record::Output { name: "secret".into(), output: Some(secret) },
            Record::Put(Box::new(put)),
            Record::Complete { plan: "plan".into() },
        ])
        .wait()
        .unwrap();
    assert_eq!(ledger.commit().unwrap().serial, 2);
    drop(ledger);

    let state = document::read(&std::fs::read(store.layout().state()).unwrap()).unwrap();
    let object = state.object(&target()).unwrap();
    assert!(object.status.is_ready());
    let password = queueform::addr::ValuePath::attr("password");
    assert!(object.sensitive_matches(&password, &Value::string("correct horse")));
    assert!(!object.sensitive_matches(&password, &Value::string("battery staple")));
    assert!(state.plans["plan"].complete);
    let error = Diagnostic::from(state.outputs["secret"].value("secret").unwrap_err());
    assert_eq!(error.code, Code::SecretUnavailable);
    for file in walk(directory.path()) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains("correct horse") && !text.contains("sesame"), "{}", file.display());
    }
}

fn walk(directory: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}
