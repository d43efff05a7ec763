//! One function per operation.

use super::archive;
use crate::context::{Answer, Ctx, Streamed};
use crate::domain::Result;
use crate::domain::files::name;

/// Gives everything the tenant owns, live and test, as a tar archive.
///
/// # Errors
/// `Unavailable` where the database is; one that comes later cuts the connection, so that a part is not taken for the whole.
pub async fn get(ctx: &Ctx) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let day = &ctx.now.seconds_text()[..10];
    let headers = [
        ("Content-Type", "application/x-tar".to_owned()),
        ("Content-Disposition", name::disposition(&format!("{}-{day}.tar", room.slug))),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let tables = crate::store::export::tables(ctx.store().read()).await?;
    let pieces = archive::pieces(ctx.house.clone(), room, tables, ctx.now);
    Ok(Answer::Stream(Streamed::fallible(headers, pieces)))
}
