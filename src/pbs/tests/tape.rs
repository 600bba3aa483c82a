//! Tapes: labelled, moved, written, forgotten.

use serde_json::{Value, json};

use super::refusals;
use crate::pbs::testing::desk;
use crate::pbs::world::{World, invariants};
use crate::proxmox::service::testing::Desk;

const DRIVE: &str = "/tape/drive/lto9";

fn medium(desk: &Desk<World>, label: &str) -> Option<Value> {
    let media = desk.get("/tape/media/list");
    let media = media.as_array().unwrap();
    media
        .iter()
        .find(|medium| medium["label-text"] == label)
        .cloned()
}

#[test]
fn tapes_move_between_slots_and_drive() {
    let desk = desk();
    let in_drive =
        |desk: &Desk<World>| desk.get("/tape/changer/ts4300/status")[0]["label-text"].clone();
    assert_eq!(in_drive(&desk), "TAPE02L9");
    desk.task(&format!("POST {DRIVE}/load-media"), "label-text=TAPE01L9");
    assert_eq!(in_drive(&desk), "TAPE01L9");
    assert_eq!(desk.get(&format!("{DRIVE}/read-label"))["pool"], "weekly");
    desk.task(&format!("POST {DRIVE}/unload"), "");
    assert_eq!(in_drive(&desk), Value::Null);
    desk.must("POST /tape/changer/ts4300/transfer", "from=1&to=5");
    assert_eq!(
        desk.must(&format!("PUT {DRIVE}/export-media"), "label-text=TAPE01L9"),
        4
    );
    refusals(
        &desk,
        &[
            (
                "POST /tape/changer/ts4300/transfer",
                "from=7&to=1",
                "400",
                "slot 7 is empty",
            ),
            (
                "GET /tape/drive/none/status",
                "",
                "400",
                "no such lto 'none'",
            ),
            (
                "GET /tape/drive/lto9/read-label",
                "",
                "400",
                "no media loaded",
            ),
        ],
    );
    let upid = desk.must(&format!("POST {DRIVE}/load-media"), "label-text=TAPE03L9");
    assert_eq!(
        desk.exit_status(upid.as_str().unwrap()),
        "media 'TAPE03L9' not online"
    );
}

#[test]
fn a_new_tape_is_labelled_by_its_bar_code() {
    let desk = desk();
    assert_eq!(medium(&desk, "TAPE04L9"), None);
    desk.task(&format!("POST {DRIVE}/barcode-label-media"), "pool=weekly");
    assert_eq!(medium(&desk, "TAPE04L9").unwrap()["pool"], "weekly");
    let upid = desk.must(&format!("POST {DRIVE}/label-media"), "label-text=TAPE05L9");
    assert_eq!(
        desk.exit_status(upid.as_str().unwrap()),
        "media is not empty (format it first)"
    );
    desk.task(&format!("POST {DRIVE}/format-media"), "");
    desk.task(
        &format!("POST {DRIVE}/label-media"),
        "label-text=TAPE05L9&pool=yearly",
    );
    assert_eq!(medium(&desk, "TAPE05L9").unwrap()["pool"], "yearly");
    assert_eq!(medium(&desk, "TAPE02L9"), None);
}

#[test]
fn backups_go_to_the_tape_of_their_pool() {
    let desk = desk();
    desk.must(
        "POST /tape/media/move",
        "label-text=TAPE01L9&vault-name=bank",
    );
    assert_eq!(medium(&desk, "TAPE01L9").unwrap()["location"], "vault-bank");
    desk.task(
        "POST /tape/backup",
        "store=main&pool=weekly&drive=lto9&ns=lab&latest-only=1&max-depth=0",
    );
    let written = medium(&desk, "TAPE02L9").unwrap();
    let set = written["media-set-uuid"].as_str().unwrap();
    assert!(written["bytes-used"].as_u64().unwrap() > 0);
    let content = desk.get(&format!("/tape/media/content?media-set={set}"));
    assert_eq!(content.as_array().unwrap().len(), 5);
    assert_eq!(content[0]["snapshot"], "ns/lab/vm/101/2026-01-05T02:00:00Z");
    desk.task(
        "POST /tape/restore",
        &format!("drive=lto9&media-set={set}&store=main"),
    );
    let uuid = written["uuid"].as_str().unwrap();
    desk.must(
        &format!("POST /tape/media/list/{uuid}/status"),
        "status=full",
    );
    assert_eq!(desk.get(&format!("/tape/media/list/{uuid}/status")), "full");
    refusals(
        &desk,
        &[
            (
                &format!("GET /tape/media/destroy?uuid={uuid}"),
                "",
                "400",
                &format!("media 'TAPE02L9' contains data (media set '{set}')"),
            ),
            (
                &format!("POST /tape/media/list/{uuid}/status"),
                "status=writable",
                "400",
                "setting media status 'writable' is not allowed",
            ),
        ],
    );
    desk.must(&format!("GET /tape/media/destroy?uuid={uuid}&force=1"), "");
    assert_eq!(medium(&desk, "TAPE02L9"), None);
    let upid = desk.must("POST /tape/backup/weekly-tape", "");
    assert_eq!(
        desk.exit_status(upid.as_str().unwrap()),
        "no writable media found in pool 'weekly'"
    );
    assert_eq!(
        desk.get("/tape/media/media-sets").as_array().unwrap().len(),
        2
    );
    assert_eq!(desk.get("/tape/media/list")[0]["expired"], json!(false));
    assert!(invariants(&desk.world()).is_empty());
}
