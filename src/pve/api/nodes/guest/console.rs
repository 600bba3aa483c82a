//! Consoles: tickets for them, and the streams behind the tickets.
//!
//! A proxy call makes a port, a ticket bound to it and a task; the stream itself is a WebSocket. Nothing listens on
//! the port here, so its number says what is behind it: an odd one is a terminal, an even one a screen.

use serde_json::json;

use super::find;
use super::status;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::console;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::{BadCredentials, Fault};
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::certificate::AUTHORITY;
use crate::pve::world::guest::{Guest, Kind, Status};
use crate::pve::world::ids::Vmid;
use crate::routes::Route;
use crate::routes::route::{get, post, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::{Read, Write};
    vec![
        post("/nodes/{node}/qemu/{vmid}/vncproxy", Write(vnc)),
        post("/nodes/{node}/qemu/{vmid}/termproxy", Write(terminal)),
        post("/nodes/{node}/qemu/{vmid}/spiceproxy", Write(spice)),
        get("/nodes/{node}/qemu/{vmid}/vncwebsocket", Read(socket)),
        post("/nodes/{node}/lxc/{vmid}/vncproxy", Write(vnc)),
        post("/nodes/{node}/lxc/{vmid}/termproxy", Write(terminal)),
        post("/nodes/{node}/lxc/{vmid}/spiceproxy", Write(spice)),
        get("/nodes/{node}/lxc/{vmid}/vncwebsocket", Read(socket)),
        post("/nodes/{node}/qemu/{vmid}/monitor", Read(monitor)),
        put("/nodes/{node}/qemu/{vmid}/sendkey", Read(send_key)),
        post("/nodes/{node}/qemu/{vmid}/dbus-vmstate", Read(helper)),
    ]
}

/// The path that a ticket for a console is bound to.
fn path(vmid: Vmid) -> String {
    format!("/vms/{vmid}")
}

/// The product takes the first free port of this range; here they go round.
fn screen_port(call: &Call<'_>) -> u16 {
    5900 + 2 * u16::try_from(call.random() % 50).unwrap_or(0)
}

fn terminal_port(call: &Call<'_>) -> u16 {
    screen_port(call) + 1
}

fn vnc(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    let wants_password = call.arguments.is_set("generate-password");
    if wants_password && !call.arguments.is_set("websocket") {
        let text = "'generate-password' requires 'websocket'";
        return Err(Fault::parameter("generate-password", text));
    }
    let job = worker(vmid, guest, "vncproxy");
    let port = screen_port(call);
    let upid = call.start(world, job)?.data;
    let signer = &call.context.signer;
    let mut answer = json!({
        "user": call.caller.to_string(),
        "ticket": signer.console(&call.caller, &path(vmid), port, call.now),
        "cert": AUTHORITY,
        "port": port,
        "upid": upid,
    });
    if wants_password {
        let password = format!("{:016x}", call.random());
        answer["password"] = json!(password.get(..8));
    }
    Ok(Answer::new(answer))
}

/// The task of a console; there is nothing to look at in a guest that does not run.
fn worker(vmid: Vmid, guest: &Guest, kind: &str) -> Job<crate::pve::world::task::Effect> {
    let job = Job::new(kind, vmid);
    match (guest.kind, guest.status.is_running()) {
        (Kind::Qemu, false) => job.failing(format!("VM {vmid} not running")),
        _ => job,
    }
}

fn terminal(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    let job = worker(vmid, guest, "vncproxy");
    let has_serial = (0..4).any(|n| guest.config.contains(&format!("serial{n}")));
    let job = match guest.kind {
        Kind::Qemu if !has_serial => job.failing("unable to find a serial interface"),
        _ => job,
    };
    let port = terminal_port(call);
    let upid = call.start(world, job)?.data;
    let signer = &call.context.signer;
    Ok(Answer::new(json!({
        "user": call.caller.to_string(),
        "ticket": signer.console(&call.caller, &path(vmid), port, call.now),
        "port": port,
        "upid": upid,
    })))
}

/// What `remote-viewer` takes as its file.
fn spice(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    let word = guest.kind.word();
    if !guest.status.is_running() {
        let text = match guest.kind {
            Kind::Qemu => format!("VM {vmid} not running"),
            Kind::Lxc => format!("CT {vmid} not running"),
        };
        return Err(Fault::Failed(text));
    }
    if guest.kind == Kind::Qemu && !has_spice(guest) {
        return Err(Fault::Failed("no spice port".to_owned()));
    }
    let title = format!("{word} {vmid} - {}", guest.name(vmid));
    let node = call.text("node").to_owned();
    let proxy = call.arguments.text("proxy").unwrap_or(&node).to_owned();
    let port = screen_port(call);
    call.start(world, Job::new("spiceproxy", vmid))?;
    let signer = &call.context.signer;
    let host = signer.console(&call.caller, &path(vmid), port, call.now);
    let time = format!("{:08x}", call.now.as_second());
    let host = format!(
        "pvespiceproxy:{time}:{vmid}:{node}:{port}::{}",
        host.rsplit(':').next().unwrap_or_default()
    );
    Ok(Answer::new(json!({
        "type": "spice",
        "title": title,
        "host": host,
        "proxy": format!("http://{proxy}:3128"),
        "tls-port": 61_000 + i64::from(port - 5900),
        "password": format!("{:016x}{:016x}", call.random(), call.random()),
        "ca": AUTHORITY.replace('\n', "\\n"),
        "host-subject": format!("OU=PVE Cluster Node,O=Proxmox Virtual Environment,CN={node}"),
        "delete-this-file": 1,
        "secure-attention": "Ctrl+Alt+Ins",
        "release-cursor": "Ctrl+Alt+R",
        "toggle-fullscreen": "Shift+F11",
    })))
}

fn has_spice(guest: &Guest) -> bool {
    let text = guest.config.text("vga").unwrap_or_default();
    let vga = PropertyString::parse(text, Some("type"), Spelling::Plain).unwrap_or_default();
    vga.value("type")
        .is_some_and(|kind| kind.starts_with("qxl"))
}

/// The stream; without an `Upgrade` header the port, as in the product.
fn socket(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    let port = call.arguments.integer("port").unwrap_or_default();
    let number = u16::try_from(port).unwrap_or_default();
    let ticket = call.text("vncticket");
    let signer = &call.context.signer;
    let checked = signer.verify_console(ticket, &call.caller, &path(vmid), number, call.now);
    checked.map_err(|_| Fault::BadCredentials(BadCredentials::Ticket))?;
    let name = guest.name(vmid);
    let kind = match number % 2 {
        0 => console::Kind::Screen(name),
        _ => console::Kind::Terminal(format!("root@{name}:~# ")),
    };
    let console = Answer::console(call.request, kind);
    Ok(console.unwrap_or_else(|| Answer::new(json!({"port": port.to_string()}))))
}

/// A ticket for the tunnel of a migration, bound to its socket.
pub(super) fn tunnel_ticket(call: &Call<'_>, socket: &str) -> String {
    let path = format!("/socket/{socket}");
    let ticket = call
        .context
        .signer
        .console(&call.caller, &path, 0, call.now);
    ticket.replacen("PVEVNC", "PVETUNNEL", 1)
}

/// Checks the ticket of a tunnel.
///
/// # Errors
/// That of a bad ticket.
pub(super) fn verify_tunnel(call: &Call<'_>, ticket: &str, socket: &str) -> Result<(), Fault> {
    let path = format!("/socket/{socket}");
    let ticket = ticket.replacen("PVETUNNEL", "PVEVNC", 1);
    let signer = &call.context.signer;
    let checked = signer.verify_console(&ticket, &call.caller, &path, 0, call.now);
    checked.map_err(|_| Fault::BadCredentials(BadCredentials::Ticket))
}

/// The emulator's own console. What goes wrong there is part of the answer.
fn monitor(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    let command = call.text("command").trim();
    // The product lets people who may only look at a machine ask what cannot change it.
    let is_harmless = command
        .split_whitespace()
        .next()
        .is_none_or(|word| word.starts_with("info") || word == "help");
    if !is_harmless {
        call.demand(world, &path(vmid), &["Sys.Modify"])?;
    }
    if !guest.status.is_running() {
        return Ok(Answer::new(format!("ERROR: VM {vmid} not running\n")));
    }
    let edition = call.context.edition;
    let answer = match command {
        "info version" => {
            let version = status::emulator(edition);
            format!("{version} (pve-qemu-kvm_{version}-2)")
        }
        "info status" => match guest.status {
            Status::Paused => "VM status: paused".to_owned(),
            _ => "VM status: running".to_owned(),
        },
        "info name" => guest.name(vmid) + ",debug-threads=on",
        "info kvm" => "kvm support: enabled".to_owned(),
        "info uuid" => uuid(guest),
        "info block" => blocks(guest),
        "info network" => networks(vmid, guest),
        "info balloon" => format!("balloon: actual={}", guest.memory().bytes() >> 20),
        "info cpus" => cpus(guest),
        "help" | "info" => "info version\ninfo status\ninfo block\ninfo network".to_owned(),
        other => match other.split_whitespace().next().unwrap_or_default() {
            "info" | "cont" | "stop" | "system_reset" | "system_powerdown" | "sendkey"
            | "balloon" | "set_password" | "expire_password" | "change" | "eject"
            | "block_resize" | "device_add" | "device_del" | "drive_add" | "drive_del"
            | "mouse_move" | "nmi" | "screendump" | "migrate_set_speed" => String::new(),
            _ => format!("unknown command: '{other}'"),
        },
    };
    let end = if answer.is_empty() { "" } else { "\r\n" };
    Ok(Answer::new(format!(
        "{}{end}",
        answer.replace('\n', "\r\n")
    )))
}

fn uuid(guest: &Guest) -> String {
    let text = guest.config.text("smbios1").unwrap_or_default();
    let uuid = text.split(',').find_map(|part| part.strip_prefix("uuid="));
    uuid.unwrap_or("00000000-0000-0000-0000-000000000000")
        .to_owned()
}

fn blocks(guest: &Guest) -> String {
    let drives = guest.drives().into_iter();
    let lines = drives.map(|drive| {
        let text = guest.config.text(&drive.key).unwrap_or_default();
        let volume = text.split(',').next().unwrap_or_default();
        format!("drive-{}: {volume}", drive.key)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn networks(vmid: Vmid, guest: &Guest) -> String {
    let lines = guest.cards().into_iter().map(|card| {
        let number = card.key.trim_start_matches("net").to_owned();
        let mac = card.mac.unwrap_or_default().to_ascii_lowercase();
        format!(
            "{0}: index=0,type=nic,model=virtio-net-pci,macaddr={mac}\n \\ {0}: index=0,type=tap,ifname=tap{vmid}i{number}",
            card.key
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn cpus(guest: &Guest) -> String {
    let lines = (0..guest.cpus(1).min(1024)).map(|n| {
        let mark = if n == 0 { '*' } else { ' ' };
        format!("{mark} CPU #{n}: thread_id={}", 1_000 + n)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Keys go to a machine that runs; what they do there nobody sees.
fn send_key(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    find::only_root(call, "skiplock")?;
    let (vmid, guest) = find::guest(world, call)?;
    must_run(vmid, guest)?;
    let key = call.text("key");
    let fits = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    if !key.split('-').all(fits) {
        return Err(Fault::Failed(format!("invalid parameter: {key}")));
    }
    Ok(Answer::default())
}

fn must_run(vmid: Vmid, guest: &Guest) -> Result<(), Fault> {
    if guest.status.is_running() {
        return Ok(());
    }
    Err(Fault::Failed(format!("VM {vmid} not running")))
}

/// The helper that keeps connection tracking through a migration.
fn helper(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    must_run(vmid, guest)?;
    Ok(Answer::default())
}
