//! Reading without a lock: snapshot and journal of one instant, what there is, and who writes.

use std::sync::Arc;

use tokio_postgres::types::Type;

use crate::state::store::Holder;

use super::failure::Failure;
use super::link::Link;
use super::pending::Part;
use super::tables::Tables;
use super::tables::literal;

/// No state is larger: reading one would take more memory than planning it.
const LARGEST: i64 = 512 * 1024 * 1024;

/// Reads snapshot and journal with one statement, which sees one instant.
pub(super) async fn both(
    link: &Link,
    tables: &Tables,
    workspace: &str,
) -> Result<(Option<Vec<u8>>, Vec<Part>), Failure> {
    let journal = format!(
        " UNION ALL SELECT part, octet_length(lines)::bigint, lines FROM {} WHERE name = $1",
        tables.journal()
    );
    let result = match rows(link, tables, workspace, &journal).await {
        // A state that only Terraform has used has no tables of ours beside it.
        Err(failure) if failure.is_absent() => rows(link, tables, workspace, "").await,
        result => result,
    };
    match result {
        Err(failure) if failure.is_absent() => Ok((None, Vec::new())),
        result => result,
    }
}

async fn rows(
    link: &Link,
    tables: &Tables,
    workspace: &str,
    journal: &str,
) -> Result<(Option<Vec<u8>>, Vec<Part>), Failure> {
    let statement = format!(
        "SELECT 0::bigint, octet_length(data)::bigint, CASE WHEN octet_length(data) <= {LARGEST} THEN convert_to(data, 'UTF8') END FROM {} WHERE name = $1{journal} ORDER BY 1",
        tables.states()
    );
    let mut snapshot = None;
    let mut parts = Vec::new();
    for row in link.rows(&statement, &[(&workspace, Type::TEXT)]).await? {
        let number: i64 = row.try_get(0)?;
        let size: Option<i64> = row.try_get(1)?;
        if size.is_some_and(|size| size > LARGEST) {
            return Err(Failure::hopeless(format!("it is larger than {} MiB", LARGEST / (1024 * 1024))));
        }
        let bytes: Option<Vec<u8>> = row.try_get(2)?;
        match (number, bytes) {
            (0, bytes) => snapshot = bytes.filter(|bytes| !bytes.is_empty()),
            (number, bytes) => parts.push(Part { number, lines: bytes.unwrap_or_default() }),
        }
    }
    Ok((snapshot, parts))
}

/// Returns the workspaces that have a state or a journal.
pub(super) async fn workspaces(link: &Link, tables: &Tables) -> Result<Vec<String>, Failure> {
    let ours = format!(" UNION SELECT name FROM {}", tables.writers());
    let of = async |ours: &str| -> Result<Vec<String>, Failure> {
        let statement = format!("SELECT name FROM {} WHERE name IS NOT NULL{ours}", tables.states());
        let rows = link.rows(&statement, &[]).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    };
    let found = match of(&ours).await {
        Err(failure) if failure.is_absent() => of("").await,
        result => result,
    };
    match found {
        Err(failure) if failure.is_absent() => Ok(Vec::new()),
        result => result,
    }
}

/// What stands before the number of a connection, where that is all that is known of who holds the lock.
pub(super) const CONNECTION: &str = "connection-";

/// The lock of a workspace that somebody holds.
#[derive(Debug)]
pub(super) struct Lock {
    /// The process of the server that serves the connection.
    pub(super) pid: i32,
    pub(super) holder: Holder,
    /// Whether it is a run of ours.
    pub(super) is_ours: bool,
}

/// Returns who holds the lock of a workspace, if anybody does.
pub(super) async fn holder(link: &Link, tables: &Tables, workspace: &str) -> Result<Option<Holder>, Failure> {
    Ok(lock(link, tables, workspace).await?.map(|lock| lock.holder))
}

/// Returns the lock of a workspace, if anybody holds it.
pub(super) async fn lock(link: &Link, tables: &Tables, workspace: &str) -> Result<Option<Lock>, Failure> {
    let statement = |writers: &str| {
        format!(
            "WITH row AS (SELECT coalesce(s.id, w.id) AS id, w.holder, w.pid FROM (SELECT $1::text AS name) n \
             LEFT JOIN {} s ON s.name = n.name LEFT JOIN {writers} w ON w.name = n.name) \
             SELECT l.pid = row.pid, row.holder, l.pid, coalesce(a.usename::text, ''), coalesce(host(a.client_addr), ''), \
             coalesce(a.application_name, ''), coalesce(to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), '') \
             FROM row JOIN pg_locks l ON l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted \
             AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
             AND l.classid::bigint = (row.id >> 32) & 4294967295 AND l.objid::bigint = row.id & 4294967295 \
             LEFT JOIN pg_stat_activity a ON a.pid = l.pid LIMIT 1",
            tables.states(),
        )
    };
    let name: &[(&(dyn tokio_postgres::types::ToSql + Sync), Type)] = &[(&workspace, Type::TEXT)];
    let nobody = format!(
        "(SELECT {}::text AS name, 0::bigint AS id, NULL::text AS holder, NULL::int AS pid WHERE false)",
        literal("")
    );
    let found = match link.maybe(&statement(&tables.writers()), name).await {
        Err(failure) if failure.is_absent() => link.maybe(&statement(&nobody), name).await,
        result => result,
    };
    let row = match found {
        Err(failure) if failure.is_absent() => return Ok(None),
        found => found?,
    };
    let Some(row) = row else { return Ok(None) };
    let is_ours: Option<bool> = row.try_get(0)?;
    let described: Option<String> = row.try_get(1)?;
    let pid: i32 = row.try_get(2)?;
    if is_ours == Some(true)
        && let Some(holder) = described.and_then(|text| serde_json::from_str(&text).ok())
    {
        return Ok(Some(Lock { pid, holder, is_ours: true }));
    }
    // Somebody who left no name, such as Terraform: what the server knows of the connection.
    let text = |index: usize, instead: &str| -> Result<Arc<str>, Failure> {
        let text: String = row.try_get(index)?;
        Ok(if text.is_empty() { instead.into() } else { text.into() })
    };
    let holder = Holder {
        id: format!("{CONNECTION}{pid}").into(),
        who: text(3, "unknown")?,
        host: text(4, "the server's machine")?,
        command: text(5, "another program")?,
        since: text(6, "an unknown time")?,
        ..Holder::default()
    };
    Ok(Some(Lock { pid, holder, is_ours: false }))
}
