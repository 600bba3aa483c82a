//! Ids of users, of API tokens and of tasks.

use proptest::prelude::*;

use mock_server::proxmox::Product;
use mock_server::proxmox::identity::{Identity, TokenId, UserId};
use mock_server::proxmox::upid::{RemoteUpid, Upid};

use super::{config, nasty};

fn ids() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        5 => prop::sample::select(vec!["root", "@", "pam", "!", "mock", ":", "/", " ", "é", "\u{0}", "a.b-c_d", "1"])
            .prop_map(str::to_owned),
        1 => nasty(),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn upids() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        6 => prop::sample::select(vec![
            "UPID", "pve01", "0000030D", "00000000", "FFFFFFFF", "FFFFFFFFF", "fffffffffffffffff", "qmstart", "100",
            "root@pam", "root@pam!mock", "", "-", "\\x2d", "\\x", "\\xff\\xfe", "+0000001", "é", "a/b", "pve:lab!UPID",
        ]).prop_map(str::to_owned),
        1 => nasty(),
    ];
    let soup = prop::collection::vec(part, 0..12).prop_map(|parts| parts.join(":"));
    let nearly = (
        "[a-z0-9-]{1,4}",
        any::<u32>(),
        any::<u64>(),
        any::<u32>(),
        nasty(),
        ids(),
    )
        .prop_map(|(node, pid, count, start, id, user)| {
            let task = if count % 2 == 0 {
                String::new()
            } else {
                format!("{count:08X}:")
            };
            format!("UPID:{node}:{pid:08X}:00ABCDEF:{task}{start:08X}:vzdump:{id}:{user}:")
        });
    prop_oneof![
        soup,
        nearly,
        "pve:[a-z:!]{0,6}!UPID:n:00000001:00000001:00000001:x:[a-z]{0,2}:root@pam:"
    ]
}

proptest! {
    #![proptest_config(config(1200))]

    #[test]
    fn ids_are_what_they_say(text in ids()) {
        for product in Product::ALL {
            if let Ok(user) = UserId::parse(&text, product) {
                prop_assert_eq!(user.to_string(), text.clone());
                prop_assert_eq!(format!("{}@{}", user.name(), user.realm()), text.clone());
                prop_assert!(user.as_str().chars().count() <= 64);
            }
            if let Ok(token) = TokenId::parse(&text, product) {
                prop_assert_eq!(token.to_string(), text.clone());
            }
            if let Ok(who) = Identity::parse(&text, product) {
                prop_assert_eq!(who.to_string(), text.clone());
                prop_assert_eq!(who.is_root(), text == "root@pam");
            }
        }
    }

    #[test]
    fn tasks_are_what_they_say(text in upids()) {
        for product in Product::ALL {
            if let Ok(upid) = Upid::parse(&text, product) {
                prop_assert_eq!(Upid::parse(&upid.to_string(), product), Ok(upid));
            }
        }
        if let Ok(remote) = RemoteUpid::parse(&text) {
            prop_assert_eq!(RemoteUpid::parse(&remote.to_string()), Ok(remote));
        }
    }
}
