//! The words of resources and data sources.

use super::BlockType;
use super::Child;
use super::Form;
use super::Keyword;
use super::many;
use super::may;
use super::must;
use super::once;
use super::roots;
use super::step::CAPACITY;
use super::step::FIND;
use super::step::GUARD;
use super::step::LIST;
use super::step::LOOKUP;
use super::step::OPERATION_CLOSE;
use super::step::OPERATION_CREATE;
use super::step::OPERATION_DELETE;
use super::step::OPERATION_OPEN;
use super::step::OPERATION_READ;
use super::step::OPERATION_RUN;
use super::step::OPERATION_UPDATE;
use super::step::WAITER;

pub(super) static RESOURCE: BlockType = BlockType {
    name: "resource",
    label: Some("the resource type, with the provider's name in front"),
    doc: "A managed resource type. Stands alone in `PROVIDER/TYPE.hcl`, without the provider's prefix in the file name.",
    keywords: &[
        must("version", Form::Count, "Version of the schema; counts up with changes that state can see."),
        must("description", Form::Text, "What the object is."),
        may("service", Form::Name, SERVICE),
        must(
            "identity",
            Form::Names,
            "The attributes whose values, joined by `/`, are the id in state and import; the last part takes the rest. `[id]` alone is an id made by the server; otherwise `id` is derived and known as soon as its parts are.",
        ),
        may(
            "always_exists",
            Form::Flag,
            "The object is there as long as its parent is: creating it takes it over, and repeating that does no harm.",
        ),
        may("visible_within", Form::Duration, "How long a new object may stay invisible to reads."),
        may(
            "vacant_within",
            Form::Duration,
            "How long the name of a deleted object may stay taken: as long as no such object can be read, creating one that is refused as `exists` is tried again.",
        ),
        may(
            "cool_down",
            Form::Expr(&["self"]),
            "How long a replacement waits between deleting the old object and creating the new one: a duration such as `\"10s\"`, or a number of seconds.",
        ),
        may(
            "gone_when",
            Form::Expr(&["item"]),
            "The object is gone although the API still returns it: what is left of it is only a record.",
        ),
        may(
            "system_when",
            Form::Expr(&["self"]),
            "The object belongs to the service itself, which made it and needs it: `adopt` leaves it out.",
        ),
        may("loses", Form::Text, "What deleting or replacing the object loses, in a few words."),
        may("impact", Form::Text, "What deleting or replacing the object does to clients, in a few words."),
        may("notice", Form::Text, "What a reader of a plan should know about creating it: cost, duration."),
        must("example", Form::Text, "A block that can be copied into a configuration."),
    ],
    blocks: &[
        once(&PARENT),
        once(&SERIALIZE),
        once(&TIMEOUTS),
        many(&ATTRIBUTE),
        many(&LOOKUP),
        many(&CAPACITY),
        once(&LIST),
        once(&OPERATION_READ),
        once(&FIND),
        once(&READY),
        once(&OPERATION_CREATE),
        once(&OPERATION_UPDATE),
        once(&OPERATION_DELETE),
        many(&WAITER),
        many(&GUARD),
        many(&CHECK),
        many(&ERROR),
    ],
};

const SERVICE: &str = "The provider's `service` that calls go to. Needed if it has any.";

pub(super) static DATA: BlockType = BlockType {
    name: "data",
    label: Some("the data source type, with the provider's name in front"),
    doc: "A data source: only read. Stands alone in `PROVIDER/data/TYPE.hcl`.",
    keywords: &[
        must("version", Form::Count, "Version of the schema."),
        must("description", Form::Text, "What is read."),
        may("service", Form::Name, SERVICE),
        may(
            "reads_state",
            Form::Flag,
            "It is answered by the state of another configuration and makes no calls: `backend`, `config` and `workspace` say which state, and `outputs` becomes its outputs over `defaults`.",
        ),
        must("example", Form::Text, "A block that can be copied into a configuration."),
    ],
    blocks: &[many(&ATTRIBUTE), once(&OPERATION_READ), many(&CHECK)],
};

pub(super) static ACTION: BlockType = BlockType {
    name: "action",
    label: Some("the action type, with the provider's name in front"),
    doc: "An operation that is carried out once when it is asked for, such as resetting offsets. Stands alone in `PROVIDER/action/TYPE.hcl`. Its attributes are its arguments; the computed ones are its results.",
    keywords: &[
        must("version", Form::Count, "Version of the schema."),
        must("description", Form::Text, "What it does."),
        may("service", Form::Name, SERVICE),
        may(
            "reads",
            Form::Flag,
            "Its calls change nothing, whatever their method: it is neither asked about nor ever in doubt.",
        ),
        may(
            "repeatable",
            Form::Flag,
            "Running it twice does what running it once does. Without it, a run that may have taken effect is told with a warning.",
        ),
        may(
            "confirm",
            Form::Text,
            "What must be known before it runs. It runs only if its address is named on the command line, and is held in all other plans.",
        ),
        may("loses", Form::Text, "What running it loses, in a few words."),
        may("impact", Form::Text, "What running it does to clients, in a few words."),
        may("notice", Form::Text, "What a reader of a plan should know about it: cost, duration."),
        may("rows", Form::Name, "The result whose elements are the lines of an NDJSON file."),
        may("timeout", Form::Duration, "How long a run may take with its waiters; 5 minutes if left out."),
        must("example", Form::Text, "A block that can be copied into a configuration."),
    ],
    blocks: &[
        once(&SERIALIZE),
        many(&ATTRIBUTE),
        many(&LOOKUP),
        once(&OPERATION_RUN),
        many(&WAITER),
        many(&GUARD),
        many(&CHECK),
        many(&VERIFY),
        many(&ERROR),
    ],
};

pub(super) static EPHEMERAL: BlockType = BlockType {
    name: "ephemeral",
    label: Some("the type, with the provider's name in front"),
    doc: "An object that lives for one run, such as a token. Stands alone in `PROVIDER/ephemeral/TYPE.hcl`. It is opened while planning, as soon as its arguments are known, and closed when the run ends; its values are ephemeral and stored nowhere.",
    keywords: &[
        must("version", Form::Count, "Version of the schema."),
        must("description", Form::Text, "What it is."),
        may("service", Form::Name, SERVICE),
        may(
            "generates",
            Form::Word(&["password"]),
            "It is made up here and makes no calls. `password`: the attribute `result` becomes random characters, as many as `length` says, of the kinds that `upper`, `lower`, `numeric` and `special` allow (`override_special` names other special characters), at least `min_upper` and so on of each.",
        ),
        must("example", Form::Text, "Blocks that can be copied into a configuration."),
    ],
    blocks: &[
        many(&ATTRIBUTE),
        many(&LOOKUP),
        once(&OPERATION_OPEN),
        once(&OPERATION_CLOSE),
        many(&CHECK),
        many(&ERROR),
    ],
};

static VERIFY: BlockType = BlockType {
    name: "verify",
    label: Some("the rule's name"),
    doc: "What must hold of the results of an action. If it does not, the run ends with an error, and its record says so: it is repeated when it is asked for if the action is `repeatable`, and otherwise with `--again` alone.",
    keywords: &[
        must("that", Form::Expr(&["self", "provider"]), "What must hold."),
        must("message", Form::Expr(&["self", "provider"]), "What is wrong if it does not."),
        may("hint", Form::Text, "What to do now."),
    ],
    blocks: &[],
};

static PARENT: BlockType = BlockType {
    name: "parent",
    label: Some("the type of the parent"),
    doc: "The object that this one is part of. If it is gone, so are its parts, and that is an error rather than a re-creation.",
    keywords: &[
        must("by", Form::Name, "The attribute that holds the parent's id."),
        may(
            "deleted_with",
            Form::Flag,
            "Deleting the parent deletes this object too; its own guards still hold.",
        ),
    ],
    blocks: &[],
};

static SERIALIZE: BlockType = BlockType {
    name: "serialize",
    label: None,
    doc: "Changes that share a key run in one lane.",
    keywords: &[
        must("key", Form::Expr(&["self"]), "The key."),
        must(
            "mode",
            Form::Word(&["exclusive", "shared"]),
            "`exclusive`: one at a time. `shared`: one to begin with, more until the API answers busy.",
        ),
    ],
    blocks: &[],
};

static TIMEOUTS: BlockType = BlockType {
    name: "timeouts",
    label: None,
    doc: "How long operations may take with their waiters, unless the configuration says otherwise. 5 minutes where nothing is said.",
    keywords: &[
        may("create", Form::Duration, "Creating."),
        may("update", Form::Duration, "Updating."),
        may("delete", Form::Duration, "Deleting."),
    ],
    blocks: &[],
};

/// Shared by attributes on every level.
const ATTRIBUTE_WORDS: &[Keyword] = &[
    must(
        "type",
        Form::Type,
        "The type. `list`, `set`, `map` and `object` alone are filled by the `attribute` blocks inside.",
    ),
    must(
        "mode",
        Form::Word(&["required", "optional", "computed", "optional_computed"]),
        "Who decides the value: the configuration, the provider, or the provider where the configuration is silent.",
    ),
    may(
        "change",
        Form::Word(&["update", "replace"]),
        "What a change of it means. Every attribute that a configuration can set has one, but for nested ones that follow the attribute around them.",
    ),
    may("description", Form::Text, "What it is. Required but for nested attributes."),
    may("default", Form::Constant, "Used where the configuration has null."),
    may("between", Form::Range, "Least and greatest number."),
    may("length", Form::Range, "Least and greatest number of characters or elements."),
    may("one_of", Form::Texts, "The allowed strings; for collections, the allowed elements."),
    may(
        "pattern",
        Form::Text,
        "A regular expression that the whole string must match; for collections, each element or key.",
    ),
    may("unit", Form::Text, "The unit of a number."),
    may("sensitive", Form::Flag, "The value is never shown."),
    may(
        "write_only",
        Form::Flag,
        "The value is never stored. It is sent on create and when the attribute named by `version` changes; while that attribute is null, a salted digest is kept so that a change is noticed.",
    ),
    may("version", Form::Name, "The attribute whose change sends this write-only one again."),
    may(
        "readback",
        Form::Word(&["always", "never"]),
        "`never`: the API does not return it. What was sent is kept, and its absence is no difference. If it has no value because the object was imported or the service decided, a value in the configuration is no difference either and is shown as unverified; `plan --assert` sends it.",
    ),
    may(
        "hidden",
        Form::Expr(&["item"]),
        "If it holds, the API has masked the value, which then counts as absent.",
    ),
    may("volatile", Form::Flag, "Stored and shown, never a difference."),
    may(
        "from",
        Form::Expr(&["item", "self", "provider", "lookup"]),
        "Where the value stands in the object that the API returned. The field of the same name if left out; absent keeps the prior value.",
    ),
    may(
        "normalize",
        Form::Expr(&["value"]),
        "Applied to both sides before they are compared, so that spellings of the same thing are no difference.",
    ),
    may("replace_when", Form::Expr(&["self", "prior"]), "The update becomes a replacement if this holds."),
    may(
        "follows",
        Form::Names,
        "Attributes whose change makes the provider decide this one anew: it is unknown in the plan then, unless the configuration sets it.",
    ),
    may(
        "derived",
        Form::Expr(&["self", "provider"]),
        "What a computed attribute should be. It is compared with what was read, and a difference is an update, so it has a `change`.",
    ),
    may(
        "through",
        Form::Name,
        "The derived attribute that stands for this one. This one is kept as configured; the derived one is sent, read back and compared, and a difference of this one alone is none.",
    ),
    may(
        "grants",
        Form::Flag,
        "Its keys or elements name other objects that access is granted to: with `owns` in the configuration, they must be owned too.",
    ),
    may(
        "refers",
        Form::Text,
        "Another type and an attribute of its identity, as in `\"mq_topic.name\"`: the value is that of an object of this type whose other parts of the identity are the same as here. What `adopt` writes refers to it.",
    ),
    may("impact", Form::Text, "What changing it does to clients, in a few words."),
    may(
        "match",
        Form::Expr(&["value"]),
        "For a list of nested objects whose order means nothing: what tells one element (`value`) from the others. Leaves that the provider decides, or never returns, are those of the same element.",
    ),
];

pub(super) static ATTRIBUTE: BlockType = BlockType {
    name: "attribute",
    label: Some("the attribute's name"),
    doc: "An attribute. Resources have no nested blocks: nested data are attributes whose inner `attribute` blocks have mode, change and sensitivity of their own.",
    keywords: ATTRIBUTE_WORDS,
    blocks: &[Child { block: &NESTED, many: true }],
};

/// The same words on the second level; deeper data are plain object types.
static NESTED: BlockType = BlockType {
    name: "attribute",
    label: Some("the nested attribute's name"),
    doc: "An attribute of the objects inside an attribute.",
    keywords: &[
        must("type", Form::Type, "The type."),
        must(
            "mode",
            Form::Word(&["required", "optional", "computed", "optional_computed"]),
            "Who decides the value. What the provider decides is taken from the same object as it was before, or is unknown.",
        ),
        may(
            "change",
            Form::Word(&["update", "replace"]),
            "`replace`: a change of it replaces the whole resource. If left out, what `change` of the attribute around it says.",
        ),
        may("description", Form::Text, "What it is."),
        may("default", Form::Constant, "Used where the configuration has null."),
        may("between", Form::Range, "Least and greatest number."),
        may("length", Form::Range, "Least and greatest number of characters or elements."),
        may("one_of", Form::Texts, "The allowed strings; for collections, the allowed elements."),
        may(
            "pattern",
            Form::Text,
            "A regular expression that the whole string must match; for collections, each element or key.",
        ),
        may("sensitive", Form::Flag, "The value is never shown. A salted digest of it is kept."),
        may(
            "write_only",
            Form::Flag,
            "The API never returns it. It is sensitive; a salted digest is kept so that a change is noticed, but while the leaf named by `version` is set, only a change of that one counts.",
        ),
        may("version", Form::Name, "The leaf beside it whose change sends this write-only one again."),
        may(
            "readback",
            Form::Word(&["always", "never"]),
            "`never`: the API does not return it. What was sent is kept; in imported objects it is taken to be as configured.",
        ),
    ],
    blocks: &[],
};

static READY: BlockType = BlockType {
    name: "ready",
    label: None,
    doc: "Whether an object can be worked with as it is found.",
    keywords: &[
        may(
            "busy",
            Form::Expr(&["item"]),
            "The object is being changed: it is waited for before it is compared.",
        ),
        may(
            "stuck",
            Form::Expr(&["item"]),
            "Nothing changes it before somebody helps: a call that is refused as busy is not sent again.",
        ),
        may("broken", Form::Expr(&["item"]), "The object never became usable: it is planned as tainted."),
    ],
    blocks: &[],
};

pub(super) static CHECK: BlockType = BlockType {
    name: "check",
    label: Some("the rule's name"),
    doc: "A rule over more than one value. Unknown values defer it to apply.",
    keywords: &[
        may(
            "for_each",
            Form::Expr(roots::RULE),
            "The rule is judged for each element, as `each.key` and `each.value`. Null and unknown mean none.",
        ),
        may("when", Form::Expr(roots::EACH_RULE), "The rule applies."),
        may(
            "fresh",
            Form::Flag,
            "It is not judged of replacements and of creations that go on: what a lookup finds still has the object that they remove, or has it already.",
        ),
        must("that", Form::Expr(roots::EACH_RULE), "What must hold."),
        must("message", Form::Expr(roots::EACH_RULE), "What is wrong if it does not."),
        may(
            "path",
            Form::Name,
            "The attribute that the finding points at; with `for_each`, the element of it.",
        ),
        may("part", Form::Name, "With `for_each`: the part of the element that the finding points at."),
        may("severity", Form::Word(&["error", "warning"]), "How serious it is; `error` if left out."),
        may("hint", Form::Text, "What to do now."),
    ],
    blocks: &[],
};

pub(super) static ERROR: BlockType = BlockType {
    name: "error",
    label: None,
    doc: "What an error answer means. The first rule that matches decides; those of a resource come before those of its provider.",
    keywords: &[
        may("status", Form::Counts, "HTTP statuses; all if left out."),
        may("code", Form::Texts, "Vendor codes, with `*` for any run of characters; all if left out."),
        must(
            "class",
            Form::Word(&[
                "throttled",
                "transient",
                "busy",
                "gone",
                "exists",
                "unauthenticated",
                "forbidden",
                "invalid",
                "quota",
                "capacity",
                "billing",
                "unavailable",
                "server",
                "fatal",
            ]),
            "What it means; see the list of classes.",
        ),
        may("hint", Form::Text, "What to do now."),
    ],
    blocks: &[],
};
