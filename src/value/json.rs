//! Values as JSON.

/// Why a JSON text does not give a value of a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JsonError {
    /// What is wrong and where.
    pub message: String,
}
