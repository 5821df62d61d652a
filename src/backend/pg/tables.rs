//! The tables: Terraform's for the states, ours beside it for what Terraform does not keep.

use super::failure::Failure;
use super::failure::code;
use super::link::Link;

/// How the tables are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tables {
    /// The schema they are in.
    pub(super) schema: String,
    /// Terraform's table of states.
    pub(super) table: String,
    /// Its index by name.
    pub(super) index: String,
    /// What is never created.
    pub(super) skip: Skip,
}

/// What others have created already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Skip {
    pub(super) schema: bool,
    pub(super) tables: bool,
    pub(super) index: bool,
}

/// The longest name of a table: ours get something added, and the server cuts names at 63 bytes.
pub(super) const LONGEST_TABLE: usize = 63 - "_journal".len();

/// The numbers of states are those of the whole database, as locks are: no two states have the same lock.
const SEQUENCE: &str = "public.global_states_id_seq";

/// Returns a name as it is written in statements.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Returns a text as it is written in statements.
pub(super) fn literal(text: &str) -> String {
    // A backslash means nothing in such a literal: `standard_conforming_strings` is set on every connection.
    format!("'{}'", text.replace('\'', "''"))
}

impl Tables {
    fn name(&self, suffix: &str) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&format!("{}{suffix}", self.table)))
    }

    /// Terraform's: `id`, `name`, `data`.
    pub(super) fn states(&self) -> String {
        self.name("")
    }

    /// Who writes: `name`, `id`, `epoch`, `run`, `holder`, `pid`.
    pub(super) fn writers(&self) -> String {
        self.name("_writers")
    }

    /// What is being done: `name`, `part`, `lines`.
    pub(super) fn journal(&self) -> String {
        self.name("_journal")
    }

    /// Journals of earlier runs: `name`, `entry`, `lines`.
    pub(super) fn history(&self) -> String {
        self.name("_history")
    }

    /// States before the last change: `name`, `data`.
    pub(super) fn backup(&self) -> String {
        self.name("_backup")
    }

    /// Returns the statements that create what is missing, in order.
    fn statements(&self, missing: &[Part]) -> Vec<String> {
        let is_missing = |part| missing.contains(&part);
        let mut statements = Vec::new();
        if is_missing(Part::Schema) {
            statements.push(format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(&self.schema)));
        }
        if is_missing(Part::Sequence) {
            statements.push(format!("CREATE SEQUENCE IF NOT EXISTS {SEQUENCE} AS bigint"));
        }
        if is_missing(Part::States) {
            statements.push(format!(
                "CREATE TABLE IF NOT EXISTS {} (id bigint NOT NULL DEFAULT nextval('{SEQUENCE}') PRIMARY KEY, name text UNIQUE, data text)",
                self.states()
            ));
        }
        if is_missing(Part::Index) {
            statements.push(format!(
                "CREATE UNIQUE INDEX IF NOT EXISTS {} ON {} (name)",
                quoted(&self.index),
                self.states()
            ));
        }
        if is_missing(Part::Writers) {
            statements.push(format!(
                "CREATE TABLE IF NOT EXISTS {} (name text PRIMARY KEY, id bigint NOT NULL, epoch bigint NOT NULL DEFAULT 0, run text, holder text, pid int, taken_at timestamptz)",
                self.writers()
            ));
        }
        if is_missing(Part::Journal) {
            statements.push(format!(
                "CREATE TABLE IF NOT EXISTS {} (name text NOT NULL, part bigint NOT NULL, lines bytea NOT NULL, PRIMARY KEY (name, part))",
                self.journal()
            ));
        }
        if is_missing(Part::History) {
            statements.push(format!(
                "CREATE TABLE IF NOT EXISTS {} (name text NOT NULL, entry text NOT NULL, lines bytea NOT NULL, PRIMARY KEY (name, entry))",
                self.history()
            ));
        }
        if is_missing(Part::Backup) {
            statements.push(format!(
                "CREATE TABLE IF NOT EXISTS {} (name text PRIMARY KEY, data text NOT NULL, saved_at timestamptz NOT NULL)",
                self.backup()
            ));
        }
        statements
    }

    /// Returns what is not there.
    async fn missing(&self, link: &Link) -> Result<Vec<Part>, Failure> {
        let named = |part: Part| match part {
            Part::Schema => {
                format!("EXISTS (SELECT FROM pg_namespace WHERE nspname = {})", literal(&self.schema))
            }
            Part::Sequence => relation("public", "global_states_id_seq"),
            Part::States => relation(&self.schema, &self.table),
            // Whatever its name: one unique index of the names is enough.
            Part::Index => format!(
                "EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
                 JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] \
                 WHERE n.nspname = {} AND c.relname = {} AND a.attname = 'name' AND i.indisunique AND i.indnatts = 1)",
                literal(&self.schema),
                literal(&self.table)
            ),
            Part::Writers => relation(&self.schema, &format!("{}_writers", self.table)),
            Part::Journal => relation(&self.schema, &format!("{}_journal", self.table)),
            Part::History => relation(&self.schema, &format!("{}_history", self.table)),
            Part::Backup => relation(&self.schema, &format!("{}_backup", self.table)),
        };
        let columns: Vec<String> = Part::ALL.iter().map(|part| named(*part)).collect();
        let row = link.one(&format!("SELECT {}", columns.join(", ")), &[]).await?;
        let mut missing = Vec::new();
        for (index, part) in Part::ALL.iter().enumerate() {
            if !row.try_get::<_, bool>(index)? {
                missing.push(*part);
            }
        }
        Ok(missing)
    }

    /// Creates what is not there and may be created.
    pub(super) async fn ensure(&self, link: &Link) -> Result<(), Failure> {
        let missing = self.missing(link).await?;
        if missing.is_empty() {
            return Ok(());
        }
        let Skip { schema, tables, index } = self.skip;
        let wanted: Vec<Part> = missing
            .iter()
            .copied()
            .filter(|part| match part {
                Part::Schema => !schema,
                Part::Index => !index,
                _ => !tables,
            })
            .collect();
        // The index is only another way to find what the table finds anyway.
        if let Some(part) = missing.iter().find(|part| !wanted.contains(part) && **part != Part::Index) {
            let statements = self.statements(&missing).join("; ");
            return Err(Failure::hopeless(format!(
                "there is no {}, and it must not be created",
                part.name()
            ))
            .hint(format!("run this on the server: {statements};")));
        }
        // Two runs that come first at once would get in each other's way.
        // The sequence is shared by all schemas.
        let key = "queueform tables";
        let mut statements = vec![format!("SELECT pg_advisory_xact_lock(hashtext({}))", literal(key))];
        statements.extend(self.statements(&wanted));
        link.transaction(&statements.join("; ")).await.map_err(|failure| {
            if failure.code() != Some(code::FORBIDDEN) {
                return failure;
            }
            let statements = self.statements(&wanted).join("; ");
            let user = quoted(link.user());
            let hint = match wanted.first() {
                Some(Part::Schema) => format!(
                    "let an administrator run: CREATE SCHEMA {} AUTHORIZATION {user}; and, if Terraform never used this database, CREATE SEQUENCE {SEQUENCE} AS bigint; GRANT ALL ON SEQUENCE {SEQUENCE} TO {user};",
                    quoted(&self.schema)
                ),
                Some(Part::Sequence) => format!(
                    "let an administrator run: CREATE SEQUENCE {SEQUENCE} AS bigint; GRANT ALL ON SEQUENCE {SEQUENCE} TO {user};"
                ),
                _ => format!(
                    "let an administrator run: GRANT USAGE, CREATE ON SCHEMA {} TO {user}; or these: {statements};",
                    quoted(&self.schema)
                ),
            };
            failure.hint(hint)
        })
    }
}

fn relation(schema: &str, name: &str) -> String {
    format!(
        "EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = {} AND c.relname = {})",
        literal(schema),
        literal(name)
    )
}

/// What states are kept with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Schema,
    Sequence,
    States,
    Index,
    Writers,
    Journal,
    History,
    Backup,
}

impl Part {
    const ALL: [Self; 8] = [
        Self::Schema,
        Self::Sequence,
        Self::States,
        Self::Index,
        Self::Writers,
        Self::Journal,
        Self::History,
        Self::Backup,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Sequence => "sequence of states",
            Self::States => "table of states",
            Self::Index => "index of states",
            Self::Writers => "table of writers",
            Self::Journal => "table of journals",
            Self::History => "table of earlier journals",
            Self::Backup => "table of earlier states",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted() {
        let tables = Tables {
            schema: "my \"own\"".to_owned(),
            table: "states".to_owned(),
            index: "i".to_owned(),
            skip: Skip::default(),
        };
        assert_eq!(tables.journal(), r#""my ""own"""."states_journal""#);
        assert_eq!(literal("it's"), "'it''s'");
    }
}
