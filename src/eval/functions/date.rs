//! Date functions: `formatdate`, `timeadd`, `timecmp`, `timestamp`, `plantimestamp`.

use std::cmp::Ordering;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use super::Call;
use super::Function;
use super::FunctionError;
use super::Param;
use super::Returns;
use super::Ty;
use super::args::text;
use super::timestamp::Timestamp;
use super::timestamp::parse_duration;
use crate::value::Refinement;
use crate::value::Type;
use crate::value::Value;

const STRING: Returns = Returns::Is(Ty::String);

/// The functions of this family.
pub(super) const ALL: &[Function] = &[
    Function::new(
        "formatdate",
        &[Param::new("format", Ty::String), Param::new("time", Ty::String)],
        STRING,
        format_date,
    )
    .doc(
        "Renders a timestamp by a pattern of letters such as `YYYY-MM-DD hh:mm:ss`.",
        r#"formatdate("DD MMM YYYY", "2018-01-02T23:12:01Z")"#,
    ),
    Function::new("plantimestamp", &[], STRING, plan_timestamp).doc(
        "Returns the time at which the plan was made; the same throughout plan and apply.",
        "plantimestamp()",
    ),
    Function::new(
        "timeadd",
        &[Param::new("timestamp", Ty::String), Param::new("duration", Ty::String)],
        STRING,
        time_add,
    )
    .doc(
        "Moves a timestamp by a duration such as `1h30m` or `-10s`.",
        r#"timeadd("2017-11-22T00:00:00Z", "10m")"#,
    ),
    Function::new(
        "timecmp",
        &[Param::new("timestamp_a", Ty::String), Param::new("timestamp_b", Ty::String)],
        Returns::Is(Ty::Number),
        time_cmp,
    )
    .doc(
        "Compares two timestamps as instants: -1, 0 or 1.",
        r#"timecmp("2017-11-22T01:00:00Z", "2017-11-22T00:00:00-01:00")"#,
    ),
    Function::new("timestamp", &[], STRING, timestamp)
        .doc("Returns the current time; known only when applying.", "timestamp()"),
];

fn time_add(call: &Call<'_>) -> Result<Value, FunctionError> {
    let start = Timestamp::parse(text(call, 0)?).map_err(FunctionError::new)?;
    let duration = parse_duration(text(call, 1)?).map_err(FunctionError::new)?;
    Ok(Value::string(start.add(duration).rfc3339()))
}

fn time_cmp(call: &Call<'_>) -> Result<Value, FunctionError> {
    let first = Timestamp::parse(text(call, 0)?).map_err(|message| FunctionError::argument(0, message))?;
    let second = Timestamp::parse(text(call, 1)?).map_err(|message| FunctionError::argument(1, message))?;
    Ok(Value::int(match first.order(second) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }))
}

fn plan_timestamp(call: &Call<'_>) -> Result<Value, FunctionError> {
    Ok(match call.scope.plan_time() {
        Some(time) => Value::string(time),
        None => Value::refined(Type::String, Refinement::not_null()),
    })
}

fn timestamp(call: &Call<'_>) -> Result<Value, FunctionError> {
    if call.scope.impure_is_unknown() {
        return Ok(Value::unknown(Type::String));
    }
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Ok(Value::string(Timestamp::from_unix(i64::try_from(seconds).unwrap_or(0)).rfc3339()))
}

fn format_date(call: &Call<'_>) -> Result<Value, FunctionError> {
    let format = text(call, 0)?;
    let time = Timestamp::parse(text(call, 1)?).map_err(|message| FunctionError::argument(1, message))?;
    render(format, time).map(Value::string).map_err(|message| FunctionError::argument(0, message))
}

/// Splits a pattern into runs of one letter, quoted literals and other text.
fn pieces(format: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '\'' if rest.starts_with("''") => 2,
            '\'' => quoted_end(rest),
            _ if first.is_ascii_alphabetic() => rest.len() - rest.trim_start_matches(first).len(),
            _ => rest.find(|c: char| c == '\'' || c.is_ascii_alphabetic()).unwrap_or(rest.len()),
        };
        let (piece, tail) = rest.split_at(end);
        pieces.push(piece);
        rest = tail;
    }
    pieces
}

/// Returns the length of a quoted literal at the start of a text; quotes within are doubled.
fn quoted_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        if *byte == b'\'' {
            if bytes.get(at) == Some(&b'\'') {
                at += 1;
            } else {
                return at;
            }
        }
    }
    text.len()
}

const MONTHS: [&str; 13] = [
    "",
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

fn render(format: &str, time: Timestamp) -> Result<String, String> {
    let civil = time.civil();
    let month_name = MONTHS.get(civil.month).copied().unwrap_or("");
    let day_name = WEEKDAYS.get(civil.weekday).copied().unwrap_or("");
    let short = |name: &str| name.get(..3).unwrap_or(name).to_owned();
    let half_day = match civil.hour % 12 {
        0 => 12,
        hour => hour,
    };
    let mut out = String::new();
    for piece in pieces(format) {
        let wrong = |rule: &str| Err(format!("invalid date format verb \"{piece}\"{rule}"));
        let first = piece.chars().next().unwrap_or(' ');
        let text = match (first, piece.len()) {
            ('\'', 1) => return Err("unterminated literal '".to_owned()),
            ('\'', 2) => "'".to_owned(),
            ('\'', _) => match piece.strip_prefix('\'').and_then(|inner| inner.strip_suffix('\'')) {
                Some(inner) => inner.replace("''", "'"),
                None => return Err("unterminated literal '".to_owned()),
            },
            ('Y', 2) => format!("{:02}", civil.year.rem_euclid(100)),
            ('Y', 4) => format!("{:04}", civil.year),
            ('Y', _) => return wrong(": year must either be \"YY\" or \"YYYY\""),
            ('M', 1) => civil.month.to_string(),
            ('M', 2) => format!("{:02}", civil.month),
            ('M', 3) => short(month_name),
            ('M', 4) => month_name.to_owned(),
            ('M', _) => return wrong(": month must be \"M\", \"MM\", \"MMM\", or \"MMMM\""),
            ('D', 1) => civil.day.to_string(),
            ('D', 2) => format!("{:02}", civil.day),
            ('D', _) => return wrong(": day of month must either be \"D\" or \"DD\""),
            ('E', 3) => short(day_name),
            ('E', 4) => day_name.to_owned(),
            ('E', _) => return wrong(": day of week must either be \"EEE\" or \"EEEE\""),
            ('h', 1) => civil.hour.to_string(),
            ('h', 2) => format!("{:02}", civil.hour),
            ('h', _) => return wrong(": 24-hour must either be \"h\" or \"hh\""),
            ('H', 1) => half_day.to_string(),
            ('H', 2) => format!("{half_day:02}"),
            ('H', _) => return wrong(": 12-hour must either be \"H\" or \"HH\""),
            ('A', 2) => if civil.hour < 12 { "AM" } else { "PM" }.to_owned(),
            ('A', _) => return wrong(": must be \"AA\""),
            ('a', 2) => if civil.hour < 12 { "am" } else { "pm" }.to_owned(),
            ('a', _) => return wrong(": must be \"aa\""),
            ('m', 1) => civil.minute.to_string(),
            ('m', 2) => format!("{:02}", civil.minute),
            ('m', _) => return wrong(": minute must either be \"m\" or \"mm\""),
            ('s', 1) => civil.second.to_string(),
            ('s', 2) => format!("{:02}", civil.second),
            ('s', _) => return wrong(": second must either be \"s\" or \"ss\""),
            ('Z', 1) if time.is_utc() => "Z".to_owned(),
            ('Z', 3) if time.is_utc() => "UTC".to_owned(),
            ('Z', 1 | 5) => time.offset_text(":"),
            ('Z', 3 | 4) => time.offset_text(""),
            ('Z', _) => return wrong(": timezone must be Z, ZZZZ, or ZZZZZ"),
            _ if first.is_ascii_alphabetic() => return wrong(""),
            _ => piece.to_owned(),
        };
        out.push_str(&text);
    }
    Ok(out)
}
