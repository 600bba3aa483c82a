//! Ids in world files: the texts that clients see.
//!
//! A world file does not say of which product it is where an id stands, so a text counts when it is an id of one
//! of them; the personality whose file it is finds out the rest by its references.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::identity::{Identity, TokenId, UserId};
use super::product::Product;
use super::upid::Upid;

/// Reads a text with the parser of the Perl product, else of the Rust products.
fn read<'de, D, T, E>(from: D, parse: fn(&str, Product) -> Result<T, E>) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    E: std::fmt::Display,
{
    let text = String::deserialize(from)?;
    parse(&text, Product::Pve)
        .or_else(|_| parse(&text, Product::Pbs))
        .map_err(D::Error::custom)
}

/// Gives a type with `Display` and a parser its world form.
macro_rules! as_text {
    ($($type:ty),*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                read(from, <$type>::parse)
            }
        }
    )*};
}

as_text!(UserId, TokenId, Identity, Upid);

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::*;
    use crate::proxmox::acl::{AccessList, Reach, Subject};
    use crate::proxmox::task::{Outcome, Task};

    fn check<T: Serialize + DeserializeOwned>(file: &Value) -> T {
        let read: T = serde_json::from_value(file.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), *file);
        read
    }

    #[test]
    fn ids() {
        check::<UserId>(&json!("root@pam"));
        check::<UserId>(&json!("joe@9realm"));
        check::<TokenId>(&json!("root@pam!mock"));
        check::<Identity>(&json!("root@pam!mock"));
        check::<Upid>(&json!(
            "UPID:pve01:000003E8:00010000:69A42A40:qmstart:100:root@pam:"
        ));
        check::<Upid>(&json!(
            "UPID:pbs:000002F1:00000480:00000001:69A42A40:verify:store1:root@pam:"
        ));
        let wrong = serde_json::from_value::<UserId>(json!("x"));
        assert!(wrong.unwrap_err().to_string().contains("too short"));
    }

    #[test]
    fn tasks() {
        let task: Task = check(&json!({
            "upid": "UPID:pve01:000003E8:00010000:69A42A40:vzdump:100:root@pam:",
            "started": "2026-03-01T12:00:00Z",
            "duration": "PT5S",
            "outcome": {"error": "job errors"},
            "lines": [{"at": 0, "text": "INFO: starting"}],
            "hold": {"released": "2026-03-01T12:00:01Z"},
            "stop": {"at": "2026-03-01T12:00:02Z", "words": "received interrupt"},
        }));
        assert_eq!(task.outcome, Outcome::Error("job errors".into()));
        let short: Task = serde_json::from_value(json!({
            "upid": "UPID:pve01:000003E8:00010000:69A42A40:vzdump:100:root@pam:",
            "started": "2026-03-01T12:00:00Z",
        }))
        .unwrap();
        assert_eq!(short.outcome, Outcome::Ok);
        let wrong = json!({"upid": "UPID:x", "started": "2026-03-01T12:00:00Z"});
        assert!(serde_json::from_value::<Task>(wrong).is_err());
    }

    #[test]
    fn permissions() {
        let list: AccessList = check(&json!([
            {"path": "/", "for": {"user": "ann@pve"}, "role": "PVEAuditor", "propagate": true},
            {"path": "/vms/100", "for": {"group": "ops"}, "role": "PVEVMUser", "propagate": false},
            {"path": "/vms/100", "for": {"token": "ann@pve!t"}, "role": "NoAccess", "propagate": true},
        ]));
        assert_eq!(list.entries().count(), 3);
        let entry = list.entries().nth(1).unwrap();
        assert_eq!((entry.role, entry.reach), ("PVEVMUser", Reach::Here));
        assert_eq!(*entry.subject, Subject::Group("ops".into()));
        let short: AccessList =
            serde_json::from_value(json!([{"path": "/", "for": {"group": "g"}, "role": "Admin"}]))
                .unwrap();
        assert_eq!(short.entries().next().unwrap().reach, Reach::Below);
    }
}
