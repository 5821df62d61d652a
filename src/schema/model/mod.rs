//! What a schema file says, as types: the contract between the loader and everybody who uses schemas.
//!
//! Expressions stay as written ([`crate::syntax::ast::Expr`]); the provider runtime evaluates them. Which
//! names an expression may use is part of the vocabulary ([`super::vocabulary`]) and checked on loading.

mod attribute;
mod call;
mod calls;
mod error;
mod guard;
mod operation;
mod provider;
mod resource;

pub use attribute::Attribute;
pub use attribute::Change;
pub use attribute::Constraints;
pub use attribute::Mode;
pub use attribute::Nested;
pub use attribute::NestedKind;
pub use attribute::Pattern;
pub use attribute::Range;
pub use attribute::Readback;
pub use call::Body;
pub use call::BodyShape;
pub use call::Call;
pub use call::Field;
pub use call::Method;
pub use call::Segment;
pub use error::ErrorClass;
pub use error::ErrorRule;
pub use guard::Check;
pub use guard::Guard;
pub use guard::GuardKind;
pub use guard::GuardOn;
pub use operation::Find;
pub use operation::GonePolicy;
pub use operation::ListOp;
pub use operation::Lookup;
pub use operation::OnFailure;
pub use operation::Operation;
pub use operation::Otherwise;
pub use operation::Ready;
pub use operation::Step;
pub use operation::Waiter;
pub use provider::Argument;
pub use provider::ArgumentLookup;
pub use provider::AuthMethod;
pub use provider::Cloud;
pub use provider::CredentialSet;
pub use provider::CredentialSource;
pub use provider::Envelope;
pub use provider::Limits;
pub use provider::ObjectCheck;
pub use provider::Paging;
pub use provider::PagingStyle;
pub use provider::ProviderSchema;
pub use provider::Service;
pub use provider::Signer;
pub use resource::Digest;
pub use resource::Invocation;
pub use resource::LaneMode;
pub use resource::Parent;
pub use resource::ResourceKind;
pub use resource::ResourceSchema;
pub use resource::Serialize;
pub use resource::Timeouts;
pub use resource::Verify;
