//! "Did you mean": the nearest known name.

/// The longest name for which others are looked for.
const LONGEST: usize = 200;

/// Returns the candidate nearest to a name that was not found, if one is near enough.
#[must_use]
pub fn suggestion<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let length = name.chars().count();
    // Nobody misspells a name as long as this, and comparing takes the product of both lengths.
    if length > LONGEST {
        return None;
    }
    // Nearly every short name is one letter away from every other; one of a single letter is alike in case alone.
    let limit = if length < 2 { 0 } else { (length / 3).clamp(1, 4) };
    let (lower, letters) = (lower(name), letters(name));
    let mut best: Option<(usize, &'c str)> = None;
    for candidate in candidates {
        if candidate == name {
            continue;
        }
        let other = candidate.chars().count();
        let may_be_near = other.abs_diff(length) <= limit;
        let is_alike = || {
            (name.len() >= 4 && candidate.strip_suffix(name).is_some_and(|rest| rest.ends_with('_')))
                || begins_alike(name, candidate)
                || is_shortened(name, &letters, candidate)
        };
        if !may_be_near && !is_alike() {
            continue;
        }
        let distance = distance(&lower, candidate);
        let near = distance <= limit || is_alike();
        if near && best.is_none_or(|(least, kept)| (distance, candidate) < (least, kept)) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Returns the hint "did you mean `x`?" for the nearest candidate, if one is near enough.
#[must_use]
pub fn did_you_mean<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
    suggestion(name, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

/// Whether most of a name, and enough of it to be no chance, begins a candidate: `read_queues`, `read_queue_num`.
/// Addresses are alike in their types, which says nothing.
fn begins_alike(name: &str, candidate: &str) -> bool {
    let same = name.chars().zip(candidate.chars()).take_while(|(a, b)| a == b).count();
    !name.contains('.') && same >= 6 && same * 4 >= name.chars().count() * 3
}

/// Whether a candidate is the name with a few letters behind it, or both differ only in what joins their words: `leng`,
/// `length`; `readqueuenum`, `read_queue_num`.
fn is_shortened(name: &str, short: &str, candidate: &str) -> bool {
    if short.len() < 3 || candidate.len() < short.len() || name.contains('.') {
        return false;
    }
    let first = |text: &str| text.chars().next().map(|c| c.to_ascii_lowercase());
    if first(short) != first(candidate) {
        return false;
    }
    let long = letters(candidate);
    long.strip_prefix(short).is_some_and(|rest| rest.chars().count() <= 2)
}

fn lower(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// A name without what joins its words.
fn letters(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// Returns the number of edits (insert, delete, replace, swap of neighbours) between two names.
fn distance(left: &[char], right: &str) -> usize {
    let right = lower(right);
    let width = right.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (row, a) in left.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, b) in right.iter().enumerate() {
            let cost = usize::from(a != b);
            let at = |list: &[usize], index: usize| list.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut best =
                (at(&last, column) + cost).min(at(&last, column + 1) + 1).min(at(&next, column) + 1);
            let swapped =
                row > 0 && column > 0 && left.get(row - 1) == Some(b) && right.get(column - 1) == Some(a);
            if swapped {
                best = best.min(at(&before, column - 1) + 1);
            }
            next.push(best);
        }
        before = last;
        last = next;
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_name_is_suggested() {
        let names = ["queue_num", "permission", "read_queue_num"];
        assert_eq!(suggestion("queue_nun", names), Some("queue_num"));
        assert_eq!(suggestion("premission", names), Some("permission"));
        assert_eq!(suggestion("brokers", names), None);
        assert_eq!(suggestion("read_queues", names), Some("read_queue_num"));
        assert_eq!(suggestion("read_only", names), None);
        assert_eq!(suggestion("readqueuenum", names), Some("read_queue_num"));
        assert_eq!(suggestion("leng", ["lower", "length"]), Some("length"));
        assert_eq!(suggestion("a", ["b", "ab", "abc"]), None);
        assert_eq!(suggestion("A", ["b", "a"]), Some("a"));
        assert_eq!(suggestion("queueform_data.b", ["queueform_data.quite_long"]), None);
    }
}
