//! `/nodes/{node}/journal` and `/nodes/{node}/syslog`: what the machine wrote down. Its lines are those of its
//! tasks, so that a test finds there what it did.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::pbs::api::task;
use crate::pbs::world::World;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::get;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/journal", Handler::Read(journal)),
        get("/nodes/{node}/syslog", Handler::Read(syslog)),
    ]
}

/// A line of the log.
struct Line {
    at: i64,
    service: &'static str,
    text: String,
}

/// All lines until now, in their order.
fn lines(world: &World, now: Timestamp) -> Vec<Line> {
    let mut lines = vec![Line {
        at: world.node.started.as_second(),
        service: "systemd",
        text: "Started proxmox-backup-proxy.service - Proxmox Backup API Proxy Server.".to_owned(),
    }];
    for one in world.tasks.tasks() {
        let upid = &one.upid;
        let proxy = |at: i64, text: String| Line {
            at,
            service: "proxmox-backup-proxy",
            text,
        };
        lines.push(proxy(
            one.started.as_second(),
            format!(
                "starting new {} task '{}' for {}",
                upid.kind, upid.id, upid.user
            ),
        ));
        if let Some((end, outcome)) = task::end(one, now) {
            let exit = outcome.exit_status();
            lines.push(proxy(end, format!("TASK {exit}: {upid}")));
        }
    }
    lines.retain(|line| line.at <= now.as_second());
    lines.sort_by_key(|line| line.at);
    lines
}

fn written(world: &World, line: &Line) -> String {
    let at = Timestamp::from_second(line.at).unwrap_or_default();
    let time = at.strftime("%b %d %H:%M:%S");
    format!(
        "{time} {}[753]: {}",
        format_args!("{} {}", world.node.name, line.service),
        line.text
    )
}

/// The last lines, or those of a time; first and last are cursors, as the reader of the journal prints them.
fn journal(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let since = call.arguments.integer("since").unwrap_or(i64::MIN);
    let until = call.arguments.integer("until").unwrap_or(i64::MAX);
    let cursor = |name: &str| {
        call.arguments
            .text(name)
            .and_then(|text| text.strip_prefix("n=")?.parse::<usize>().ok())
    };
    let lines = lines(world, call.now);
    let first = cursor("startcursor").map_or(0, |n| n.saturating_add(1));
    let last = cursor("endcursor").unwrap_or(usize::MAX);
    let kept = lines
        .iter()
        .enumerate()
        .filter(|(n, line)| (first..last).contains(n) && line.at >= since && line.at <= until);
    let mut kept: Vec<_> = kept.collect();
    let most = call.arguments.integer("lastentries");
    if let Some(most) = most.and_then(|most| usize::try_from(most).ok()) {
        let skipped = kept.len().saturating_sub(most);
        kept.drain(..skipped);
    }
    let cursor = |entry: Option<&(usize, &Line)>| format!("n={}", entry.map_or(0, |(n, _)| *n));
    let (start, end) = (cursor(kept.first()), cursor(kept.last()));
    let middle = kept.iter().map(|(_, line)| written(world, line));
    let all: Vec<String> = [start].into_iter().chain(middle).chain([end]).collect();
    Ok(Answer::new(all))
}

/// Numbered lines of a service or of all, with their count beside.
fn syslog(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let moment = |name: &str| call.arguments.text(name).and_then(second);
    let (since, until) = (moment("since"), moment("until"));
    let service = call.arguments.text("service");
    let lines = lines(world, call.now);
    let kept = lines.iter().filter(|line| {
        since.is_none_or(|since| line.at >= since)
            && until.is_none_or(|until| line.at <= until)
            && service.is_none_or(|service| line.service == service.trim_end_matches(".service"))
    });
    let kept: Vec<_> = kept.collect();
    let number = |name: &str, default: usize| {
        let number = call.arguments.integer(name);
        number
            .and_then(|number| usize::try_from(number).ok())
            .unwrap_or(default)
    };
    let limit = match number("limit", 50) {
        0 => usize::MAX,
        limit => limit,
    };
    let numbered = kept.iter().enumerate().skip(number("start", 0)).take(limit);
    let items = numbered.map(|(n, line)| json!({"n": n + 1, "t": written(world, line)}));
    let items: Vec<Value> = items.collect();
    Ok(Answer::new(items).with("total", kept.len()))
}

/// `2026-01-05 12:00:00`, or less of it.
fn second(text: &str) -> Option<i64> {
    let full = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        16 => format!("{}:00Z", text.replacen(' ', "T", 1)),
        _ => format!("{}Z", text.replacen(' ', "T", 1)),
    };
    full.parse::<Timestamp>().ok().map(Timestamp::as_second)
}
