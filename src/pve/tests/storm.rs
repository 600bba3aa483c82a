//! Whatever a thousand calls of the whole API do in whatever order: the world holds together, every endpoint tells
//! the same of a thing, every answer has its declared type, every task ends.
//!
//! A failure is told as the shortest story found that leads to it. `STORM_SEEDS=50` runs that many seeds,
//! `STORM_STORY=<file>` plays the lines of a file.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::http::Method;
use crate::proxmox::service::testing::Desk;
use crate::pve::testing::disagreements;
use crate::pve::world::{World, invariants};

mod calls;
mod found;
mod recipes;
mod story;

use calls::Calls;

/// How many lines a story has.
const LINES: usize = 1000;

/// After how many of them everything is looked at.
const EVERY: usize = 50;

/// How many stories are told when nobody says how many.
const SEEDS: u64 = 3;

#[test]
fn whatever_is_called_the_world_holds_together() {
    if let Ok(file) = std::env::var("STORM_STORY") {
        let text = std::fs::read_to_string(file).unwrap();
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        assert_eq!(fault_of(&lines), None);
        return;
    }
    let seeds = std::env::var("STORM_SEEDS").map_or(SEEDS, |seeds| seeds.parse().unwrap());
    let mut tally = Tally::default();
    for seed in 0..seeds {
        let mut lines = Vec::new();
        let told = catch_unwind(AssertUnwindSafe(|| tell(seed, &mut lines, &mut tally)));
        let fault = told.unwrap_or_else(|_| Err("panics".to_owned()));
        if let Err(fault) = fault {
            let story = shortened(&lines);
            panic!("seed {seed}: {fault}\n{}", story.join("\n"));
        }
    }
    tally.tell();
}

/// What came of the writes.
#[derive(Default)]
struct Tally {
    asked: usize,
    done: usize,
    /// Of each operation, how often it was asked and done.
    operations: BTreeMap<String, (usize, usize)>,
    /// The refusals of each that never did anything.
    words: BTreeMap<String, BTreeSet<String>>,
}

impl Tally {
    fn count(&mut self, desk: &Desk<World>, line: &str, status: &str) {
        let Some(operation) = desk.operation(line) else {
            return;
        };
        if operation.method == Method::Get {
            return;
        }
        let name = format!("{} {}", operation.method, operation.template);
        let counts = self.operations.entry(name.clone()).or_default();
        counts.0 += 1;
        self.asked += 1;
        if status.starts_with("200") {
            counts.1 += 1;
            self.done += 1;
        } else {
            self.words
                .entry(name)
                .or_default()
                .insert(status.to_owned());
        }
    }

    #[expect(
        clippy::print_stdout,
        reason = "figures for those who change the recipes"
    )]
    fn tell(&self) {
        let share = 100 * self.done / self.asked.max(1);
        println!(
            "{} of {} writes succeeded ({share} %)",
            self.done, self.asked
        );
        for (name, (asked, _)) in self.operations.iter().filter(|(_, counts)| counts.1 == 0) {
            println!("never, of {asked}: {name}: {:?}", self.words.get(name));
        }
        assert!(share >= 35, "{share} % of the writes succeeded");
    }
}

/// Makes a story up and plays it at once.
fn tell(seed: u64, lines: &mut Vec<String>, tally: &mut Tally) -> Result<(), String> {
    let mut desk = desk_of_story();
    let mut calls = Calls::new(seed);
    for n in 1..=LINES {
        let line = calls.next(&desk);
        lines.push(line.clone());
        let got = story::play(&mut desk, &line);
        if let Some(got) = got {
            tally.count(&desk, &line, &got.status);
            story::fault(&got).map_or(Ok(()), Err)?;
        }
        look(&desk, n % EVERY == 0)?;
    }
    end(&mut desk)?;
    let reads: Vec<_> = desk
        .operations()
        .iter()
        .filter(|one| one.method == Method::Get)
        .cloned()
        .collect();
    for operation in reads {
        for _ in 0..2 {
            if let Some(line) = calls.look(&desk, &operation) {
                lines.push(line.clone());
                read(&desk, &line)?;
            }
        }
    }
    Ok(())
}

/// The product of all stories: tasks take a while, so that things happen meanwhile.
fn desk_of_story() -> Desk<World> {
    Desk::with(crate::pve::blueprint(), |setup| {
        setup.task_time = std::time::Duration::from_secs(3);
    })
}

/// The world holds together; on a closer look it is told alike everywhere, and survives being written down.
fn look(desk: &Desk<World>, closely: bool) -> Result<(), String> {
    let world = desk.world();
    let faults = invariants(&world);
    if let Some(first) = faults.first() {
        return Err(format!("{first} ({} in all)", faults.len()));
    }
    if !closely {
        return Ok(());
    }
    if let Some(first) = disagreements(desk).first() {
        return Err(first.clone());
    }
    match World::read(&world.export()) {
        Ok(again) if again == world => Ok(()),
        Ok(_) => Err("the world changes when it is written down".to_owned()),
        Err(problems) => Err(format!("cannot be read again: {problems:?}")),
    }
}

/// Everything comes to its end.
fn end(desk: &mut Desk<World>) -> Result<(), String> {
    story::play(desk, "release");
    for node in desk.world().nodes.keys() {
        story::play(desk, &format!("online {node}"));
    }
    // The end of a task may begin another.
    for _ in 0..3 {
        desk.step(100_000);
        look(desk, false)?;
    }
    let world = desk.world();
    let mut tasks = world.tasks.tasks();
    if let Some(task) = tasks.find(|task| task.is_running(desk.now())) {
        return Err(format!("{} never ends", task.upid));
    }
    look(desk, true)
}

/// What is answered has its declared type, or is refused.
fn read(desk: &Desk<World>, line: &str) -> Result<(), String> {
    let got = desk.ask(line, "");
    story::fault(&got).map_or(Ok(()), Err)?;
    if !got.status.starts_with("200") {
        return Ok(());
    }
    let (_, target) = line.split_once(' ').unwrap_or_default();
    // A container that does not run has no list of interfaces, whatever is declared.
    if got.data().is_null() {
        return Ok(());
    }
    match desk.misfits(target, got.data()).first() {
        Some(problem) => Err(format!("{problem:?} of {line}")),
        None => Ok(()),
    }
}

/// What goes wrong when these lines are played.
fn fault_of(lines: &[String]) -> Option<String> {
    let mut desk = desk_of_story();
    let played = catch_unwind(AssertUnwindSafe(|| {
        for line in lines {
            if let Some(got) = story::play(&mut desk, line) {
                story::fault(&got).map_or(Ok(()), Err)?;
            }
            look(&desk, lines.len() < EVERY)?;
            if line.starts_with("GET ") {
                read(&desk, line)?;
            }
        }
        look(&desk, true)?;
        end(&mut desk)
    }));
    played.unwrap_or_else(|_| Err("panics".to_owned())).err()
}

/// The same story without what does not matter for the kind of its end, which may be another than before.
fn shortened(lines: &[String]) -> Vec<String> {
    let mut story = lines.to_vec();
    let mut size = story.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < story.len() {
            let mut shorter = story.clone();
            shorter.drain(at..(at + size).min(story.len()));
            if fault_of(&shorter).is_some() {
                story = shorter;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    story.push(format!("# {:?}", fault_of(&story)));
    story
}
