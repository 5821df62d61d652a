//! The order in which steps are numbered.

use std::collections::BinaryHeap;

use crate::diag::Diagnostics;

use super::super::Step;
use super::super::StepId;
use super::super::query::ObjectKey;
use super::steps::Laid;

/// Numbers the steps so that each stands behind everything it comes after; nothing if that is impossible.
pub(super) fn sorted(steps: &[Step], failures: Diagnostics) -> Option<Laid> {
    let count = steps.len();
    let mut waiting: Vec<usize> = steps.iter().map(|step| step.after.len()).collect();
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (index, step) in steps.iter().enumerate() {
        for after in &step.after {
            if let Some(list) = followers.get_mut(after.0 as usize) {
                list.push(index);
            }
        }
    }
    let mut ready: BinaryHeap<std::cmp::Reverse<usize>> = waiting
        .iter()
        .enumerate()
        .filter(|(_, open)| **open == 0)
        .map(|(index, _)| std::cmp::Reverse(index))
        .collect();
    let mut order = Vec::with_capacity(count);
    while let Some(std::cmp::Reverse(index)) = ready.pop() {
        order.push(index);
        for follower in followers.get(index).into_iter().flatten() {
            if let Some(open) = waiting.get_mut(*follower) {
                *open -= 1;
                if *open == 0 {
                    ready.push(std::cmp::Reverse(*follower));
                }
            }
        }
    }
    if order.len() < count {
        return None;
    }
    let mut numbers = vec![StepId(0); count];
    for (position, index) in order.iter().enumerate() {
        if let Some(place) = numbers.get_mut(*index) {
            *place = StepId(u32::try_from(position).unwrap_or(u32::MAX));
        }
    }
    let renumber = |id: StepId| numbers.get(id.0 as usize).copied().unwrap_or(id);
    let mut laid = Laid { failures, ..Laid::default() };
    for index in order {
        let Some(step) = steps.get(index) else { continue };
        let mut step = step.clone();
        step.id = renumber(step.id);
        step.after = step.after.iter().map(|id| renumber(*id)).collect();
        step.after.sort();
        if let Some(addr) = &step.addr {
            let key = ObjectKey { addr: addr.clone(), deposed: step.deposed.clone() };
            laid.by_object.entry(key).or_default().push(step.id);
        }
        laid.steps.push(step);
    }
    Some(laid)
}
