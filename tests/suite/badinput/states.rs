//! States that cannot be used: damaged, newer, held by another run; saved plans that no longer apply.

use insta::assert_snapshot;
use queueform::api::Stop;
use queueform::ops::plan::now;
use queueform::ops::plan::plan;
use queueform::ops::planfile;
use queueform::ops::planfile::PlanFile;
use queueform::ops::project::Project;
use queueform::plan::PlanOptions;
use queueform::state::store::Clock as _;
use queueform::state::store::SystemClock;

use super::room::Room;
use super::room::SOUND;
use super::room::STATE;

#[tokio::test]
async fn a_damaged_state() {
    let room = Room::new().await;
    let half = room.state.split_at(room.state.len() / 2).0.to_owned();
    room.place.write(STATE, &half);
    let text = room.apply().await;
    assert_eq!(room.place.read(STATE), half);
    assert_snapshot!(text);
}

#[tokio::test]
async fn a_state_of_a_newer_version() {
    let room = Room::new().await;
    let newer = room.state.replacen("\"version\": 4", "\"version\": 5", 1);
    assert_ne!(newer, room.state);
    room.place.write(STATE, &newer);
    let text = room.apply().await;
    assert_eq!(room.place.read(STATE), newer);
    assert_snapshot!(text);
}

#[tokio::test]
async fn a_state_that_another_run_holds() {
    let room = Room::new().await;
    let project = Project::open(room.options()).output.unwrap();
    let held = project.place.open("queueform destroy", &Stop::never()).unwrap();
    room.place.write("main.qf.hcl", "");
    let text = room.apply().await;
    let shown = held.holder.to_string();
    assert!(text.contains(&shown), "{shown} in {text}");
    assert!(shown.contains(&format!("process {}", std::process::id())), "{shown}");
    let year = SystemClock::default().now().get(..4).unwrap().to_owned();
    assert!(shown.contains(&year), "{shown}");
    drop(held);
    room.is_unharmed();
    assert_snapshot!(text.replace(&shown, "HOLDER"));
}

#[tokio::test]
async fn a_saved_plan_that_no_longer_applies() {
    let mut room = Room::new().await;
    room.place.write("main.qf.hcl", &SOUND.replace("kept", "planned"));
    let project = Project::open(room.options()).output.unwrap();
    let planned = plan(&project, &PlanOptions::normal(), &now(), &Stop::never()).await.unwrap();
    let file = PlanFile::parse(&planfile::save(&project, &planned).unwrap()).unwrap();
    room.place.write("main.qf.hcl", &SOUND.replace("kept", "meanwhile"));
    assert_eq!(room.apply().await, "");
    room.state = room.place.read(STATE);

    let project = file.project(room.options()).output.unwrap();
    let ports = queueform::ops::apply::ApplyPorts {
        approve: &mut |_planned| true,
        events: &mut |_event| {},
        stop: &Stop::never(),
        abort: &Stop::never(),
    };
    let found = planfile::apply_saved(&file, &project, "apply", ports).await.unwrap_err();
    room.is_unharmed();
    assert_snapshot!(room.drawn(&found, &project.sources));
}
