//! Why a call is refused, in the products' words and without status codes.
//!
//! Handlers say what is the matter by one of the constructors, whose names are situations; the texts are those of
//! proxmox.md 1.1 and 1.2, because clients search them. Which status goes with what is known to
//! [`super::envelope`] only.

use super::permission::Denied;
use super::problem::Problems;

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Parameters that are wrong.
    Parameters(Problems),
    /// No ticket and no API token.
    NoCredentials,
    /// A ticket or token that does not count.
    BadCredentials(BadCredentials),
    /// A change without a good CSRF token.
    BadCsrf,
    /// A login that failed, for whatever reason.
    LoginFailed,
    /// An API token where only a ticket will do; the path below the format.
    NoTokens(String),
    /// Not permitted.
    Denied(Denied),
    /// An upload that is not permitted; found before its body is read.
    UploadDenied(Denied),
    /// No such path, or not by this method.
    NoOperation {
        /// The method as it was sent.
        method: String,
        /// The path below the format, with a leading slash (`/nodes`).
        path: String,
        /// The whole path (`/api2/json/nodes`).
        full_path: String,
    },
    /// A format that does not exist.
    NoFormat {
        /// The path below the format.
        path: String,
        /// The format asked for.
        format: String,
    },
    /// `/api2` without a format; the path asked for.
    NoApiPath(String),
    /// No such static file; the path asked for.
    NoFile(String),
    /// The thing that a call is about does not exist, where the product tells this from other failures: the Rust
    /// products, sometimes, and the notifications of Proxmox VE, which are written in Rust.
    NotFound(String),
    /// Something wrong with a call as a whole, where the product tells this from other failures: the part of
    /// Proxmox VE that is written in Rust (notifications).
    Invalid(String),
    /// Anything else that a handler says.
    Failed(String),
    /// The node that a call is for does not answer (Proxmox VE).
    Unreachable(Unreachable, String),
    /// Refused before anybody looked at what is asked.
    Unacceptable(Unacceptable),
}

/// What is wrong with a ticket or API token. Products of 2026 tell nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCredentials {
    /// A ticket that is none of ours, or too old.
    #[error("permission denied - invalid PVE ticket")]
    Ticket,
    /// The wrong secret, or a token that cannot be read.
    #[error("invalid token value!")]
    Secret,
    /// A token that does not exist.
    #[error("no such token '{name}' for user '{user}'")]
    NoSuchToken {
        /// Its owner.
        user: String,
        /// Its name.
        name: String,
    },
    /// A user who does not exist.
    #[error("no such user ('{0}')")]
    NoSuchUser(String),
    /// A user who is disabled.
    #[error("user '{0}' is disabled")]
    Disabled(String),
    /// A user, or a token, whose time is over.
    #[error("user '{0}' access expired")]
    Expired(String),
}

/// How a node fails to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    /// No connection.
    Connect,
    /// A connection that broke before there was an answer.
    Closed,
    /// Anything else.
    Other,
}

/// What no product takes, whoever asks for whatever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unacceptable {
    /// A body over the limit.
    BodyTooLarge,
    /// A body that breaks off or does not decode.
    BrokenBody,
    /// A client that stopped sending.
    Timeout,
    /// Path and query over the limit of the Rust products.
    TargetTooLong,
    /// A body where the method takes none; the method.
    BodyNotExpected(String),
    /// A chunked body, which the Perl product does not take.
    Chunked,
    /// A method that is not available at all.
    Method(String),
    /// A content type that is not understood, as it was sent.
    ContentType(String),
    /// JSON that does not parse, or is no object; the parser's sentence.
    Json(String),
    /// An upload whose body is not what it should be.
    Upload,
}

impl Fault {
    /// One parameter is wrong.
    pub fn parameter(name: &str, text: impl AsRef<str>) -> Self {
        let mut problems = Problems::default();
        problems.add(name, text.as_ref());
        Self::Parameters(problems)
    }

    /// A node that nobody knows.
    pub fn no_such_node(node: &str) -> Self {
        Self::Failed(format!(
            "hostname lookup '{node}' failed - failed to get address info for: {node}: Name or service not known"
        ))
    }

    /// A virtual machine that is not on the node asked.
    pub fn no_such_machine(node: &str, vmid: &str) -> Self {
        Self::missing_configuration(&format!("nodes/{node}/qemu-server/{vmid}.conf"))
    }

    /// A container that is not on the node asked.
    pub fn no_such_container(node: &str, vmid: &str) -> Self {
        Self::missing_configuration(&format!("nodes/{node}/lxc/{vmid}.conf"))
    }

    fn missing_configuration(file: &str) -> Self {
        Self::Failed(format!("Configuration file '{file}' does not exist"))
    }

    /// A virtual machine's configuration changed since the caller read it.
    pub fn machine_changed() -> Self {
        Self::Failed("checksum mismatch (file change by other user?)".to_owned())
    }

    /// Any other configuration changed since the caller read it.
    pub fn configuration_changed() -> Self {
        let text = "detected modified configuration - file changed by other user? Try again.";
        Self::Failed(text.to_owned())
    }

    /// An option that only the superuser may set.
    pub fn only_root(option: &str) -> Self {
        Self::Failed(format!("only root can set '{option}' config"))
    }

    /// A lock of the cluster that somebody else holds.
    pub fn locked_file(id: &str) -> Self {
        Self::Failed(format!("cfs-lock '{id}' error: got lock request timeout"))
    }

    /// A virtual machine that somebody else works on.
    pub fn locked_machine(vmid: &str) -> Self {
        Self::Failed(format!(
            "can't lock file '/var/lock/qemu-server/lock-{vmid}.conf' - got timeout"
        ))
    }

    /// A cluster that has no majority.
    pub fn no_quorum() -> Self {
        Self::Failed("cluster not ready - no quorum?".to_owned())
    }

    /// Nodes that send a call in a circle.
    pub fn proxy_loop() -> Self {
        Self::Failed("proxy loop detected".to_owned())
    }

    /// A text that is no UPID where one belongs.
    pub fn bad_upid() -> Self {
        Self::parameter("upid", "unable to parse worker upid")
    }

    /// A task that nobody knows: a matter of the parameter in `PVE::API2::Tasks`, for status and stop alike.
    pub fn no_such_task() -> Self {
        Self::parameter("upid", "no such task")
    }

    /// An entry of a configuration that is not there, in the Rust products: `no such datastore 'x'`.
    pub fn no_such_entry(kind: &str, id: &str) -> Self {
        Self::Failed(format!("no such {kind} '{id}'"))
    }

    /// The same where the product says so with a status of its own: `datastore 'x' does not exist.`
    pub fn does_not_exist(kind: &str, id: &str) -> Self {
        Self::NotFound(format!("{kind} '{id}' does not exist."))
    }

    /// An entry that is there already, in the Rust products: `datastore 'x' already exists.`
    pub fn entry_exists(parameter: &str, kind: &str, id: &str) -> Self {
        Self::parameter(parameter, format!("{kind} '{id}' already exists."))
    }
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Self {
        match denied {
            // To the product these are plain errors that happen on the way.
            Denied::NoSuchUser(_) | Denied::BadUser(_) => Self::Failed(denied.to_string()),
            Denied::Permission(_) => Self::Denied(denied),
        }
    }
}

impl From<Problems> for Fault {
    fn from(problems: Problems) -> Self {
        Self::Parameters(problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_clients_search() {
        let check = |fault: Fault, want: &str| assert_eq!(fault, Fault::Failed(want.to_owned()));
        check(
            Fault::no_such_machine("pve01", "100"),
            "Configuration file 'nodes/pve01/qemu-server/100.conf' does not exist",
        );
        check(
            Fault::no_such_container("pve01", "100"),
            "Configuration file 'nodes/pve01/lxc/100.conf' does not exist",
        );
        check(
            Fault::no_such_node("x"),
            "hostname lookup 'x' failed - failed to get address info for: x: Name or service not known",
        );
        check(Fault::only_root("args"), "only root can set 'args' config");
        check(
            Fault::no_such_entry("datastore", "x"),
            "no such datastore 'x'",
        );
        check(
            Denied::NoSuchUser("joe@pve".into()).into(),
            "no such user ('joe@pve')",
        );
    }

    #[test]
    fn refusals_stay_refusals() {
        let denied = Denied::because("/vms/100, VM.Audit");
        assert_eq!(Fault::from(denied.clone()), Fault::Denied(denied));
        let Fault::Parameters(problems) = Fault::bad_upid() else {
            panic!("not about a parameter");
        };
        assert_eq!(problems.iter().next().unwrap().0, "upid");
    }
}
