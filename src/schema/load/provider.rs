//! Provider files.

use std::sync::Arc;

use crate::schema::Argument;
use crate::schema::ArgumentLookup;
use crate::schema::AuthMethod;
use crate::schema::Cloud;
use crate::schema::Constraints;
use crate::schema::CredentialSet;
use crate::schema::CredentialSource;
use crate::schema::Digest;
use crate::schema::Envelope;
use crate::schema::Limits;
use crate::schema::ObjectCheck;
use crate::schema::Paging;
use crate::schema::PagingStyle;
use crate::schema::ProviderSchema;
use crate::schema::Service;
use crate::schema::Signer;
use crate::schema::Tls;
use crate::syntax::ast::Ident;
use crate::syntax::ast::Name;
use crate::value::Type;

use super::attribute::default;
use super::attribute::type_or_report;
use super::operation::check;
use super::operation::error_rule;
use super::reader::Found;
use super::reader::Named;
use super::reader::Reader;
use super::reader::text;

/// Reads a provider.
pub(super) fn provider(reader: &Reader<'_>, digest: Digest, found: &mut Found) -> ProviderSchema {
    let arguments = reader.children("argument", found);
    let clouds = reader.children("cloud", found);
    let services = reader.children("service", found);
    let auth = reader.children("auth", found);
    let credentials = reader.children("credentials", found);
    let errors = reader.children("error", found);
    let paging = reader.children("paging", found);
    let checks = reader.children("check", found);
    let object_checks = reader.children("object_check", found);
    ProviderSchema {
        name: reader.label(),
        version: reader.count("version", found).unwrap_or(0),
        description: reader.text("description", found).unwrap_or_default(),
        arguments: arguments.iter().map(|reader| argument(reader, found)).collect(),
        clouds: clouds.iter().map(|reader| cloud(reader, found)).collect(),
        services: services.iter().filter_map(|reader| service(reader, found)).collect(),
        auth: auth.iter().map(|reader| auth_method(reader, found)).collect(),
        credentials: credentials.iter().filter_map(|reader| credential_set(reader, found)).collect(),
        envelope: reader.child("envelope", found).map(|reader| envelope(&reader, found)).unwrap_or_default(),
        errors: errors.iter().filter_map(|reader| error_rule(reader, found)).collect(),
        paging: paging.iter().map(|reader| paging_style(reader, found)).collect(),
        limits: reader.child("limits", found).map(|reader| limits(&reader, found)).unwrap_or_default(),
        tls: reader.child("tls", found).map(|reader| tls(&reader, found)).unwrap_or_default(),
        redact: reader.texts("redact", found),
        pin: reader.names("pin", Named::Argument, found),
        checks: checks.iter().filter_map(|reader| check(reader, Named::Argument, found)).collect(),
        object_checks: object_checks.iter().filter_map(|reader| object_check(reader, found)).collect(),
        digest,
        span: reader.block.span,
    }
}

fn object_check(reader: &Reader<'_>, found: &mut Found) -> Option<ObjectCheck> {
    let attribute = reader.text("attribute", found);
    let that = reader.expr("that", found);
    let message = reader.expr("message", found);
    Some(ObjectCheck {
        name: reader.label(),
        attribute: attribute?,
        of: reader.texts("of", found),
        that: that?,
        message: message?,
        hint: reader.text("hint", found),
    })
}

fn argument(reader: &Reader<'_>, found: &mut Found) -> Argument {
    let ty =
        reader.block.body.attribute("type").map_or(Type::Any, |written| type_or_report(&written.expr, found));
    let value = reader.constant("default", found).and_then(|value| {
        let converted = default(&value, &ty);
        if converted.is_none() {
            found.error(format!("the default is not a {}", ty.friendly_name()), reader.span_of("default"));
        }
        converted
    });
    Argument {
        name: reader.label(),
        required: reader.word("mode", found) == Some("required"),
        env: reader.texts("env", found),
        default: value,
        lookup: reader.word("lookup", found).map(|_| ArgumentLookup::IamProject),
        sensitive: reader.flag("sensitive", found),
        constraints: Constraints { one_of: reader.texts("one_of", found), ..Constraints::default() },
        description: reader.text("description", found).unwrap_or_default(),
        ty,
        span: reader.block.span,
    }
}

fn cloud(reader: &Reader<'_>, found: &mut Found) -> Cloud {
    let presets = reader.fields("presets", found);
    if !presets.iter().any(|field| &*field.name == "endpoint") && reader.has("presets") {
        found.error("the presets have no `endpoint`", reader.span_of("presets"));
    }
    for field in &presets {
        let name = Ident::new(Arc::clone(&field.name), field.name_span);
        found.names.push((name, Named::Argument));
    }
    Cloud {
        name: reader.label(),
        presets,
        regions: reader.texts("regions", found),
        description: reader.text("description", found).unwrap_or_default(),
        span: reader.block.span,
    }
}

fn service(reader: &Reader<'_>, found: &mut Found) -> Option<Service> {
    let style = reader.word("style", found);
    Some(Service {
        name: reader.label(),
        api_version: reader.text("api_version", found),
        rpc: style == Some("rpc"),
        query: reader.fields("query", found),
        headers: reader.fields("headers", found),
        write_method: reader.expr("write_method", found),
        description: reader.text("description", found).unwrap_or_default(),
        endpoint: reader.expr("endpoint", found)?,
        span: reader.block.span,
    })
}

fn auth_method(reader: &Reader<'_>, found: &mut Found) -> AuthMethod {
    let signer = reader.word("signer", found);
    AuthMethod {
        name: reader.label(),
        signer: Signer::ALL
            .iter()
            .copied()
            .find(|known| Some(known.name()) == signer)
            .unwrap_or(Signer::SdkHmacSha256),
        when: reader.expr("when", found),
        needs: reader.names("needs", Named::Argument, found),
        uses: reader.names("uses", Named::Argument, found),
        description: reader.text("description", found).unwrap_or_default(),
        span: reader.block.span,
    }
}

fn credential_set(reader: &Reader<'_>, found: &mut Found) -> Option<CredentialSet> {
    let auth = reader.name("auth", Named::Auth, found);
    let env = reader.fields("env", found);
    let command = reader.name("command", Named::Argument, found);
    let source = match (env.is_empty(), command) {
        (true, Some(command)) => CredentialSource::Command(command),
        (false, None) => {
            let mut variables: Vec<(Name, Arc<str>)> = Vec::new();
            for field in env {
                let name = Ident::new(Arc::clone(&field.name), field.name_span);
                found.names.push((name, Named::Argument));
                match text(&field.value) {
                    Some(variable) => variables.push((field.name, variable)),
                    None => found.error("the name of an environment variable is a string", field.value.span),
                }
            }
            CredentialSource::Environment(variables)
        }
        (true, None) | (false, Some(_)) => {
            if !reader.block.body.partial {
                found.error("credentials have either `env` or `command`", reader.block.header);
            }
            return None;
        }
    };
    Some(CredentialSet { name: reader.label(), auth: auth?, source, span: reader.block.span })
}

fn envelope(reader: &Reader<'_>, found: &mut Found) -> Envelope {
    Envelope {
        code: reader.texts("code", found),
        message: reader.texts("message", found),
        request_id_headers: reader.texts("request_id_headers", found),
        request_id: reader.texts("request_id", found),
        success: reader.texts("success", found),
        success_codes: reader.texts("success_codes", found),
        embedded: reader.texts("embedded", found),
        lower_keys: reader.word("keys", found) == Some("lower"),
    }
}

fn paging_style(reader: &Reader<'_>, found: &mut Found) -> Paging {
    let style = match reader.word("style", found) {
        Some("page") => PagingStyle::Page,
        Some("token") => PagingStyle::Token,
        _ => PagingStyle::Offset,
    };
    let next = reader.expr("next", found);
    if (style == PagingStyle::Token) != next.is_some() && !reader.block.body.partial {
        found.error("`next` belongs to the style `token`, which needs it", reader.span_of("next"));
    }
    Paging {
        name: reader.label(),
        style,
        next,
        start: reader.text("start", found).unwrap_or_default(),
        limit: reader.text("limit", found).unwrap_or_default(),
        size: reader.count("size", found).unwrap_or(1),
        first: reader.count("first", found).unwrap_or(0),
        span: reader.block.span,
    }
}

fn tls(reader: &Reader<'_>, found: &mut Found) -> Tls {
    Tls {
        ca_file: reader.name("ca_file", Named::Argument, found),
        insecure: reader.name("insecure", Named::Argument, found),
        plain_http: reader.name("plain_http", Named::Argument, found),
    }
}

fn limits(reader: &Reader<'_>, found: &mut Found) -> Limits {
    let usual = Limits::default();
    Limits {
        parallel: reader.count("parallel", found).unwrap_or(usual.parallel),
        parallel_most: reader.count("parallel_most", found).unwrap_or(usual.parallel_most),
        timeout: reader.duration("timeout", found).unwrap_or(usual.timeout),
        retry_after_ms: reader.texts("retry_after_ms", found),
    }
}
