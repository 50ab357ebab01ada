//! For random workspaces and random live states: a plan that is carried out leaves nothing to do, and no plan touches
//! what is not ours, nor destroys what nobody allowed.

#[path = "../support/modules.rs"]
mod modules;

mod gate;
mod import;
mod model;
mod scram;

use busctl::model::{Address, Risk};
use busctl::plan::{Stage, Step};
use busctl::ports::Observed;
use busctl::ports::kafka::{AclResourceType, Quota};
use busctl::resources::broker_config::{effective, is_same};
use busctl::resources::quota::QuotaEntity;
use busctl::resources::topic::State;
use busctl::resources::{Desired, Live};
use proptest::prelude::*;

use model::{carry_out, lives, plan, workspace, workspaces};

#[test]
fn no_test_file_is_forgotten() {
    modules::assert_none_is_forgotten(file!());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_that_is_carried_out_leaves_nothing_to_do(files in workspaces(), mut live in lives()) {
        let workspace = workspace(&files);
        let first = plan(&workspace, &live);
        carry_out(&first, &mut live);
        let second = plan(&workspace, &live);
        prop_assert!(second.is_empty(), "left to do: {:#?}\nafter: {:#?}", second.changes, first.changes);
    }

    #[test]
    fn a_plan_never_touches_what_is_not_ours(files in workspaces(), mut live in lives()) {
        let workspace = workspace(&files);
        let before = live.clone();
        let plan = plan(&workspace, &live);
        carry_out(&plan, &mut live);
        for (name, topic) in &before.topics.topics {
            if !name.as_str().starts_with("media.") || !workspace.topics.contains_key(name) {
                prop_assert_eq!(live.topics.topics.get(name), Some(topic));
            }
        }
        for acl in before.acls.known().expect("known") {
            let service = acl.principal.as_str().trim_start_matches("User:");
            let outside = acl.resource == AclResourceType::Topic && !acl.name.starts_with("media.");
            if outside || !workspace.grants.contains_key(service) {
                prop_assert!(live.acls.known().expect("known").contains(acl), "{acl:?} was taken away");
            }
        }
    }

    #[test]
    fn quotas_of_strangers_and_limits_that_nobody_knows_stay(files in workspaces(), mut live in lives()) {
        let workspace = workspace(&files);
        let before = live.clone();
        carry_out(&plan(&workspace, &live), &mut live);
        let declared = &files[std::path::Path::new("clusters/c.yaml")];
        for quota in before.quotas.known().expect("known") {
            let now = live.quotas.known().expect("known").iter().find(|now| now.entity == quota.entity);
            let later = |quota: Option<&Quota>| quota.and_then(|quota| quota.values.get("later").copied());
            prop_assert_eq!(later(now), later(Some(quota)));
            let user = quota.entity.get("user").and_then(Option::as_ref);
            let is_service = user.is_some_and(|user| workspace.grants.contains_key(user));
            let entity = QuotaEntity::of_kafka(&quota.entity).expect("a kind that is known");
            let (desired, _) = Desired::resolve(&workspace, &workspace.clusters["c"]);
            if !is_service && !desired.quotas.wanted.contains_key(&entity) {
                prop_assert_eq!(now, Some(quota), "{}", declared);
            }
        }
    }

    #[test]
    fn every_broker_has_what_is_declared_of_it(files in workspaces(), mut live in lives()) {
        let workspace = workspace(&files);
        carry_out(&plan(&workspace, &live), &mut live);
        let (desired, _) = Desired::resolve(&workspace, &workspace.clusters["c"]);
        let Some(Observed::Known(brokers)) = &live.broker_configs else { panic!("the brokers are known") };
        for (broker, configs) in brokers.iter() {
            for (key, config) in configs.iter().filter(|(_, config)| !config.read_only) {
                let wanted = desired.broker_configs.of(*broker, key).and_then(|setting| setting.value.as_deref());
                let Some(wanted) = wanted else { continue };
                prop_assert!(effective(config).is_some_and(|held| is_same(held, wanted)), "{broker} {key}: {config:?}");
            }
        }
    }

    #[test]
    fn only_a_tombstone_deletes_and_never_what_is_protected(files in workspaces(), mut live in lives()) {
        let workspace = workspace(&files);
        let before = live.clone();
        let plan = plan(&workspace, &live);
        carry_out(&plan, &mut live);
        for name in before.topics.topics.keys().filter(|name| !live.topics.topics.contains_key(*name)) {
            let spec = workspace.topics.get(name).expect("a topic without a manifest was deleted");
            prop_assert!(spec.state.is_some_and(|state| state.value == State::Absent), "{name}");
            prop_assert!(name.as_str() != "media.c.v1" && name.as_str().starts_with("media."), "{name}");
            let change = plan.changes.iter().find(|change| change.address == Address::topic(name)).expect("its change");
            prop_assert_eq!(change.risk, Risk::Destructive);
            // Nobody may use it any more when it goes.
            let first = |stage| plan.changes.iter().position(|change| change.steps.iter().any(|step| step.stage() == stage));
            let last_revocation = plan.changes.iter().rposition(|change| matches!(change.steps.as_slice(), [Step::DeleteAcls(_)]));
            prop_assert!(last_revocation < first(Stage::TopicDeletions));
        }
        let subjects = |live: &Live| live.registry.as_ref().and_then(Observed::known).map(|known| known.subjects.len());
        prop_assert!(subjects(&live) >= subjects(&before), "a topic's tombstone leaves its subjects alone");
    }

    #[test]
    fn the_same_input_gives_the_same_plan(files in workspaces(), live in lives()) {
        let workspace = workspace(&files);
        prop_assert_eq!(plan(&workspace, &live), plan(&workspace, &live));
    }
}
