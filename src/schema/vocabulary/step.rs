//! The words of operations: steps, waiters, lists, lookups, guards.

use super::BlockType;
use super::Form;
use super::many;
use super::may;
use super::must;
use super::once;
use super::roots;

/// The classes that a step can take for success.
const TOLERATED: &[&str] = &["gone", "unavailable", "exists"];

static STEP: BlockType = BlockType {
    name: "step",
    label: Some("the step's name, unique in its block"),
    doc: "One call, or without `call` only values that are set.",
    keywords: &[
        may(
            "on",
            Form::Names,
            "In `update`: the attributes whose change makes the step run. In `read`: the attributes that it alone fetches, so that it is left out if nobody needs them. Always if left out.",
        ),
        may(
            "when",
            Form::Expr(roots::STEP),
            "The step runs only if this holds. Settled in the plan where known.",
        ),
        may("for_each", Form::Expr(roots::STEP), "The step runs once per element."),
        may("call", Form::Call(roots::STEP), CALL),
        may("operation", Form::Text, OPERATION),
        may("region", Form::Expr(roots::STEP), REGION),
        may("query", Form::Fields(roots::STEP), QUERY),
        may("query_map", Form::Expr(roots::STEP), QUERY_MAP),
        may(
            "form",
            Form::Fields(roots::STEP),
            "Parameters in the body, as `application/x-www-form-urlencoded`; null leaves one out. Stands instead of `body`.",
        ),
        may(
            "body",
            Form::Body(roots::STEP),
            "The JSON body. Null keys are left out on every level, empty values are sent. `only_changed({…})` leaves out keys whose values stay the same with `self` replaced by `current`; nothing left, no call.",
        ),
        may("pages", Form::Name, PAGES),
        may("items", Form::Expr(&["response"]), ITEMS),
        may("total", Form::Expr(&["response"]), TOTAL),
        may(
            "item",
            Form::Expr(&["response", "items", "self"]),
            "In `read`: the object in the answer, for APIs that only list also by what is known of it. Attributes are set from it by their `from`; null means that the object does not exist.",
        ),
        may(
            "set",
            Form::Fields(roots::ANSWER),
            "Attributes to set; in guards and waiters parts of `observed`. Absent keeps what there was; in `observed`, it is null. With `for_each` the values are maps, the maps of all turns are merged, and no turn at all (or a null to walk over) gives the empty map.",
        ),
        may("wait", Form::Name, "The waiter that runs after the call."),
        may(
            "tolerate",
            Form::Words(TOLERATED),
            "Error answers of these classes count as success without content: nothing is set.",
        ),
        may(
            "on_failure",
            Form::Word(&["stop", "continue"]),
            "What happens to the steps behind it if it fails; `stop` if left out.",
        ),
        may(
            "idempotent",
            Form::Flag,
            "Making the call twice has the effect of making it once. Always so for GET, PUT and DELETE.",
        ),
        may(
            "confirm",
            Form::Text,
            "In `update` and `delete`: the change is held, and listed as such, until its address is named by `--confirm`. The text says what it does.",
        ),
        may("permission", Form::Texts, PERMISSION),
    ],
    blocks: &[once(&OTHERWISE)],
};

/// The classes after which another form of a call is tried: it was refused for what it is.
const REFUSED: &[&str] = &["unavailable", "invalid", "gone", "exists"];

static OTHERWISE: BlockType = BlockType {
    name: "otherwise",
    label: None,
    doc: "The form of the call in another dialect of the API. It is made if the first one was refused, and its answer stands for that of the first; if both are refused in the same way, the first refusal is the one that is told.",
    keywords: &[
        must("on", Form::Words(REFUSED), "The classes of errors after which it is made."),
        must("call", Form::Call(roots::STEP), CALL),
        may("operation", Form::Text, OPERATION),
        may("query", Form::Fields(roots::STEP), QUERY),
        may("body", Form::Body(roots::STEP), "The JSON body, as in `step`."),
    ],
    blocks: &[],
};

const CALL: &str = "The method and the path. In the path each interpolation is one percent-encoded segment; empty or unknown is an error.";
const OPERATION: &str = "What the vendor calls the operation. Signatures of Alibaba Cloud cover it, and the coverage table counts it.";
const REGION: &str = "The region that the call goes to, if it is not that of the provider configuration: `provider.region` in the `endpoint` of the service.";
const QUERY: &str = "Query parameters; null leaves one out.";
const QUERY_MAP: &str = "More query parameters, as a map: for names that are numbered, such as `Tag.1.Key`. Null values are left out.";
const PAGES: &str = "The provider's `paging` block if the answer comes in pages.";
const ITEMS: &str = "The list in one answer.";
const TOTAL: &str = "How many items there are in all. Without it pages end with an empty one.";
const PERMISSION: &str = "The permissions the call needs.";

macro_rules! operation {
    ($name:ident $word:literal $doc:literal) => {
        pub(super) static $name: BlockType =
            BlockType { name: $word, label: None, doc: $doc, keywords: &[], blocks: &[many(&STEP)] };
    };
}

operation!(OPERATION_CREATE "create" "Makes the object: ordered steps. None at all is legal.");
operation!(OPERATION_READ "read" "Reads one object: ordered steps. Without it, the state is what is known.");
operation!(OPERATION_UPDATE "update" "Changes the object in place: ordered steps, each run if one of its `on` attributes changes.");
operation!(OPERATION_RUN "run" "Carries an action out: ordered steps. `self` are its arguments, and the results that earlier steps have set.");
operation!(OPERATION_OPEN "open" "Makes an ephemeral object: ordered steps. `self` are its arguments, and what earlier steps have set.");
operation!(OPERATION_CLOSE "close" "Ends an ephemeral object when the run does not need it any more: ordered steps. One that is gone already is a success.");
operation!(OPERATION_DELETE "delete" "Removes the object: ordered steps. An object that is gone already is a success.");

pub(super) static LIST: BlockType = BlockType {
    name: "list",
    label: None,
    doc: "Reads all objects of a scope at once. The identity attributes outside `scope`, by their `from`, tell the items apart.",
    keywords: &[
        may(
            "scope",
            Form::Names,
            "The attributes that name the scope; all objects of the provider configuration if left out.",
        ),
        must("call", Form::Call(roots::SCOPE), CALL),
        may("operation", Form::Text, OPERATION),
        may("region", Form::Expr(roots::SCOPE), REGION),
        may("query", Form::Fields(roots::SCOPE), QUERY),
        may("pages", Form::Name, PAGES),
        must("items", Form::Expr(&["response"]), ITEMS),
        may("total", Form::Expr(&["response"]), TOTAL),
        may(
            "lacks",
            Form::Names,
            "Attributes that the list does not return; `read` is used for them if they are needed.",
        ),
        may("permission", Form::Texts, PERMISSION),
    ],
    blocks: &[],
};

pub(super) static FIND: BlockType = BlockType {
    name: "find",
    label: None,
    doc: "How an object with an id made by the server is found again if it is in doubt whether it was created. Objects with a natural key are looked up by it.",
    keywords: &[
        must("call", Form::Call(roots::SCOPE), CALL),
        may("operation", Form::Text, OPERATION),
        may("region", Form::Expr(roots::SCOPE), REGION),
        may("query", Form::Fields(roots::SCOPE), QUERY),
        may("pages", Form::Name, PAGES),
        must("items", Form::Expr(&["response"]), ITEMS),
        may("total", Form::Expr(&["response"]), TOTAL),
        must("match", Form::Expr(&["item", "self"]), "This item may be the object."),
    ],
    blocks: &[],
};

pub(super) static LOOKUP: BlockType = BlockType {
    name: "lookup",
    label: Some("the name behind `lookup.`"),
    doc: "A value fetched once per provider configuration and distinct call, when an expression needs it.",
    keywords: &[
        must("call", Form::Call(roots::SCOPE), CALL),
        may("operation", Form::Text, OPERATION),
        may("region", Form::Expr(roots::SCOPE), REGION),
        may("query", Form::Fields(roots::SCOPE), QUERY),
        may("pages", Form::Name, PAGES),
        may("items", Form::Expr(&["response"]), ITEMS),
        may("total", Form::Expr(&["response"]), TOTAL),
        must("value", Form::Expr(&["response", "items", "self", "provider"]), "The value."),
        may("tolerate", Form::Words(TOLERATED), "After error answers of these classes the value is null."),
        may("permission", Form::Texts, PERMISSION),
    ],
    blocks: &[],
};

pub(super) static WAITER: BlockType = BlockType {
    name: "waiter",
    label: Some("the name used in `wait`"),
    doc: "A condition that is waited for, within the timeout of the operation. Polls the object (`item`), steps of its own (`observed`), or both.",
    keywords: &[
        must("description", Form::Text, "What is waited for, in a few words for plans and progress."),
        may("until", Form::Expr(roots::WAIT), "The condition, on the target and not on the way there."),
        may("failed", Form::Expr(roots::WAIT), "The condition cannot be reached any more."),
        may(
            "gone",
            Form::Word(&["failed", "done", "pending"]),
            "What it means that the object does not exist: the wait has failed (if left out), is over, or goes on for as long as `visible_within` says.",
        ),
        may(
            "first",
            Form::Duration,
            "Time to the first poll; 200 ms if left out. Further polls back off up to `interval`.",
        ),
        may("interval", Form::Duration, "Longest time between polls; 10 s if left out."),
    ],
    blocks: &[many(&STEP)],
};

pub(super) static CAPACITY: BlockType = BlockType {
    name: "capacity",
    label: Some("what there is room for, in the plural, as shown"),
    doc: "What objects take of a room that they share. A plan that needs more than is left is refused as a whole: what it adds counts against what is left and what it deletes before. Deletions that make room come first where nothing speaks against it.",
    keywords: &[
        may(
            "scope",
            Form::Names,
            "The attributes that name the room: objects with the same values share it. All objects of the provider configuration if left out.",
        ),
        may("takes", Form::Expr(&["self", "provider"]), "How much of it one object takes; 1 if left out."),
        must(
            "limit",
            Form::Expr(roots::ROOM),
            "How much there is in all; null or unknown is no limit. `self` has only the attributes of `scope`. A lookup that asks with what is not known yet is null.",
        ),
        must(
            "used",
            Form::Expr(roots::ROOM),
            "How much of it is taken now; null or unknown is no limit. Nothing is, if the plan makes the parent.",
        ),
        must("code", Form::Text, "The vendor's code for the refusal."),
        may("hint", Form::Text, "What to do now."),
    ],
    blocks: &[],
};

pub(super) static GUARD: BlockType = BlockType {
    name: "guard",
    label: Some("what is guarded, as shown"),
    doc: "Observes what a change would destroy, at plan and again immediately before the call. It fires if `count` is above zero or could not be observed.",
    keywords: &[
        must(
            "kind",
            Form::Word(&["data", "children", "impact", "wait"]),
            "`data` and `children` deny the change unless it is allowed, `impact` only shows it, `wait` puts the steps in `holds` off until it fires no more.",
        ),
        may(
            "on",
            Form::Words(&["create", "update", "replace", "delete"]),
            "The changes it watches; every resource says it, and a guard of an action watches the run of it. In `create`, `self` is the object as planned, and a guard that asks with what is not known yet is observed before the call alone.",
        ),
        may("when", Form::Expr(&["self", "planned"]), "The guard is needed at all."),
        may(
            "holds",
            Form::Texts,
            "For `wait`: the steps of `update` that are put off. What they are `on` stays as it is until a later run finds nothing any more.",
        ),
        may(
            "children",
            Form::Fields(&["observed"]),
            "The names of the children that exist, by resource type. What of them is not in the state under this object is `unmanaged.TYPE`.",
        ),
        must(
            "count",
            Form::Expr(roots::FIGURE),
            "How much would be lost: the figure that `allow_data_loss` is compared with.",
        ),
        must(
            "message",
            Form::Expr(roots::MESSAGE),
            "What would happen. Whole numbers in it are shown with their thousands apart.",
        ),
        may(
            "last_written",
            Form::Expr(roots::FIGURE),
            "When the last message came, in milliseconds since 1970 or in RFC 3339: plans add how long ago that was. Null and 0 are not known.",
        ),
        may("last_read", Form::Expr(roots::FIGURE), "When the last message was read, likewise."),
    ],
    blocks: &[many(&STEP)],
};
