//! When a job runs: a calendar event, or its older form of a time and days.

use serde_json::{Map, Value};

use crate::proxmox::arguments::split_list;
use crate::proxmox::fault::Fault;

/// Whether parameters must say when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// They must.
    Needed,
    /// They may.
    Optional,
}

const ALL_DAYS: &str = "mon,tue,wed,thu,fri,sat,sun";

/// Puts the older form into the place of the newer.
///
/// # Errors
/// Both at once, or none where one is needed.
pub(super) fn take(given: &mut Map<String, Value>, due: Due) -> Result<(), Fault> {
    let days = given.shift_remove("dow");
    let time = given.shift_remove("starttime");
    let has_schedule = given.contains_key("schedule");
    let Some(Value::String(time)) = time else {
        if !has_schedule && due == Due::Needed {
            let text = "neither 'starttime' nor 'schedule' were set";
            return Err(Fault::parameter("schedule", text));
        }
        return Ok(());
    };
    if has_schedule {
        let text = "'starttime' and 'schedule' cannot both be set";
        return Err(Fault::parameter("starttime", text));
    }
    let days = days.as_ref().and_then(Value::as_str).unwrap_or_default();
    let days: Vec<&str> = split_list(days).collect();
    let days = days.join(",");
    let schedule = match &*days {
        "" | ALL_DAYS => time,
        days => format!("{days} {time}"),
    };
    given.insert("schedule".to_owned(), Value::String(schedule));
    Ok(())
}
