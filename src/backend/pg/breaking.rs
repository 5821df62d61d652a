//! Taking the lock away from a connection that does not end by itself: of a program that hangs, of a pool, of a machine
//! whose end the server has not noticed.

use std::time::Duration;

use tokio_postgres::types::Type;

use super::super::blocking;
use super::failure::Failure;
use super::failure::code;
use super::link::Link;
use super::reading;
use super::reading::Lock;
use super::tables::Tables;

/// How often the server is asked whether it has ended the connection.
const LOOKS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(100);

/// Ends the connection that holds the lock of a workspace under an id.
pub(super) async fn break_lock(
    link: &Link,
    tables: &Tables,
    workspace: &str,
    id: &str,
) -> Result<(), Failure> {
    for _ in 0..LOOKS {
        let held = reading::lock(link, tables, workspace).await?;
        let Some(Lock { pid, is_ours, .. }) = held.filter(|held| *held.holder.id == *id) else {
            return Ok(());
        };
        let ended = link.rows(&format!("SELECT pg_terminate_backend({pid})"), &[]).await;
        ended.map_err(|failure| match failure.code() {
            Some(code::FORBIDDEN) => failure.hint(
                "connect as the user who holds the lock or as one with the role `pg_signal_backend`, or end the connection on the server",
            ),
            _ => failure,
        })?;
        if is_ours {
            // A run that is alive connects again: it must find that it holds nothing any more.
            let fence = format!(
                "UPDATE {} SET epoch = epoch + 1, run = NULL, holder = NULL WHERE name = $1 AND holder::jsonb ->> 'id' = $2",
                tables.writers()
            );
            link.change(&fence, &[(&workspace, Type::TEXT), (&id, Type::TEXT)]).await?;
        }
        blocking::sleep(PAUSE).await;
    }
    Err(Failure::hopeless("the server has not ended the connection that holds the lock"))
}
