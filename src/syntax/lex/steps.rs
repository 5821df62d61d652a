//! Counts work, so that tests can hold it against the length of the text without a clock.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Notes that `n` bytes or tokens were looked at. Costs nothing outside of tests.
pub(in crate::syntax) fn count(n: usize) {
    #[cfg(test)]
    STEPS.with(|steps| steps.set(steps.get() + n));
    #[cfg(not(test))]
    let _ = n;
}

/// Returns how many steps `work` takes.
#[cfg(test)]
pub(in crate::syntax) fn of(work: impl FnOnce()) -> usize {
    let before = STEPS.with(std::cell::Cell::get);
    work();
    STEPS.with(std::cell::Cell::get) - before
}
