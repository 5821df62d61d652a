//! Encrypted journals: a head, then one sealed line for each line.
//!
//! A line keeps its number in clear and stands for itself, so what was written only in part is seen and cut as in
//! clear, and what was changed in the middle is found where it is.

use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use super::Keyring;
use super::Problem;
use super::cipher::Sealer;
use super::envelope::Head;
use super::envelope::Of;

/// `{"encryption":{…}}`: the lines that follow are sealed with this key.
#[derive(Serialize, Deserialize)]
struct HeadLine<'h> {
    #[serde(borrow)]
    encryption: Head<'h>,
}

/// `{"seq":12,"sealed":"…"}`.
#[derive(Serialize, Deserialize)]
struct SealedLine<'l> {
    seq: u64,
    sealed: std::borrow::Cow<'l, str>,
}

/// The number of a line in clear.
#[derive(Deserialize)]
struct PlainLine<'l> {
    #[serde(rename = "crc")]
    _crc: &'l str,
    seq: u64,
}

/// What stands in place of a line that cannot be opened: no record.
const UNREADABLE: &[u8] = b"(a sealed line that was changed)\n";

/// A journal that was opened.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Opened {
    /// The lines in clear.
    pub(super) plain: Vec<u8>,
    /// Where each line ends, in clear and as it is kept.
    pub(super) ends: Vec<(u64, u64)>,
}

impl Opened {
    /// Returns how many bytes are kept of a journal that is cut after its first bytes in clear.
    pub(super) fn kept(&self, valid: u64) -> u64 {
        let whole = self.ends.iter().take_while(|(plain, _)| *plain <= valid);
        whole.last().map_or(0, |(_, kept)| *kept)
    }
}

fn context(seq: u64) -> String {
    format!("{} {seq}", Of::Journal.name())
}

/// Decrypts a journal. What cannot be read stays unreadable, for those who know what that means.
pub(super) fn open(ring: &Keyring, bytes: &[u8]) -> Result<Opened, Problem> {
    let mut opened = Opened::default();
    let mut sealer: Option<Arc<Sealer>> = None;
    let mut kept = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        kept += line.len() as u64;
        let is_whole = line.ends_with(b"\n");
        if is_whole && let Ok(head) = serde_json::from_slice::<HeadLine<'_>>(line) {
            sealer = Some(head.encryption.unlock(ring, Of::Journal)?);
            continue;
        }
        if is_whole && let Ok(sealed) = serde_json::from_slice::<SealedLine<'_>>(line) {
            let found =
                sealer.as_ref().and_then(|sealer| sealer.open(&context(sealed.seq), &sealed.sealed).ok());
            match found {
                Some(plain) => opened.plain.extend_from_slice(&plain),
                None => opened.plain.extend_from_slice(UNREADABLE),
            }
        } else {
            if serde_json::from_slice::<PlainLine<'_>>(line).is_ok() {
                ring.allow_plain()?;
            }
            opened.plain.extend_from_slice(line);
        }
        opened.ends.push((opened.plain.len() as u64, kept));
    }
    Ok(opened)
}

/// Encrypts lines, behind a head if they are the first ones of their writer.
pub(super) fn seal(sealer: &Sealer, lines: &[u8], with_head: bool) -> Result<Vec<u8>, Problem> {
    let failed = |error: serde_json::Error| Problem::Failed { reason: error.to_string() };
    let mut out = Vec::with_capacity(lines.len() * 3 / 2 + 512);
    if with_head {
        let head = HeadLine { encryption: Head::new(Of::Journal, sealer) };
        serde_json::to_writer(&mut out, &head).map_err(failed)?;
        out.push(b'\n');
    }
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        let seq = serde_json::from_slice::<PlainLine<'_>>(line).map_err(failed)?.seq;
        let sealed = sealer.seal(&context(seq), line)?.into();
        serde_json::to_writer(&mut out, &SealedLine { seq, sealed }).map_err(failed)?;
        out.push(b'\n');
    }
    Ok(out)
}
