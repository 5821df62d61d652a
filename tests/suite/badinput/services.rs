//! Credentials that are missing or wrong, and services that are not there or answer nonsense.

use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpListener;

use insta::assert_snapshot;
use queueform::emulator::DEMO_ACCESS_KEY;
use queueform::emulator::Emulator;
use queueform::emulator::Options;
use queueform::emulator::System;

use super::room::Room;
use super::room::SOUND;

/// What apply says of a topic at an endpoint; the port is neutral.
async fn said(room: &Room, endpoint: &str) -> String {
    room.place.write(
        "main.qf.hcl",
        &format!(
            "provider \"dms\" {{\n  cloud      = \"sbercloud\"\n  region     = \"ru-moscow-1\"\n  project_id = \"p\"\n  \
             endpoint   = \"{endpoint}\"\n}}\n\ndata \"dms_rocketmq_topics\" \"all\" {{\n  instance_id = \"i\"\n}}\n\n{SOUND}"
        ),
    );
    let text = room.apply().await;
    room.is_unharmed();
    let address = endpoint.rsplit('/').next().unwrap();
    text.replace(address, "HOST:PORT")
}

async fn with_keys() -> Room {
    Room::new().await.env("SBC_ACCESS_KEY", DEMO_ACCESS_KEY).env("SBC_SECRET_KEY", "not-the-secret-key")
}

/// A server that gives every request the same answer.
fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    // It ends with the process; no request comes after the test.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let read = stream.read(&mut request).unwrap_or(0);
            assert!(read > 0);
            stream.write_all(answer.as_bytes()).ok();
        }
    });
    endpoint
}

#[tokio::test]
async fn missing_credentials() {
    assert_snapshot!(said(&Room::new().await, "https://dms.example.com").await);
}

#[tokio::test]
async fn wrong_credentials() {
    let emulator = Emulator::start(Options::default()).await.unwrap();
    let text = said(&with_keys().await, emulator.endpoint(System::Dms)).await;
    assert!(!text.contains("not-the-secret-key"), "{text}");
    assert_snapshot!(text);
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_reached() {
    // A port that was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_snapshot!(said(&with_keys().await, &format!("http://{address}")).await);
}

#[tokio::test]
async fn a_server_that_answers_with_a_web_page() {
    let page = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 52\r\nconnection: close\r\n\r\n\
                <html><title>Welcome to the proxy</title></html>\n\n\n\n";
    assert_snapshot!(said(&with_keys().await, &server(page)).await);
}

#[tokio::test]
async fn json_that_ends_in_the_middle() {
    let torn = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 24\r\nconnection: close\r\n\r\n\
                {\"total\": 1, \"topics\": [{";
    let torn = torn.strip_suffix(' ').unwrap_or(torn);
    assert_snapshot!(said(&with_keys().await, &server(torn)).await);
}
