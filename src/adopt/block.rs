//! One block with what belongs to it: the table of its objects, variables for its secrets, and the import.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::addr::ProviderAddr;
use crate::render::value::quoted;
use crate::schema::Attribute;
use crate::schema::ResourceSchema;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::arguments::Arguments;
use super::names::Names;
use super::names::plural;
use super::names::short;
use super::references::References;
use super::term::Term;
use super::term::name_of;

/// An object that a block stands for.
#[derive(Debug, Clone)]
pub(super) struct Member<'v> {
    /// Its key, if the block has `for_each`.
    pub key: Option<Arc<str>>,
    /// Its id.
    pub id: Arc<str>,
    /// The object as it was found.
    pub value: &'v Value,
}

/// A block that is to be written.
#[derive(Debug)]
pub(super) struct Block<'v> {
    /// Its type.
    pub schema: &'v ResourceSchema,
    /// Its name.
    pub name: String,
    /// The local that holds the table of its objects; none if it stands for one object.
    pub table: Option<String>,
    /// The provider configuration that manages it.
    pub provider: &'v ProviderAddr,
    /// The arguments of that configuration.
    pub given: &'v Value,
    /// Its objects.
    pub members: Vec<Member<'v>>,
    /// A plan that would destroy it is to be refused.
    pub is_protected: bool,
}

/// What was written, not yet in the canonical layout.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Variables for secrets.
    pub variables: String,
    /// The table of objects, as an argument of `locals`.
    pub table: String,
    /// The block.
    pub resource: String,
    /// The `import` block.
    pub import: String,
    /// What somebody should look at.
    pub notes: Vec<String>,
}

/// How the values of one argument are written.
enum Column {
    /// All objects have the key of the instance.
    Key,
    /// All have the same.
    Same(Term),
    /// Each has its own, in the table, and it names an instance of this resource, of which this attribute is meant.
    Refers(String, Arc<str>),
    /// Each has its own, in the table; in all rows, or not.
    Own { everywhere: bool },
}

impl Block<'_> {
    fn addr(&self) -> String {
        format!("{}.{}", self.schema.type_name, self.name)
    }

    /// Writes it.
    pub(super) fn write(&self, references: &References, names: &mut Names) -> Written {
        let all: Vec<Arguments> = self
            .members
            .iter()
            .map(|member| Arguments::of(self.schema, member.value, self.given, references))
            .collect();
        let mut written = Written::default();
        let mut rows: Vec<Vec<String>> = vec![Vec::new(); all.len()];
        let mut body = String::new();
        let mut identity: Vec<(Name, String)> = Vec::new();
        if let Some(table) = &self.table {
            line(&mut body, &format!("for_each = local.{table}"));
        }
        if self.provider.alias.is_some() {
            line(&mut body, &format!("provider = {}", self.provider));
        }
        for attribute in &self.schema.attributes {
            let name = &attribute.name;
            let terms: Vec<Option<&Term>> = all.iter().map(|arguments| arguments.get(name)).collect();
            let text = match self.column(&terms) {
                None => {
                    self.unwritten(attribute, &all, names, &mut body, &mut written);
                    continue;
                }
                Some(Column::Key) => "each.key".to_owned(),
                Some(Column::Same(term)) => term.block(),
                Some(column @ (Column::Refers(..) | Column::Own { .. })) => {
                    for (row, term) in rows.iter_mut().zip(&terms) {
                        let term = term.map(|term| format!("{} = {}", name_of(name), term.plain().inline()));
                        row.extend(term);
                    }
                    match column {
                        Column::Refers(resource, of) => format!("{resource}[each.value.{name}].{of}"),
                        Column::Own { everywhere: false } => format!("try(each.value.{name}, null)"),
                        _ => format!("each.value.{name}"),
                    }
                }
            };
            if self.schema.identity.contains(name) {
                let text = if text.contains('[') && self.table.is_some() {
                    format!("each.value.{name}")
                } else {
                    text.clone()
                };
                identity.push((Arc::clone(name), text));
            }
            line(&mut body, &format!("{name} = {text}"));
        }
        self.lifecycle(&all, &mut body);
        let kind = &self.schema.type_name;
        line(&mut written.resource, &format!("resource \"{kind}\" \"{}\" {{\n{body}}}", self.name));
        self.table(&rows, &mut written.table);
        self.import(&identity, &mut written.import);
        written
    }

    /// How an argument is written; nothing if no object has it.
    fn column(&self, terms: &[Option<&Term>]) -> Option<Column> {
        let first = terms.iter().flatten().next()?;
        if self.table.is_none() {
            return Some(Column::Same((**first).clone()));
        }
        let there: Option<Vec<&Term>> = terms.iter().copied().collect();
        let Some(there) = there else { return Some(Column::Own { everywhere: false }) };
        let keyed = there.iter().zip(&self.members).all(|(term, member)| match (term, &member.key) {
            (Term::Plain(value), Some(key)) => value.as_str() == Some(key),
            _ => false,
        });
        if keyed {
            return Some(Column::Key);
        }
        let same = first.inline();
        // Of a single object it cannot be told what it would have in common with others, but for where it belongs.
        let is_common = there.len() > 1 || matches!(first, Term::Of(_));
        if is_common && there.iter().all(|term| term.inline() == same) {
            return Some(Column::Same((**first).clone()));
        }
        if let Term::Of(one) = first {
            let refers = there.iter().all(|term| match term {
                Term::Of(other) => {
                    other.resource == one.resource
                        && other.attribute == one.attribute
                        && other.key.as_ref() == Some(&other.plain)
                }
                _ => false,
            });
            if refers {
                return Some(Column::Refers(one.resource.clone(), Arc::clone(&one.attribute)));
            }
        }
        Some(Column::Own { everywhere: true })
    }

    /// What no object can have from what was found: secrets, and what the service does not tell.
    fn unwritten(
        &self,
        attribute: &Attribute,
        all: &[Arguments],
        names: &mut Names,
        body: &mut String,
        written: &mut Written,
    ) {
        let name = &attribute.name;
        if all.iter().any(|arguments| arguments.secrets.contains(name)) {
            let kind = short(&self.schema.type_name);
            let stem = if self.name == kind { kind.to_owned() } else { format!("{}_{kind}", self.name) };
            let when = match &attribute.version {
                Some(version) => format!(" or `{version}` is set or changed"),
                None => String::new(),
            };
            let sent = format!("sent when one is created{when}");
            let addr = self.addr();
            let (variable, ty, default, about) = if self.table.is_some() {
                let variable = names.variable(&format!("{stem}_{}", plural(name)));
                line(body, &format!("{name} = try(var.{variable}[each.key], null)"));
                (variable, "map(string)", "{}", format!("`{name}` of {addr}, by key: {sent}"))
            } else {
                let variable = names.variable(&format!("{stem}_{name}"));
                line(body, &format!("{name} = var.{variable}"));
                (variable, "string", "null", format!("`{name}` of {addr}: {sent}"))
            };
            let about = quoted(&about);
            line(
                &mut written.variables,
                &format!(
                    "variable \"{variable}\" {{\ntype = {ty}\ndefault = {default}\nsensitive = true\ndescription = {about}\n}}\n"
                ),
            );
            return;
        }
        let is_unfit = all.iter().any(|arguments| arguments.unfit.contains(name));
        if is_unfit || all.iter().any(|arguments| arguments.missing.contains(name)) {
            let why =
                if is_unfit { "has a value that cannot be configured" } else { "is not told by the service" };
            line(body, &format!("# Needs attention: `{name}` {why}, and must be set.\n# {name} ="));
            written.notes.push(format!("`{name}` of {} {why}, and must be set", self.addr()));
        }
    }

    fn lifecycle(&self, all: &[Arguments], body: &mut String) {
        let hidden: Vec<&str> = self
            .schema
            .attributes
            .iter()
            .map(|attribute| &attribute.name)
            .filter(|name| all.iter().any(|arguments| arguments.hidden.contains(name)))
            .map(|name| &**name)
            .collect();
        if hidden.is_empty() && !self.is_protected {
            return;
        }
        body.push_str("\nlifecycle {\n");
        if self.is_protected {
            line(body, "prevent_destroy = true");
        }
        if !hidden.is_empty() {
            line(body, "# Secrets, which are not written down.");
            line(body, &format!("ignore_changes = [{}]", hidden.join(", ")));
        }
        body.push_str("}\n");
    }

    fn table(&self, rows: &[Vec<String>], out: &mut String) {
        let Some(table) = &self.table else { return };
        line(out, &format!("{table} = {{"));
        for (member, row) in self.members.iter().zip(rows) {
            let key = name_of(member.key.as_deref().unwrap_or_default());
            let row = if row.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", row.join(", ")) };
            line(out, &format!("{key} = {row}"));
        }
        line(out, "}");
    }

    fn import(&self, identity: &[(Name, String)], out: &mut String) {
        let addr = self.addr();
        let is_told = !self.schema.has_server_id() && identity.len() == self.schema.identity.len();
        out.push_str("import {\n");
        match (&self.table, is_told) {
            (None, _) => {
                let id = self.members.first().map(|member| quoted(&member.id)).unwrap_or_default();
                line(out, &format!("to = {addr}\nid = {id}"));
            }
            (Some(table), true) => {
                line(out, &format!("for_each = local.{table}\nto = {addr}[each.key]\nidentity = {{"));
                for name in &self.schema.identity {
                    let text = identity.iter().find(|(one, _)| one == name).map(|(_, text)| text.as_str());
                    line(out, &format!("{name} = {}", text.unwrap_or("null")));
                }
                line(out, "}");
            }
            (Some(_), false) => {
                line(out, "for_each = {");
                for member in &self.members {
                    let key = name_of(member.key.as_deref().unwrap_or_default());
                    line(out, &format!("{key} = {}", quoted(&member.id)));
                }
                line(out, &format!("}}\nto = {addr}[each.key]\nid = each.value"));
            }
        }
        out.push_str("}\n");
    }
}

fn line(out: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let written = writeln!(out, "{text}");
    debug_assert!(written.is_ok(), "writing to a string");
}
