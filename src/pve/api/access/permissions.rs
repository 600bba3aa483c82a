//! `/access/permissions`: what somebody may do, path by path.

use serde_json::{Map, Value, json};

use crate::proxmox::Edition;
use crate::proxmox::Product;
use crate::proxmox::acl::Reach;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::gate::House;
use crate::proxmox::identity::Identity;
use crate::proxmox::lodge::Lodge;
use crate::proxmox::rights::Listed;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::get;

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![get("/access/permissions", Handler::Read(dump))]
}

fn dump(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let who = match call.arguments.text("userid") {
        None => call.caller.clone(),
        Some(text) => {
            let who = Identity::parse(text, Product::Pve);
            let who = who.map_err(|fault| Fault::Failed(fault.to_string()))?;
            let is_owner = call.caller == Identity::from(who.user.clone());
            let is_own = who == call.caller || (who.token.is_some() && is_owner);
            // Release 7 asked for the privilege whoever it was about.
            if !is_own || call.context.edition == Edition::Pve7 {
                call.demand(world, "/access", &["Sys.Audit"])?;
            }
            who
        }
    };
    let lodge = Lodge::new(world, call.context, call.now);
    let wanted = call.arguments.text("path").filter(|path| !path.is_empty());
    let found = lodge.rights().listing(&who, wanted);
    let mut data: Map<_, _> = found
        .into_iter()
        .map(|(path, listed)| (path, shown(&listed)))
        .collect();
    // A path that was asked for is there even when nothing is on it.
    if let Some(path) = wanted {
        data.entry(path).or_insert_with(|| json!({}));
    }
    Ok(Answer::new(data))
}

/// Each privilege with whether it counts below the path too.
fn shown(listed: &Listed) -> Value {
    let flag = |(name, reach): (&&'static str, &Reach)| {
        ((*name).to_owned(), json!(*reach == Reach::Below))
    };
    Value::Object(listed.iter().map(flag).collect())
}
