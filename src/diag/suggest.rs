//! "Did you mean": the nearest known name.

/// Returns the candidate nearest to a name that was not found, if one is near enough.
#[must_use]
pub fn suggestion<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let limit = (name.chars().count() / 3).clamp(1, 4);
    let mut best: Option<(usize, &'c str)> = None;
    for candidate in candidates {
        if candidate == name {
            continue;
        }
        let distance = distance(name, candidate);
        let near = distance <= limit
            || (name.len() >= 4 && candidate.ends_with(&format!("_{name}")))
            || begins_alike(name, candidate);
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

/// Returns the number of edits (insert, delete, replace, swap of neighbours) between two names.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().flat_map(char::to_lowercase).collect();
    let right: Vec<char> = right.chars().flat_map(char::to_lowercase).collect();
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
        assert_eq!(suggestion("queueform_data.b", ["queueform_data.quite_long"]), None);
    }
}
