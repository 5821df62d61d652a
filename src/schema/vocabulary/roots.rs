//! The names that expressions in schemas may use.

/// A name at the start of a reference.
#[derive(Debug)]
pub struct Root {
    /// The name.
    pub name: &'static str,
    /// What it stands for.
    pub doc: &'static str,
}

/// All names with their meaning.
pub const ROOTS: &[Root] = &[
    Root {
        name: "self",
        doc: "The object: as planned in `create`, `update`, `find` and checks, where attributes that the provider decides are null until a step has set them; as last known in `read`, `delete` and guards; in actions the arguments and what was set of the results; in `list` only the attributes of `scope`.",
    },
    Root {
        name: "config",
        doc: "In checks without lookups: the arguments as the configuration gives them, without defaults; null where it leaves them out, also within objects, whoever decides then.",
    },
    Root { name: "prior", doc: "The object before the operation; null in `create`." },
    Root {
        name: "planned",
        doc: "In guards: the object as it will be, with null where only the provider knows; null if it is deleted.",
    },
    Root {
        name: "parent",
        doc: "In `capacity`: the parent as planned, with null where only the provider knows, if the plan makes or changes it; null otherwise.",
    },
    Root {
        name: "current",
        doc: "The object after the previous step of an update: as before it, but as planned where no later step is `on` the attribute, and as read where a waiter has looked.",
    },
    Root {
        name: "changed",
        doc: "`changed.NAME` is true if the attribute differs between `prior` and `self`; in `create`, if it is not null.",
    },
    Root { name: "provider", doc: "The arguments of the provider configuration." },
    Root {
        name: "lookup",
        doc: "`lookup.NAME` is the value of a `lookup` block, fetched when an expression needs it.",
    },
    Root { name: "each", doc: "`each.key` and `each.value` in a step or check with `for_each`." },
    Root {
        name: "response",
        doc: "The JSON answer of the call. A path that is not there is absent; see below.",
    },
    Root { name: "items", doc: "The joined list of all pages of the call." },
    Root { name: "item", doc: "One object as the API returned it. Absent paths as in `response`." },
    Root { name: "observed", doc: "What the steps of a guard or waiter have set." },
    Root {
        name: "unmanaged",
        doc: "`unmanaged.TYPE` lists the children of that type which exist but are not in the state under this object.",
    },
    Root { name: "count", doc: "The figure of the guard, in its message." },
    Root { name: "value", doc: "The value to be normalised, or the element to be told apart." },
];

/// Names in arguments of calls of a step.
pub(super) const STEP: &[&str] =
    &["self", "prior", "current", "changed", "provider", "lookup", "each", "observed"];
/// Names where the answer of a step is read.
pub(super) const ANSWER: &[&str] =
    &["response", "items", "self", "prior", "current", "provider", "lookup", "each", "observed"];
/// Names in the conditions of waiters.
pub(super) const WAIT: &[&str] = &["item", "observed", "self", "prior", "provider"];
/// Names in figures of guards.
pub(super) const FIGURE: &[&str] = &["observed", "unmanaged", "self", "planned", "provider"];
/// Names in messages of guards.
pub(super) const MESSAGE: &[&str] = &["count", "observed", "unmanaged", "self", "planned", "provider"];
/// Names in calls that are made for many objects or for none in particular.
pub(super) const SCOPE: &[&str] = &["self", "provider"];
/// Names in rules over values that may be judged for each element of something.
pub(super) const EACH_RULE: &[&str] = &["self", "config", "prior", "provider", "lookup", "each"];
/// Names in figures of room.
pub(super) const ROOM: &[&str] = &["self", "parent", "provider", "lookup"];
/// Names in rules over values.
pub(super) const RULE: &[&str] = &["self", "config", "prior", "provider", "lookup"];
