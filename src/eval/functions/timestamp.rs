//! Instants as the date functions see them: parsing RFC 3339, adding durations, printing.
//!
//! Years outside four digits can come out of [`Timestamp::add`] and are printed in full. Knows nothing of
//! values.

use std::fmt::Write as _;

const DAY: i64 = 86_400;

/// A civil time with its offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z.
    seconds: i64,
    /// Nanoseconds within the second.
    nanos: u32,
    /// Seconds east of UTC.
    offset: i32,
}

/// The fields of a civil time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Civil {
    pub(super) year: i64,
    pub(super) month: usize,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    /// 0 is Sunday.
    pub(super) weekday: usize,
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Reads the text piece by piece, in the order of RFC 3339, so that messages can name the piece at fault.
struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    /// Takes `digits` digits of a field that must lie in a range.
    fn field(&mut self, what: &str, digits: usize, min: i64, max: i64) -> Result<i64, String> {
        let head = self.rest.get(..digits).filter(|head| head.bytes().all(|byte| byte.is_ascii_digit()));
        let number = head.and_then(|head| head.parse::<i64>().ok());
        let Some(number) = number else { return Err(self.unusable(what)) };
        self.rest = self.rest.get(digits..).unwrap_or("");
        if (min..=max).contains(&number) { Ok(number) } else { Err(self.unusable(what)) }
    }

    fn unusable(&self, what: &str) -> String {
        match what {
            _ if self.rest.is_empty() => format!("end of string before {what}"),
            "hour" if self.rest.contains(':') => "hour must be between 0 and 23 inclusive".to_owned(),
            "hour" if self.rest.len() != 2 => "hour must have exactly two digits".to_owned(),
            "minute" if self.rest.len() != 2 => "minute must have exactly two digits".to_owned(),
            _ => format!("cannot use \"{}\" as {what}", self.rest),
        }
    }

    fn literal(&mut self, mark: char) -> Result<(), String> {
        if let Some(rest) = self.rest.strip_prefix(mark) {
            self.rest = rest;
            return Ok(());
        }
        Err(match mark {
            'T' => "missing required time introducer 'T'".to_owned(),
            _ if self.rest.is_empty() => format!("end of string where \"{mark}\" is expected"),
            _ => format!("found \"{}\" where \"{mark}\" is expected", self.rest),
        })
    }

    /// Takes `.` and digits; more than nine digits are cut off.
    fn fraction(&mut self) -> u32 {
        let Some(rest) = self.rest.strip_prefix('.') else { return 0 };
        let count = rest.bytes().take_while(u8::is_ascii_digit).count();
        if count == 0 {
            return 0;
        }
        let (digits, tail) = rest.split_at(count);
        self.rest = tail;
        let padded: String = digits.chars().chain("000000000".chars()).take(9).collect();
        padded.parse().unwrap_or(0)
    }

    fn offset(&mut self) -> Result<i32, String> {
        if let Some(rest) = self.rest.strip_prefix('Z') {
            self.rest = rest;
            return Ok(0);
        }
        let text: &'t str = self.rest;
        let bad = || {
            if text.is_empty() {
                "end of string before UTC offset".to_owned()
            } else {
                format!("cannot use \"{text}\" as UTC offset")
            }
        };
        let bytes = text.as_bytes().get(..6).ok_or_else(bad)?;
        let &[sign, h1, h2, b':', m1, m2] = bytes else { return Err(bad()) };
        let digit = |byte: u8| byte.is_ascii_digit().then(|| i32::from(byte - b'0'));
        let (Some(h1), Some(h2), Some(m1), Some(m2)) = (digit(h1), digit(h2), digit(m1), digit(m2)) else {
            return Err(bad());
        };
        let sign = match sign {
            b'+' => 1,
            b'-' => -1,
            _ => return Err(bad()),
        };
        self.rest = text.get(6..).unwrap_or("");
        let (hours, minutes) = (h1 * 10 + h2, m1 * 10 + m2);
        if hours >= 24 || minutes >= 60 {
            return Err(self.unusable("UTC offset"));
        }
        Ok(sign * (hours * 3600 + minutes * 60))
    }
}

/// Returns milliseconds since 1970 of an instant in RFC 3339, for comparing it with others.
#[must_use]
pub fn unix_millis(text: &str) -> Option<i64> {
    let instant = Timestamp::parse(text).ok()?;
    instant.seconds.checked_mul(1000)?.checked_add(i64::from(instant.nanos / 1_000_000))
}

impl Timestamp {
    /// Parses an RFC 3339 timestamp; the message names the piece at fault.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        Self::read(text).map_err(|message| format!("not a valid RFC3339 timestamp: {message}"))
    }

    fn read(text: &str) -> Result<Self, String> {
        let mut reader = Reader { rest: text };
        let year = reader.field("year", 4, 0, 9999)?;
        reader.literal('-')?;
        let month = reader.field("month", 2, 1, 12)?;
        reader.literal('-')?;
        let day = reader.field("day of month", 2, 0, 99)?;
        reader.literal('T')?;
        let hour = reader.field("hour", 2, 0, 23)?;
        reader.literal(':')?;
        let minute = reader.field("minute", 2, 0, 59)?;
        reader.literal(':')?;
        let second = reader.field("second", 2, 0, 59)?;
        let nanos = reader.fraction();
        if reader.rest.starts_with(',') {
            return Err("cannot use \",\" as timestamp segment".to_owned());
        }
        let offset = reader.offset()?;
        if !reader.rest.is_empty() {
            return Err(format!("cannot use \"{}\" as timestamp segment", reader.rest));
        }
        if day < 1 || day > days_in_month(year, month) {
            return Err("day out of range".to_owned());
        }
        let local = days_from_civil(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
        Ok(Self { seconds: local - i64::from(offset), nanos, offset })
    }

    /// Returns an instant in UTC.
    pub(super) fn from_unix(seconds: i64) -> Self {
        Self { seconds, nanos: 0, offset: 0 }
    }

    /// Adds a duration in nanoseconds.
    pub(super) fn add(self, nanos: i64) -> Self {
        let total = i64::from(self.nanos) + nanos % 1_000_000_000;
        let seconds = self.seconds + nanos / 1_000_000_000 + total.div_euclid(1_000_000_000);
        let nanos = u32::try_from(total.rem_euclid(1_000_000_000)).unwrap_or(0);
        Self { seconds, nanos, offset: self.offset }
    }

    /// Orders two instants, whatever their offsets.
    pub(super) fn order(self, other: Self) -> std::cmp::Ordering {
        (self.seconds, self.nanos).cmp(&(other.seconds, other.nanos))
    }

    /// Returns the civil fields at the timestamp's own offset.
    pub(super) fn civil(self) -> Civil {
        let local = self.seconds + i64::from(self.offset);
        let days = local.div_euclid(DAY);
        let time = local.rem_euclid(DAY);
        let (year, month, day) = civil_from_days(days);
        Civil {
            year,
            month: usize::try_from(month).unwrap_or(1),
            day,
            hour: time / 3600,
            minute: time / 60 % 60,
            second: time % 60,
            weekday: usize::try_from((days + 4).rem_euclid(7)).unwrap_or(0),
        }
    }

    /// Returns true if the offset is that of UTC.
    pub(super) fn is_utc(self) -> bool {
        self.offset == 0
    }

    /// Returns the offset as `+01:00`, or `+0100` without separator.
    pub(super) fn offset_text(self, separator: &str) -> String {
        let minutes = self.offset.abs() / 60;
        let sign = if self.offset < 0 { '-' } else { '+' };
        format!("{sign}{:02}{separator}{:02}", minutes / 60, minutes % 60)
    }

    /// Returns the timestamp in RFC 3339 without fractions of a second.
    pub(super) fn rfc3339(self) -> String {
        let civil = self.civil();
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _written = write!(
            text,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second
        );
        if self.is_utc() {
            text.push('Z');
        } else {
            text.push_str(&self.offset_text(":"));
        }
        text
    }
}

/// Parses a duration such as `1h30m` or `-1.5s` into nanoseconds.
pub(super) fn parse_duration(text: &str) -> Result<i64, String> {
    const LIMIT: u128 = 1 << 63;
    let invalid = || format!("time: invalid duration \"{text}\"");
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u128 = 0;
    while !rest.is_empty() {
        let whole = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, tail) = rest.split_at(whole);
        let (fraction, tail) = match tail.strip_prefix('.') {
            Some(tail) => tail.split_at(tail.bytes().take_while(u8::is_ascii_digit).count()),
            None => ("", tail),
        };
        if digits.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let end = tail.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration \"{text}\""));
        }
        let scale: u128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return Err(format!("time: unknown unit \"{unit}\" in duration \"{text}\"")),
        };
        let digits = digits.trim_start_matches('0');
        let whole: u128 = if digits.is_empty() {
            0
        } else {
            digits.parse().ok().filter(|v| *v <= LIMIT).ok_or_else(invalid)?
        };
        // Digits beyond 18 are far below a nanosecond of the largest unit.
        let fraction: String = fraction.chars().take(18).collect();
        let power = 10u128.pow(u32::try_from(fraction.len()).unwrap_or(0));
        let part: u128 = if fraction.is_empty() { 0 } else { fraction.parse().unwrap_or(0) };
        total += whole * scale + part * scale / power;
        if total > LIMIT {
            return Err(invalid());
        }
        rest = tail;
    }
    let total = i128::try_from(total).map_err(|_| invalid())?;
    i64::try_from(if negative { -total } else { total }).map_err(|_| invalid())
}
