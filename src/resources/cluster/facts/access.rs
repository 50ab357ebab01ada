use std::collections::{BTreeMap, BTreeSet};

use super::{Seen, in_words, told};
use crate::diag::{Diagnostic, Level};
use crate::model::Principal;
use crate::policy::Content::{Live, Text};
use crate::policy::{Check, Example, Rule};
use crate::ports::kafka::ClusterFacts;
use crate::resources::cluster::{Authorizer, OPEN, SUPER_USERS as SUPER_USERS_KEY, SuperUsersSpec};

const CLUSTER: &str = "clusters/production.yaml";
const SNAPSHOT: &str = "production.snapshot.json";

pub(crate) const AUTHORIZER_KEY: &str = "authorizer.class.name";

/// KRaft's own authorizer.
const STANDARD: &str = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";

/// A live state whose first broker has these settings.
macro_rules! settings {
    ($settings:expr) => {
        crate::resources::cluster::facts::healthy_quorum!(concat!(
            r#"    "finalized": {},
    "brokers": {
      "0": {
        "features": { "known": {} },
        "settings": { "known": "#,
            $settings,
            r#" },
        "log_dirs": { "known": [] }
      }
    }
"#
        ))
    };
}
pub(in crate::resources::cluster) use settings;

/// BUS526.
pub static AUTHORIZER: Rule = Rule {
    code: "BUS526",
    name: "live-authorizer",
    summary: "Brokers have the authorizer that is declared",
    explanation: "Which ACLs have an effect, and who is let through without one, is the authorizer's. Plans tell what they do \
to access by `kafka.authorizer` and `kafka.allow_everyone_if_no_acl_found`; where brokers have it otherwise, what they tell is \
wrong. Brokers tell the class of their authorizer (`authorizer.class.name`); of `allow.everyone.if.no.acl.found` only that it \
is set, so that a manifest is contradicted only where it says `true` and it is not set. Of brokers without any authorizer \
BUS502 tells where there are grants, which have no effect then.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(SNAPSHOT, Live(settings!(r#"{ "authorizer.class.name": "com.example.OwnAuthorizer" }"#)))]),
    good: Example(&[(
        SNAPSHOT,
        Live(settings!(r#"{ "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer" }"#)),
    )]),
    check: Check::Live,
};

/// BUS527.
pub static SUPER_USERS: Rule = Rule {
    code: "BUS527",
    name: "live-super-users",
    summary: "Where brokers have super users, the manifest declares them, and the reverse",
    explanation: "A super user is let through everywhere, whatever the ACLs say. Kafka takes `super.users` for a config that it \
does not know, and never tells the value of such a one: who they are stays with the brokers, and that there are some is all \
that can be compared. Where the manifest declares none and brokers have some, principals may do everything that no review has \
seen; where it declares some and brokers have none, they are not let through. Write those of every node under \
`kafka.super_users`. Where an authorizer tells the names they are compared by name. `super_users: unknown`, which an import \
writes, says that nobody has asked yet.",
    level: Level::Warn,
    floor: Level::Off,
    // That the manifest says nothing of them is a finding of its own.
    bad: Example(&[
        ("busctl.yaml", Text("rules: { BUS809: off }\n")),
        (
            CLUSTER,
            Text(
                "kafka:
  deployment: self_managed
  authorizer: standard
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
",
            ),
        ),
        (SNAPSHOT, Live(settings!(r#"{ "super.users": null }"#))),
    ]),
    good: Example(&[
        (
            CLUSTER,
            Text(
                "kafka:
  deployment: self_managed
  authorizer: standard
  super_users:
    - { principal: \"User:CN=kafka-admin\", reason: Sealed in Vault for the day when nothing else works. }
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
",
            ),
        ),
        (SNAPSHOT, Live(settings!(r#"{ "super.users": null }"#))),
    ]),
    check: Check::Live,
};

type Settings = BTreeMap<String, Option<String>>;

/// `has_grants`: that there is no authorizer is said already, with what follows of it for them.
pub(super) fn compare(seen: &Seen<'_>, facts: &ClusterFacts, has_grants: bool) -> Vec<Diagnostic> {
    let mut authorizers: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    let mut closed = Vec::new();
    let mut super_users: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    for (broker, settings) in told(facts, |broker| &broker.settings) {
        if let Some(is) = other_authorizer(seen, settings, has_grants) {
            authorizers.entry(is).or_default().push(broker);
        }
        // Without an authorizer nobody is a super user, and nothing is closed to anybody.
        if settings.get(AUTHORIZER_KEY) == Some(&Some(String::new())) {
            continue;
        }
        if !settings.contains_key(OPEN) {
            closed.push(broker);
        }
        if let Some(is) = other_super_users(seen, settings) {
            super_users.entry(is).or_default().push(broker);
        }
    }
    let name = seen.name();
    let mut found = Vec::new();
    if let Some(declared) = &seen.kafka.authorizer {
        found.extend(authorizers.into_iter().map(|(is, brokers)| {
            let message = format!("{} of `{name}`: {is}, and `{}` is declared", in_words(&brokers), declared.value);
            let help = format!("correct the manifest, or {AUTHORIZER_KEY} on every node and start it again");
            seen.finding(&AUTHORIZER, message).at(declared.span, "").help(help)
        }));
    }
    if let Some(open) = seen.kafka.allow_everyone_if_no_acl_found.filter(|open| open.value && !closed.is_empty()) {
        let message = format!("{} of `{name}`: {OPEN} is not set, which is false", in_words(&closed));
        let help = "correct the manifest, or set it on every node and start it again";
        found.push(seen.finding(&AUTHORIZER, message).at(open.span, "").help(help));
    }
    let written = match &seen.kafka.super_users {
        Some(SuperUsersSpec::Declared(users)) => users.first().map(|user| user.principal.span),
        Some(SuperUsersSpec::Unknown(span)) => Some(*span),
        None => None,
    };
    let place = written.or(seen.kafka.authorizer.map(|it| it.span)).unwrap_or(seen.kafka.span);
    found.extend(super_users.into_iter().map(|(is, brokers)| {
        let message = format!("{} of `{name}`: {is}", in_words(&brokers));
        let help = "write those of `super.users` on the nodes under `kafka.super_users`, or correct the nodes";
        seen.finding(&SUPER_USERS, message).at(place, "").help(help)
    }));
    found
}

/// The authorizer of a broker in words, where it is not the declared one.
fn other_authorizer(seen: &Seen<'_>, settings: &Settings, has_grants: bool) -> Option<String> {
    let declared = seen.kafka.authorizer.as_ref()?.value;
    let class = settings.get(AUTHORIZER_KEY)?.as_deref()?;
    let is_declared = match declared {
        Authorizer::Standard => class == STANDARD,
        Authorizer::None => class.is_empty(),
        Authorizer::Other => !class.is_empty() && class != STANDARD,
    };
    match class {
        _ if is_declared => None,
        "" if has_grants => None,
        "" => Some("there is no authorizer, so that everybody may do everything".to_owned()),
        class => Some(format!("the authorizer is {class}")),
    }
}

/// How the super users of a broker differ, in words.
fn other_super_users(seen: &Seen<'_>, settings: &Settings) -> Option<String> {
    let declared: BTreeSet<Principal> = seen.kafka.every_super_user().map(|user| user.value).collect();
    let declared: BTreeSet<&str> = declared.iter().map(Principal::as_str).collect();
    let is_open = matches!(seen.kafka.super_users, Some(SuperUsersSpec::Unknown(_)));
    match settings.get(SUPER_USERS_KEY) {
        // What it says is not told: all that is known is that it is there.
        Some(None) => {
            (declared.is_empty() && !is_open).then(|| "there are super users, and none is declared".to_owned())
        }
        Some(Some(users)) => {
            let there: BTreeSet<&str> = users.split(';').map(str::trim).filter(|user| !user.is_empty()).collect();
            let list = |users: BTreeSet<&str>| users.into_iter().collect::<Vec<_>>().join(", ");
            let more = list(there.difference(&declared).copied().collect());
            let fewer = list(declared.difference(&there).copied().collect());
            match (more.is_empty(), fewer.is_empty()) {
                (true, true) => None,
                (false, true) => Some(format!("{more} is a super user and not declared")),
                (true, false) => Some(format!("{fewer} is declared as a super user and is none")),
                (false, false) => Some(format!("the super users are {more} in place of {fewer}")),
            }
        }
        None => (!declared.is_empty()).then(|| "there is no super user, and some are declared".to_owned()),
    }
}
