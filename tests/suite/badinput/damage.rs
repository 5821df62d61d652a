//! States, journals and saved plans with a changed byte anywhere, or cut off anywhere: what is damaged is refused, or
//! what it says is what was written.

#![expect(clippy::indexing_slicing, reason = "a test that meets the unexpected should stop at once")]

use queueform::api::Stop;
use queueform::ops::plan::now;
use queueform::ops::plan::plan;
use queueform::ops::planfile;
use queueform::ops::planfile::PlanFile;
use queueform::ops::project::Project;
use queueform::plan::PlanOptions;
use queueform::state::document;
use queueform::state::journal;

use super::room::Room;
use super::room::SOUND;

/// Which bits of a byte are turned.
const MASKS: [u8; 4] = [0x01, 0x10, 0x20, 0x80];

/// Tries every changed byte and every beginning; returns how many inputs that were.
fn damaged(whole: &[u8], stride: usize, mut judge: impl FnMut(&[u8])) -> u64 {
    let mut tried = 0;
    for at in (0..whole.len()).step_by(stride) {
        judge(&whole[..at]);
        tried += 1;
        for mask in MASKS {
            let mut changed = whole.to_vec();
            changed[at] ^= mask;
            judge(&changed);
            tried += 1;
        }
    }
    tried
}

#[tokio::test]
async fn whatever_is_damaged_is_refused_or_says_what_was_written() {
    let stride = if std::env::var_os("QUEUEFORM_CHAOS_FAULTS").is_some() { 1 } else { 5 };
    let room = Room::new().await;
    let state = document::read(room.state.as_bytes()).unwrap();
    let states = damaged(room.state.trim_end().as_bytes(), stride, |bytes| {
        if let Ok(found) = document::read(bytes) {
            assert_eq!((&found.resources, found.serial), (&state.resources, state.serial));
        }
    });

    let history = room.place.path().join("queueform.state.history");
    let entry = std::fs::read_dir(history).unwrap().next().unwrap().unwrap();
    let text = std::fs::read(entry.path()).unwrap();
    let written = journal::parse(&text).unwrap().records;
    assert!(written.len() > 1);
    let journals = damaged(&text, stride, |bytes| {
        if let Ok(lines) = journal::parse(bytes) {
            // What was cut off was never acknowledged; nothing else may be missing or other.
            assert!(bytes.len() < text.len() && written.starts_with(&lines.records));
        }
    });

    room.place.write("main.qf.hcl", &SOUND.replace("kept", "planned"));
    let project = Project::open(room.options()).output.unwrap();
    let planned = plan(&project, &PlanOptions::normal(), &now(), &Stop::never()).await.unwrap();
    let saved = planfile::save(&project, &planned).unwrap();
    let hash = PlanFile::parse(&saved).unwrap().short_hash().to_owned();
    let plans = damaged(saved.trim_end().as_bytes(), stride, |bytes| {
        if let Ok(found) =
            std::str::from_utf8(bytes).map_err(drop).and_then(|text| PlanFile::parse(text).map_err(drop))
        {
            assert_eq!(found.short_hash(), hash);
        }
    });
    let figures = format!("{states} states, {journals} journals, {plans} saved plans, 0 taken for sound");
    if stride == 1 {
        crate::chaos::record("damaged files", &figures);
    } else {
        println!("damaged files: {figures}");
    }
}
