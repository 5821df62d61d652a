//! Elements of lists and sets: which are the same on both sides, and which of the others belong together.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::value::Data;
use crate::value::Value;
use crate::value::to_json;

use super::super::value::inline;

/// Most elements on one side that are compared with each other to find those that are alike.
const MOST: usize = 64;

/// Two elements that are one changed element.
#[derive(Debug)]
pub(super) struct Pair {
    /// The position before.
    pub(super) before: usize,
    /// The position after.
    pub(super) after: usize,
    /// What names it, if its position does not: `"orders"`.
    pub(super) name: Option<String>,
}

/// An element and its position.
pub(super) type Element<'v> = (usize, &'v Value);

/// Returns the elements that stand on one side only, whatever their order.
pub(super) fn apart<'v>(before: &'v [Value], after: &'v [Value]) -> (Vec<Element<'v>>, Vec<Element<'v>>) {
    let mut rest: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, value) in after.iter().enumerate().rev() {
        rest.entry(print(value, index, 'b')).or_default().push(index);
    }
    let mut gone = Vec::new();
    for (index, value) in before.iter().enumerate() {
        if rest.get_mut(&print(value, index, 'a')).and_then(Vec::pop).is_none() {
            gone.push((index, value));
        }
    }
    let mut left: Vec<usize> = rest.into_values().flatten().collect();
    left.sort_unstable();
    (gone, left.into_iter().filter_map(|index| Some((index, after.get(index)?))).collect())
}

/// Returns what was taken out and put in at each place of a list, in order.
pub(super) fn gaps<'v>(before: &'v [Value], after: &'v [Value]) -> Vec<(Vec<Element<'v>>, Vec<Element<'v>>)> {
    let prints = |side: &[Value], letter: char| -> Vec<String> {
        side.iter().enumerate().map(|(index, value)| print(value, index, letter)).collect()
    };
    let (old, new) = (prints(before, 'a'), prints(after, 'b'));
    let mut found: Vec<(Vec<Element<'v>>, Vec<Element<'v>>)> = Vec::new();
    for op in similar::capture_diff_slices(similar::Algorithm::Myers, &old, &new) {
        let (tag, from, to) = op.as_tag_tuple();
        if tag == similar::DiffTag::Equal {
            continue;
        }
        let part = |side: &'v [Value], range: std::ops::Range<usize>| -> Vec<Element<'v>> {
            range.filter_map(|index| Some((index, side.get(index)?))).collect()
        };
        found.push((part(before, from), part(after, to)));
    }
    found
}

/// Finds elements that are one changed element. In lists, values without parts belong together if as many
/// were put in as were taken out.
pub(super) fn pair(gone: &[Element<'_>], new: &[Element<'_>], is_set: bool) -> Vec<Pair> {
    let plain = |elements: &[Element<'_>]| elements.iter().all(|(_, value)| value.fields().is_none());
    if !is_set && gone.len() == new.len() && (plain(gone) && plain(new) || gone.len() == 1) {
        let pairs = gone.iter().zip(new);
        return pairs
            .map(|((before, _), (after, _))| Pair { before: *before, after: *after, name: None })
            .collect();
    }
    if gone.len() > MOST || new.len() > MOST {
        return Vec::new();
    }
    let mut open: Vec<&Element<'_>> = new.iter().collect();
    let mut found = Vec::new();
    for (before, old) in gone {
        let best = open
            .iter()
            .enumerate()
            .map(|(position, (_, other))| (alike(old, other), std::cmp::Reverse(position)))
            .max()
            .filter(|(score, _)| *score >= HALF);
        let Some((_, std::cmp::Reverse(position))) = best else { continue };
        let (after, other) = open.remove(position);
        let name = if is_set { Some(name_of(old, other)) } else { None };
        found.push(Pair { before: *before, after: *after, name });
    }
    found
}

/// From this share on, in thousandths, two objects are one changed object.
const HALF: usize = 500;

/// Returns how much two objects have in common, in thousandths. Nulls do not count.
fn alike(a: &Value, b: &Value) -> usize {
    let (Some(a), Some(b)) = (a.fields(), b.fields()) else { return 0 };
    let names: std::collections::BTreeSet<&Arc<str>> = a.keys().chain(b.keys()).collect();
    let (mut same, mut all) = (0, 0);
    for name in names {
        match (a.get(name), b.get(name)) {
            (Some(a), Some(b)) if a.is_null() && b.is_null() => {}
            (Some(a), Some(b)) => {
                all += 1;
                let known = a.is_wholly_known() && b.is_wholly_known();
                same += usize::from(known && a.same_as(b));
            }
            _ => all += 1,
        }
    }
    (same * 1000).checked_div(all).unwrap_or_default()
}

/// Names an element of a set by the first text that both sides have in common.
fn name_of(a: &Value, b: &Value) -> String {
    let shared = |name: &str| {
        let (a, b) = (a.get(name)?, b.get(name)?);
        let hidden = a.marks_deep().is_sensitive() || b.marks_deep().is_sensitive();
        (!hidden && a.same_as(b) && matches!(a.data(), Data::String(_))).then(|| inline(a))
    };
    let names = ["name", "key", "id"].into_iter().map(ToOwned::to_owned);
    let others = a.fields().into_iter().flat_map(|fields| fields.keys().map(ToString::to_string));
    names.chain(others).find_map(|name| shared(&name)).unwrap_or_else(|| "…".to_owned())
}

/// Returns a text that two elements have in common if and only if they are the same. What is not known yet is
/// the same as nothing else.
fn print(value: &Value, index: usize, side: char) -> String {
    let (plain, _marks) = value.clone().unmark_deep();
    to_json(&plain).map_or_else(|_| format!("{side}{index}"), |json| json.to_string())
}
