//! Listening sockets: how they are bound, and which failures of accepting pass by themselves.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use rlimit::Resource;
use socket2::{Domain, Protocol, Socket, Type};
use tracing::{info, warn};

/// How many connections the kernel keeps for us until they are accepted. A test suite that starts a
/// thousand clients at once must not see refused connections; the kernel lowers it to `somaxconn`.
const BACKLOG: i32 = 4096;

/// A socket that listens already: clients may connect before it is served.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// The address it listens on, with the port that was picked for port 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The socket, registered with the running runtime.
    pub(super) fn into_tokio(self) -> io::Result<tokio::net::TcpListener> {
        tokio::net::TcpListener::from_std(self.listener)
    }
}

/// Listens on an address. `[::]` takes IPv4 clients as well, and becomes `0.0.0.0` (with a warning in the
/// log) where the machine has no IPv6, as many containers have none.
///
/// # Errors
/// What the operating system says: the port is taken, not permitted, or the address is not of this machine.
pub fn bind(address: SocketAddr) -> io::Result<Bound> {
    match listen(address) {
        Err(fault) if address.ip() == std::net::Ipv6Addr::UNSPECIFIED && lacks_ipv6(&fault) => {
            warn!(%address, "no IPv6 here, listening on 0.0.0.0 instead");
            listen(SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port())))
        }
        result => result,
    }
}

/// Raises the soft limit of open files to the hard one and tells both, before and after. Each connection
/// is an open file, and the usual soft limit is 1,024.
pub fn raise_file_limit() -> (u64, u64) {
    let Ok((soft, hard)) = Resource::NOFILE.get() else {
        return (0, 0);
    };
    match Resource::NOFILE.set(hard, hard) {
        Ok(()) => (soft, hard),
        Err(fault) => {
            warn!(%fault, soft, hard, "the limit of open files stays as it is");
            (soft, soft)
        }
    }
}

/// How many connections fit below the limit of open files, when `wanted` are asked for.
pub(super) fn fitting_connections(wanted: usize) -> usize {
    /// Files that are no connections: listeners, the runtime's own, standard streams, a file being read.
    const RESERVE: u64 = 64;
    let Ok((soft, _)) = Resource::NOFILE.get() else {
        return wanted;
    };
    let fitting = usize::try_from(soft.saturating_sub(RESERVE)).unwrap_or(usize::MAX);
    if fitting < wanted {
        info!(
            wanted,
            fitting, "the limit of open files leaves room for {fitting} connections"
        );
    }
    wanted.min(fitting.max(1))
}

/// What a failure to accept means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum AcceptFault {
    /// This one client is gone; the next call may succeed at once.
    Client,
    /// The process or the machine has run out of something: wait this long for connections to end.
    Exhausted(Duration),
    /// The socket will never accept again.
    Fatal,
}

/// Tells accept errors apart. On Linux errors of the new connection's network come out of `accept` too
/// (accept(2), "Error handling"), and are to be treated like a client that left. Anything unheard of is
/// met with a pause, as it might come again at once.
pub(super) fn judge(fault: &io::Error) -> AcceptFault {
    use io::ErrorKind as Kind;
    /// EBADF, and ENOTSOCK of Linux and of BSD.
    const NO_LISTENER: [i32; 3] = [9, 88, 38];
    /// EPROTO of Linux and of BSD.
    const PROTOCOL: [i32; 2] = [71, 100];
    let code = fault.raw_os_error().unwrap_or(0);
    match fault.kind() {
        _ if NO_LISTENER.contains(&code) => AcceptFault::Fatal,
        Kind::InvalidInput | Kind::Unsupported | Kind::NotConnected => AcceptFault::Fatal,
        _ if PROTOCOL.contains(&code) => AcceptFault::Client,
        Kind::ConnectionAborted
        | Kind::ConnectionReset
        | Kind::Interrupted
        | Kind::PermissionDenied
        | Kind::TimedOut
        | Kind::NetworkDown
        | Kind::NetworkUnreachable
        | Kind::HostUnreachable => AcceptFault::Client,
        _ => AcceptFault::Exhausted(Duration::from_millis(50)),
    }
}

fn listen(address: SocketAddr) -> io::Result<Bound> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    let listener = TcpListener::from(socket);
    let address = listener.local_addr()?;
    Ok(Bound { listener, address })
}

/// Whether binding failed because the machine has no IPv6: no such address family, or no such address.
fn lacks_ipv6(fault: &io::Error) -> bool {
    /// EAFNOSUPPORT of Linux and of BSD.
    const NO_SUCH_FAMILY: [i32; 2] = [97, 47];
    fault.kind() == io::ErrorKind::AddrNotAvailable
        || fault
            .raw_os_error()
            .is_some_and(|code| NO_SUCH_FAMILY.contains(&code))
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn tells_passing_accept_errors_from_fatal_ones() {
        let check = |code: i32, want: AcceptFault| {
            assert_eq!(judge(&io::Error::from_raw_os_error(code)), want, "{code}");
        };
        let pause = || AcceptFault::Exhausted(Duration::from_millis(50));
        check(103, AcceptFault::Client); // ECONNABORTED
        check(71, AcceptFault::Client); // EPROTO
        check(113, AcceptFault::Client); // EHOSTUNREACH
        check(1, AcceptFault::Client); // EPERM, from a firewall
        check(24, pause()); // EMFILE
        check(23, pause()); // ENFILE
        check(105, pause()); // ENOBUFS
        check(12, pause()); // ENOMEM
        check(5, pause()); // EIO, unheard of
        check(9, AcceptFault::Fatal); // EBADF
        check(22, AcceptFault::Fatal); // EINVAL
        check(88, AcceptFault::Fatal); // ENOTSOCK
        check(95, AcceptFault::Fatal); // EOPNOTSUPP
    }

    #[test]
    fn a_taken_port_is_an_error_and_port_0_picks_one() {
        let first = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        assert_ne!(first.address().port(), 0);
        let fault = bind(first.address()).unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::AddrInUse);
        TcpStream::connect(first.address()).unwrap();
    }

    #[test]
    fn the_unspecified_address_takes_ipv4_clients() {
        let bound = bind("[::]:0".parse().unwrap()).unwrap();
        TcpStream::connect(("127.0.0.1", bound.address().port())).unwrap();
    }

    #[test]
    fn only_missing_ipv6_falls_back() {
        assert!(lacks_ipv6(&io::Error::from_raw_os_error(97)));
        assert!(lacks_ipv6(&io::Error::from_raw_os_error(99)));
        assert!(!lacks_ipv6(&io::Error::from_raw_os_error(98)));
    }

    #[test]
    fn the_file_limit_only_rises() {
        let (before, after) = raise_file_limit();
        assert!(0 < before && before <= after);
        assert_eq!(fitting_connections(1), 1);
        assert!(fitting_connections(usize::MAX) as u64 <= after);
    }
}
