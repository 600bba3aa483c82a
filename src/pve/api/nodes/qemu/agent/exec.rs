//! Programs executed in the guest.
//!
//! What a program does is scripted by its command line; a few that every system has do what they do, and any other
//! ends well without a word, because a test that cares for more says so.

use serde_json::{Map, Value, json};

use super::{answering, derived, error, files, willing};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::api::nodes::guest::find;
use crate::pve::world::World;
use crate::pve::world::agent::Program;
use crate::pve::world::guest::Guest;
use crate::pve::world::ids::Vmid;
use crate::routes::Route;
use crate::routes::route::{get, post};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/nodes/{node}/qemu/{vmid}/agent/exec", Handler::Write(exec)),
        get(
            "/nodes/{node}/qemu/{vmid}/agent/exec-status",
            Handler::Write(status),
        ),
    ]
}

fn exec(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = answering(world, call)?;
    willing(guest, "exec")?;
    let words = call.arguments.list("command");
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    if words.is_empty() {
        let text = "Invalid parameter type for 'path', expected: string";
        return Err(error(text));
    }
    let input = call.arguments.text("input-data").unwrap_or_default();
    let program = program(vmid, guest, &words, input);
    let (_, guest) = find::guest_mut(world, call)?;
    let process = guest.agent_mut().execute(program, call.now);
    Ok(Answer::new(json!({ "pid": process })))
}

fn program(vmid: Vmid, guest: &Guest, words: &[&str], input: &str) -> Program {
    let line = words.join(" ");
    let scripted = guest
        .agent
        .as_ref()
        .and_then(|agent| agent.programs.get(&line));
    if let Some(program) = scripted {
        return program.clone();
    }
    let (name, arguments) = words.split_first().unwrap_or((&"", &[]));
    let name = name.rsplit('/').next().unwrap_or(name);
    let out = |out: String| Program {
        out,
        ..Program::default()
    };
    match name {
        "false" => Program {
            exit_code: 1,
            ..Program::default()
        },
        "hostname" => out(format!("{}\n", derived::host_name(vmid, guest))),
        "whoami" => out("root\n".to_owned()),
        "echo" => out(format!("{}\n", arguments.join(" "))),
        "uname" => out("Linux\n".to_owned()),
        "cat" if arguments.is_empty() => out(input.to_owned()),
        "cat" => shown(vmid, guest, arguments),
        _ => Program::default(),
    }
}

fn shown(vmid: Vmid, guest: &Guest, paths: &[&str]) -> Program {
    let mut program = Program::default();
    for path in paths {
        match files::content(vmid, guest, path) {
            Some(content) => {
                let bytes = content.bytes();
                program.out.push_str(&String::from_utf8_lossy(&bytes));
            }
            None => {
                let text = format!("cat: {path}: No such file or directory\n");
                program.err.push_str(&text);
                program.exit_code = 1;
            }
        }
    }
    program
}

/// The agent forgets a program when it has told of its end.
fn status(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, guest) = answering(world, call)?;
    willing(guest, "exec-status")?;
    let unknown = || error("Invalid parameter 'pid'");
    let process = call.arguments.integer("pid").unwrap_or_default();
    let process = u32::try_from(process).map_err(|_| unknown())?;
    let processes = guest.agent.as_ref().map(|agent| &agent.processes);
    let known = processes.and_then(|known| known.get(&process.to_string()));
    let known = known.ok_or_else(unknown)?;
    if !known.has_ended(call.now) {
        return Ok(Answer::new(json!({"exited": 0})));
    }
    let answer = ended(&known.program);
    let (_, guest) = find::guest_mut(world, call)?;
    if let Some(agent) = &mut guest.agent {
        agent.processes.remove(&process.to_string());
    }
    Ok(Answer::new(answer))
}

fn ended(program: &Program) -> Value {
    let mut answer = Map::new();
    answer.insert("exited".to_owned(), json!(1));
    match program.signal {
        Some(signal) => answer.insert("signal".to_owned(), json!(signal)),
        None => answer.insert("exitcode".to_owned(), json!(program.exit_code)),
    };
    for (name, text) in [("out-data", &program.out), ("err-data", &program.err)] {
        if !text.is_empty() {
            answer.insert(name.to_owned(), json!(text));
        }
    }
    Value::Object(answer)
}
