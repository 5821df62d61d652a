//! A change while it is being decided.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::addr::ValuePath;
use crate::schema::Attribute;
use crate::schema::ResourceSchema;
use crate::source::Span;
use crate::state::Object;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::super::Action;
use super::super::ActionReason;
use super::super::Cause;
use super::super::GuardFinding;
use super::super::Risk;
use super::super::Triggered;
use super::super::Verdict;
use super::super::scope::Touched;

/// An object of the state as it is now.
#[derive(Debug, Clone)]
pub(super) struct Prior {
    /// The schema it follows.
    pub schema: Arc<ResourceSchema>,
    /// The provider configuration that manages it.
    pub provider: ProviderAddr,
    /// As the state has it.
    pub stored: Value,
    /// As it was found; none if it is gone. The stored value if it was not refreshed.
    pub found: Option<Value>,
    /// What the state says besides the attributes.
    pub object: Object,
    /// It exists but never became usable.
    pub broken: bool,
    /// Whether this plan takes it over from the service as it was found.
    pub is_imported: bool,
}

impl Prior {
    /// Whether it was found otherwise than the state has it. Of a secret the state has no more than the digest.
    pub(super) fn differs(&self) -> bool {
        let Some(found) = &self.found else { return false };
        self.schema.attributes.iter().any(|attribute| {
            match (self.stored.get(&attribute.name), found.get(&attribute.name)) {
                (Some(stored), Some(found)) => {
                    !stored.same_as(found) && !self.is_same_secret(attribute, found)
                }
                (stored, found) => stored.is_some() != found.is_some(),
            }
        })
    }

    /// Whether an attribute was found as the state has it.
    pub(super) fn is_as_stored(&self, attribute: &Attribute, found: &Value) -> bool {
        match (self.stored.get(&attribute.name), found.get(&attribute.name)) {
            (Some(stored), Some(found)) if stored.is_null() && stored.marks().is_sensitive() => {
                found.is_null() || self.is_same_secret(attribute, found)
            }
            // The service had not told what it decided: it is learnt, and nothing has changed.
            (Some(stored), Some(_)) if stored.is_null() && attribute.mode.is_computed() => true,
            (Some(stored), Some(found)) => stored.same_as(found),
            (None, None) => true,
            _ => false,
        }
    }

    /// Whether an attribute is a secret whose digest is that of the value that was found.
    pub(super) fn is_same_secret(&self, attribute: &Attribute, found: &Value) -> bool {
        let path = ValuePath::attr(Arc::clone(&attribute.name));
        self.object.sensitive_matches(&path, &found.clone().unmark_deep().0)
    }
}

/// What is decided about one object so far.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// The schema; of data sources too.
    pub schema: Arc<ResourceSchema>,
    /// The provider configuration.
    pub provider: ProviderAddr,
    /// A test says what the provider would decide.
    pub is_mocked: bool,
    /// What is done.
    pub action: Action,
    /// Why.
    pub reason: Option<ActionReason>,
    /// As it was found.
    pub before: Option<Value>,
    /// As it will be.
    pub after: Option<Value>,
    /// Where it differs.
    pub changed: Vec<ValuePath>,
    /// What forces a replacement.
    pub replace_paths: Vec<ValuePath>,
    /// What set it off.
    pub causes: Vec<Cause>,
    /// How many more there are.
    pub more_causes: u64,
    /// Never returned by the service.
    pub unverified: Vec<ValuePath>,
    /// What `ignore_changes` leaves as it is, with what is configured.
    pub ignored: Vec<(Name, Value)>,
    /// What guards found.
    pub guards: Vec<GuardFinding>,
    /// How much harm it may do.
    pub risk: Risk,
    /// Remarks of the schema.
    pub notes: Vec<String>,
    /// The objects its arguments were computed from.
    pub touched: Touched,
    /// Resources, as declared, it must come after: from `depends_on` and through locals and outputs.
    pub depends_on: BTreeSet<ResourceAddr>,
    /// All resources that its block needs, directly or not, in order.
    pub dependencies: Arc<[ResourceAddr]>,
    /// Resources it depended on when it was written.
    pub recorded: Vec<ResourceAddr>,
    /// The greatest loss that is allowed, and by what.
    pub allowed: Option<(u64, String)>,
    /// It goes when its parent goes, without a call of its own.
    pub with_parent: Option<crate::addr::InstanceAddr>,
    /// The state must be written although no call is made.
    pub record: bool,
    /// An unfinished creation goes on behind these steps.
    pub done_steps: Vec<Arc<str>>,
    /// Where the block stands.
    pub place: Option<Span>,
    /// Attributes that the configuration sets; the provider decides the others where it may.
    pub set: BTreeSet<Arc<str>>,
    /// Attributes written only, whose value is sent by this change.
    pub sends: BTreeSet<Arc<str>>,
    /// What an update sends that is never stored, because it is not what was sent before.
    pub rewritten: BTreeMap<Name, Value>,
    /// Attributes that stay as they are because a guard puts off the steps that change them.
    pub held: Vec<Name>,
    /// What the object would be if nothing were put off.
    pub wanted: Option<Value>,
    /// The steps that are put off.
    pub held_steps: BTreeSet<Name>,
    /// What an action is run for.
    pub triggers: Vec<Triggered>,
    /// The id under which it is imported.
    pub importing: Option<String>,
}

impl Draft {
    /// Whether it is held until the object is named.
    pub(super) fn is_held(&self) -> bool {
        self.guards.iter().any(|finding| finding.verdict == Verdict::Held)
    }

    /// A draft that changes nothing.
    pub(super) fn new(schema: Arc<ResourceSchema>, provider: ProviderAddr) -> Self {
        Self {
            schema,
            provider,
            is_mocked: false,
            action: Action::NoOp,
            reason: None,
            before: None,
            after: None,
            changed: Vec::new(),
            replace_paths: Vec::new(),
            causes: Vec::new(),
            more_causes: 0,
            unverified: Vec::new(),
            ignored: Vec::new(),
            guards: Vec::new(),
            risk: Risk::Safe,
            notes: Vec::new(),
            touched: Touched::default(),
            depends_on: BTreeSet::new(),
            dependencies: Arc::default(),
            recorded: Vec::new(),
            allowed: None,
            with_parent: None,
            record: false,
            done_steps: Vec::new(),
            place: None,
            set: BTreeSet::new(),
            sends: BTreeSet::new(),
            rewritten: BTreeMap::new(),
            held: Vec::new(),
            wanted: None,
            held_steps: BTreeSet::new(),
            triggers: Vec::new(),
            importing: None,
        }
    }
}
