//! `mock-server check`: the health check of an image that has no shell.
//!
//! It runs as a process of its own that sees the container's environment but not the server's flags, so
//! without an address it looks for the server among the running processes and reads its command line.

use std::ffi::OsString;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Parser;

use super::{Arguments, Command, Failure, legacy, settings};
use crate::net::probe::{Target, status};

/// Shorter than the time that image health checks are given (3 s).
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks the server at `url`, or the one that is found, and says what it answered.
///
/// # Errors
/// When it does not answer, or with a status of 400 or more.
pub(super) fn check(url: Option<&str>) -> Result<String, Failure> {
    let target = match url {
        Some(url) => target(url).map_err(Failure::Usage)?,
        None => found(),
    };
    let status = status(&target, PATIENCE).with_context(|| format!("{target} does not answer"))?;
    if status >= 400 {
        return Err(Failure::Work(anyhow::anyhow!("{target} answers {status}")));
    }
    Ok(format!("{target} answers {status}"))
}

/// The parts of a URL. Only addresses and `localhost`: a static binary resolves no names.
fn target(url: &str) -> Result<Target, String> {
    let (secure, rest) = match url.split_once("://") {
        Some(("http", rest)) => (false, rest),
        Some(("https", rest)) => (true, rest),
        _ => {
            return Err(format!(
                "{url}: not an address to check: write http://127.0.0.1:8080/health"
            ));
        }
    };
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    };
    let bare = |host: &str| match host {
        "localhost" => Some(IpAddr::from(Ipv4Addr::LOCALHOST)),
        _ => host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse()
            .ok(),
    };
    let default = if secure { 443 } else { 80 };
    let address = match authority.parse::<SocketAddr>() {
        Ok(address) => Some(address),
        Err(_) => match authority.rsplit_once(':') {
            Some((host, port)) if !host.ends_with(':') => {
                bare(host).zip(port.parse().ok()).map(SocketAddr::from)
            }
            _ => bare(authority).map(|host| (host, default).into()),
        },
    };
    let address = address.ok_or_else(|| {
        format!("{authority}: no names are resolved here: give an address, such as 127.0.0.1:8080")
    })?;
    Ok(Target {
        secure,
        address,
        path: path.to_owned(),
    })
}

/// The health route of the server that runs here, as its flags or the environment place it.
fn found() -> Target {
    let arguments = running().unwrap_or_else(|| vec!["mock-server".into()]);
    let address = listen(arguments).unwrap_or_else(|_| (Ipv4Addr::LOCALHOST, 8080).into());
    let ip = match address.ip() {
        ip if ip.is_unspecified() => IpAddr::from(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    Target {
        secure: false,
        address: (ip, address.port()).into(),
        path: "/health".into(),
    }
}

/// The first address that a server with these arguments, and this environment, listens on.
fn listen(arguments: Vec<OsString>) -> anyhow::Result<SocketAddr> {
    let parsed = Arguments::try_parse_from(legacy::rewrite(arguments).words)?;
    let serve = match parsed.command {
        None => parsed.serve,
        Some(Command::Serve(serve)) => serve,
        Some(_) => bail!("not a server"),
    };
    match settings(&serve) {
        Ok(settings) => Ok(settings.listen[0]),
        Err(Failure::Usage(text)) => bail!(text),
        Err(Failure::Work(error)) => Err(error),
    }
}

/// The command line of the server among the running processes: the one with the lowest number, which in a
/// container is the first process or the only child of its init.
fn running() -> Option<Vec<OsString>> {
    let own = std::process::id();
    let mut processes: Vec<u32> = fs::read_dir("/proc")
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|&process| process != own)
        .collect();
    processes.sort_unstable();
    processes.into_iter().find_map(|process| {
        let line = fs::read(format!("/proc/{process}/cmdline")).ok()?;
        let line = line.strip_suffix(b"\0").unwrap_or(&line);
        let words: Vec<OsString> = line
            .split(|&byte| byte == 0)
            .map(|word| OsString::from_vec(word.to_vec()))
            .collect();
        is_server(&words).then_some(words)
    })
}

fn is_server(words: &[OsString]) -> bool {
    let program = words
        .first()
        .and_then(|word| std::path::Path::new(word).file_name());
    let named = program.is_some_and(|name| name == "mock-server" || name == "mockapi");
    let other = ["check", "routes", "openapi", "-check", "--check"];
    named
        && !words
            .iter()
            .skip(1)
            .any(|word| other.iter().any(|other| word == other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_to_check() {
        let check = |url: &str, want: Option<&str>| {
            let found = target(url).map(|target| target.to_string()).ok();
            assert_eq!(found.as_deref(), want, "{url}");
        };
        check(
            "http://127.0.0.1:8080/health",
            Some("http://127.0.0.1:8080/health"),
        );
        check(
            "http://localhost:8080/v1/ping",
            Some("http://127.0.0.1:8080/v1/ping"),
        );
        check("https://[::1]:8443", Some("https://[::1]:8443/"));
        check("http://[::1]/", Some("http://[::1]:80/"));
        check("https://10.0.0.1/x?y=1", Some("https://10.0.0.1:443/x?y=1"));
        check("http://mock-api:8080/", None);
        check("127.0.0.1:8080", None);
        check("http://127.0.0.1:99999/", None);
    }

    #[test]
    fn servers_among_processes() {
        let check = |line: &str, want: bool| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(is_server(&words), want, "{line}");
        };
        check("/usr/local/bin/mock-server --personality plexd", true);
        check("mockapi -addr :8080", true);
        check("mock-server check", false);
        check("/usr/bin/docker-init -- mock-server", false);
    }

    #[test]
    fn the_address_of_a_running_server() {
        let check = |line: &str, want: &str| {
            let words = line.split(' ').map(OsString::from).collect();
            assert_eq!(listen(words).unwrap().to_string(), want, "{line}");
        };
        check(
            "mock-server --personality plexd --listen :9000",
            "[::]:9000",
        );
        check("mock-server serve --personality plexd", "127.0.0.1:8080");
        check("mockapi -addr :8080", "[::]:8080");
    }
}
