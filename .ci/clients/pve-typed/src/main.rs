//! Every read of a day with a cluster, into the types of the crate `proxmox-api`: they refuse a missing member, a
//! number where a text belongs, a word that is not in its list.
//!
//! `MOCK_URL` is a server in open mode. Ends with 1 and a line for each answer that does not fit.

use std::future::Future;
use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context, Poll, Waker};

use proxmox_api::client::{Client, Method};
use proxmox_api::types::VmId;
use proxmox_api::types::bounded_integer::BoundedInteger;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The transport: one request after the other.
#[derive(Clone)]
struct Plain {
    base: String,
    agent: ureq::Agent,
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

impl Client for Plain {
    type Error = String;

    async fn request_with_body_and_query<B, Q, R>(
        &self,
        method: Method,
        path: &str,
        _: Option<&B>,
        query: Option<&Q>,
    ) -> Result<R, String>
    where
        B: Serialize,
        Q: Serialize,
        R: DeserializeOwned,
    {
        let query = query.map(serde_urlencoded::to_string).transpose();
        let query = query
            .map_err(|error| error.to_string())?
            .unwrap_or_default();
        let url = format!("{}/api2/json{path}?{query}", self.base);
        let text = |error: ureq::Error| format!("{method} {url}: {error}");
        let mut answer = self.agent.get(&url).call().map_err(text)?;
        let body = answer.body_mut().read_to_string().map_err(text)?;
        let status = answer.status();
        let parsed = serde_json::from_str::<Envelope<R>>(&body);
        let shown: String = body.chars().take(300).collect();
        parsed
            .map(|envelope| envelope.data)
            .map_err(|error| format!("{method} {url}: {status}: {error}: {shown}"))
    }
}

/// The answer of a future that never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("the transport blocks"),
    }
}

/// What was read, and what did not fit.
#[derive(Default)]
struct Tally {
    read: usize,
    /// Answers that the crate cannot read, whatever they say.
    unread: usize,
    faults: Vec<String>,
}

impl Tally {
    fn note<T>(&mut self, answer: impl Future<Output = Result<T, String>>) -> Option<T> {
        match now(answer) {
            Ok(answer) => {
                self.read += 1;
                Some(answer)
            }
            // The crate hands the product's Perl patterns to Rust's regular expressions, which do not know `(?^:`.
            Err(fault) if fault.contains("Regex creation error") => {
                self.unread += 1;
                None
            }
            Err(fault) => {
                self.faults.push(fault);
                None
            }
        }
    }
}

/// Reads each of these.
macro_rules! read {
    ($tally:ident: $($call:expr,)*) => {
        $($tally.note($call);)*
    };
}

fn main() -> ExitCode {
    let base = std::env::var("MOCK_URL").expect("MOCK_URL says where the server is");
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    let client = Plain {
        base,
        agent: config.build().into(),
    };
    let mut tally = Tally::default();
    access(&client, &mut tally);
    cluster(&client, &mut tally);
    storage_and_pools(&client, &mut tally);
    for node in ["pve01", "pve02", "pve03"] {
        of_node(&client, node, &mut tally);
    }
    for fault in &tally.faults {
        eprintln!("proxmox-api: {fault}");
    }
    println!(
        "proxmox-api: {} answers read into their types; {} that the crate cannot read",
        tally.read, tally.unread
    );
    if tally.faults.is_empty() && tally.read > 100 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The lab's `local` takes no backups, so the defaults are asked for another storage.
fn on_backup() -> proxmox_api::nodes::node::vzdump::defaults::GetParams {
    proxmox_api::nodes::node::vzdump::defaults::GetParams {
        storage: Some("backup".to_owned()),
        ..Default::default()
    }
}

/// A guest's number, of which the crate has a type for each place.
fn number(vmid: &impl BoundedInteger) -> VmId {
    VmId::new(vmid.get()).expect("both types have the same bounds")
}

fn access(client: &Plain, tally: &mut Tally) {
    let version = proxmox_api::version::VersionClient::new(client.clone());
    let access = proxmox_api::access::AccessClient::new(client.clone());
    read!(tally:
        version.get(),
        access.get(),
        access.domains().get(),
        access.groups().get(),
        access.roles().get(),
        access.acl().get(),
        access.users().get(Default::default()),
        access.users().userid("root@pam").get(),
        access.users().userid("root@pam").token().get(),
        access.roles().roleid("PVEAuditor").get(),
    );
}

fn cluster(client: &Plain, tally: &mut Tally) {
    let cluster = proxmox_api::cluster::ClusterClient::new(client.clone());
    read!(tally:
        cluster.get(),
        cluster.status().get(),
        cluster.resources().get(Default::default()),
        cluster.options().get(),
        cluster.tasks().get(),
        cluster.log().get(Default::default()),
        cluster.nextid().get(Default::default()),
        cluster.backup().get(),
        cluster.replication().get(),
        cluster.config().get(),
        cluster.config().nodes().get(),
        cluster.config().totem().get(),
        cluster.config().join().get(Default::default()),
        cluster.ha().get(),
        cluster.ha().resources().get(Default::default()),
        cluster.ha().rules().get(Default::default()),
        cluster.ha().status().current().get(),
        cluster.ha().status().manager_status().get(),
        cluster.firewall().get(),
        cluster.firewall().rules().get(),
        cluster.firewall().groups().get(),
        cluster.firewall().aliases().get(),
        cluster.firewall().ipset().get(),
        cluster.firewall().options().get(),
        cluster.firewall().macros().get(),
        cluster.firewall().refs().get(Default::default()),
        cluster.sdn().get(),
        cluster.sdn().zones().get(Default::default()),
        cluster.sdn().vnets().get(Default::default()),
        cluster.sdn().controllers().get(Default::default()),
        cluster.sdn().ipams().get(Default::default()),
        cluster.sdn().dns().get(Default::default()),
        cluster.metrics().get(),
        cluster.metrics().server().get(),
        cluster.notifications().get(),
        cluster.notifications().targets().get(),
        cluster.notifications().matchers().get(),
        cluster.acme().get(),
        cluster.acme().account().get(),
        cluster.acme().plugins().get(Default::default()),
        cluster.acme().directories().get(),
        cluster.mapping().get(),
        cluster.mapping().pci().get(Default::default()),
        cluster.mapping().usb().get(Default::default()),
        cluster.jobs().get(),
        cluster.jobs().realm_sync().get(),
        cluster.ceph().get(),
        cluster.ceph().status().get(),
        cluster.ceph().flags().get(),
        cluster.backup_info().get(),
        cluster.backup_info().not_backed_up().get(),
    );
}

fn storage_and_pools(client: &Plain, tally: &mut Tally) {
    let storage = proxmox_api::storage::StorageClient::new(client.clone());
    let pools = proxmox_api::pools::PoolsClient::new(client.clone());
    read!(tally:
        storage.get(Default::default()),
        storage.storage("local").get(),
        storage.storage("backup").get(),
        pools.get(Default::default()),
    );
}

/// What waits for the next start of a guest is left out: the crate takes the product's word that all values are texts, of
/// which many are numbers.
fn of_node(client: &Plain, name: &str, tally: &mut Tally) {
    let nodes = proxmox_api::nodes::NodesClient::new(client.clone());
    let node = nodes.node(name);
    read!(tally:
        nodes.get(),
        node.get(),
        node.status().get(),
        node.version().get(),
        node.time().get(),
        node.dns().get(),
        node.hosts().get(),
        node.config().get(Default::default()),
        node.subscription().get(),
        node.services().get(),
        node.network().get(Default::default()),
        node.tasks().get(Default::default()),
        node.disks().get(),
        node.disks().list().get(Default::default()),
        node.disks().lvm().get(),
        node.disks().lvmthin().get(),
        node.disks().zfs().get(),
        node.disks().directory().get(),
        node.apt().get(),
        node.apt().update().get(),
        node.apt().versions().get(),
        node.apt().repositories().get(),
        node.certificates().get(),
        node.certificates().info().get(),
        node.capabilities().get(),
        node.capabilities().qemu().cpu().get(),
        node.capabilities().qemu().machines().get(),
        node.hardware().get(),
        node.hardware().pci().get(Default::default()),
        node.hardware().usb().get(),
        node.firewall().rules().get(),
        node.firewall().options().get(),
        node.replication().get(Default::default()),
        node.aplinfo().get(),
        node.journal().get(Default::default()),
        node.syslog().get(Default::default()),
        node.netstat().get(),
        node.report().get(),
        node.sdn().zones().get(),
        node.ceph().get(),
        node.ceph().mgr().get(),
        node.ceph().mds().get(),
        node.ceph().pool().get(),
        node.vzdump().defaults().get(on_backup()),
    );
    for storage in tally
        .note(node.storage().get(Default::default()))
        .unwrap_or_default()
    {
        let storage = node.storage().storage(&storage.storage);
        read!(tally:
            storage.get(),
            storage.status().get(),
            storage.content().get(Default::default()),
            storage.prunebackups().get(Default::default()),
        );
    }
    for guest in tally
        .note(node.qemu().get(Default::default()))
        .unwrap_or_default()
    {
        let guest = node.qemu().vmid(number(&guest.vmid));
        read!(tally:
            guest.get(),
            guest.config().get(Default::default()),
            guest.status().current().get(),
            guest.snapshot().get(),
            guest.firewall().rules().get(),
            guest.firewall().options().get(),
            guest.cloudinit().get(),
            guest.migrate().get(Default::default()),
        );
    }
    for guest in tally.note(node.lxc().get()).unwrap_or_default() {
        let guest = node.lxc().vmid(number(&guest.vmid));
        read!(tally:
            guest.get(),
            guest.config().get(Default::default()),
            guest.status().current().get(),
            guest.snapshot().get(),
            guest.firewall().rules().get(),
            guest.firewall().options().get(),
        );
    }
}
