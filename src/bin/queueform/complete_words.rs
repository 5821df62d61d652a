//! Command lines that are still being written, as words.

/// A word of a command line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Word {
    /// What it means: without quotes and backslashes.
    pub(crate) text: String,
    /// The quote that is still open at its end.
    pub(crate) open: Option<char>,
}

/// Splits a line as a shell does. The last word is the one that is being written; it may be empty.
pub(crate) fn split(line: &str) -> Vec<Word> {
    let mut words = vec![Word::default()];
    let mut is_begun = false;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        let Some(word) = words.last_mut() else { break };
        match (word.open, letter) {
            (None, ' ' | '\t') if is_begun => {
                words.push(Word::default());
                is_begun = false;
                continue;
            }
            (None, ' ' | '\t') => continue,
            (None, '\'' | '"') => word.open = Some(letter),
            (Some(open), _) if open == letter => word.open = None,
            (None | Some('"'), '\\') => word.text.extend(letters.next()),
            _ => word.text.push(letter),
        }
        is_begun = true;
    }
    words
}

/// Returns what a word means on its own, with quotes that may still be open.
pub(crate) fn meaning(raw: &str) -> Word {
    let mut word = Word::default();
    let mut letters = raw.chars();
    while let Some(letter) = letters.next() {
        match (word.open, letter) {
            (None, '\'' | '"') => word.open = Some(letter),
            (Some(open), _) if open == letter => word.open = None,
            (None | Some('"'), '\\') => word.text.extend(letters.next()),
            _ => word.text.push(letter),
        }
    }
    word
}

/// Returns a text as bash takes it in a word without quotes.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        if !(letter.is_alphanumeric() || "_-./:=,@+%".contains(letter)) {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_words() {
        let texts = |line: &str| split(line).into_iter().map(|word| word.text).collect::<Vec<_>>();
        assert_eq!(texts("queueform  plan "), ["queueform", "plan", ""]);
        assert_eq!(texts("a 'b c' d\\ e"), ["a", "b c", "d e"]);
        assert_eq!(texts("a t[\\\"x\\\"]"), ["a", "t[\"x\"]"]);
        assert_eq!(split("a 't[\"x").pop(), Some(Word { text: "t[\"x".to_owned(), open: Some('\'') }));
        assert_eq!(texts("a ''"), ["a", ""]);
        assert_eq!(meaning("'a\"b'").text, "a\"b");
        assert_eq!(escaped("t.a[\"x\"]"), "t.a\\[\\\"x\\\"\\]");
    }
}
