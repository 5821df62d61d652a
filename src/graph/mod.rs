//! The dependency graph of declarations: what must be known before what.
//!
//! Owns the nodes of all modules, the edges that references and `depends_on` make, the order in which they are
//! planned, and the finding of cycles. All algorithms are iterative: a chain of 100,000 objects is fine.

mod build;
mod cycle;
mod node;

pub use build::Relations;
pub use build::build;
pub use build::mentions;
pub use build::relations;
pub use node::DependencyGraph;
pub use node::Item;
pub use node::Node;
pub use node::node_of;
pub use node::ordered_behind;
