//! The lines of a journal: `{"crc":"9ae0daaf","seq":12,"record":{…}}`.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Record;
use super::RunHeader;

/// What a journal holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lines {
    /// The records with their sequence numbers, in order and without gaps.
    pub records: Vec<(u64, Record)>,
    /// How many bytes from the start hold these records.
    pub valid: u64,
    /// How many bytes behind them were written only in part, by a run that died while writing. Their records
    /// were never acknowledged: nothing was done that they would have announced.
    pub torn: u64,
}

/// A record that cannot be read although records follow it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct Damage {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
    /// How many records before it can be read.
    pub before: usize,
    /// How many records after it can be read.
    pub after: usize,
}

#[derive(Deserialize)]
struct Line<'l> {
    crc: &'l str,
    seq: u64,
    #[serde(borrow)]
    record: &'l RawValue,
}

fn checksum(seq: u64, record: &str) -> String {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&seq.to_be_bytes());
    hasher.update(record.as_bytes());
    format!("{:08x}", hasher.finalize())
}

/// Returns the line of a record, with its line feed.
///
/// # Errors
/// If the record has no JSON form.
pub fn encode(seq: u64, record: &Record) -> Result<String, serde_json::Error> {
    let mut record = serde_json::to_string(record)?;
    if record.contains(['\n', '\r']) {
        // Attributes are written as they were read. A line end is nothing but space in JSON, and would cut the line.
        record = record.replace(['\n', '\r'], " ");
    }
    Ok(format!("{{\"crc\":\"{}\",\"seq\":{seq},\"record\":{record}}}\n", checksum(seq, &record)))
}

/// Why a line is no record.
enum Broken {
    /// It may have been written only in part, if it is the last one.
    Part(String),
    /// It was written as a whole, and changed afterwards, or by a newer version.
    Whole(String),
}

/// Reads the lines of a journal. A tail that was written only in part is left out.
///
/// # Errors
/// If a record cannot be read although records follow it, or although it was written as a whole.
pub fn parse(bytes: &[u8]) -> Result<Lines, Damage> {
    let (records, valid) = read(bytes, read_line)?;
    Ok(Lines { records, valid: valid as u64, torn: (bytes.len() - valid) as u64 })
}

/// A journal as it is kept in the history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Its lines, without digests and tokens.
    pub text: String,
    /// The number of its last record; none if there is no record.
    pub last: Option<u64>,
    /// The run that it begins with.
    pub run: Option<RunHeader>,
}

/// Returns a journal as it is kept in the history. Most lines hold nothing that must go, and stay as they are.
///
/// # Errors
/// As [`parse`].
pub(crate) fn for_history(bytes: &[u8]) -> Result<Kept, Damage> {
    if is_sealed(bytes) {
        return Ok(sealed_for_history(bytes));
    }
    let (lines, _) = read(bytes, line_for_history)?;
    let mut kept = Kept { last: lines.last().map(|(seq, _)| *seq), ..Kept::default() };
    for (_, (line, run)) in lines {
        kept.text.push_str(&String::from_utf8_lossy(&line));
        kept.run = kept.run.or(run);
    }
    Ok(kept)
}

/// A line of the history, with the run that it may begin.
type HistoryLine<'l> = (u64, (Cow<'l, [u8]>, Option<RunHeader>));

fn line_for_history(line: &[u8]) -> Result<HistoryLine<'_>, Broken> {
    let (seq, record) = envelope(line)?;
    let is_run = record.starts_with("{\"run\":");
    if !is_run && !record.contains("\"digest\"") && !record.contains("\"token\"") {
        return Ok((seq, (Cow::Borrowed(line), None)));
    }
    let record = decode(record)?;
    let run = if let Record::Run(run) = &record { Some(run.clone()) } else { None };
    let line = encode(seq, &record.for_history()).map_err(|error| Broken::Whole(error.to_string()))?;
    Ok((seq, (Cow::Owned(line.into_bytes()), run)))
}

/// A head or a sealed line of an encrypted journal.
#[derive(Deserialize)]
#[serde(untagged)]
enum Sealed {
    Head {
        #[serde(rename = "encryption")]
        _encryption: serde::de::IgnoredAny,
    },
    Line {
        seq: u64,
        #[serde(rename = "sealed")]
        _sealed: serde::de::IgnoredAny,
    },
}

/// Returns whether a journal, or a part of it, is encrypted. Only who has the key can read it.
#[must_use]
pub fn is_sealed(bytes: &[u8]) -> bool {
    // Records in clear begin with their checksum.
    let mut lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"{\"crc\""));
    lines.any(|line| serde_json::from_slice::<Sealed>(line).is_ok())
}

/// Keeps sealed lines as they are: nobody who lacks the key learns anything from them.
fn sealed_for_history(bytes: &[u8]) -> Kept {
    let mut kept = Kept::default();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match serde_json::from_slice(line) {
            Ok(Sealed::Head { .. }) => kept.text.push_str(&String::from_utf8_lossy(line)),
            Ok(Sealed::Line { seq, .. }) => {
                kept.last = Some(seq);
                kept.text.push_str(&String::from_utf8_lossy(line));
            }
            // Of a run that did not encrypt yet, or not any more.
            Err(_) => {
                let Ok((seq, (line, run))) = line_for_history(line) else { break };
                kept.last = Some(seq);
                kept.run = kept.run.or(run);
                kept.text.push_str(&String::from_utf8_lossy(&line));
            }
        }
    }
    kept
}

/// Reads line by line what `of_line` makes of them, and returns how many bytes from the start were read.
fn read<'b, T>(
    bytes: &'b [u8],
    of_line: impl Fn(&'b [u8]) -> Result<(u64, T), Broken>,
) -> Result<(Vec<(u64, T)>, usize), Damage> {
    let mut records: Vec<(u64, T)> = Vec::new();
    let mut at = 0;
    let mut broken: Option<(usize, String)> = None;
    let mut was_whole = false;
    let mut after = 0;
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let read = of_line(line);
        if broken.is_some() {
            after += usize::from(read.is_ok());
            continue;
        }
        match read {
            Ok((seq, record)) => {
                let expected = records.last().map_or(seq, |(last, _)| last + 1);
                if seq != expected {
                    let message = format!("record {expected} is missing (record {seq} follows)");
                    broken = Some((index + 1, message));
                    after += 1;
                    continue;
                }
                records.push((seq, record));
                at += line.len();
            }
            Err(Broken::Part(message)) => broken = Some((index + 1, message)),
            Err(Broken::Whole(message)) => {
                broken = Some((index + 1, message));
                was_whole = true;
            }
        }
    }
    match broken {
        Some((line, message)) if was_whole || after > 0 => {
            Err(Damage { line, message, before: records.len(), after })
        }
        _ => Ok((records, at)),
    }
}

fn read_line(line: &[u8]) -> Result<(u64, Record), Broken> {
    let (seq, record) = envelope(line)?;
    Ok((seq, decode(record)?))
}

/// The number and the text of a record, if its checksum is right.
fn envelope(line: &[u8]) -> Result<(u64, &str), Broken> {
    let Some(text) = line.strip_suffix(b"\n") else {
        // The end is missing, unless it is there and only its last byte is another one.
        let altered = line.split_last().is_some_and(|(_, before)| sound(before).is_ok());
        let wrap = if altered { Broken::Whole } else { Broken::Part };
        return Err(wrap("the line ends too early".to_owned()));
    };
    // A line with its end was written as a whole. Only a disk that lost power in the middle of it leaves
    // parts of it empty, which are zeros.
    let is_hollow = text.windows(2).any(|pair| pair == [0, 0]);
    sound(text).map_err(if is_hollow { Broken::Part } else { Broken::Whole })
}

fn sound(text: &[u8]) -> Result<(u64, &str), String> {
    let text = std::str::from_utf8(text).map_err(|_not_utf8| "it is not text".to_owned())?;
    let Line { crc, seq, record } =
        serde_json::from_str(text).map_err(|error| format!("it is not a record ({error})"))?;
    if crc != checksum(seq, record.get()) {
        return Err("its checksum is wrong".to_owned());
    }
    Ok((seq, record.get()))
}

fn decode(record: &str) -> Result<Record, Broken> {
    let unknown = |error| Broken::Whole(format!("it is whole but unknown to this version ({error})"));
    serde_json::from_str(record).map_err(unknown)
}
