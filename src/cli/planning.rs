use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::connect::Systems;
use super::context::{now, today};
use super::error::CommandError;
use super::identities::find_identities;
use crate::model::Address;
use crate::plan::{Plan, add_findings, keep_addresses_of, make_plan, undo};
use crate::policy::custom;
use crate::ports::Observed;
use crate::ports::journal::{Applied, Journal};
use crate::ports::kafka::{ClusterFacts, KafkaAdmin, TopicDefaults};
use crate::resources::cluster::observe_endpoints;
use crate::resources::cluster::security::{endpoints, is_compared};
use crate::resources::identity;
use crate::resources::impact::{self, Facts};
use crate::resources::placement;
use crate::resources::schema::compatibility::{self, Answers, Histories};
use crate::resources::scram::{SetPasswords, set_passwords};
use crate::resources::{Desired, Live, Scope, observe};

/// Makes plans of one cluster, as often as its live state has to be looked at.
pub struct Planning<'w> {
    /// The desired state; of an inverse plan, what the live state was before the plan that it takes back.
    pub desired: Arc<Desired<'w>>,
    /// The plan that is taken back.
    undone: Option<Plan>,
    /// How passwords were last set when the live state was read.
    passwords: Option<Observed<SetPasswords>>,
    /// What topics had then where they set nothing.
    defaults: TopicDefaults,
}

impl<'w> Planning<'w> {
    /// Of a desired state; with a plan that is taken back, of its inverse.
    pub fn new(desired: impl Into<Arc<Desired<'w>>>, undone: Option<Plan>) -> Self {
        Self { desired: desired.into(), undone, passwords: None, defaults: TopicDefaults::new() }
    }

    /// Reads the live state, compares, and measures what the changes cost.
    pub async fn plan_live(&mut self, systems: &Systems) -> Result<Plan, CommandError> {
        let live = self.observe(systems).await?;
        self.passwords.clone_from(&live.scram_passwords);
        self.defaults.clone_from(&live.topics.defaults);
        Ok(self.plan_measured(systems, &live).await)
    }

    /// Reads the live state.
    pub async fn observe(&self, systems: &Systems) -> Result<Live, CommandError> {
        let registry = systems.registry.as_ref().map(|registry| registry.as_ref().map_err(Clone::clone));
        let live = observe(&systems.kafka, registry, systems.consul(), &self.desired, Scope::Declared).await?;
        // A look that nobody reads is two connections to each broker.
        let addresses = match &live.facts {
            Some(_) if is_compared(&self.desired) => endpoints(self.desired.cluster, &live.cluster.brokers),
            _ => BTreeSet::new(),
        };
        let awaiting = identity::awaiting(&self.desired, &live);
        let (endpoints, scram_passwords, identities) = tokio::join!(
            Box::pin(observe_endpoints(&systems.kafka, addresses)),
            Box::pin(remembered_passwords(systems, &self.desired)),
            Box::pin(find_identities(self.desired.cluster, &awaiting, &systems.holders))
        );
        let facts = live.facts.map(|facts| ClusterFacts { endpoints, ..facts });
        Ok(Live { scram_passwords, identities, facts, ..live })
    }

    /// How passwords were last set when the plan was made.
    pub fn passwords(&self) -> Option<Observed<SetPasswords>> {
        self.passwords.clone()
    }

    /// What topics had when the plan was made where they set nothing.
    pub fn defaults(&self) -> TopicDefaults {
        self.defaults.clone()
    }

    /// Compares with the live state, and measures what the changes cost.
    pub async fn plan_measured(&mut self, systems: &Systems, live: &Live) -> Plan {
        let mut plan = self.compare(live);
        self.place(&mut plan, live, &systems.kafka).await;
        let needs = impact::needs_of_plan(&plan, &live.topics);
        let measure = impact::observe(&systems.kafka, &needs, now());
        let (facts, (histories, answers)) = tokio::join!(measure, ask_registry(systems, &plan, live));
        impact::assess(&mut plan, &self.desired, live, Some(&facts), facts.taken_at);
        compatibility::judge(&mut plan, &self.desired, live, Some(&histories), Some(&answers), today());
        self.ask_own_rules(&mut plan);
        plan
    }

    /// Compares with a saved live state. What the changes cost is told from what was measured with it, and what registered
    /// schemas mean for consumers from the versions that it has.
    pub fn plan(&mut self, live: &Live, facts: Option<&Facts>, histories: Option<&Histories>) -> Plan {
        let mut plan = self.compare(live);
        placement::tell(&mut plan, live, None);
        impact::assess(&mut plan, &self.desired, live, facts, now());
        compatibility::judge(&mut plan, &self.desired, live, histories, None, today());
        self.ask_own_rules(&mut plan);
        plan
    }

    /// Chooses brokers again, by the sizes of what they have, where replicas are to be moved.
    async fn place(&self, plan: &mut Plan, live: &Live, kafka: &impl KafkaAdmin) {
        if plan.placements().is_empty() {
            return;
        }
        let sizes = placement::observe(kafka, &live.topics, now()).await;
        placement::place_all(&mut plan.changes, &self.desired, live, Some(&sizes));
        placement::tell(plan, live, Some(&sizes));
    }

    /// From now on the brokers that replicas go to are those of this plan, whatever else there is to choose from. Those of
    /// a rebalance are chosen before it is planned, and the plan does not name them where only the leader is another.
    pub fn hold_to_brokers_of(&mut self, plan: &Plan) {
        if self.desired.rebalance.is_some() {
            return;
        }
        let places = plan.placements();
        if !places.is_empty() && self.desired.placements != places {
            Arc::make_mut(&mut self.desired).placements = places;
        }
    }

    /// Asks the rules of the bus's own that are over changes, once risk and impact are known.
    fn ask_own_rules(&self, plan: &mut Plan) {
        let workspace = self.desired.workspace;
        // Those that cannot be read are found in the workspace.
        let (rules, _) = custom::compile(workspace);
        let found = custom::check_changes(&plan.changes, workspace, self.desired.cluster, &rules);
        add_findings(plan, found, workspace, today());
    }

    fn compare(&mut self, live: &Live) -> Plan {
        let Some(undone) = &self.undone else { return make_plan(&self.desired, live, today()) };
        let not_undone = undo(Arc::make_mut(&mut self.desired), live, undone);
        let mut plan = make_plan(&self.desired, live, today());
        keep_addresses_of(&mut plan, undone);
        plan.not_undone = not_undone;
        plan
    }
}

/// How the passwords of declared users were last set, as the record of applies says; `None` where none is declared.
pub async fn remembered_passwords(systems: &Systems, desired: &Desired<'_>) -> Option<Observed<SetPasswords>> {
    desired.scram_users.wanted.values().find(|user| user.password.is_some())?;
    let applied = systems.journal().applied().await;
    let of_users = |applied: BTreeMap<Address, Applied>| {
        set_passwords(applied.iter().map(|(address, applied)| (address, &applied.fields)))
    };
    Some(Observed::from(applied.map(of_users)))
}

/// The versions that what a plan registers is compared with, and what the registry itself says of it.
async fn ask_registry(systems: &Systems, plan: &Plan, live: &Live) -> (Histories, Answers) {
    let (Some(registry), Some(Observed::Known(live))) = (systems.usable_registry(), &live.registry) else {
        return Default::default();
    };
    let needs = compatibility::needs_of_plan(plan, live);
    tokio::join!(compatibility::read(registry, needs, live), compatibility::ask(registry, plan, live))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::model::TopicName;
    use crate::plan::samples::{change, plan_of};
    use crate::plan::{Action, PartitionMove, Step};
    use crate::resources::{Rebalance, WorkspaceFiles, load};

    #[test]
    fn partitions_of_a_rebalance_that_only_get_another_leader_are_held_to() {
        let own = [("busctl.yaml", "version: 1\n"), ("clusters/c.yaml", "cluster: c\n")];
        let texts = own.into_iter().map(|(path, text)| (PathBuf::from(path), Ok(Arc::from(text)))).collect();
        let (workspace, _) = load(WorkspaceFiles { texts, ..WorkspaceFiles::default() });
        let cluster = workspace.clusters.values().next().expect("a cluster");
        let [moved, led]: [TopicName; 2] = ["moved", "led"].map(|name| name.parse().expect("a topic"));
        let after = vec![2, 1];
        let chosen = BTreeMap::from([
            (moved.clone(), BTreeMap::from([(0, after.clone()), (1, after.clone())])),
            (led.clone(), BTreeMap::from([(0, after.clone())])),
        ]);
        let mut plan = plan_of([&moved, &led].map(|name| change(Address::topic(name), Action::Update, vec![])).into());
        let moves = vec![PartitionMove { partition: 0, before: vec![1, 2], after }];
        plan.changes[0].steps.push(Step::Reassign { topic: moved.clone(), moves });
        plan.changes[0].steps.push(Step::ElectLeaders { topic: moved, partitions: vec![0, 1] });
        plan.changes[1].steps.push(Step::ElectLeaders { topic: led, partitions: vec![0] });

        let rebalance = Rebalance { elects: true, cancels: BTreeSet::new() };
        let mut planning = Planning::new(Desired::of_brokers(&workspace, cluster, chosen.clone(), rebalance), None);
        planning.hold_to_brokers_of(&plan);
        assert_eq!(planning.desired.placements, chosen);
    }
}
