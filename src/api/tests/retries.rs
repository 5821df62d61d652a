//! What is sent again, how often, after how long.

use super::server::Reply;
use super::server::answer;
use super::server::answer_with;
use super::*;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

struct Outcome {
    result: Result<Response, ApiError>,
    sent: usize,
    slept: Vec<Duration>,
    stats: Stats,
}

fn outcome(
    request: fn(&Server) -> Request,
    script: impl Fn(usize) -> Reply + Send + Sync + 'static,
) -> Outcome {
    run(async {
        let server = Server::start(move |number, _| script(number)).await;
        let clock = clock();
        let client = client(&clock, |options| {
            options.timeout = Duration::from_millis(100);
            options.connect_timeout = Duration::from_millis(400);
            options.rules = Arc::from([rule(&[404], &["DMS.10240407"], ErrorClass::Throttled)]);
        });
        let result = client.send(&request(&server), &Stop::never()).await;
        Outcome { result, sent: server.count(), slept: clock.slept(), stats: client.stats() }
    })
}

fn within(waits: &[Duration], bounds: &[(f64, f64)]) {
    assert_eq!(waits.len(), bounds.len(), "{waits:?}");
    for (wait, (least, most)) in waits.iter().zip(bounds) {
        let seconds = wait.as_secs_f64();
        assert!((*least..=*most).contains(&seconds), "{waits:?}");
    }
}

#[test]
fn throttled_calls_back_off_six_times_whatever_the_method() {
    for request in [get, post] {
        let outcome = outcome(request, |_| answer(404, r#"{"error_code": "DMS.10240407"}"#));
        let error = outcome.result.unwrap_err();
        assert_eq!((error.class(), outcome.sent, error.attempts()), (ErrorClass::Throttled, 6, 6));
        assert!(!error.may_have_changed());
        within(&outcome.slept, &[(0.5, 1.0), (1.0, 2.0), (2.0, 4.0), (4.0, 8.0), (8.0, 16.0)]);
        assert_eq!((outcome.stats.retries, outcome.stats.throttled, outcome.stats.failed), (5, 6, 1));
    }
}

#[test]
fn waits_end_at_the_longest() {
    let policy = RetryPolicy { throttled: 100, ..RetryPolicy::default() };
    let mut tries = retry::Tries::default();
    let error = ApiError::new("x", ErrorClass::Throttled, Failure::Answer(None));
    let waits: Vec<f64> =
        (0..40).map(|_| policy.again(&error, false, &mut tries, 1.0).unwrap().as_secs_f64()).collect();
    assert_eq!(waits[..6], [1.0, 2.0, 4.0, 8.0, 16.0, 30.0]);
    assert_eq!(waits[6..], [30.0; 34]);
}

#[test]
fn retry_after_is_honoured() {
    let outcome = outcome(post, |number| match number {
        0 => answer_with(429, "Retry-After", "7", ""),
        _ => answer(201, "{}"),
    });
    assert_eq!(outcome.result.unwrap().attempts, 2);
    // The pause of the endpoint and the wait of the call are the same time.
    let total: f64 = outcome.slept.iter().map(Duration::as_secs_f64).sum();
    assert!((7.0..=8.0).contains(&total), "{:?}", outcome.slept);
}

#[test]
fn retry_after_in_all_its_forms() {
    let now = httpdate::parse_http_date("Fri, 12 Apr 2024 08:00:00 GMT").unwrap();
    let second = Duration::from_secs(1);
    let check = |text: &str, unit| retry::retry_after(text, unit, now);
    assert_eq!(check(" 5 ", second), Some(5 * second));
    assert_eq!(check("250", Duration::from_millis(1)), Some(Duration::from_millis(250)));
    assert_eq!(check("Fri, 12 Apr 2024 08:00:09 GMT", second), Some(9 * second));
    assert_eq!(check("Fri, 12 Apr 2024 07:00:00 GMT", second), Some(Duration::ZERO));
    assert_eq!(check("-1", second), None);
    assert_eq!(check("soon", second), None);
}

#[test]
fn a_server_that_asks_for_too_long_a_wait_is_reported_at_once() {
    let outcome = outcome(get, |_| answer_with(429, "retry-after", "86400", ""));
    assert_eq!(outcome.sent, 1);
    assert_eq!(outcome.result.unwrap_err().retry_after(), Some(Duration::from_hours(24)));
}

#[test]
fn server_errors_are_retried_for_idempotent_calls_only() {
    let read = outcome(get, |_| answer(500, "{}"));
    assert_eq!(read.sent, 3);
    let error = read.result.unwrap_err();
    assert!(!error.may_have_changed());

    let create = outcome(post, |_| answer(500, "{}"));
    assert_eq!(create.sent, 1);
    assert!(create.result.unwrap_err().may_have_changed(), "it may have been carried out");
}

#[test]
fn a_create_is_sent_again_after_503_only_if_the_server_names_a_time() {
    assert_eq!(outcome(post, |_| answer(503, "")).sent, 1);
    assert_eq!(outcome(get, |_| answer(503, "")).sent, 6);
    let create = outcome(post, |number| match number {
        0 => answer_with(503, "retry-after", "1", ""),
        _ => answer(201, "{}"),
    });
    assert_eq!((create.sent, create.result.is_ok()), (2, true));
}

#[test]
fn a_lost_connection_is_retried_for_idempotent_calls_only() {
    let read = outcome(get, |number| if number < 2 { Reply::Drop } else { answer(200, "{}") });
    assert_eq!((read.sent, read.result.unwrap().attempts), (3, 3));

    let create = outcome(post, |_| Reply::Drop);
    assert_eq!(create.sent, 1);
    let error = create.result.unwrap_err();
    assert_eq!((error.class(), error.sent()), (ErrorClass::Connection, Sent::Unknown));
    assert!(error.may_have_changed());
    assert!(matches!(error.failure(), Failure::Lost(_)), "{error}");
}

#[test]
fn a_timeout_leaves_it_unknown() {
    let create = outcome(post, |_| Reply::Silence);
    assert_eq!(create.sent, 1);
    let error = create.result.unwrap_err();
    assert_eq!(*error.failure(), Failure::Timeout(Duration::from_millis(500)));
    assert_eq!((error.sent(), error.may_have_changed()), (Sent::Unknown, true));
    assert_eq!(outcome(get, |_| Reply::Silence).sent, 3);
}

/// A call that was lost once and then refused may still have been carried out the first time.
#[test]
fn doubt_survives_later_attempts() {
    fn put(server: &Server) -> Request {
        Request { method: Method::Put, idempotent: true, ..post(server) }
    }
    let outcome = outcome(put, |number| match number {
        0 => Reply::Drop,
        _ => answer(400, "{}"),
    });
    let error = outcome.result.unwrap_err();
    assert_eq!((error.class(), error.sent()), (ErrorClass::Invalid, Sent::Answered));
    assert!(error.may_have_changed());
}

#[test]
fn refused_connections_are_retried_for_every_method_and_nothing_was_sent() {
    run(async {
        let port = {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            listener.local_addr().unwrap().port()
        };
        let endpoint = Endpoint::parse(&format!("http://127.0.0.1:{port}")).unwrap();
        let clock = clock();
        let client = client(&clock, |_| {});
        let request = Request::new(Method::Post, &endpoint, "create");
        let error = client.send(&request, &Stop::never()).await.unwrap_err();
        assert_eq!((error.sent(), error.attempts(), clock.slept().len()), (Sent::Not, 3, 2));
        assert!(!error.may_have_changed());
        assert!(error.to_string().contains("Connection refused"), "{error}");
    });
}

#[test]
fn different_troubles_are_counted_apart() {
    let outcome = outcome(get, |number| match number {
        0 | 1 => answer(500, ""),
        2 | 3 => Reply::Drop,
        4 => answer(429, ""),
        _ => answer(200, "{}"),
    });
    assert_eq!(outcome.result.unwrap().attempts, 6);
}

#[test]
fn busy_and_gone_are_for_the_caller() {
    run(async {
        let server = Server::start(|_, _| answer(400, r#"{"error_code": "DMS.00400026"}"#)).await;
        let client = client(&clock(), |options| {
            options.rules = Arc::from([rule(&[], &["DMS.00400026"], ErrorClass::Busy)]);
        });
        let error = client.send(&post(&server), &Stop::never()).await.unwrap_err();
        assert_eq!((error.class(), server.count()), (ErrorClass::Busy, 1));
    });
}

#[test]
fn the_fence_is_asked_before_every_attempt() {
    run(async {
        let server = Server::start(|_, _| answer(429, "")).await;
        let client = client(&clock(), |_| {});
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let mut request = post(&server);
        request.fence = Some(Fence::new(move |timeout| {
            assert_eq!(timeout, Duration::from_secs(20), "with the connection");
            match count.fetch_add(1, Ordering::Relaxed) {
                0 => Ok(timeout),
                _ => Err(Closed::ForGood("the lease has run out".to_owned())),
            }
        }));
        let error = client.send(&request, &Stop::never()).await.unwrap_err();
        assert_eq!((server.count(), asked.load(Ordering::Relaxed)), (1, 2));
        assert_eq!(error.to_string(), "cannot create the topic `orders`: the lease has run out");
    });
}

#[test]
fn a_fence_that_is_closed_for_now_is_waited_for() {
    run(async {
        let server = Server::start(|_, _| answer(201, "{}")).await;
        let client = client(&clock(), |_| {});
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let mut request = post(&server);
        request.fence = Some(Fence::new(move |wanted| match count.fetch_add(1, Ordering::Relaxed) {
            0..3 => Err(Closed::ForNow("the lease is being renewed".to_owned())),
            _ => Ok(wanted),
        }));
        client.send(&request, &Stop::never()).await.unwrap();
        assert_eq!((server.count(), asked.load(Ordering::Relaxed)), (1, 4));
        // Not for ever, and not when the run is to stop.
        request.fence = Some(Fence::new(|_| Err(Closed::ForNow("nobody answers".to_owned()))));
        let error = client.send(&request, &Stop::never()).await.unwrap_err();
        assert_eq!(error.to_string(), "cannot create the topic `orders`: nobody answers");
        let stopper = Stopper::default();
        let signal = stopper.signal();
        request.fence = Some(Fence::new(move |_| {
            stopper.stop();
            Err(Closed::ForNow("nobody answers".to_owned()))
        }));
        assert!(client.send(&request, &signal).await.is_err());
        assert_eq!(server.count(), 1);
    });
}

#[test]
fn the_stop_signal_ends_waits_and_lets_requests_in_flight_finish() {
    run(async {
        // In flight: the signal comes while the server has the request.
        let stopper = Stopper::default();
        let inside = stopper.clone();
        let server = Server::start(move |_, _| {
            inside.stop();
            answer(201, "{}")
        })
        .await;
        let client = client(&clock(), |_| {});
        assert!(client.send(&post(&server), &stopper.signal()).await.is_ok());

        // Afterwards nothing is sent any more.
        let error = client.send(&post(&server), &stopper.signal()).await.unwrap_err();
        assert!(error.is_stopped());
        assert_eq!((error.sent(), server.count()), (Sent::Not, 1));

        // Between attempts: the last failure is reported.
        let stopper = Stopper::default();
        let inside = stopper.clone();
        let server = Server::start(move |_, _| {
            inside.stop();
            answer(429, "")
        })
        .await;
        let error = client.send(&get(&server), &stopper.signal()).await.unwrap_err();
        assert_eq!((error.class(), server.count()), (ErrorClass::Throttled, 1));

        // In a long wait on real time.
        let stopper = Stopper::default();
        let stop = stopper.signal();
        let real = SystemClock::default();
        let waiting = stop.sleep(&real, Duration::from_hours(1));
        tokio::pin!(waiting);
        tokio::select! {
            biased;
            _ = &mut waiting => panic!("an hour has not passed"),
            () = tokio::task::yield_now() => stopper.stop(),
        }
        assert_eq!(waiting.await, Err(Stopped));
    });
}

#[test]
fn scaled_clocks_wait_shorter_and_count_faster() {
    run(async {
        let clock = SystemClock::scaled(1e-6);
        clock.sleep(Duration::from_secs(1000)).await;
        assert!(clock.elapsed() >= Duration::from_secs(1000));
    });
}
