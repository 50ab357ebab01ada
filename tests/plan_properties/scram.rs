//! Users that log in with SCRAM: those of random manifests, those that there are, and what is remembered of them.

use std::collections::BTreeMap;

use busctl::model::Kind;
use busctl::plan::{Action, Plan, Step};
use busctl::ports::Observed;
use busctl::ports::kafka::{ScramMechanism, ScramUser};
use busctl::resources::scram::{SetPassword, SetPasswords, user_of_address};
use busctl::resources::{Desired, Live};
use proptest::collection::btree_map;
use proptest::prelude::*;
use proptest::sample::select;

use crate::model::{carry_out, lives, plan, workspace, workspaces};

/// The key `scram` of a service, or nothing.
pub fn texts() -> impl Strategy<Value = String> {
    let passwords = select(vec!["env:A", "env:B"]);
    let others = select(vec![
        "",
        ", rotation: second",
        ", iterations: 8192",
        ", mechanisms: [scram-sha-256, scram-sha-512]",
        ", mechanisms: [scram-sha-256]",
        ", state: absent",
    ]);
    (any::<bool>(), passwords, others).prop_map(|(declared, password, other)| match declared {
        true => format!("scram: {{ password: {password}{other} }}\n"),
        false => String::new(),
    })
}

/// Users of the cluster's manifest.
pub const OF_CLUSTER: [&str; 3] = [
    "{ user: ops, password: env:A }",
    "{ user: \"a/b %\", password: file:b, rotation: first }",
    "{ user: left, state: absent }",
];

/// Users that there are, and how the passwords of some of them were set.
pub fn live() -> impl Strategy<Value = (Vec<ScramUser>, SetPasswords)> {
    let names = || select(vec!["alpha", "beta", "gamma", "ops", "a/b %", "left", "stranger"]);
    let mechanisms = select(vec![ScramMechanism::Sha256, ScramMechanism::Sha512]);
    let credentials = btree_map(mechanisms, select(vec![4096_u32, 8192]), 1..3);
    let set = (select(vec!["env:A", "env:B", "file:b"]), proptest::option::of(select(vec!["first", "second"])));
    (btree_map(names(), credentials, 0..5), btree_map(names(), set, 0..5)).prop_map(|(users, set)| {
        let user = |(name, credentials): (&str, _)| ScramUser { name: name.to_owned(), credentials };
        let set = set.into_iter().map(|(user, (password, rotation))| {
            let (password, rotation) = (password.to_owned(), rotation.map(str::to_owned));
            (user.to_owned(), SetPassword { password, rotation })
        });
        (users.into_iter().map(user).collect(), set.collect())
    })
}

/// What the servers do with a step, if it is about users.
pub fn alter(live: &mut Live, step: &Step) {
    let Some(Observed::Known(users)) = &mut live.scram_users else { panic!("the users are known") };
    let mut by_name: BTreeMap<String, BTreeMap<ScramMechanism, u32>> =
        users.drain(..).map(|user| (user.name, user.credentials)).collect();
    match step {
        Step::SetScramPassword { user, mechanism, iterations, .. } => {
            by_name.entry(user.clone()).or_default().insert(*mechanism, *iterations);
        }
        Step::RemoveScramPassword { user, mechanism } => {
            let gone = by_name.get_mut(user).and_then(|credentials| credentials.remove(mechanism));
            assert!(gone.is_some(), "{user} has no {mechanism}");
        }
        _ => {}
    }
    by_name.retain(|_, credentials| !credentials.is_empty());
    users.extend(by_name.into_iter().map(|(name, credentials)| ScramUser { name, credentials }));
}

/// What is remembered once a plan is done.
pub fn remember(live: &mut Live, plan: &Plan) {
    let Some(Observed::Known(set)) = &mut live.scram_passwords else { panic!("the passwords are known") };
    for change in plan.changes.iter().filter(|change| change.address.kind == Kind::ScramUser) {
        let user = user_of_address(&change.address.name).expect("a user");
        if change.action == Action::Delete {
            set.remove(&user);
            continue;
        }
        if change.action == Action::Create {
            set.remove(&user);
        }
        let after =
            |name: &str| change.fields.iter().find(|field| field.field == name).map(|field| field.after.clone());
        let set = set.entry(user).or_insert(SetPassword { password: String::new(), rotation: None });
        if let Some(password) = after("password").flatten() {
            set.password = password.value;
        }
        if let Some(rotation) = after("rotation") {
            set.rotation = rotation.map(|rotation| rotation.value);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn who_is_declared_logs_in_as_declared_and_nobody_else_is_touched(files in workspaces(), mut live in lives()) {
        let workspace = workspace(&files);
        let before = live.clone();
        let planned = plan(&workspace, &live);
        carry_out(&planned, &mut live);
        let (desired, _) = Desired::resolve(&workspace, &workspace.clusters["c"]);
        let of = |live: &Live, name: &str| {
            let users = live.scram_users.as_ref().and_then(Observed::known).expect("known");
            users.iter().find(|user| user.name == name).map(|user| user.credentials.clone()).unwrap_or_default()
        };
        for name in ["alpha", "beta", "gamma", "ops", "a/b %", "left", "stranger"] {
            match desired.scram_users.wanted.get(name) {
                Some(wanted) => prop_assert_eq!(of(&live, name), wanted.credentials.clone(), "{}", name),
                None => prop_assert_eq!(of(&live, name), of(&before, name), "{}", name),
            }
            let set = live.scram_passwords.as_ref().and_then(Observed::known).expect("known").get(name);
            let declared = desired.scram_users.wanted.get(name).and_then(|wanted| wanted.password.as_ref());
            if let Some(declared) = declared {
                prop_assert_eq!(set, Some(&declared.as_set()), "{}", name);
            }
        }
    }
}
