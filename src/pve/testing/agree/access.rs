//! Users, groups, tokens and permissions.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Look, plain, word};

impl Look<'_> {
    pub(super) fn access(&mut self) {
        let users = self.list("/access/users?full=1");
        let mut members = BTreeSet::new();
        for group in self.list("/access/groups") {
            let group = word(&group, "groupid").to_owned();
            let told = self.ask(&format!("/access/groups/{group}"));
            let told = told["members"].as_array().cloned().unwrap_or_default();
            members.extend(told.iter().map(|user| (plain(user), group.clone())));
        }
        let mut shown = BTreeSet::new();
        let mut known = BTreeSet::new();
        for user in &users {
            let id = word(user, "userid");
            known.insert(id.to_owned());
            let groups = word(user, "groups")
                .split(',')
                .filter(|group| !group.is_empty());
            shown.extend(groups.map(|group| (id.to_owned(), group.to_owned())));
            let names = |rows: &[Value]| {
                rows.iter()
                    .map(|row| plain(&row["tokenid"]))
                    .collect::<BTreeSet<_>>()
            };
            let listed = user["tokens"].as_array().cloned().unwrap_or_default();
            let told = self.list(&format!("/access/users/{}/token", id.replace('@', "%40")));
            self.equal(&format!("tokens of {id}"), &names(&listed), &names(&told));
            known.extend(names(&told).iter().map(|token| format!("{id}!{token}")));
        }
        self.equal("members of groups", &members, &shown);
        self.permissions(&users, &known);
    }

    /// Who is named in the tree of permissions exists, and may what the role says.
    fn permissions(&mut self, users: &[Value], known: &BTreeSet<String>) {
        let entries = self.list("/access/acl");
        for entry in entries.iter().filter(|entry| entry["type"] != "group") {
            let (who, path) = (word(entry, "ugid"), word(entry, "path"));
            self.equal(
                &format!("{who} of {path} is known"),
                &known.contains(who),
                &true,
            );
            let is_able = users.iter().any(|user| {
                user["userid"] == who && user["enable"] == 1 && plain(&user["expire"]).is_empty()
            });
            let beside = |other: &&Value| other["ugid"] == who && other["path"] == path;
            let is_barred = entries
                .iter()
                .filter(beside)
                .any(|other| other["roleid"] == "NoAccess");
            if entry["type"] == "token" || !is_able || is_barred || who == "root@pam" {
                continue;
            }
            let role = self.ask(&format!("/access/roles/{}", word(entry, "roleid")));
            let role: BTreeSet<String> = role
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone())
                .collect();
            let question = format!(
                "/access/permissions?userid={}&path={path}",
                who.replace('@', "%40")
            );
            let told = self.ask(&question);
            let told: BTreeSet<String> = told[path]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone())
                .collect();
            let missing: Vec<_> = role.difference(&told).collect();
            self.equal(&question, &missing, &Vec::new());
        }
    }
}
