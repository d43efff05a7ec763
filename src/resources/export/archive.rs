//! The archive, piece by piece: what it holds of memory is one part of a table, or one piece of a file.

use crate::context::{House, Room};
use crate::domain::{Error, Kind, Result, Timestamp, tar};
use crate::resources::licensing;
use crate::store::export::{LICENSES, Last, Table, rows};
use crate::store::uploads;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Arc;
use uuid::Uuid;

/// Rows of one part of a table.
const PART_ROWS: u64 = 500;

/// What is left to write.
enum Step {
    Manifest,
    Table { table: Table, part: u64, last: Option<Last> },
    Files { after: Uuid },
    File { id: Uuid, size: u64 },
    End,
}

struct Writer {
    house: Arc<House>,
    room: Room,
    tables: Vec<String>,
    now: Timestamp,
    steps: VecDeque<Step>,
}

/// The whole archive.
pub(super) fn pieces(
    house: Arc<House>,
    room: Room,
    tables: Vec<Table>,
    now: Timestamp,
) -> impl Stream<Item = Result<Bytes>> + Send {
    let names = tables.iter().map(|table| table.name.clone()).collect();
    let mut steps = VecDeque::from([Step::Manifest]);
    let begun = |table| Step::Table {
        table,
        part: 0,
        last: None,
    };
    steps.extend(tables.into_iter().map(begun));
    steps.extend([Step::Files { after: Uuid::nil() }, Step::End]);
    let writer = Writer {
        house,
        room,
        tables: names,
        now,
        steps,
    };
    stream::unfold(writer, |mut writer| async move {
        let step = writer.steps.pop_front()?;
        let written = match writer.write(step).await {
            Ok(bytes) => bytes,
            Err(error) => {
                writer.steps.clear();
                stream::iter([Err(error)]).boxed()
            }
        };
        Some((written, writer))
    })
    .flatten()
}

impl Writer {
    async fn write(&mut self, step: Step) -> Result<BoxStream<'static, Result<Bytes>>> {
        match step {
            Step::Manifest => {
                let manifest = json!({
                    "format": "fondaco-export-1",
                    "tenant": {"id": self.room.tenant, "slug": self.room.slug},
                    "exported_at": self.now.millis_text(),
                    "tables": self.tables,
                    "layout": "tables/<table>-<part>.jsonl: one row a line, moments in epoch milliseconds, amounts in minor units; \
                               files/<id>: uploads, named as in the table files",
                });
                Ok(one(self.entry("manifest.json", format!("{manifest:#}\n").as_bytes())))
            }
            Step::Table { table, part, last } => self.table(table, part, last).await,
            Step::Files { after } => self.files(after).await,
            Step::File { id, size } => self.file(id, size).await,
            Step::End => Ok(one(Bytes::from_static(&tar::END))),
        }
    }

    async fn table(&mut self, table: Table, part: u64, last: Option<Last>) -> Result<BoxStream<'static, Result<Bytes>>> {
        let from = (last.as_ref(), PART_ROWS);
        let (mut found, last) = rows(self.house.store.read(), &table, self.room.tenant, from).await?;
        if table.name == LICENSES {
            found.iter_mut().for_each(|row| self.open_key(row));
        }
        let name = format!("tables/{}-{:04}.jsonl", table.name, part + 1);
        if u64::try_from(found.len()).is_ok_and(|count| count == PART_ROWS) {
            self.steps.push_front(Step::Table {
                table,
                part: part + 1,
                last,
            });
        }
        if found.is_empty() {
            return Ok(stream::empty().boxed());
        }
        let lines: String = found.iter().map(|row| format!("{row}\n")).collect();
        Ok(one(self.entry(&name, lines.as_bytes())))
    }

    /// Puts a licence's key in the place of what is kept of it; one that was sealed under another master key is lost.
    fn open_key(&self, row: &mut Value) {
        let Some(members) = row.as_object_mut() else { return };
        let sealed = members.shift_remove("key_sealed");
        let id = members
            .get("id")
            .and_then(Value::as_str)
            .and_then(|id| Uuid::try_parse(id).ok());
        if let (Some(id), Some(sealed)) = (id, sealed.as_ref().and_then(Value::as_str)) {
            let key = licensing::keys::open_sealed(&self.house, id, sealed).ok();
            members.insert("key".to_owned(), key.into());
        }
    }

    async fn files(&mut self, after: Uuid) -> Result<BoxStream<'static, Result<Bytes>>> {
        let found = uploads::kept_of(self.house.store.read(), self.room.tenant, after).await?;
        if let Some(last) = found.last() {
            self.steps.push_front(Step::Files { after: last.id });
        }
        for row in found.iter().rev() {
            let size = u64::try_from(row.size_bytes).unwrap_or(0);
            self.steps.push_front(Step::File { id: row.id, size });
        }
        Ok(stream::empty().boxed())
    }

    async fn file(&self, id: Uuid, size: u64) -> Result<BoxStream<'static, Result<Bytes>>> {
        let bytes = match self.house.files.read(id).await {
            Ok(bytes) => bytes,
            // It was deleted since the list was read.
            Err(error) if error.kind() == Kind::NotFound => return Ok(stream::empty().boxed()),
            Err(error) => return Err(error),
        };
        let head = tar::header(&format!("files/{id}"), size, self.now.seconds());
        let whole = one(Bytes::copy_from_slice(&head))
            .chain(bytes.map(|piece| piece.map_err(Error::internal)))
            .chain(one(Bytes::from(vec![0; tar::padding(size)])));
        Ok(whole.boxed())
    }

    fn entry(&self, name: &str, content: &[u8]) -> Bytes {
        let size = content.len() as u64;
        let mut bytes = BytesMut::from(&tar::header(name, size, self.now.seconds())[..]);
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len() + tar::padding(size), 0);
        bytes.freeze()
    }
}

fn one(bytes: Bytes) -> BoxStream<'static, Result<Bytes>> {
    stream::iter([Ok(bytes)]).boxed()
}
