//! The story of a server: load, build, bind, announce, accept, drain.

use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;

use crate::clock::Clock;
use crate::dispatch::Dispatch;
use crate::http::ListenerRole;
use crate::net::{self, Bound, CertificateProfile, Limits, Port, Stop, Tls, Traffic};
use crate::personality::{Description, Instance, Setup};
use crate::record::Recorder;

/// Everything that a start decides.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The product to be.
    pub description: &'static Description,
    /// How to be it.
    pub setup: Setup,
    /// The addresses of the product's own port.
    pub listen: Vec<SocketAddr>,
    /// The addresses of the second listener; empty for products that have none.
    pub local_listen: Vec<SocketAddr>,
    /// The time at which the clock stands; `None` for the system's.
    pub frozen: Option<Timestamp>,
    /// The most exchanges that the journal keeps.
    pub journal: usize,
    /// The most connections at a time.
    pub connections: usize,
    /// Certificates.
    pub tls: TlsSettings,
    /// Whether stdout also gets the line `MOCKAPI_ADDR=...`, which scripts of plexd's testers read.
    pub announce_mockapi: bool,
}

/// Where certificates come from and go to.
#[derive(Debug, Clone, Default)]
pub struct TlsSettings {
    /// A certificate chain and its key, both PEM, instead of a generated one.
    pub files: Option<(PathBuf, PathBuf)>,
    /// Names and addresses that the generated certificate is also good for.
    pub names: Vec<String>,
    /// Where the certificate that clients must trust is written as PEM.
    pub export: Option<PathBuf>,
}

/// A server whose ports are bound and which accepts nobody yet.
#[derive(Debug)]
pub struct Server {
    instance: Arc<Instance>,
    ports: Vec<Port>,
    tls: Tls,
    limits: Limits,
}

/// Runs a server until a signal ends it.
///
/// # Errors
/// When something does not load, or an address cannot be bound.
pub fn run(settings: &Settings) -> anyhow::Result<()> {
    let (before, after) = net::raise_file_limit();
    tracing::info!(before, after, "limit of open files is {after}");
    let runtime = runtime()?;
    runtime.block_on(async {
        let stop = Stop::on_signals().context("cannot listen for signals")?;
        let server = Server::bind(settings)?;
        server.announce(settings.announce_mockapi);
        server.serve(stop).await
    })
}

/// A worker for each processor; a single-threaded runtime where there is but one, which is about 5 % faster
/// than one worker.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let mut builder = match processors {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    builder
        .enable_all()
        .build()
        .context("cannot start the runtime")
}

impl Server {
    /// Loads, builds and binds. To be called within a runtime.
    ///
    /// # Errors
    /// When something does not load, or an address cannot be bound; the sentence names it.
    pub fn bind(settings: &Settings) -> anyhow::Result<Self> {
        let clock = settings.frozen.map_or_else(Clock::real, Clock::frozen);
        let started = clock.now();
        let personality = (settings.description.build)(&settings.setup)?;
        // A frozen clock may stand at a time in which the certificate would not be valid for clients.
        let tls = tls(settings, Clock::real().now())?;
        let mut ports = Vec::new();
        let roles = [
            (ListenerRole::Main, &settings.listen),
            (ListenerRole::Local, &settings.local_listen),
        ];
        for (role, addresses) in roles {
            for &address in addresses {
                let bound = bind(role, address)?;
                let dialect = personality.dialect(role);
                ports.push(Port {
                    bound,
                    role,
                    dialect,
                });
            }
        }
        let record = Recorder::new(personality.labels(), settings.journal);
        let instance = Arc::new(Instance {
            record,
            clock,
            started,
            traffic: Arc::new(Traffic::default()),
            ca_pem: tls.ca_pem().to_owned(),
            personality,
        });
        let limits = Limits {
            connections: settings.connections,
            ..Limits::default()
        };
        Ok(Self {
            instance,
            ports,
            tls,
            limits,
        })
    }

    /// Says on stdout where clients find it: one line per listener. Nobody reading is no fault.
    fn announce(&self, mockapi: bool) {
        let mut stdout = std::io::stdout().lock();
        for port in &self.ports {
            let (name, address) = match port.role {
                ListenerRole::Main => ("MOCK_SERVER_ADDR", port.bound.address()),
                ListenerRole::Local => ("MOCK_SERVER_LOCAL_ADDR", port.bound.address()),
            };
            let _ = writeln!(stdout, "{name}={address}");
            if mockapi && port.role == ListenerRole::Main {
                let _ = writeln!(stdout, "MOCKAPI_ADDR={address}");
            }
            let listener = port.role.name();
            tracing::info!(listener, %address, "listening, TLS and plain HTTP, on {address}");
        }
        let _ = stdout.flush();
    }

    /// The addresses that were bound for a role, in the order they were asked for.
    pub fn addresses(&self, role: ListenerRole) -> Vec<SocketAddr> {
        let ports = self.ports.iter().filter(|port| port.role == role);
        ports.map(|port| port.bound.address()).collect()
    }

    /// Accepts until `stop` says otherwise, then finishes what is under way.
    ///
    /// # Errors
    /// When a port fails for good.
    pub async fn serve(self, stop: Stop) -> anyhow::Result<()> {
        let personality = &self.instance.personality;
        let (name, release) = (personality.name(), personality.release());
        tracing::info!(name, release, "this is {name} {release}");
        let dispatch = Arc::new(Dispatch::new(Arc::clone(&self.instance)));
        let traffic = Arc::clone(&self.instance.traffic);
        net::serve(self.ports, dispatch, self.tls, self.limits, traffic, stop).await?;
        tracing::info!("stopped");
        Ok(())
    }
}

fn bind(role: ListenerRole, address: SocketAddr) -> anyhow::Result<Bound> {
    net::bind(address).with_context(|| {
        let flag = match role {
            ListenerRole::Main => "--listen",
            ListenerRole::Local => "--local-listen",
        };
        format!("cannot listen on {address} ({flag})")
    })
}

fn tls(settings: &Settings, now: Timestamp) -> anyhow::Result<Tls> {
    let tls = match &settings.tls.files {
        Some((certificate, key)) => Tls::load(certificate, key)?,
        None => Tls::generate(&profile(settings), now)?,
    };
    if let Some(path) = &settings.tls.export {
        std::fs::write(path, tls.ca_pem())
            .with_context(|| format!("cannot write {} (--tls-export)", path.display()))?;
    }
    Ok(tls)
}

/// What the generated certificate is good for: this machine under all its names, and the names under which
/// people reach the product.
fn profile(settings: &Settings) -> CertificateProfile {
    let mut names = vec!["localhost".to_owned()];
    names.extend(host_name());
    names.extend(
        settings
            .description
            .service_names
            .iter()
            .map(|&name| name.to_owned()),
    );
    let mut addresses: Vec<IpAddr> =
        vec![[127, 0, 0, 1].into(), std::net::Ipv6Addr::LOCALHOST.into()];
    let listen = settings.listen.iter().chain(&settings.local_listen);
    addresses.extend(listen.map(SocketAddr::ip).filter(|ip| !ip.is_unspecified()));
    for name in &settings.tls.names {
        match name.parse() {
            Ok(address) => addresses.push(address),
            Err(_) => names.push(name.clone()),
        }
    }
    names.dedup();
    addresses.sort_unstable();
    addresses.dedup();
    CertificateProfile {
        organization: settings.description.organization.to_owned(),
        names,
        ips: addresses,
    }
}

/// The machine's name as the kernel has it: no name is ever resolved.
fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    let name = name.trim();
    (!name.is_empty() && name != "(none)").then(|| name.to_owned())
}
