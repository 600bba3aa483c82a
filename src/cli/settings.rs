//! Flags and environment joined into the settings of a start.

use std::env;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use clap::CommandFactory;

use super::Failure;
use super::flags::{Arguments, Auth, ClockSetting, Keys, Nodes, Serve};
use crate::personality::{self, Description, Setup, WorldSource};
use crate::roster;
use crate::server::{Settings, TlsSettings};

/// The settings that flags, our environment variables and those of the replaced containers make.
///
/// # Errors
/// [`Failure::Usage`] when they do not make sense.
pub fn settings(serve: &Serve) -> Result<Settings, Failure> {
    let description = personality(serve)?;
    reject_unsupported(serve, description)?;
    let listen = addresses("--listen", &serve.listen)?;
    let local_listen = addresses("--local-listen", &serve.local_listen)?;
    let settings = Settings {
        description,
        setup: Setup {
            release: release(serve, description)?,
            world: world(&serve.world)?,
            overlay: overlay(serve, description),
            contract: serve.contract.clone(),
            fixtures: serve.fixtures.clone(),
            seed: serve.seed,
            key_seed: match serve.keys {
                Keys::Random => None,
                Keys::Seed(seed) => Some(seed),
            },
            distinct_nodes: serve.nodes == Nodes::Distinct,
            keep_alive: serve.keep_alive,
            body_bytes: serve.max_body,
            auth: match serve.auth {
                Auth::Open => personality::Auth::Open,
                Auth::Strict => personality::Auth::Strict,
            },
            auth_delay: serve.auth_delay,
            task_time: serve.task_time,
            root_password: serve.root_password.clone(),
        },
        listen: match listen.as_slice() {
            [] => vec![default_address(description.port)?],
            _ if is_by_variable(&serve.listen) => with_container_port(listen)?,
            _ => listen,
        },
        local_listen: match description.local_port {
            Some(port) if local_listen.is_empty() => vec![(Ipv4Addr::LOCALHOST, port).into()],
            _ => local_listen,
        },
        frozen: match serve.clock {
            ClockSetting::Real => None,
            ClockSetting::At(at) => Some(at),
        },
        journal: serve.journal,
        connections: serve.max_connections,
        tls: TlsSettings {
            files: serve.tls_cert.clone().zip(serve.tls_key.clone()),
            names: serve.tls_san.clone(),
            export: serve.tls_export.clone(),
        },
        announce_mockapi: false,
    };
    Ok(settings)
}

fn usage(text: impl Into<String>) -> Failure {
    Failure::Usage(text.into())
}

/// The personality by flag, else as the replaced containers name it (`PROXMOX_MOCK_SERVICE`).
fn personality(serve: &Serve) -> Result<&'static Description, Failure> {
    let name = serve
        .personality
        .clone()
        .or_else(|| text_of("PROXMOX_MOCK_SERVICE"));
    let Some(name) = name else {
        return Err(usage(format!(
            "say which product to be: --personality NAME (or MOCK_SERVER_PERSONALITY), one of {}",
            roster::names()
        )));
    };
    roster::find(&name).ok_or_else(|| {
        usage(format!(
            "there is no personality {name:?}: take one of {}",
            roster::names()
        ))
    })
}

/// The release by flag, else as the replaced containers name it: `latest` and `none` are the default one there,
/// and what we do not have is no reason not to start.
fn release(serve: &Serve, description: &Description) -> Result<String, Failure> {
    let (name, known) = (description.name, description.releases);
    let default = || known[0].to_owned();
    if let Some(asked) = serve.release.as_deref().filter(|asked| *asked != "latest") {
        if known.contains(&asked) {
            return Ok(asked.to_owned());
        }
        let known = known.join(", ");
        return Err(usage(format!(
            "{name} has no release {asked:?}: take one of {known}"
        )));
    }
    let variable = "PROXMOX_MOCK_SCHEMA_VERSION";
    match text_of(variable).filter(|_| serve.release.is_none()) {
        Some(asked) if known.contains(&asked.as_str()) => Ok(asked),
        Some(asked) if asked == "latest" || asked == "none" => Ok(default()),
        Some(asked) => {
            let release = default();
            tracing::warn!("{variable}={asked}: {name} has no such release, this is {release}");
            Ok(release)
        }
        None => Ok(default()),
    }
}

/// What this personality has nothing for. A second listener and an overlay are things that somebody relies on;
/// flags that merely find nothing to do are said in the log.
fn reject_unsupported(serve: &Serve, description: &Description) -> Result<(), Failure> {
    let name = description.name;
    let means = |flag: &str| description.flags.contains(&flag);
    if serve.overlay.is_some() && !means("--overlay") {
        return Err(usage(format!(
            "{name} takes no --overlay: give a whole world with --world FILE"
        )));
    }
    if !serve.local_listen.is_empty() && !means("--local-listen") {
        return Err(usage(format!(
            "{name} has no second listener: leave --local-listen out"
        )));
    }
    let asked = [
        ("--auth strict", serve.auth == Auth::Strict),
        ("--auth-delay", serve.auth_delay),
        ("--root-password", serve.root_password.is_some()),
        ("--task-time", !serve.task_time.is_zero()),
        ("--keys", serve.keys != Keys::Random),
        ("--nodes", serve.nodes != Nodes::Single),
        ("--keep-alive", serve.keep_alive.is_some()),
    ];
    for (flag, _) in asked.iter().filter(|(_, asked)| *asked) {
        if !means(flag.split(' ').next().unwrap_or(flag)) {
            tracing::warn!("{flag} finds nothing to do on {name}");
        }
    }
    Ok(())
}

fn world(text: &str) -> Result<WorldSource, Failure> {
    Ok(match text {
        "default" => WorldSource::Default,
        "empty" => WorldSource::Empty,
        _ if text.starts_with("large:") => WorldSource::Large(guests(text)?),
        _ => WorldSource::File(PathBuf::from(text)),
    })
}

/// The number in `large:<guests>`. So many fit into the memory of a small machine.
fn guests(text: &str) -> Result<u32, Failure> {
    let number = text.strip_prefix("large:").and_then(|n| n.parse().ok());
    number
        .filter(|guests| (1..=1_000_000).contains(guests))
        .ok_or_else(|| {
            usage(format!(
                "--world {text}: say how many guests, 1 to 1000000: large:10000"
            ))
        })
}

/// The overlay by flag, else as the replaced containers name it. Those ignore a file that is not there, which is
/// so by default in them.
fn overlay(serve: &Serve, description: &Description) -> Option<PathBuf> {
    if serve.overlay.is_some() {
        return serve.overlay.clone();
    }
    let variable = "PROXMOX_MOCK_DATA_PATH";
    let path = PathBuf::from(text_of(variable)?);
    if !description.flags.contains(&"--overlay") {
        let name = description.name;
        tracing::warn!("{variable} is set, but {name} takes no overlay: it is ignored");
        return None;
    }
    if !path.exists() {
        tracing::warn!(
            "{variable}={}: there is no such file: it is ignored",
            path.display()
        );
        return None;
    }
    Some(path)
}

/// The product's port on the loopback address, unless the replaced containers' `HOST` and `PORT` say
/// otherwise. What is no port there is somebody else's variable (Kubernetes sets such) and ignored.
fn default_address(port: u16) -> Result<SocketAddr, Failure> {
    let given = text_of("PORT").and_then(|text| text.parse().ok());
    let port = given.unwrap_or(port);
    match host() {
        Some(host) => address("HOST", &format!("{}:{port}", bracketed(&host))),
        None => Ok((Ipv4Addr::LOCALHOST, port).into()),
    }
}

/// Adds the port that an orchestrator sets by `PORT` where our own variable says where to listen, as it does in
/// our images: who sets `PORT` for the container that ours replaces expects it there.
fn with_container_port(mut listen: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Failure> {
    let given: Option<u16> = text_of("PORT").and_then(|text| text.parse().ok());
    if let Some(port) = given
        && listen.iter().all(|address| address.port() != port)
    {
        listen.push(match host() {
            Some(host) => address("HOST", &format!("{}:{port}", bracketed(&host)))?,
            None => (Ipv6Addr::UNSPECIFIED, port).into(),
        });
    }
    Ok(listen)
}

/// Whether these addresses come from our variable; a flag stands alone.
fn is_by_variable(listen: &[String]) -> bool {
    text_of("MOCK_SERVER_LISTEN").is_some_and(|text| text.split(',').eq(listen))
}

fn host() -> Option<String> {
    text_of("HOST").or_else(|| text_of("PROXMOX_MOCK_BIND_HOST"))
}

fn bracketed(host: &str) -> String {
    match host.parse::<Ipv6Addr>() {
        Ok(address) => format!("[{address}]"),
        Err(_) => host.to_owned(),
    }
}

fn addresses(flag: &str, texts: &[String]) -> Result<Vec<SocketAddr>, Failure> {
    texts
        .iter()
        .filter(|text| !text.is_empty())
        .map(|text| address(flag, text))
        .collect()
}

/// An address as people write it: numbers, `localhost`, or nothing before the colon for every address.
/// Names are not resolved: a static binary cannot.
fn address(flag: &str, text: &str) -> Result<SocketAddr, Failure> {
    let wrong = || {
        usage(format!(
            "{flag} {text}: not an address: write 127.0.0.1:8080, [::1]:8080, :8080 for every address, or port 0 to have one picked"
        ))
    };
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    let port: u16 = port.parse().map_err(|_| wrong())?;
    let host: IpAddr = match host {
        "" | "*" => Ipv6Addr::UNSPECIFIED.into(),
        "localhost" => Ipv4Addr::LOCALHOST.into(),
        _ => return Err(wrong()),
    };
    Ok((host, port).into())
}

/// Says in the log which of our variables is misspelled. Kubernetes sets some that look like ours for a
/// service of this name (`MOCK_SERVER_SERVICE_HOST`, `MOCK_SERVER_PORT_8080_TCP`): those are nobody's mistake.
pub(super) fn warn_of_unknown_variables() {
    let command = Arguments::command();
    let known: Vec<_> = command
        .get_arguments()
        .filter_map(clap::Arg::get_env)
        .collect();
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let Some(rest) = text.strip_prefix("MOCK_SERVER_") else {
            continue;
        };
        let foreign = rest.starts_with("SERVICE_") || rest == "PORT" || rest.starts_with("PORT_");
        if !foreign && !known.contains(&name.as_os_str()) {
            tracing::warn!("{text} is set, but there is no such flag: it is ignored");
        }
    }
}

fn text_of(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|text| !text.is_empty())
}
