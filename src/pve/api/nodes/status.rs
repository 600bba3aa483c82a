//! The nodes themselves: the list of them, how each does, turning it off and on.

use serde_json::{Map, Value, json};

use super::machine;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::{Identity, UserId};
use crate::proxmox::product::Edition;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::proxmox::work::{Job, Start};
use crate::pve::release;
use crate::pve::world::World;
use crate::pve::world::gauge::{self, Gauge, Moment};
use crate::pve::world::ids::NodeName;
use crate::pve::world::node::{Firmware, Node, Room};
use crate::pve::world::node_effect::NodeEffect;
use crate::pve::world::resource::{self, Resource};
use crate::pve::world::size::Size;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::{get, post};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::{Read, Write};
    vec![
        get("/nodes", Read(list)),
        get("/nodes/{node}/status", Read(status)),
        post("/nodes/{node}/status", Write(command)),
        get("/nodes/{node}/version", Read(version)),
        post("/nodes/{node}/wakeonlan", Write(wake)),
    ]
}

/// Everybody sees which nodes there are; how they do is for those who may audit them (`extract_node_stats` of
/// `PVE::API2Tools`). What a node that is gone did last is known, what it does is not.
fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let nodes = resource::nodes(world, moment(call)).into_iter();
    let nodes = nodes.filter_map(|resource| match resource {
        Resource::Node { name, node, gauge } => Some((name, node, gauge)),
        _ => None,
    });
    let rows = nodes.map(|(name, node, gauge)| {
        let may_audit = call.may(world, &format!("/nodes/{name}"), &["Sys.Audit"]);
        let mut row = Map::new();
        let mut set = |key: &str, value: Value| row.insert(key.to_owned(), value);
        set("node", json!(name.as_str()));
        set("id", json!(format!("node/{name}")));
        set("type", json!("node"));
        let status = if node.is_online() {
            "online"
        } else {
            "offline"
        };
        set("status", json!(status));
        set("level", json!(node.level()));
        set("ssl_fingerprint", json!(node.fingerprint));
        if may_audit {
            set("maxcpu", json!(gauge.max_cpu));
            set("maxmem", json!(gauge.max_memory.bytes()));
            set("maxdisk", json!(gauge.max_disk.bytes()));
            if node.is_online() {
                set("cpu", json!(gauge.cpu));
                set("mem", json!(gauge.memory.bytes()));
                set("disk", json!(gauge.disk.bytes()));
                set("uptime", json!(gauge.uptime));
            }
        }
        Value::Object(row)
    });
    Ok(Answer::new(rows.collect::<Vec<_>>()))
}

/// Where figures are taken.
pub(super) fn moment(call: &Call<'_>) -> Moment {
    Moment {
        now: call.now,
        seed: call.context.seed,
    }
}

fn status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, node) = machine::node(world, call)?;
    let gauge = gauge::of_node(world, name, node, moment(call));
    let edition = call.context.edition;
    let kernel = release::kernel(edition);
    let build = release::kernel_build(edition);
    let mut answer = json!({
        "uptime": gauge.uptime,
        "idle": 0,
        "wait": wait(&gauge),
        "cpu": gauge.cpu,
        "loadavg": load(&gauge),
        "kversion": format!("Linux {kernel} {build}"),
        "cpuinfo": processors(node),
        "memory": memory(&gauge),
        "ksm": {"shared": 0},
        "swap": swap(node.swap),
        "rootfs": root(node.root),
        "pveversion": format!("pve-manager/{}/{}", release::version(edition), release::COMMIT),
    });
    // Since pve-manager 8.1.
    if edition != Edition::Pve7 {
        answer["current-kernel"] = json!({
            "sysname": "Linux",
            "release": kernel,
            "version": build,
            "machine": "x86_64",
        });
        answer["boot-info"] = boot(node.firmware);
    }
    if edition == Edition::Pve9 {
        let available = gauge
            .max_memory
            .bytes()
            .saturating_sub(gauge.memory.bytes());
        answer["memory"]["available"] = json!(available);
    }
    Ok(Answer::new(answer))
}

/// The part of the time that processors wait for disks: little, and more when there is more to do.
pub(super) fn wait(gauge: &Gauge) -> f64 {
    (gauge.cpu * 0.02 * 1e6).round() / 1e6
}

/// The loads of the last one, five and fifteen minutes, as the kernel writes them.
fn load(gauge: &Gauge) -> [String; 3] {
    let load = load_average(gauge);
    [1.0, 0.95, 0.9].map(|part| format!("{:.2}", load * part))
}

/// How many processes want to run.
pub(super) fn load_average(gauge: &Gauge) -> f64 {
    gauge.cpu * f64::from(gauge.max_cpu) * 1.1
}

fn processors(node: &Node) -> Value {
    let processors = &node.processors;
    let is_intel = processors.model.contains("Intel");
    let own = if is_intel { "vmx" } else { "svm" };
    json!({
        "model": processors.model,
        "sockets": processors.sockets,
        "cores": processors.cores,
        "cpus": processors.threads,
        // A text in the product, as everything that it reads of `/proc`.
        "mhz": format!("{}.000", processors.mhz),
        "hvm": "1",
        "user_hz": 100,
        "flags": format!(
            "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ht \
             syscall nx pdpe1gb rdtscp lm constant_tsc pni pclmulqdq {own} ssse3 fma cx16 pcid sse4_1 sse4_2 \
             x2apic movbe popcnt aes xsave avx f16c rdrand lahf_lm abm bmi1 avx2 bmi2"
        ),
    })
}

fn memory(gauge: &Gauge) -> Value {
    let (total, used) = (gauge.max_memory.bytes(), gauge.memory.bytes());
    json!({"total": total, "used": used, "free": total.saturating_sub(used)})
}

fn swap(room: Room) -> Value {
    json!({
        "total": room.size.bytes(),
        "used": room.used.bytes(),
        "free": room.size.bytes().saturating_sub(room.used.bytes()),
    })
}

/// A twentieth of a file system is kept back for the superuser.
fn root(room: Room) -> Value {
    let (Size(total), Size(used)) = (room.size, room.used);
    let free = total.saturating_sub(used);
    json!({"total": total, "used": used, "free": free, "avail": free.saturating_sub(total / 20)})
}

fn boot(firmware: Firmware) -> Value {
    match firmware {
        Firmware::LegacyBios => json!({"mode": "legacy-bios"}),
        Firmware::Efi => json!({"mode": "efi", "secureboot": false}),
        Firmware::SecureBoot => json!({"mode": "efi", "secureboot": true}),
    }
}

/// Turns the machine off, or off and on. The product answers at once; on its way down the machine stops its guests
/// in a task of the superuser's, at whose end it is down.
fn command(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, _) = machine::node(world, call)?;
    let name = name.clone();
    let effect = match call.text("command") {
        "reboot" => NodeEffect::Reboot,
        _ => NodeEffect::Shutdown,
    };
    let job = Job::new("stopall", "").doing(Effect::Node(name.clone(), effect));
    begin_as_root(world, call, &name, job);
    Ok(Answer::default())
}

fn begin_as_root(world: &mut World, call: &Call<'_>, node: &NodeName, job: Job<Effect>) {
    let start = Start {
        product: call.context.product,
        node: node.as_str(),
        user: Identity {
            user: UserId::root(),
            token: None,
        },
        now: call.now,
        duration: call.context.task_time,
    };
    world.tasks.begin(start, job);
}

fn version(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    machine::node(world, call)?;
    Ok(Answer::new(release::shown(call.context.edition)))
}

/// Wakes a node that is off. One that is on takes no notice of the packet.
fn wake(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let wanted = call.text("node").to_owned();
    if wanted == crate::proxmox::state::State::own_node(world) {
        let text = format!("'{wanted}' is local node, cannot wake my self!");
        return Err(Fault::Failed(text));
    }
    // From memory: the words of `PVE::Cluster::check_node_exists`.
    let (name, node) = machine::node(world, call)
        .map_err(|_| Fault::Failed(format!("no such cluster node '{wanted}'")))?;
    let setting = node.options.0.get("wakeonlan").and_then(Value::as_str);
    let setting = PropertyString::parse(setting.unwrap_or_default(), Some("mac"), Spelling::Plain);
    let setting = setting.unwrap_or_default();
    let Some(mac) = setting.value("mac").map(str::to_owned) else {
        let text = format!("No wake on LAN MAC address defined for '{wanted}'!");
        return Err(Fault::Failed(text));
    };
    if !node.is_online() {
        let name = name.clone();
        let job = Job::new("startall", "").doing(Effect::Node(name.clone(), NodeEffect::Start));
        begin_as_root(world, call, &name, job);
    }
    Ok(Answer::new(mac))
}
