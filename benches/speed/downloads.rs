//! Handing out a file of 1 GiB by the link a buyer gets, beside actix-web serving the same file as a plain static one.

use super::Outcome;
use super::place::{MASTER_KEY, Place};
use super::plan::Plan;
use super::raw::Head;
use super::samples::{Samples, large};
use super::seed::{self, Tenant, tenant_id};
use super::served::{Served, pause};
use super::table::{Bar, Table};
use entities::{file, version};
use fondaco::clock::Clock;
use fondaco::domain::files::link::{GOOD_FOR_S, LinkKey};
use fondaco::store::Store;
use sea_orm::{EntityTrait, IntoActiveModel};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The file's size.
const SIZE: u64 = 1024 * 1024 * 1024;
/// A piece of it, as download managers ask for them.
const PIECE: u64 = 16 * 1024 * 1024;
/// Connections that ask for pieces.
const ASKERS: u64 = 8;
/// Of the plain static file's throughput.
const WANTED: f64 = 0.8;
/// How far the server's memory may grow, in MiB.
const GROWTH_MAX: f64 = 32.0;
const MIB: f64 = 1024.0 * 1024.0;
const NAME: &str = "film.bin";
const ID: Uuid = Uuid::from_u64_pair(0x0192_f0c1_7b5e_7005, 0x8000_0000_0000_0001);

/// The same bytes by two ways.
#[derive(Clone)]
struct Way {
    to: SocketAddr,
    path: String,
}

pub(super) fn run(plan: &Plan, table: &mut Table) -> Outcome {
    let place = Place::sqlite(plan)?;
    let id = ID.simple().to_string();
    let folder = place.folder().join("files").join(id.get(30..).unwrap_or_default());
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(&id);
    let digest = write(&path)?;
    place.with_store(async |store| record(&store, &digest).await)?;
    let server = place.serve()?;
    let until = Clock::system(0).now().seconds() + GOOD_FOR_S;
    let ours = Way {
        to: server.app,
        path: LinkKey::of(&MASTER_KEY).write(ID, NAME, until),
    };
    let plain = Way {
        to: server.beside,
        path: format!("/plain?path={}", path.display()),
    };
    let fetched = [&ours, &plain].map(|way| way.digest());
    for fetched in fetched {
        if fetched? != digest {
            return Err("other bytes arrived than were sent".into());
        }
    }
    measure(plan, table, &server, [&ours, &plain])?;
    server.stop()
}

fn measure(plan: &Plan, table: &mut Table, server: &Served, ways: [&Way; 2]) -> Outcome {
    let [mut whole, mut pieces] = <[[Samples; 2]; 2]>::default();
    let mut most = 0;
    // What threads and buffers need at all is there by now; it is given back to the system meanwhile.
    pause(Duration::from_secs(2));
    let before = server.memory()?.own;
    for round in 0..plan.rounds {
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        for place in order {
            let (mut took, peak) = watched(server, || ways[place].whole())?;
            whole[place].push(large(SIZE) / MIB / took);
            let is_ours = place == 0;
            most = if is_ours { most.max(peak) } else { most };
            let (seconds, peak) = watched(server, || ways[place].in_pieces())?;
            took = seconds;
            pieces[place].push(large(SIZE) / MIB / took);
            most = if is_ours { most.max(peak) } else { most };
        }
    }
    let parallel = format!("{} pieces of 16 MiB over {ASKERS} connections", SIZE / PIECE);
    for (text, [ours, plain]) in [("whole", &whole), (parallel.as_str(), &pieces)] {
        table.row(
            &format!("plain static file of actix-web, 1 GiB, {text}"),
            "MiB/s",
            plain,
            Bar::None,
        );
        table.row(&format!("download by link, 1 GiB, {text}"), "MiB/s", ours, Bar::None);
        table.row("  by the plain static file", "ratio", &ours.by(plain), Bar::AtLeast(WANTED));
    }
    let grown = large(most.saturating_sub(before)) / MIB;
    table.one("  memory grows by, at its highest", "MiB", grown, Bar::AtMost(GROWTH_MAX));
    Ok(())
}

/// Does something and answers how long it took, and the most that the server held meanwhile.
fn watched(server: &Served, work: impl FnOnce() -> Outcome) -> Outcome<(f64, u64)> {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut most = 0;
            while !is_over.load(Ordering::Relaxed) {
                most = server.memory().map_or(most, |memory| most.max(memory.own));
                pause(Duration::from_millis(5));
            }
            most
        });
        let begun = Instant::now();
        let done = work();
        let took = begun.elapsed().as_secs_f64();
        is_over.store(true, Ordering::Relaxed);
        let most = watcher.join().map_err(|_| "the watcher panicked")?;
        done.map(|()| (took, most))
    })
}

impl Way {
    fn whole(&self) -> Outcome {
        let mut stream = TcpStream::connect(self.to)?;
        self.fetch(&mut stream, None, |_| {})
    }

    fn digest(&self) -> Outcome<String> {
        let (mut stream, mut digest) = (TcpStream::connect(self.to)?, Sha256::new());
        self.fetch(&mut stream, None, |bytes| digest.update(bytes))?;
        Ok(hex::encode(digest.finalize()))
    }

    fn in_pieces(&self) -> Outcome {
        std::thread::scope(|scope| {
            let askers: Vec<_> = (0..ASKERS)
                .map(|asker| scope.spawn(move || self.every_eighth(asker)))
                .collect();
            let done = askers.into_iter().map(|asker| asker.join().map_err(|_| "an asker panicked")?);
            done.collect::<Outcome<Vec<()>>>().map(drop)
        })
    }

    fn every_eighth(&self, asker: u64) -> Outcome {
        let mut stream = TcpStream::connect(self.to)?;
        let firsts = (0..SIZE / PIECE).filter(|piece| piece % ASKERS == asker);
        for first in firsts.map(|piece| piece * PIECE) {
            self.fetch(&mut stream, Some((first, first + PIECE - 1)), |_| {})?;
        }
        Ok(())
    }

    /// Asks for the file or a piece of it and takes all of it.
    fn fetch(&self, stream: &mut TcpStream, range: Option<(u64, u64)>, mut take: impl FnMut(&[u8])) -> Outcome {
        let (wanted, length, range) = match range {
            None => (200, SIZE, String::new()),
            Some((first, last)) => (206, last - first + 1, format!("Range: bytes={first}-{last}\r\n")),
        };
        stream.write_all(format!("GET {} HTTP/1.1\r\nHost: localhost\r\n{range}\r\n", self.path).as_bytes())?;
        let mut buffer = vec![0; 256 * 1024];
        let mut filled = 0;
        let head = loop {
            let read = stream.read(&mut buffer[filled..])?;
            filled += read;
            match Head::read(&buffer[..filled]) {
                Some(head) => break head,
                None if read == 0 => return Err("no answer".into()),
                None => {}
            }
        };
        if head.status != wanted || head.length as u64 != length {
            return Err(format!("answered {} with {} bytes", head.status, head.length).into());
        }
        take(&buffer[head.ends_at..filled]);
        let mut left = length - (filled - head.ends_at) as u64;
        while left > 0 {
            let read = stream.read(&mut buffer)?;
            if read == 0 {
                return Err(format!("cut off {left} bytes before the end").into());
            }
            take(&buffer[..read]);
            left -= read as u64;
        }
        Ok(())
    }
}

/// Writes the file, of bytes that repeat nowhere, and answers its digest.
fn write(path: &Path) -> Outcome<String> {
    let (mut out, mut digest) = (BufWriter::with_capacity(1 << 20, File::create(path)?), Sha256::new());
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut block = Vec::with_capacity(1 << 20);
    for _ in 0..SIZE >> 20 {
        block.clear();
        while block.len() < 1 << 20 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            block.extend_from_slice(&state.to_le_bytes());
        }
        digest.update(&block);
        out.write_all(&block)?;
    }
    out.into_inner()?.sync_all()?;
    Ok(hex::encode(digest.finalize()))
}

/// Says in the database that the file is there.
async fn record(store: &Store, digest: &str) -> Outcome {
    seed::tenants(store, &[Tenant::PLENTY]).await?;
    let products = seed::products(store, 0, 1).await?;
    let product = products.first().copied().ok_or("no product was made")?;
    let now = Clock::system(0).now().0;
    let size_bytes = i64::try_from(SIZE)?;
    let kept = file::Model {
        id: ID,
        tenant: tenant_id(0),
        mode: entities::Mode::Live,
        state: file::State::Kept,
        size_bytes,
        sha256: digest.to_owned(),
        created_at: now,
        updated_at: now,
    };
    let sold = version::Model {
        id: ID,
        tenant: tenant_id(0),
        mode: entities::Mode::Live,
        product,
        version: "1.0".to_owned(),
        changelog: None,
        file: ID,
        file_name: NAME.to_owned(),
        media_type: "application/octet-stream".to_owned(),
        size_bytes,
        sha256: digest.to_owned(),
        created_at: now,
        updated_at: now,
    };
    store
        .command(async move |tx| {
            file::Entity::insert(kept.clone().into_active_model())
                .exec_without_returning(tx)
                .await?;
            version::Entity::insert(sold.clone().into_active_model())
                .exec_without_returning(tx)
                .await?;
            Ok(())
        })
        .await?;
    Ok(())
}
