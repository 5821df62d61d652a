//! Which members of a JSON configuration are blocks, and what the strings of the others mean.

/// The form of a kind of block.
#[derive(Debug)]
pub(super) struct Shape {
    /// How many labels it has: so many objects are around its content, each with the labels as names.
    pub labels: usize,
    /// Its nested blocks.
    pub blocks: &'static [(&'static str, &'static Self)],
    /// Arguments whose strings are references or types, without `${}`.
    pub expressions: &'static [&'static str],
    /// Arguments whose strings are just texts.
    pub texts: &'static [&'static str],
}

impl Shape {
    /// Returns the form of a nested block, if a member is one.
    pub(super) fn block(&self, name: &str) -> Option<&'static Self> {
        self.blocks.iter().find(|(kind, _)| *kind == name).map(|(_, shape)| *shape)
    }
}

/// A block without anything special.
const PLAIN: Shape = Shape { labels: 0, blocks: &[], expressions: &[], texts: &[] };

const LABELLED: Shape = Shape { labels: 1, ..PLAIN };

const CONDITIONS: &[(&str, &Shape)] = &[
    ("precondition", &PLAIN),
    ("postcondition", &PLAIN),
    ("action_trigger", &Shape { expressions: &["events", "actions"], ..PLAIN }),
];

const RESOURCE: Shape = Shape {
    labels: 2,
    blocks: &[
        (
            "lifecycle",
            &Shape { blocks: CONDITIONS, expressions: &["ignore_changes", "replace_triggered_by"], ..PLAIN },
        ),
        ("timeouts", &PLAIN),
        ("provisioner", &LABELLED),
        ("connection", &PLAIN),
    ],
    expressions: &["provider", "depends_on"],
    texts: &[],
};

const ACTION: Shape = Shape {
    labels: 2,
    blocks: &[("config", &PLAIN), ("lifecycle", &Shape { blocks: CONDITIONS, ..PLAIN })],
    expressions: &["provider", "depends_on"],
    texts: &[],
};

const SETTINGS: Shape = Shape {
    blocks: &[("backend", &LABELLED), ("drift", &PLAIN), ("limits", &PLAIN), ("required_providers", &PLAIN)],
    ..PLAIN
};

/// A file.
pub(super) const FILE: Shape = Shape {
    blocks: &[
        ("queueform", &SETTINGS),
        ("terraform", &SETTINGS),
        ("provider", &LABELLED),
        (
            "variable",
            &Shape {
                labels: 1,
                blocks: &[("validation", &PLAIN)],
                expressions: &["type"],
                texts: &["default", "description"],
            },
        ),
        ("locals", &PLAIN),
        (
            "output",
            &Shape {
                labels: 1,
                blocks: &[("precondition", &PLAIN)],
                expressions: &["depends_on"],
                texts: &["description"],
            },
        ),
        ("resource", &RESOURCE),
        ("data", &RESOURCE),
        ("ephemeral", &RESOURCE),
        ("action", &ACTION),
        ("module", &Shape { labels: 1, expressions: &["providers", "depends_on"], ..PLAIN }),
        ("moved", &Shape { expressions: &["from", "to"], ..PLAIN }),
        ("removed", &Shape { blocks: &[("lifecycle", &PLAIN)], expressions: &["from"], ..PLAIN }),
        ("import", &Shape { expressions: &["to", "provider"], ..PLAIN }),
        ("check", &Shape { labels: 1, blocks: &[("data", &RESOURCE), ("assert", &PLAIN)], ..PLAIN }),
    ],
    ..PLAIN
};

/// What stands in for an object or a module.
const OVERRIDE: Shape = Shape { expressions: &["target", "override_during"], ..PLAIN };

const MOCK: Shape = Shape { labels: 1, expressions: &["override_during"], ..PLAIN };

/// A test file or a file of mocks.
pub(super) const TESTS: Shape = Shape {
    blocks: &[
        ("test", &PLAIN),
        ("variables", &PLAIN),
        ("provider", &LABELLED),
        (
            "mock_provider",
            &Shape {
                labels: 1,
                blocks: &[
                    ("mock_resource", &MOCK),
                    ("mock_data", &MOCK),
                    ("override_resource", &OVERRIDE),
                    ("override_data", &OVERRIDE),
                ],
                expressions: &["override_during"],
                texts: &[],
            },
        ),
        ("mock_resource", &MOCK),
        ("mock_data", &MOCK),
        ("override_resource", &OVERRIDE),
        ("override_data", &OVERRIDE),
        ("override_module", &OVERRIDE),
        (
            "run",
            &Shape {
                labels: 1,
                blocks: &[
                    ("variables", &PLAIN),
                    ("module", &PLAIN),
                    ("assert", &PLAIN),
                    ("plan_options", &Shape { expressions: &["mode", "replace", "target"], ..PLAIN }),
                    ("override_resource", &OVERRIDE),
                    ("override_data", &OVERRIDE),
                    ("override_module", &OVERRIDE),
                ],
                expressions: &["command", "providers", "expect_failures"],
                texts: &[],
            },
        ),
    ],
    ..PLAIN
};
