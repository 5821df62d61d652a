//! The page of a provider.

use std::fmt;
use std::fmt::Write;

use crate::schema::CredentialSource;
use crate::schema::ErrorRule;
use crate::schema::ProviderSchema;
use crate::schema::Registry;

use super::text;

/// Writes the page.
pub fn provider(out: &mut dyn Write, schema: &ProviderSchema, registry: &Registry) -> fmt::Result {
    writeln!(out, "# Provider `{}`\n\n{}\n", schema.name, schema.description)?;
    arguments(out, schema)?;
    clouds(out, schema, registry)?;
    credentials(out, schema)?;
    if !schema.pin.is_empty() {
        writeln!(
            out,
            "## Place\n\nThe state records {} and compares them before the first read.\n",
            text::names(&schema.pin)
        )?;
    }
    errors(out, schema)?;
    writeln!(out, "Version {} of the schema. Written from `schemas/`; do not edit.", schema.version)
}

fn arguments(out: &mut dyn Write, schema: &ProviderSchema) -> fmt::Result {
    if schema.arguments.is_empty() {
        return writeln!(out, "It has no arguments and makes no calls.\n");
    }
    writeln!(out, "## Arguments\n\n| argument | type | | environment | |\n|---|---|---|---|---|")?;
    for argument in &schema.arguments {
        let mode = match (argument.required, &argument.default) {
            (true, _) => "required".to_owned(),
            (false, Some(default)) => format!("optional, `{}`", text::value(default)),
            (false, None) => "optional".to_owned(),
        };
        let mut description = argument.description.to_string();
        if !argument.constraints.one_of.is_empty() {
            write!(description, " One of {}.", text::names(&argument.constraints.one_of))?;
        }
        if argument.sensitive {
            description.push_str(" Sensitive.");
        }
        writeln!(
            out,
            "| `{}` | {} | {mode} | {} | {} |",
            argument.name,
            argument.ty.friendly_name(),
            text::names(&argument.env),
            text::cell(&description)
        )?;
    }
    writeln!(out)
}

fn clouds(out: &mut dyn Write, schema: &ProviderSchema, registry: &Registry) -> fmt::Result {
    if schema.clouds.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Clouds\n\n| `cloud` | | follows unless set |\n|---|---|---|")?;
    for cloud in &schema.clouds {
        let presets: Vec<String> = cloud
            .presets
            .iter()
            .map(|field| format!("`{} = {}`", field.name, text::source(registry, field.value.span)))
            .collect();
        writeln!(out, "| `{}` | {} | {} |", cloud.name, cloud.description, presets.join("<br>"))?;
    }
    writeln!(out)
}

fn credentials(out: &mut dyn Write, schema: &ProviderSchema) -> fmt::Result {
    if schema.auth.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Credentials\n\n| method | needs | |\n|---|---|---|")?;
    for method in &schema.auth {
        let mut needs = text::names(&method.needs);
        if !method.uses.is_empty() {
            needs = format!("{needs}; uses {}", text::names(&method.uses));
        }
        writeln!(out, "| {} | {needs} | {} |", method.name.replace('_', " "), method.description)?;
    }
    writeln!(
        out,
        "\nWhat the block does not say is looked for in the environment, a whole set at a time. Two complete sets \
         with different values are an error.\n"
    )?;
    for set in &schema.credentials {
        match &set.source {
            CredentialSource::Environment(variables) => {
                writeln!(out, "- {}", text::names(variables.iter().map(|(_, variable)| variable)))?;
            }
            CredentialSource::Command(argument) => writeln!(out, "- the output of `{argument}`")?,
        }
    }
    writeln!(out)
}

fn errors(out: &mut dyn Write, schema: &ProviderSchema) -> fmt::Result {
    if schema.errors.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Errors\n\nThe first rule that matches decides.\n")?;
    writeln!(out, "| status | code | class | what to do |\n|---|---|---|---|")?;
    for rule in &schema.errors {
        let ErrorRule { status, code, class, hint, .. } = rule;
        let status: Vec<String> = status.iter().map(u16::to_string).collect();
        let hint = hint.as_deref().unwrap_or("");
        let class = class.name();
        writeln!(out, "| {} | {} | {class} | {} |", status.join(", "), text::names(code), text::cell(hint))?;
    }
    writeln!(out)
}
