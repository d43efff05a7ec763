//! The composition root: the one place where the parts meet, for production and for tests alike.

mod refusal;

use crate::actors::Actors;
use crate::actors::courier::post::Post;
use crate::actors::delivery::sender::{Sender, SenderOptions};
use crate::actors::deps::{Deps, Node};
use crate::actors::feed::Feed;
use crate::actors::steward::{Round, Steward};
use crate::actors::supervisor::Supervised;
use crate::clock::{Clock, Ids};
use crate::config::{self, Config, DataFolder};
use crate::context::{House, Memory, Tally, Tries, Uses};
use crate::domain::Timestamp;
use crate::domain::dialect::Dialects;
use crate::domain::network::{Egress, OwnReceiver};
use crate::domain::seal::Sealer;
use crate::files::Files;
use crate::http::mount;
use crate::outward::Outward;
use crate::payments::{self, Payments};
use crate::resources;
use crate::store::{Store, StoreOptions};
use crate::telemetry::Metrics;
use crate::upgrades::{Upgrades, swap};
use actix_rt::Arbiter;
use actix_web::dev::ServerHandle;
use actix_web::{App as Web, HttpServer};
pub use refusal::StartError;
use refusal::check_key;
use secrecy::ExposeSecret;
use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long requests in flight may take to finish at the end.
const DRAIN_S: u64 = 10;
/// How long a connection is kept open without a request.
const KEPT: Duration = Duration::from_secs(5);
/// How long it takes until every connection that was kept open is closed, each with its next answer or by its silence.
const TURN_OVER: Duration = Duration::from_millis(5_500);
/// How long connections that were let in take at most to reach a worker.
const HAND_OVER: Duration = Duration::from_millis(200);
/// Connections a worker holds at most.
const CONNECTIONS_PER_WORKER: usize = 10_000;

/// What an application is built of.
pub struct Parts {
    /// Settings.
    pub config: Config,
    /// The server's clock.
    pub clock: Clock,
    /// Ids and chance.
    pub ids: Ids,
    /// Whether timers wake the delivery by themselves; tests take the steps one by one.
    pub ticks: bool,
}

/// A running server.
pub struct App {
    house: Arc<House>,
    address: SocketAddr,
    // The socket itself, which outlives the server where another version takes over.
    listener: TcpListener,
    server: ServerHandle,
    running: actix_rt::task::JoinHandle<std::io::Result<()>>,
    steward: Option<(Arbiter, Supervised<Steward>)>,
    // Holds the lock on the data folder.
    _folder: DataFolder,
}

impl App {
    /// Opens the data folder and the database, starts the actors and binds the port.
    ///
    /// # Errors
    /// Says what is in the way and what to do about it.
    pub async fn build(parts: Parts) -> Result<Self, StartError> {
        // A second call finds it installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let Parts {
            config,
            clock,
            ids,
            ticks,
        } = parts;
        let metrics = Metrics::install().map_err(|error| StartError(error.to_string()))?;
        let folder = DataFolder::open(&config, &ids)?;
        wind(&config, &folder, &clock)?;
        let dialects = dialects(&config)?;
        let (listener, address) = bind(&config)?;
        let public_url = config.server.public_url(address);
        let sealer = sealer(&folder)?;
        let store = open_store(&config, &sealer, &ids).await?;
        let files = Files::open(&config.storage, folder.path(), folder.master_key().expose()).map_err(StartError)?;
        let egress = egress(&config, &public_url, address);
        let deps = Deps {
            store: store.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            dialects: dialects.clone(),
            sealer: sealer.clone(),
            sender: sender(&egress)?,
            post: Post::new(&config, &public_url).map_err(StartError)?,
            feed: Feed::default(),
            node: node(&folder, &ids, &clock),
            has_jitter: !config.sandbox.clock,
            has_ticks: ticks,
        };
        let actors = Actors::start(deps, config.server.workers).await?;
        let outward = Outward::new().map_err(StartError)?;
        let house = Arc::new(House {
            payments: payments(&config, &store, &sealer)?,
            store,
            files,
            tally: Tally::default(),
            uses: Uses::default(),
            tries: Tries::default(),
            actors,
            upgrades: Upgrades::new(&config, outward.clone(), clock.clone()),
            outward,
            dialects,
            clock,
            ids,
            sealer,
            config,
            public_url,
            admin_secret: folder.admin_secret().clone(),
            data: folder.path().to_owned(),
            egress,
            metrics,
            memory: Memory::default(),
            chores: resources::chores(),
            followers: resources::followers(),
            is_closing: Arc::default(),
        });
        Self::serve(house, listener, folder, ticks)
    }

    fn serve(house: Arc<House>, listener: TcpListener, folder: DataFolder, ticks: bool) -> Result<Self, StartError> {
        wake_delivery(&house.store, &house.actors);
        let steward = ticks.then(|| steward(&house));
        let address = listener.local_addr().map_err(|error| StartError(error.to_string()))?;
        let kept = listener.try_clone().map_err(|error| StartError(error.to_string()))?;
        let (server, running) = listen(&house, listener)?;
        Ok(Self {
            house,
            address,
            listener: kept,
            server,
            running,
            steward,
            _folder: folder,
        })
    }

    /// The process-wide parts.
    pub fn house(&self) -> &Arc<House> {
        &self.house
    }

    /// The address the port was bound to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address to reach it at, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Runs until a signal, then drains; answers the exit code. Where an upgrade is ready it drains all the same and becomes
    /// the new version, with the listening socket kept.
    pub async fn run(self) -> ExitCode {
        let upgrades = self.house.upgrades.clone();
        let swap = tokio::select! {
            () = wait_for_signal() => None,
            swap = upgrades.wanted() => Some(swap),
        };
        tracing::info!("stopping: finishing requests and deliveries in flight");
        let Some(swap) = swap else {
            self.stop().await;
            return ExitCode::SUCCESS;
        };
        let listener = self.listener.try_clone();
        // Nobody loses a request on a connection he keeps open: each is told to close with its next answer, while new ones
        // are still let in.
        self.house.is_closing.store(true, Ordering::Relaxed);
        tokio::time::sleep(TURN_OVER).await;
        // What comes from now on waits for the new version; what was let in just now is still handed to a worker.
        self.server.pause().await;
        tokio::time::sleep(HAND_OVER).await;
        self.stop().await;
        match listener {
            Ok(listener) => tracing::error!(error = %swap.carry_out(&listener), "no version could be started"),
            Err(error) => tracing::error!(%error, "the listening socket could not be kept"),
        }
        ExitCode::FAILURE
    }

    /// Stops accepting, finishes what is in flight, flushes counters, closes the database.
    pub async fn stop(self) {
        self.house.is_closing.store(true, Ordering::Relaxed);
        // Streams end by themselves only when they are told.
        self.house.actors.feed().close();
        self.server.stop(true).await;
        let _ = self.running.await;
        if let Some((arbiter, _)) = &self.steward {
            arbiter.stop();
        }
        if let Err(error) = resources::market::tally::flush(&self.house).await {
            tracing::warn!(%error, "looks at products were not written");
        }
        if let Err(error) = resources::licensing::uses::flush(&self.house, usize::MAX).await {
            tracing::warn!(%error, "uses of licences were not written");
        }
        self.house.actors.stop().await;
        self.house.store.close().await;
    }
}

fn listen(
    house: &Arc<House>,
    listener: TcpListener,
) -> Result<(ServerHandle, actix_rt::task::JoinHandle<std::io::Result<()>>), StartError> {
    let shared = house.clone();
    let server = HttpServer::new(move || {
        let shared = shared.clone();
        Web::new().configure(move |config| mount::mount(config, &shared, resources::routes()))
    })
    .workers(house.config.server.workers)
    .max_connections(CONNECTIONS_PER_WORKER)
    .keep_alive(KEPT)
    .client_request_timeout(Duration::from_secs(15))
    .shutdown_timeout(DRAIN_S)
    .disable_signals()
    .listen(listener)
    .map_err(|error| StartError(error.to_string()))?
    .run();
    let handle = server.handle();
    Ok((handle, actix_rt::spawn(server)))
}

/// What seals values that must be read back.
fn sealer(folder: &DataFolder) -> Result<Sealer, StartError> {
    Sealer::new(*folder.master_key().expose()).ok_or_else(|| StartError("the master key is unusable".to_owned()))
}

/// Which process this is.
fn node(folder: &DataFolder, ids: &Ids, clock: &Clock) -> Node {
    Node {
        node: folder.node(),
        boot: ids.uuid(clock.real_now()),
    }
}

/// All dialects, the default one among them.
fn dialects(config: &Config) -> Result<Dialects, StartError> {
    let dialects = Dialects::load(config.dialects.folder.as_deref()).map_err(StartError)?;
    let wanted = &config.dialects.default;
    if dialects.get(wanted).is_some() {
        return Ok(dialects);
    }
    let names = dialects.names().collect::<Vec<_>>().join(", ");
    Err(StartError(format!(
        "FONDACO_DEFAULT_DIALECT is `{wanted}`, which is no dialect; use one of {names}"
    )))
}

fn bind(config: &Config) -> Result<(TcpListener, SocketAddr), StartError> {
    let wanted = config.server.bind;
    let refused = |error: std::io::Error| {
        StartError(format!(
            "FONDACO_BIND is `{wanted}`, which cannot be listened on: {error}; name a free address"
        ))
    };
    let listener = match swap::inherited(wanted) {
        Some(listener) => listener,
        None => TcpListener::bind(wanted).map_err(refused)?,
    };
    let address = listener.local_addr().map_err(refused)?;
    Ok((listener, address))
}

/// The database; once its disk can no longer be trusted the process ends rather than promise anything else.
async fn open_store(config: &Config, sealer: &Sealer, ids: &Ids) -> Result<Store, StartError> {
    let store = Store::open(&StoreOptions::new(config.database.url.expose_secret())).await?;
    store.on_fatal(Arc::new(|error| {
        tracing::error!(%error, "the disk can no longer be trusted; stopping before anything else is promised");
        std::process::exit(74);
    }));
    check_key(&store, sealer, ids).await?;
    Ok(store)
}

fn sender(egress: &Egress) -> Result<Sender, StartError> {
    let (egress, names) = (egress.clone(), HashMap::new());
    Sender::new(SenderOptions { egress, names }).map_err(StartError)
}

fn payments(config: &Config, store: &Store, sealer: &Sealer) -> Result<Payments, StartError> {
    let options = payments::Options {
        base: config.stripe.api_base.clone(),
        secret_key: config.stripe.secret_key.clone(),
        webhook_secret: config.stripe.webhook_secret.clone(),
        deadline: payments::DEADLINE,
    };
    Payments::new(store.clone(), sealer.clone(), options).map_err(StartError)
}

/// Sets the sandbox's clock to where it was left.
fn wind(config: &Config, folder: &DataFolder, clock: &Clock) -> Result<(), StartError> {
    if config.sandbox.clock {
        clock.advance_to(Timestamp(clock.real_now().0 + config::clock_offset::read(folder.path())?));
    }
    Ok(())
}

/// Does what falls due by the clock, as long as the house stands.
fn steward(house: &Arc<House>) -> (Arbiter, Supervised<Steward>) {
    let house = Arc::downgrade(house);
    let round: Round = Arc::new(move || {
        let house = house.upgrade();
        Box::pin(async move {
            if let Some(house) = house {
                // What goes wrong is in the log, and the next round tries again.
                let _ = house.do_chores(house.clock.now()).await;
            }
        })
    });
    let arbiter = Arbiter::new();
    let steward = Steward::start(&arbiter.handle(), round);
    (arbiter, steward)
}

/// A commit's events are told to the delivery; losing them costs a tick.
fn wake_delivery(store: &Store, actors: &Actors) {
    let told = actors.clone();
    store.on_commit(Arc::new(move |events| {
        if !events.is_empty() {
            told.tell(events);
        }
    }));
}

/// Where webhooks may go: what the settings allow, and this server's own receiver under each of its names.
fn egress(config: &Config, public_url: &str, address: SocketAddr) -> Egress {
    let mut own = vec![
        OwnReceiver::bound(address),
        OwnReceiver::under(&format!("http://localhost:{}", address.port()), address),
    ];
    own.push(OwnReceiver::under(public_url, address));
    Egress {
        allow_http: config.webhooks.allow_http,
        allowed: config.webhooks.allow_networks.clone(),
        own,
    }
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        _ => {
            // Without handlers the default action ends the process; nothing is left to wait for.
            std::future::pending::<()>().await;
        }
    }
}
