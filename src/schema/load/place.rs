//! What a file declares follows from its path, so that a type is found without reading the others.

use std::sync::Arc;

use crate::schema::ResourceKind;
use crate::syntax::ast::Name;

/// What a file declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::schema) enum Place {
    /// A provider.
    Provider(Name),
    /// A resource type or data source.
    Type {
        /// The provider.
        provider: Name,
        /// Managed, only read, run, or ephemeral.
        kind: ResourceKind,
        /// The whole type name.
        name: Name,
    },
}

/// Returns what a path below `schemas/` declares, if it is a schema file.
pub(in crate::schema) fn place(path: &str) -> Option<Place> {
    let (provider, rest) = path.split_once('/')?;
    let rest = rest.strip_suffix(".hcl")?;
    if rest == "provider" {
        return Some(Place::Provider(Arc::from(provider)));
    }
    let (kind, rest) = if let Some(rest) = rest.strip_prefix("data/") {
        (ResourceKind::Data, rest)
    } else if let Some(rest) = rest.strip_prefix("action/") {
        (ResourceKind::Action, rest)
    } else if let Some(rest) = rest.strip_prefix("ephemeral/") {
        (ResourceKind::Ephemeral, rest)
    } else {
        (ResourceKind::Managed, rest)
    };
    if provider.is_empty() || rest.is_empty() || rest.contains('/') {
        return None;
    }
    let name = Arc::from(format!("{provider}_{rest}"));
    Some(Place::Type { provider: Arc::from(provider), kind, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_what_files_declare() {
        assert_eq!(place("dms/provider.hcl"), Some(Place::Provider("dms".into())));
        let topic = |kind| Place::Type { provider: "dms".into(), kind, name: "dms_rocketmq_topic".into() };
        assert_eq!(place("dms/rocketmq_topic.hcl"), Some(topic(ResourceKind::Managed)));
        assert_eq!(place("dms/data/rocketmq_topic.hcl"), Some(topic(ResourceKind::Data)));
        assert_eq!(place("dms/action/rocketmq_topic.hcl"), Some(topic(ResourceKind::Action)));
        assert_eq!(place("dms/ephemeral/rocketmq_topic.hcl"), Some(topic(ResourceKind::Ephemeral)));
        assert_eq!(place("dms/README.md"), None);
        assert_eq!(place("dms/a/b.hcl"), None);
    }
}
