//! CSV as `csvdecode` reads it: RFC 4180, fields separated by commas, empty lines skipped.

/// Reads all records; every record has as many fields as the first. Messages name the line.
pub(super) fn records(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut records: Vec<Vec<String>> = Vec::new();
    let mut rest = text;
    let mut line = 0;
    while !rest.is_empty() {
        line += 1;
        let start = line;
        if let Some(tail) = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')) {
            rest = tail;
            continue;
        }
        let record;
        (record, rest) = one(rest, &mut line)?;
        if records.first().is_some_and(|first| first.len() != record.len()) {
            return Err(format!("CSV parse error on line {start}: wrong number of fields"));
        }
        records.push(record);
    }
    Ok(records)
}

/// Reads one record and returns it with the text after it.
fn one<'t>(text: &'t str, line: &mut usize) -> Result<(Vec<String>, &'t str), String> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let (field, tail) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted, line)?,
            None => plain_field(rest, *line)?,
        };
        fields.push(field);
        match tail.strip_prefix(',') {
            Some(tail) => rest = tail,
            None => return Ok((fields, after_line_end(tail))),
        }
    }
}

fn after_line_end(text: &str) -> &str {
    text.strip_prefix("\r\n").or_else(|| text.strip_prefix('\n')).unwrap_or(text)
}

fn plain_field(text: &str, line: usize) -> Result<(String, &str), String> {
    let end = text.find([',', '\n']).unwrap_or(text.len());
    let (field, tail) = text.split_at(end);
    let (field, tail) = match field.strip_suffix('\r') {
        Some(trimmed) if tail.starts_with('\n') || tail.is_empty() => (trimmed, tail),
        _ => (field, tail),
    };
    if field.contains('"') {
        return Err(format!("CSV parse error on line {line}: bare \" in non-quoted-field"));
    }
    Ok((field.to_owned(), tail))
}

fn quoted_field<'t>(text: &'t str, line: &mut usize) -> Result<(String, &'t str), String> {
    let wrong =
        |line: usize| format!("CSV parse error on line {line}: extraneous or missing \" in quoted-field");
    let mut field = String::new();
    let mut rest = text;
    loop {
        let Some((part, tail)) = rest.split_once('"') else { return Err(wrong(*line)) };
        field.push_str(&part.replace("\r\n", "\n"));
        *line += part.matches('\n').count();
        if let Some(tail) = tail.strip_prefix('"') {
            field.push('"');
            rest = tail;
        } else if tail.is_empty() || tail.starts_with([',', '\n']) || tail.starts_with("\r\n") {
            return Ok((field, tail));
        } else {
            return Err(wrong(*line));
        }
    }
}
