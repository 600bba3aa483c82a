//! Every flag, each with its environment variable `MOCK_SERVER_<FLAG>`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

/// A stand-in for a product's API: unmodified clients talk to it, tests look inside, change it and break it.
#[derive(Debug, Parser)]
#[command(name = "mock-server", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// What to do; serving when nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The flags of serving.
    #[command(flatten)]
    pub serve: Serve,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Be a product until a signal comes (this is what happens when no command is given)
    Serve(Serve),
    /// Ask a server for its health: exit code 0 when it is ready, 1 otherwise
    Check {
        /// What to ask: an address with http:// or https://; found by itself within a container
        #[arg(value_name = "URL")]
        url: Option<String>,
    },
    /// Print every operation with what answers it and where that is written
    Routes {
        /// Which personality, as for serving.
        #[command(flatten)]
        serve: Serve,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the contract in force as an OpenAPI document
    #[command(args_conflicts_with_subcommands = true)]
    Openapi {
        /// Making documents, instead of printing one.
        #[command(subcommand)]
        command: Option<Openapi>,
        /// Which personality, as for serving.
        #[command(flatten)]
        serve: Serve,
    },
}

/// What else can be done with contracts.
#[derive(Debug, Subcommand)]
pub enum Openapi {
    /// Make an OpenAPI document of a Proxmox product's own API description
    Import(Import),
}

/// The flags of importing. They have no environment variables: those of serving mean something else.
#[derive(Debug, Clone, Args)]
pub struct Import {
    /// The product's apidoc.js, or the JSON list that is in it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What the document is called [default: the product's name, by its paths]
    #[arg(long, value_name = "TITLE")]
    pub title: Option<String>,
    /// The release of the product, which its description does not tell [default: unknown]
    #[arg(long, value_name = "RELEASE")]
    pub release: Option<String>,
    /// Where to write the document; stdout when nothing is said
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// The flags of serving.
#[derive(Debug, Clone, Args)]
#[expect(
    clippy::doc_markdown,
    reason = "these lines are the help text, which is not Markdown"
)]
pub struct Serve {
    /// The product to be: pve, pbs, pdm, or plexd-central (plexd)
    #[arg(long, env = "MOCK_SERVER_PERSONALITY", value_name = "NAME")]
    pub personality: Option<String>,
    /// The release of the product; the newest one that is known when nothing is said
    #[arg(long, env = "MOCK_SERVER_RELEASE", value_name = "RELEASE")]
    pub release: Option<String>,
    /// Where to listen, repeatable; port 0 picks one, `:PORT` is every address [default: 127.0.0.1 and the product's port]
    #[arg(
        long,
        env = "MOCK_SERVER_LISTEN",
        value_name = "ADDR:PORT",
        value_delimiter = ','
    )]
    pub listen: Vec<String>,
    /// Where plexd-central's local endpoint listens, repeatable [default: 127.0.0.1:8443]
    #[arg(
        long,
        env = "MOCK_SERVER_LOCAL_LISTEN",
        value_name = "ADDR:PORT",
        value_delimiter = ','
    )]
    pub local_listen: Vec<String>,
    /// The first state: `default`, `empty`, `large:<guests>` (pve), or a world file
    #[arg(
        long,
        env = "MOCK_SERVER_WORLD",
        value_name = "NAME|FILE",
        default_value = "default"
    )]
    pub world: String,
    /// Canned answers laid over the world (the Proxmox personalities)
    #[arg(long, env = "MOCK_SERVER_OVERLAY", value_name = "FILE")]
    pub overlay: Option<PathBuf>,
    /// A contract of your own instead of the one the binary carries
    #[arg(long, env = "MOCK_SERVER_CONTRACT", value_name = "FILE")]
    pub contract: Option<PathBuf>,
    /// A folder of canned answers that come before those the binary carries
    #[arg(long, env = "MOCK_SERVER_FIXTURES", value_name = "DIR")]
    pub fixtures: Option<PathBuf>,
    /// Whether credentials are checked as the product does (plexd-central's contract checks none but the local endpoint's)
    #[arg(long, env = "MOCK_SERVER_AUTH", value_enum, default_value_t = Auth::Open)]
    pub auth: Auth,
    /// Whether refused credentials and permissions are answered as late as the product does, 3 s and 0.5 s (the Proxmox personalities)
    #[arg(long, env = "MOCK_SERVER_AUTH_DELAY")]
    pub auth_delay: bool,
    /// The password of root@pam (the Proxmox personalities) [default: secret]
    #[arg(long, env = "MOCK_SERVER_ROOT_PASSWORD", value_name = "PASSWORD")]
    pub root_password: Option<String>,
    /// How long simulated tasks take (products that have tasks)
    #[arg(long, env = "MOCK_SERVER_TASK_TIME", value_name = "DURATION", value_parser = duration, default_value = "0s")]
    pub task_time: Duration,
    /// Ids that come out the same each time
    #[arg(long, env = "MOCK_SERVER_SEED", value_name = "N")]
    pub seed: Option<u64>,
    /// Keys that come out the same each time: `seed:` and 64 hexadecimal digits, which are the Ed25519 secret seed
    #[arg(long, env = "MOCK_SERVER_KEYS", value_name = "random|seed:HEX", value_parser = keys, default_value = "random")]
    pub keys: Keys,
    /// Whether all registrations are the same node, or each gets an id, address and key of its own
    #[arg(long, env = "MOCK_SERVER_NODES", value_enum, default_value_t = Nodes::Single)]
    pub nodes: Nodes,
    /// How long an event stream is silent before a comment is sent [default: the product's, 15s]
    #[arg(long, env = "MOCK_SERVER_KEEP_ALIVE", value_name = "DURATION", value_parser = positive_duration)]
    pub keep_alive: Option<Duration>,
    /// The system's clock, or one that stands at a time until it is stepped
    #[arg(long, env = "MOCK_SERVER_CLOCK", value_name = "real|RFC3339", value_parser = clock, default_value = "real")]
    pub clock: ClockSetting,
    /// A certificate chain of your own, PEM
    #[arg(
        long,
        env = "MOCK_SERVER_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key"
    )]
    pub tls_cert: Option<PathBuf>,
    /// Its key, PEM
    #[arg(
        long,
        env = "MOCK_SERVER_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    pub tls_key: Option<PathBuf>,
    /// A name or address that the generated certificate is also good for, repeatable
    #[arg(
        long,
        env = "MOCK_SERVER_TLS_SAN",
        value_name = "NAME",
        value_delimiter = ','
    )]
    pub tls_san: Vec<String>,
    /// Where to write the certificate that clients must trust, PEM
    #[arg(long, env = "MOCK_SERVER_TLS_EXPORT", value_name = "FILE")]
    pub tls_export: Option<PathBuf>,
    /// How many exchanges the journal keeps; 0 keeps none
    #[arg(
        long,
        env = "MOCK_SERVER_JOURNAL",
        value_name = "N",
        default_value_t = 10_000
    )]
    pub journal: usize,
    /// How many connections may be open at a time
    #[arg(
        long,
        env = "MOCK_SERVER_MAX_CONNECTIONS",
        value_name = "N",
        default_value_t = 20_000
    )]
    pub max_connections: usize,
    /// The most bytes of a request's body, as sent and inflated [default: the product's, for plexd-central 8 MiB]
    #[arg(long, env = "MOCK_SERVER_MAX_BODY", value_name = "BYTES")]
    pub max_body: Option<usize>,
    /// What is logged to stderr: error, warn, info, debug, trace, or a filter such as mock_server=debug
    #[arg(
        long,
        env = "MOCK_SERVER_LOG",
        value_name = "FILTER",
        default_value = "info"
    )]
    pub log: String,
}

/// Whether credentials are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Auth {
    /// Any or no credential passes.
    Open,
    /// The product's own rules.
    Strict,
}

/// Whether registrations share a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Nodes {
    /// All registrations are the same node, as in plexd's own test double.
    Single,
    /// Each registration gets its own.
    Distinct,
}

/// Where keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keys {
    /// The operating system's randomness.
    Random,
    /// A seed.
    Seed([u8; 32]),
}

/// Where the time comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClockSetting {
    /// The system.
    Real,
    /// It stands here.
    At(Timestamp),
}

fn duration(text: &str) -> Result<Duration, String> {
    crate::clock::parse_duration(text)
        .ok_or_else(|| "not a duration: write 500ms, 15s, 2m or 1h".into())
}

fn positive_duration(text: &str) -> Result<Duration, String> {
    duration(text).and_then(|duration| match duration {
        Duration::ZERO => Err("must be longer than 0".into()),
        duration => Ok(duration),
    })
}

fn clock(text: &str) -> Result<ClockSetting, String> {
    if text == "real" {
        return Ok(ClockSetting::Real);
    }
    text.parse()
        .map(ClockSetting::At)
        .map_err(|_| "neither `real` nor a time like 2026-01-01T00:00:00Z (RFC 3339)".to_owned())
}

fn keys(text: &str) -> Result<Keys, String> {
    if text == "random" {
        return Ok(Keys::Random);
    }
    let wrong = || "neither `random` nor `seed:` and 64 hexadecimal digits".to_owned();
    let hex = text.strip_prefix("seed:").ok_or_else(wrong)?;
    if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let mut seed = [0; 32];
    for (position, byte) in seed.iter_mut().enumerate() {
        *byte =
            u8::from_str_radix(&hex[2 * position..2 * position + 2], 16).map_err(|_| wrong())?;
    }
    Ok(Keys::Seed(seed))
}
