//! `/nodes/{node}/services` (proxmox-backup, `api2/node/services.rs`).

use serde_json::{Value, json};

use crate::pbs::world::World;
use crate::pbs::world::node::{Service, ServiceState};
use crate::pbs::world::task::Effect;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{get, post};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/services", Handler::Read(list)),
        get(
            "/nodes/{node}/services/{service}/state",
            Handler::Read(state),
        ),
        post(
            "/nodes/{node}/services/{service}/start",
            Handler::Write(start),
        ),
        post(
            "/nodes/{node}/services/{service}/stop",
            Handler::Write(stop),
        ),
        post(
            "/nodes/{node}/services/{service}/restart",
            Handler::Write(restart),
        ),
        post(
            "/nodes/{node}/services/{service}/reload",
            Handler::Write(reload),
        ),
    ]
}

fn shown(name: &str, service: &Service) -> Value {
    let (state, unit) = match service.state {
        ServiceState::Running => ("running", "enabled"),
        ServiceState::Dead => ("dead", "disabled"),
    };
    json!({
        "service": name,
        "name": name,
        "desc": service.description,
        "state": state,
        "unit-state": unit,
    })
}

fn list(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let services = world.node.services.iter();
    let items = services.map(|(name, service)| shown(name, service));
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

fn find<'w>(world: &'w World, call: &Call<'_>) -> Result<&'w Service, Fault> {
    let name = call.text("service");
    let found = world.node.services.get(name);
    found.ok_or_else(|| Fault::Failed(format!("unknown service name '{name}'")))
}

fn state(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let service = find(world, call)?;
    Ok(Answer::new(shown(call.text("service"), service)))
}

fn run(
    world: &mut World,
    call: &Call<'_>,
    verb: &str,
    state: ServiceState,
) -> Result<Answer, Fault> {
    find(world, call)?;
    let name = call.text("service").to_owned();
    if verb == "stop" && name == "proxmox-backup" {
        let text = format!("invalid service cmd '{name} {verb}' cannot stop essential service!");
        return Err(Fault::Failed(text));
    }
    let job = Job::new(format!("srv{verb}"), &name)
        .saying(format!("{verb} service {name}"))
        .doing(Effect::Service(name, state));
    call.start(world, job)
}

fn start(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    run(world, call, "start", ServiceState::Running)
}

fn stop(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    run(world, call, "stop", ServiceState::Dead)
}

fn restart(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    run(world, call, "restart", ServiceState::Running)
}

fn reload(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    run(world, call, "reload", ServiceState::Running)
}
