//! Turns at an endpoint, lanes, fairness.

use super::server::answer;
use super::*;
use crate::api::gate::Gate;
use crate::api::limit::Lesson;
use crate::api::limit::Limiter;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::task::Poll;

/// Polls once.
async fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    tokio::pin!(future);
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

#[test]
fn gates_let_in_as_many_as_they_are_wide_in_order() {
    run(async {
        let gate = Gate::new(2);
        let first = gate.enter(Mode::Shared).await;
        let _second = gate.enter(Mode::Shared).await;
        let mut alone = Box::pin(gate.enter(Mode::Exclusive));
        let mut third = Box::pin(gate.enter(Mode::Shared));
        assert!(now(&mut alone).await.is_none());
        assert!(now(&mut third).await.is_none());
        drop(first);
        assert!(now(&mut third).await.is_none(), "nobody overtakes the one before");
        assert_eq!(gate.load(), (1, true));
        drop(alone);
        let third = now(&mut third).await.expect("giving up lets the next one in");
        assert_eq!(gate.load(), (2, false));
        drop(third);
        assert_eq!(gate.load(), (1, false));
    });
}

#[test]
fn exclusive_passes_are_alone() {
    run(async {
        let gate = Gate::new(5);
        let alone = gate.enter(Mode::Exclusive).await;
        let mut shared = Box::pin(gate.enter(Mode::Shared));
        assert!(now(&mut shared).await.is_none());
        drop(alone);
        let shared = shared.await;
        assert!(now(gate.enter(Mode::Exclusive)).await.is_none());
        drop(shared);
        assert!(now(gate.enter(Mode::Exclusive)).await.is_some());
    });
}

#[test]
fn a_pass_granted_to_one_who_left_is_not_lost() {
    run(async {
        let gate = Gate::new(1);
        let first = gate.enter(Mode::Shared).await;
        let mut second = Box::pin(gate.enter(Mode::Shared));
        assert!(now(&mut second).await.is_none());
        // Granted now, but never taken.
        drop(first);
        assert_eq!(gate.load(), (1, false));
        drop(second);
        assert_eq!(gate.load(), (0, false));
    });
}

#[test]
fn widening_lets_waiters_in() {
    run(async {
        let gate = Gate::new(1);
        let _first = gate.enter(Mode::Shared).await;
        let mut second = Box::pin(gate.enter(Mode::Shared));
        assert!(now(&mut second).await.is_none());
        gate.set_width(2);
        assert!(now(&mut second).await.is_some());
    });
}

/// Takes `n` turns at once and ends them all with the same lesson.
async fn round(limiter: &Arc<Limiter>, clock: &VirtualClock, n: usize, lesson: Lesson) {
    let mut turns = Vec::new();
    for _ in 0..n {
        turns.push(limiter.turn(clock, &Stop::never()).await.unwrap());
    }
    for turn in turns {
        turn.end(lesson, clock);
    }
}

#[test]
fn the_width_follows_the_endpoint() {
    run(async {
        let clock = clock();
        let limiter = Limiter::new(Width { first: 8, most: 64 });
        let throttled = Lesson::Throttled { pause: None };
        let width = limiter.width();
        round(&limiter, &clock, width, Lesson::Good).await;
        assert!(limiter.width() > 8, "grows while used to the full");
        let grown = limiter.width();
        round(&limiter, &clock, grown, throttled).await;
        assert_eq!(limiter.width(), grown / 2, "halves once per round trip");
        let halved = limiter.width();
        round(&limiter, &clock, 1, Lesson::Good).await;
        assert_eq!(limiter.width(), halved, "a width that is not used is not proven");
        for _ in 0..10 {
            let width = limiter.width();
            round(&limiter, &clock, width, throttled).await;
        }
        assert_eq!(limiter.width(), 1);
        assert!(!clock.slept().is_empty(), "at width one, gaps take over");
    });
}

#[test]
fn a_fixed_parallelism_is_not_exceeded() {
    run(async {
        let clock = clock();
        let limiter = Limiter::new(Width::fixed(3));
        for _ in 0..5 {
            round(&limiter, &clock, 3, Lesson::Good).await;
        }
        assert_eq!(limiter.width(), 3);
        assert_eq!(Width::fixed(0).most, 1);
    });
}

#[test]
fn a_pause_holds_for_every_call() {
    run(async {
        let clock = clock();
        let limiter = Limiter::new(Width::default());
        let pause = Some(Duration::from_secs(9));
        round(&limiter, &clock, 1, Lesson::Throttled { pause }).await;
        limiter.turn(clock.as_ref(), &Stop::never()).await.unwrap().end(Lesson::None, clock.as_ref());
        assert_eq!(clock.slept(), [Duration::from_secs(9)]);
        let stopper = Stopper::default();
        stopper.stop();
        round(&limiter, &clock, 1, Lesson::Throttled { pause }).await;
        assert!(limiter.turn(clock.as_ref(), &stopper.signal()).await.is_err());
    });
}

#[test]
fn no_more_calls_run_at_once_than_the_parallelism() {
    run(async {
        let inside = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let (a, b) = (Arc::clone(&inside), Arc::clone(&most));
        // The fence is asked when the turn has come; the count falls when the answer is there.
        let server = Server::start(|_, _| answer(200, "{}")).await;
        let client = client(&clock(), |options| options.width = Width::fixed(4));
        let mut request = get(&server);
        request.fence = Some(Fence::new(move |wanted| {
            b.fetch_max(a.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            Ok(wanted)
        }));
        let tasks: Vec<_> = (0..40)
            .map(|_| {
                let (client, request, inside) = (client.clone(), request.clone(), Arc::clone(&inside));
                tokio::spawn(async move {
                    client.send(&request, &Stop::never()).await.unwrap();
                    inside.fetch_sub(1, Ordering::SeqCst);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(server.count(), 40);
        // A task may not have counted down yet when the next one's turn comes.
        let most = most.load(Ordering::SeqCst);
        assert!((2..=8).contains(&most), "{most}");
    });
}

async fn lane_round(lanes: &Lanes, key: &str, end: impl Fn(&InLane)) -> usize {
    let mut inside = Vec::new();
    while let Some(lane) = now(lanes.enter(key, Mode::Shared, &Stop::never())).await {
        inside.push(lane.unwrap());
    }
    inside.iter().for_each(end);
    inside.len()
}

#[test]
fn lanes_widen_until_busy_and_remember() {
    run(async {
        let lanes = Lanes::new(32);
        let mut widths = Vec::new();
        for _ in 0..5 {
            widths.push(lane_round(&lanes, "i-1", InLane::went_well).await);
        }
        assert_eq!(widths, [1, 2, 3, 4, 5]);
        assert_eq!(lanes.width("i-2"), 1, "lanes are independent");

        assert_eq!(lane_round(&lanes, "i-1", InLane::was_busy).await, 6);
        assert_eq!(lanes.width("i-1"), 3, "once per round, not once per answer");
        for _ in 0..8 {
            lane_round(&lanes, "i-1", InLane::went_well).await;
        }
        assert_eq!(lanes.width("i-1"), 5, "not again as wide as was too much");
        for _ in 0..20 {
            lane_round(&lanes, "i-1", InLane::went_well).await;
        }
        assert!(lanes.width("i-1") > 5, "after a long while it is tried again");
    });
}

#[test]
fn a_lane_one_wide_stays_so_when_busy() {
    run(async {
        let lanes = Lanes::new(32);
        assert_eq!(lane_round(&lanes, "i", InLane::was_busy).await, 1);
        assert_eq!(lanes.width("i"), 1);
        assert_eq!(lane_round(&lanes, "i", InLane::went_well).await, 1);
        assert_eq!(lanes.width("i"), 2, "busy with something else is no lesson");
    });
}

#[test]
fn exclusive_calls_have_a_lane_to_themselves() {
    run(async {
        let lanes = Lanes::new(32);
        let stopper = Stopper::default();
        let stop = stopper.signal();
        let alone = lanes.enter("i", Mode::Exclusive, &stop).await.unwrap();
        let mut waiting = Box::pin(lanes.enter("i", Mode::Shared, &stop));
        assert!(now(&mut waiting).await.is_none());
        alone.went_well();
        assert_eq!(lanes.width("i"), 1, "alone proves nothing about company");
        stopper.stop();
        assert!(waiting.await.is_err());
        drop(alone);
        assert!(now(lanes.enter("i", Mode::Shared, &Stop::never())).await.is_some());
    });
}
