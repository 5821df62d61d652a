//! `emulator`

use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;
use std::time::Instant;

use crate::support::Place;

#[test]
fn help_shows_the_demo_credentials() {
    let text = Place::new().run(&["emulator", "--help"]).success();
    assert!(text.contains("access key") && text.contains(queueform::emulator::DEMO_ACCESS_KEY), "{text}");
}

#[test]
fn an_unknown_system_is_refused() {
    let output = Place::new().run(&["emulator", "--systems=kafka"]).ended(1);
    assert!(output.stderr.contains("there is no emulator of `kafka`"), "{output}");
}

#[cfg(unix)]
#[test]
fn it_serves_until_it_is_asked_to_stop() {
    let place = Place::new();
    let mut child =
        place.command(&["emulator", "--systems=dms", "--port-file=ports.json", "--data-dir=data"]).spawn();
    let deadline = Instant::now() + Duration::from_secs(30);
    while !place.has("ports.json") {
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "it did not start");
        std::thread::yield_now();
    }
    let ports: serde_json::Value = serde_json::from_str(&place.read("ports.json")).unwrap();
    let port = u16::try_from(ports["dms"].as_u64().unwrap()).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(b"GET /v2/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    let asked = std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(asked.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!place.has("ports.json"));
}
