//! Terraform's JSON form as the native one, which is what is converted then.
//!
//! What is a block and what an attribute follows from the kind of block around it, and from the tables for resources.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::SourceId;
use crate::source::SourceMap;
use crate::syntax::fmt::format_valid;
use crate::syntax::json::Member;
use crate::syntax::json::Node;
use crate::syntax::json::NodeKind;
use crate::syntax::json::parse;
use crate::syntax::parse::parse_expression;

use super::literal;
use super::table::Shape;
use super::table::Tables;

/// Members with this name are comments.
const COMMENT: &str = "//";

/// Returns the native form of a file.
///
/// # Errors
/// If it is no JSON, or holds something that is no configuration.
pub fn as_native(tables: &Tables, source: SourceId, text: &str) -> Result<String, Diagnostics> {
    let parsed = parse(source, text);
    if parsed.diagnostics.has_errors() {
        return Err(parsed.diagnostics);
    }
    let mut writer = Writer { tables, out: String::new(), wrong: Diagnostics::new() };
    if let Some(node) = &parsed.output {
        for body in bodies(node) {
            for member in body {
                writer.top(member);
            }
        }
    }
    if writer.wrong.has_errors() {
        return Err(writer.wrong);
    }
    let text = writer.out.trim_end();
    Ok(if text.is_empty() { String::new() } else { format_valid(&format!("{text}\n")) })
}

/// The objects of one object, or of a list of them.
fn bodies(node: &Node) -> Vec<&[Member]> {
    match &node.kind {
        NodeKind::Object(members) => vec![members.as_slice()],
        NodeKind::Array(parts) => parts.iter().flat_map(bodies).collect(),
        _ => Vec::new(),
    }
}

/// Whether a value can be the body of blocks.
fn is_body(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Object(_) => true,
        NodeKind::Array(parts) => !parts.is_empty() && parts.iter().all(is_body),
        _ => false,
    }
}

/// What the members of a body are.
#[derive(Clone, Copy)]
enum Kind<'s> {
    /// A block: which of its members are blocks, and of which the texts are references. The texts of the others are
    /// templates.
    Plain(&'s [&'s str], &'s [&'s str]),
    /// A resource or a block in one.
    Resource(&'s Shape),
    /// A variable: its type is an expression, and its default has no templates.
    Variable,
    /// `required_providers`: objects of texts.
    Texts,
    /// A body whose blocks have the names of their labels: `locals`.
    Values,
}

struct Writer<'t> {
    tables: &'t Tables,
    out: String,
    wrong: Diagnostics,
}

impl Writer<'_> {
    /// A block, or several, of the outermost level.
    fn top(&mut self, member: &Member) {
        let name = &*member.name.value;
        let labels = match name {
            COMMENT => return self.comment(member),
            "resource" | "data" | "ephemeral" => 2,
            "provider" | "variable" | "output" | "module" | "check" => 1,
            "locals" | "terraform" | "moved" | "import" | "removed" => 0,
            _ => {
                let text = format!("there is no block `{name}`");
                self.wrong.push(Diagnostic::error(Code::UnknownBlock, text).at(member.name_span, ""));
                return;
            }
        };
        self.labelled(name, &member.value, labels, &mut Vec::new());
    }

    /// Goes through the labels down to the bodies.
    fn labelled(&mut self, kind: &str, node: &Node, labels: usize, found: &mut Vec<String>) {
        for body in bodies(node) {
            if labels == 0 {
                self.block(kind, found, body);
                continue;
            }
            for member in body {
                if &*member.name.value == COMMENT {
                    self.comment(member);
                    continue;
                }
                found.push(member.name.value.to_string());
                self.labelled(kind, &member.value, labels - 1, found);
                found.pop();
            }
        }
    }

    fn block(&mut self, kind: &str, labels: &[String], body: &[Member]) {
        self.out.push_str(kind);
        for label in labels {
            self.out.push(' ');
            self.out.push_str(&literal::quoted(label));
        }
        self.out.push_str(" {\n");
        let none = Shape::default();
        let first = labels.first().map_or("", String::as_str);
        let of = match kind {
            "resource" | "data" => {
                let table = self.tables.of(kind == "data", first);
                Kind::Resource(table.map_or(&none, |table| &table.shape))
            }
            "ephemeral" => Kind::Resource(&none),
            "variable" => Kind::Variable,
            "locals" => Kind::Values,
            "output" => Kind::Plain(&["precondition"], &["depends_on"]),
            "module" => Kind::Plain(&[], &["depends_on"]),
            "check" => Kind::Plain(&["assert", "data"], &[]),
            "terraform" => Kind::Plain(&["required_providers", "backend", "cloud", "provider_meta"], &[]),
            "provider" => Kind::Plain(&["assume_role", "default_tags", "endpoints", "ignore_tags"], &[]),
            _ => Kind::Plain(&["lifecycle", "provisioner"], &["from", "to", "provider"]),
        };
        for member in body {
            self.member(member, of);
        }
        self.out.push_str("}\n\n");
    }

    /// One member of a body: a comment, a block or an attribute.
    fn member(&mut self, member: &Member, of: Kind<'_>) {
        let name = &*member.name.value;
        if name == COMMENT {
            return self.comment(member);
        }
        let none = Shape::default();
        match of {
            Kind::Plain(blocks, _) if blocks.contains(&name) && is_body(&member.value) => {
                let (labels, inner) = match name {
                    "backend" | "provider_meta" | "provisioner" => (1, Kind::Plain(&[], &[])),
                    "data" => (2, Kind::Resource(&none)),
                    "required_providers" => (0, Kind::Texts),
                    "cloud" => (0, Kind::Plain(&["workspaces"], &[])),
                    _ => (0, Kind::Plain(&[], &[])),
                };
                self.inner(name, &member.value, labels, &mut Vec::new(), inner);
            }
            Kind::Resource(shape) if is_body(&member.value) => {
                if let Some(nested) = shape.blocks.get(name) {
                    self.inner(name, &member.value, 0, &mut Vec::new(), Kind::Resource(&nested.shape));
                    return;
                }
                match name {
                    "lifecycle" => {
                        let blocks = &["precondition", "postcondition"];
                        let of = Kind::Plain(blocks, &["ignore_changes", "replace_triggered_by"]);
                        self.inner(name, &member.value, 0, &mut Vec::new(), of);
                    }
                    "connection" | "timeouts" => {
                        self.inner(name, &member.value, 0, &mut Vec::new(), Kind::Plain(&[], &[]));
                    }
                    "provisioner" => {
                        let of = Kind::Plain(&["connection"], &[]);
                        self.inner(name, &member.value, 1, &mut Vec::new(), of);
                    }
                    "dynamic" => {
                        for body in bodies(&member.value) {
                            for one in body {
                                let shape =
                                    shape.blocks.get(&*one.name.value).map_or(&none, |nested| &nested.shape);
                                self.dynamic(one, shape);
                            }
                        }
                    }
                    _ => self.attribute(member, of),
                }
            }
            Kind::Variable if name == "validation" => {
                self.inner(name, &member.value, 0, &mut Vec::new(), Kind::Plain(&[], &[]));
            }
            _ => self.attribute(member, of),
        }
    }

    fn dynamic(&mut self, one: &Member, shape: &Shape) {
        for body in bodies(&one.value) {
            self.out.push_str(&format!("dynamic {} {{\n", literal::quoted(&one.name.value)));
            for member in body {
                if &*member.name.value == "content" {
                    self.inner("content", &member.value, 0, &mut Vec::new(), Kind::Resource(shape));
                } else if &*member.name.value == "iterator" {
                    let text = bare(&member.value);
                    self.out.push_str(&format!("iterator = {text}\n"));
                } else {
                    self.attribute(member, Kind::Plain(&[], &[]));
                }
            }
            self.out.push_str("}\n");
        }
    }

    /// Blocks within a body.
    fn inner(&mut self, kind: &str, node: &Node, labels: usize, found: &mut Vec<String>, of: Kind<'_>) {
        for body in bodies(node) {
            if labels > 0 {
                for member in body {
                    found.push(member.name.value.to_string());
                    self.inner(kind, &member.value, labels - 1, found, of);
                    found.pop();
                }
                continue;
            }
            self.out.push_str(kind);
            for label in found.iter() {
                self.out.push_str(&format!(" {}", literal::quoted(label)));
            }
            self.out.push_str(" {\n");
            for member in body {
                self.member(member, of);
            }
            self.out.push_str("}\n");
        }
    }

    fn comment(&mut self, member: &Member) {
        if let NodeKind::String(text) = &member.value.kind {
            for line in text.value.lines() {
                self.out.push_str(&format!("# {line}\n"));
            }
        }
    }

    fn attribute(&mut self, member: &Member, of: Kind<'_>) {
        let name = &*member.name.value;
        let is_reference = match of {
            Kind::Plain(_, references) => references.contains(&name),
            Kind::Resource(_) => matches!(name, "depends_on" | "provider"),
            Kind::Variable | Kind::Texts | Kind::Values => false,
        };
        let text = match of {
            Kind::Variable if name == "type" => bare(&member.value),
            Kind::Variable if name == "default" => plain(&member.value),
            Kind::Texts => texts(&member.value),
            Kind::Plain(..) if name == "providers" => bare_values(&member.value),
            _ if is_reference => bare(&member.value),
            _ => expression(&member.value),
        };
        self.out.push_str(&format!("{} = {text}\n", literal::key(name)));
    }
}

/// Texts are expressions: references and types.
fn bare(node: &Node) -> String {
    match &node.kind {
        NodeKind::String(text) => whole(&text.value).unwrap_or(&text.value).to_owned(),
        NodeKind::Array(parts) => {
            let parts: Vec<String> = parts.iter().map(bare).collect();
            format!("[{}]", parts.join(", "))
        }
        _ => expression(node),
    }
}

fn bare_values(node: &Node) -> String {
    let NodeKind::Object(members) = &node.kind else { return bare(node) };
    let pairs = members.iter().map(|one| format!("{} = {}\n", one.name.value, bare(&one.value)));
    format!("{{\n{}}}", pairs.collect::<String>())
}

/// `required_providers`: texts as they are, references in `configuration_aliases`.
fn texts(node: &Node) -> String {
    let NodeKind::Object(members) = &node.kind else { return plain(node) };
    let pairs = members.iter().map(|one| {
        let is_list = &*one.name.value == "configuration_aliases";
        let value = if is_list { bare(&one.value) } else { plain(&one.value) };
        format!("{} = {value}\n", literal::key(&one.name.value))
    });
    format!("{{\n{}}}", pairs.collect::<String>())
}

/// Texts are templates.
fn expression(node: &Node) -> String {
    match &node.kind {
        NodeKind::String(text) => template(&text.value),
        NodeKind::Array(parts) => {
            let parts: Vec<String> = parts.iter().map(expression).collect();
            format!("[{}]", parts.join(", "))
        }
        NodeKind::Object(members) => {
            let members = members.iter().filter(|one| &*one.name.value != COMMENT);
            let pairs = members.map(|one| {
                let name = &*one.name.value;
                // Keys are templates too.
                let key = match template(name) {
                    text if text.starts_with('"') && !name.contains("${") => literal::key(name),
                    text if text.starts_with('"') => text,
                    text => format!("({text})"),
                };
                format!("{key} = {}\n", expression(&one.value))
            });
            format!("{{\n{}}}", pairs.collect::<String>())
        }
        _ => plain(node),
    }
}

/// A value without templates.
fn plain(node: &Node) -> String {
    match &node.kind {
        NodeKind::String(text) => literal::quoted(&text.value),
        NodeKind::Array(parts) => {
            format!("[{}]", parts.iter().map(plain).collect::<Vec<_>>().join(", "))
        }
        NodeKind::Object(members) => {
            let pairs = members
                .iter()
                .map(|one| format!("{} = {}\n", literal::key(&one.name.value), plain(&one.value)));
            format!("{{\n{}}}", pairs.collect::<String>())
        }
        NodeKind::Bool(value) => value.to_string(),
        NodeKind::Number(value) => value.to_string(),
        NodeKind::Null => "null".to_owned(),
    }
}

/// Returns the expression that a template is, if it is nothing else: `${var.a}` is `var.a`.
fn whole(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    let parsed = parse_expression(SourceMap::new().add("", ""), 0, inner);
    (!parsed.diagnostics.has_errors()).then(|| inner.trim())
}

/// Returns a template in the native form.
fn template(text: &str) -> String {
    if let Some(inner) = whole(text) {
        return inner.to_owned();
    }
    let mut out = String::from("\"");
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(escaped) = ["$${", "%%{"].into_iter().find(|escaped| rest.starts_with(escaped)) {
            out.push_str(escaped);
            rest = rest.get(escaped.len()..).unwrap_or("");
        } else if rest.starts_with("${") || rest.starts_with("%{") {
            let end = interpolation(rest);
            out.push_str(rest.get(..end).unwrap_or(""));
            rest = rest.get(end..).unwrap_or("");
        } else {
            let letter = rest.chars().next().unwrap_or_default();
            match letter {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                other => out.push(other),
            }
            rest = rest.get(letter.len_utf8()..).unwrap_or("");
        }
    }
    out.push('"');
    out
}

/// Returns where the interpolation ends that a text begins with.
fn interpolation(text: &str) -> usize {
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_text => is_escaped = true,
            '"' => is_text = !is_text,
            '{' if !is_text => depth += 1,
            '}' if !is_text => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}
