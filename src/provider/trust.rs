//! Whose certificates are believed, beside the authorities that the machine knows.

use std::fs;
use std::io;

use crate::api;
use crate::diag::Diagnostics;
use crate::schema::ProviderSchema;
use crate::syntax::ast::Name;
use crate::value::Data;

use super::configure::Values;
use super::configure::invalid;
use super::configure::text;

/// What the arguments of a provider configuration say about certificates.
#[derive(Debug, Default)]
pub(super) struct Trust {
    /// More certificate authorities, in PEM.
    pub(super) ca_pem: Option<Vec<u8>>,
    /// Certificates are not checked.
    pub(super) anybody: bool,
    /// Other machines may be called without encryption.
    pub(super) in_clear: bool,
}

impl Trust {
    /// Reads what the arguments name. In an emulated run nothing is read: all calls stay on this machine.
    pub(super) fn of(schema: &ProviderSchema, values: &Values, emulate: bool) -> Result<Self, Diagnostics> {
        if emulate {
            return Ok(Self::default());
        }
        let value = |name: &Option<Name>| name.as_ref().and_then(|name| values.get(name));
        let is_true = |name| value(name).is_some_and(|value| matches!(value.data(), Data::Bool(true)));
        let (anybody, in_clear) = (is_true(&schema.tls.insecure), is_true(&schema.tls.plain_http));
        if let Some(name) = schema.tls.insecure.as_ref().filter(|_| anybody) {
            tracing::warn!("`{name}` of provider `{}`: certificates are not checked", schema.name);
        }
        if let Some(name) = schema.tls.plain_http.as_ref().filter(|_| in_clear) {
            tracing::warn!("`{name}` of provider `{}`: calls may be readable on the way", schema.name);
        }
        let (Some(name), Some(path)) = (&schema.tls.ca_file, value(&schema.tls.ca_file).and_then(text))
        else {
            return Ok(Self { ca_pem: None, anybody, in_clear });
        };
        let unusable = |reason: String, hint: &str| {
            let summary = format!("`{name}` of provider `{}` is not usable: {reason}", schema.name);
            Diagnostics::from(invalid(summary).hint(hint.to_owned()))
        };
        let pem = fs::read(&**path).map_err(|error| {
            let hint = match error.kind() {
                io::ErrorKind::NotFound => {
                    "the path is relative to the directory that the command is run in; `${path.module}/ca.pem` is beside the configuration"
                }
                _ => "the file must be readable for the user who runs the command",
            };
            unusable(format!("`{path}` cannot be read: {error}"), hint)
        })?;
        api::check_authorities(&pem).map_err(|reason| {
            let hint =
                "the file holds the platform's certificate authorities in PEM: `-----BEGIN CERTIFICATE-----`";
            unusable(format!("`{path}`: {reason}"), hint)
        })?;
        Ok(Self { ca_pem: Some(pem), anybody, in_clear })
    }
}

/// Refuses an address that would be called without encryption, before anything is sent there. This machine may be.
pub(super) fn check_encrypted(
    schema: &ProviderSchema,
    values: &Values,
    argument: &str,
    address: &api::Endpoint,
) -> Result<(), Diagnostics> {
    if address.is_encrypted() || address.is_loopback() {
        return Ok(());
    }
    let allowed = schema.tls.plain_http.as_ref();
    if allowed.and_then(|name| values.get(name)).is_some_and(|value| matches!(value.data(), Data::Bool(true)))
    {
        return Ok(());
    }
    let found = invalid(format!("`{argument}` of provider `{}` is not encrypted: `{address}`", schema.name))
        .hint("write `https://…`: credentials and messages would be readable on the way");
    Err(match allowed {
        Some(name) => found.hint(format!("or set `{name} = true` if nobody else is on the way")),
        None => found,
    }
    .into())
}
