//! Who is believed and where a configuration may work: certificates of the platform, keys of personal accounts,
//! allowed instances.

use std::fs;
use std::io;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;

use queueform::emulator::DEMO_ACCESS_KEY;
use queueform::emulator::DEMO_SECRET_KEY;
use queueform::emulator::System;
use queueform::emulator::apsarastack::InstanceSeed;
use rustls::ServerConfig;
use rustls::ServerConnection;
use rustls::StreamOwned;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;

use super::course::Course;
use super::course::INST;
use super::reach::asked;
use crate::engine::actions;

const KEYS: [(&str, &str); 2] =
    [("ALIBABACLOUDSTACK_ACCESS_KEY", DEMO_ACCESS_KEY), ("ALIBABACLOUDSTACK_SECRET_KEY", DEMO_SECRET_KEY)];

fn fixture(name: &str) -> String {
    format!("{}/tests/fixtures/tls/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn provider(url: &str, more: &str) -> String {
    format!("provider \"apsarastack\" {{\n  endpoint = \"{url}\"\n{more}\n}}\n")
}

/// Ends TLS in front of the emulator, for so many connections; returns its address.
fn terminator(to: &str, connections: usize) -> String {
    let certificates = vec![CertificateDer::from_pem_file(fixture("server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let to = to.strip_prefix("http://").unwrap().to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming().take(connections) {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            // A caller that does not believe the certificate hangs up.
            let _ended = relay(StreamOwned::new(connection, stream.unwrap()), &to);
        }
    });
    url
}

/// Carries one request without a body to the emulator, and its answer back.
fn relay(mut tls: StreamOwned<ServerConnection, TcpStream>, to: &str) -> io::Result<()> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        if tls.read(&mut byte)? == 0 {
            return Ok(());
        }
        request.extend_from_slice(&byte);
    }
    let request = String::from_utf8_lossy(&request).replacen("\r\n", "\r\nconnection: close\r\n", 1);
    let mut there = TcpStream::connect(to)?;
    there.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    there.read_to_end(&mut answer)?;
    tls.write_all(&answer)?;
    tls.conn.send_close_notify();
    tls.flush()
}

#[tokio::test]
async fn certificates_of_the_platform_are_believed_if_their_authority_is_named() {
    let course = Course::seeded(InstanceSeed::new("main"));
    let url = terminator(course.lab.emulator.endpoint(System::ApsaraStack), 100);
    let with = |more: &str| provider(&url, more);
    let text = asked(&course, &with(""), &KEYS).await.unwrap_err();
    assert!(text.contains("certificate") || text.contains("UnknownIssuer"), "{text}");
    let named = format!("  ca_file = \"{}\"", fixture("ca.pem"));
    assert!(asked(&course, &with(&named), &KEYS).await.unwrap().contains("BXmain"));
    assert!(asked(&course, &with("  insecure_tls = true"), &KEYS).await.unwrap().contains("BXmain"));
}

#[tokio::test]
async fn a_file_of_authorities_that_cannot_be_used_is_told() {
    let course = Course::seeded(InstanceSeed::new("main"));
    let url = course.lab.emulator.endpoint(System::ApsaraStack).to_owned();
    let empty = course.lab.path().join("empty.pem");
    fs::write(&empty, "nothing\n").unwrap();
    let broken = course.lab.path().join("broken.pem");
    fs::write(&broken, "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n").unwrap();
    for (path, said) in [
        ("missing/ca.pem", "`missing/ca.pem` cannot be read"),
        (empty.to_str().unwrap(), "it holds no certificate"),
        (broken.to_str().unwrap(), "no list of certificates"),
    ] {
        let block = provider(&url, &format!("  ca_file = \"{path}\""));
        let text = asked(&course, &block, &KEYS).await.unwrap_err();
        assert!(text.contains("`ca_file` of provider `apsarastack` is not usable"), "{text}");
        assert!(text.contains(said), "{text}");
    }
}

#[tokio::test]
async fn keys_of_personal_accounts_name_their_organization() {
    let course = Course::seeded(InstanceSeed::new("main"));
    let url = course.lab.emulator.endpoint(System::ApsaraStack).to_owned();
    let named = "  organization_id = \"42\"\n  resource_group_id = \"7\"";
    assert!(asked(&course, &provider(&url, named), &KEYS).await.unwrap().contains("BXmain"));
    course.store().set(|settings| {
        let needed = [
            ("x-acs-organizationid", "42"),
            ("x-acs-resourcegroupid", "7"),
            ("x-acs-regionid", "mq-private"),
        ];
        settings.needed_headers = needed.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    });
    assert!(asked(&course, &provider(&url, named), &KEYS).await.unwrap().contains("BXmain"));
    for other in ["", "  organization_id = \"42\"", "  organization_id = \"41\"\n  resource_group_id = \"7\""]
    {
        let text = asked(&course, &provider(&url, other), &KEYS).await.unwrap_err();
        assert!(text.contains("AUTH_LOGIN_CHECK_ERROR"), "{other}: {text}");
    }
    let text = asked(&course, &provider(&url, "  resource_group_id = \"7\""), &KEYS).await.unwrap_err();
    assert!(text.contains("`resource_group_id` needs `organization_id`"), "{text}");
}

#[tokio::test]
async fn other_instances_are_refused() {
    let topic = format!(
        "resource \"apsarastack_mq_topic\" \"x\" {{\n  instance_id = \"{INST}\"\n  name = \"orders\"\n  message_type = \"normal\"\n}}\n"
    );
    let with = |ids: &str| {
        let course =
            Course::with(&format!("provider \"apsarastack\" {{\n  allowed_instances = [{ids}]\n}}\n"));
        course.store().seed_instance(&InstanceSeed::new("main").id(INST));
        course
    };
    let course = with("\"MQ_INST_1_other\"");
    let text = course.refused(&topic).await;
    assert!(text.contains(&format!("the instance `{INST}` is not one of `allowed_instances`")), "{text}");
    let import = format!(
        "resource \"apsarastack_mq_instance\" \"x\" {{\n  name = \"main\"\n  cluster = \"cluster1\"\n  max_send_tps = 500\n  max_receive_tps = 500\n}}\nimport {{\n  to = apsarastack_mq_instance.x\n  id = \"{INST}\"\n}}\n"
    );
    let text = course.refused(&import).await;
    assert!(text.contains("is not one of `allowed_instances`"), "{text}");
    let course = with(&format!("\"{INST}\""));
    course.write(&topic);
    assert_eq!(actions(&course.lab.plan().await), ["create apsarastack_mq_topic.x"]);
}
