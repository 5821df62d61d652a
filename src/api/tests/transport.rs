//! Servers that do not play fair: bodies and headers without an end, answers that come drop by drop, redirects to others.

use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::*;
use crate::api::tests::server::answer;
use crate::api::tests::server::answer_with;

/// A server that answers with a beginning and then the same piece again and again, with pauses.
async fn endless(
    beginning: &'static str,
    piece: &'static str,
    pause: Duration,
) -> (Endpoint, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                if stream.read(&mut request).await.is_err()
                    || stream.write_all(beginning.as_bytes()).await.is_err()
                {
                    return;
                }
                // Ends when the client hangs up.
                while stream.write_all(piece.as_bytes()).await.is_ok() {
                    tokio::time::sleep(pause).await;
                }
            });
        }
    });
    (endpoint, task)
}

fn once(
    beginning: &'static str,
    piece: &'static str,
    pause: Duration,
    change: impl FnOnce(&mut ClientOptions),
) -> ApiError {
    run(async {
        let (endpoint, task) = endless(beginning, piece, pause).await;
        let client = client(&clock(), |options| {
            options.retry = RetryPolicy { throttled: 1, server: 1, connection: 1, ..RetryPolicy::default() };
            change(options);
        });
        let request = Request::new(Method::Get, &endpoint, "read the list").segments(["v2"]);
        let error = client.send(&request, &Stop::never()).await.unwrap_err();
        task.abort();
        error
    })
}

#[test]
fn bodies_without_an_end_are_cut_off() {
    let chunk = "10\r\n[1,2,3,4,5,6,7,8\r\n";
    let error = once(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        chunk,
        Duration::ZERO,
        |options| options.largest_body = 64 * 1024,
    );
    assert!(matches!(error.failure(), Failure::Unreadable(Unreadable::TooLarge(_), _)), "{error}");
}

#[test]
fn headers_without_an_end_are_cut_off() {
    let error = once(
        "HTTP/1.1 200 OK\r\n",
        "x-more: 0123456789012345678901234567890123456789\r\n",
        Duration::ZERO,
        |_| {},
    );
    assert_eq!(error.class(), ErrorClass::Connection, "{error}");
}

#[test]
fn answers_that_come_drop_by_drop_end_at_the_time_limit() {
    let error = once(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n",
        "1",
        Duration::from_millis(20),
        |options| {
            options.timeout = Duration::from_millis(150);
            options.connect_timeout = Duration::from_millis(150);
        },
    );
    assert!(matches!(error.class(), ErrorClass::Connection | ErrorClass::Unreadable), "{error}");
}

#[test]
fn redirects_take_no_credentials_anywhere() {
    run(async {
        let other = Server::start(|_, _| answer(200, "{}")).await;
        let target = format!("{}/elsewhere", other.endpoint());
        let server = Server::start(move |_, _| answer_with(307, "location", &target, "")).await;
        let client = client(&clock(), |options| {
            options.auth = Auth {
                signer: Signer::Bearer,
                credentials: Credentials::Token(Secret::new("canary-token")),
                iam: None,
            };
        });
        let error = client.send(&get(&server), &Stop::never()).await.unwrap_err();
        assert!(error.hint().unwrap_or_default().contains("redirects are not followed"), "{error}");
        assert_eq!(other.count(), 0);
    });
}
