//! Letter case, one character at a time: a character never becomes two, and context does not matter.

/// Returns the text in lower case.
pub(super) fn lower(text: &str) -> String {
    text.chars().map(lower_char).collect()
}

/// Returns the text in upper case.
pub(super) fn upper(text: &str) -> String {
    text.chars().map(upper_char).collect()
}

/// Returns the text with the first letter of each word in title case.
pub(super) fn title(text: &str) -> String {
    let mut start = true;
    text.chars()
        .map(|c| {
            let out = if start { title_char(c) } else { c };
            start = separates(c);
            out
        })
        .collect()
}

/// Everything in ASCII but letters, digits and `_` separates words; beyond ASCII only white space does.
fn separates(c: char) -> bool {
    if c.is_ascii() { !c.is_ascii_alphanumeric() && c != '_' } else { c.is_whitespace() }
}

fn single(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    let first = mapped.next()?;
    mapped.next().is_none().then_some(first)
}

fn lower_char(c: char) -> char {
    if c == 'İ' { 'i' } else { single(c.to_lowercase()).unwrap_or(c) }
}

fn upper_char(c: char) -> char {
    single(c.to_uppercase()).unwrap_or_else(|| {
        // Greek letters with iota subscript have a one-character form beside the full one.
        let code = u32::from(c);
        let shifted = match code {
            0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7 => code + 8,
            0x1FB3 | 0x1FC3 | 0x1FF3 => code + 9,
            _ => code,
        };
        char::from_u32(shifted).unwrap_or(c)
    })
}

fn title_char(c: char) -> char {
    match c {
        'Ǆ' | 'ǅ' | 'ǆ' => 'ǅ',
        'Ǉ' | 'ǈ' | 'ǉ' => 'ǈ',
        'Ǌ' | 'ǋ' | 'ǌ' => 'ǋ',
        'Ǳ' | 'ǲ' | 'ǳ' => 'ǲ',
        // Georgian letters have capitals, but not for the start of a word.
        '\u{10D0}'..='\u{10FF}' => c,
        _ => upper_char(c),
    }
}
