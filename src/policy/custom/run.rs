//! Rules of the bus's own, asked of the resources of a cluster.

use rayon::prelude::*;

use super::compile::{CustomRule, CustomRules, Verdict};
use super::item::Record;
use super::resources::{self, Seen};
use super::shape::CLUSTER;
use crate::diag::Diagnostic;
use crate::model::Address;
use crate::policy::rules::custom::FAILED;
use crate::ports::kafka::Acl;
use crate::resources::Desired;
use crate::resources::settings::Over;
use crate::resources::topic::State;
use crate::source::Span;

/// So many resources are asked about at once. What is found in them is in memory until it is told.
const AT_ONCE: usize = 256;

/// Tells what breaks the rules of the bus's own on a cluster, a part at a time.
pub fn check(desired: &Desired<'_>, rules: &CustomRules<'_>, mut tell: impl FnMut(Vec<Diagnostic>)) {
    if rules.rules.is_empty() {
        return;
    }
    let asking = Asking { desired, rules };
    asking.topics(&mut tell);
    asking.grants(&mut tell);
    asking.services(&mut tell);
    asking.schemas(&mut tell);
    tell(asking.cluster());
}

struct Asking<'a> {
    desired: &'a Desired<'a>,
    rules: &'a CustomRules<'a>,
}

impl<'a> Asking<'a> {
    /// The rules over a kind of resource that are for this cluster.
    fn rules(&self, over: Over) -> Vec<&'a CustomRule<'a>> {
        let here = |rule: &&CustomRule<'_>| self.desired.workspace.selects(&rule.spec.clusters, self.desired.cluster);
        self.rules.over(over).filter(here).collect()
    }

    fn topics(&self, tell: &mut impl FnMut(Vec<Diagnostic>)) {
        let workspace = self.desired.workspace;
        let used = self.rules.fields(Over::Topic, Over::Topic.shape());
        let topics = self.desired.topics.iter().filter(|(_, topic)| topic.state == State::Present);
        self.ask(Over::Topic, topics, tell, |(name, topic)| {
            let spec = workspace.topics.get(*name)?;
            let record = resources::topic(self.desired, spec, topic, used);
            Some(Seen { record, address: Address::topic(name).to_string(), span: topic.span })
        });
    }

    fn grants(&self, tell: &mut impl FnMut(Vec<Diagnostic>)) {
        let used = self.rules.fields(Over::Grant, Over::Grant.shape());
        let grant = |(acl, place): &(&'a Acl, &Span)| resources::grant(self.desired, acl, **place, used);
        self.ask(Over::Grant, &self.desired.grants.acls, tell, grant);
    }

    fn services(&self, tell: &mut impl FnMut(Vec<Diagnostic>)) {
        let used = self.rules.fields(Over::Service, Over::Service.shape());
        let services = &self.desired.workspace.catalog.services;
        self.ask(Over::Service, services, tell, |(name, spec)| {
            Some(resources::service(self.desired, name, spec, used))
        });
    }

    fn schemas(&self, tell: &mut impl FnMut(Vec<Diagnostic>)) {
        let used = self.rules.fields(Over::Schema, Over::Schema.shape());
        self.ask(Over::Schema, &self.desired.subjects, tell, |(subject, schema)| {
            Some(resources::schema(self.desired, subject, schema, used))
        });
    }

    fn cluster(&self) -> Vec<Diagnostic> {
        let cluster = self.desired.cluster;
        let mut findings = Vec::new();
        let used = self.rules.fields(Over::Cluster, &CLUSTER);
        let record = resources::cluster(cluster, used);
        let address = format!("cluster/{}", cluster.cluster.value);
        let seen = Seen { record, address, span: cluster.cluster.span };
        for rule in self.rules(Over::Cluster) {
            findings.extend(finding(self.rules, rule, &seen, &[&seen.record]));
        }
        findings
    }

    fn ask<T: Sync>(
        &self,
        over: Over,
        resources: impl IntoIterator<Item = T>,
        tell: &mut impl FnMut(Vec<Diagnostic>),
        see: impl Fn(&T) -> Option<Seen<'a>> + Sync,
    ) {
        let rules = self.rules(over);
        if rules.is_empty() {
            return;
        }
        let cluster = resources::cluster(self.desired.cluster, self.rules.fields(over, &CLUSTER));
        let resources: Vec<T> = resources.into_iter().collect();
        for part in resources.chunks(AT_ONCE) {
            let seen = part.par_iter().filter_map(&see);
            let found = seen.flat_map_iter(|seen| {
                let found = rules.iter().filter_map(|rule| finding(self.rules, rule, &seen, &[&seen.record, &cluster]));
                found.collect::<Vec<_>>()
            });
            tell(found.collect());
        }
    }
}

/// What a rule finds fault with in a resource.
fn finding(
    rules: &CustomRules<'_>,
    rule: &CustomRule<'_>,
    seen: &Seen<'_>,
    variables: &[&Record<'_>],
) -> Option<Diagnostic> {
    let finding = verdict_finding(rule, rules.judge(rule, variables), &seen.address)?;
    // The value that the rule asks for, where the resource's own manifest writes it; else the resource with the value.
    let written = rule.checked().filter_map(|index| seen.record.span_of(index)).next();
    Some(match written {
        Some(span) if span.file == seen.span.file => finding.at(span, ""),
        Some(span) => finding.at(seen.span, "").at(span, "this is asked for"),
        None => finding.at(seen.span, ""),
    })
}

/// The finding that a verdict makes, still without a place.
pub(super) fn verdict_finding(rule: &CustomRule<'_>, verdict: Verdict, address: &str) -> Option<Diagnostic> {
    Some(match verdict {
        Verdict::NotAsked | Verdict::Kept => return None,
        Verdict::Broken(message, help) => {
            let finding = Diagnostic::new(rule.code, message).level(rule.level()).resource(address);
            match help {
                Some(help) => finding.help(help),
                None => finding,
            }
        }
        Verdict::Failed(why) => FAILED
            .finding(format!("{} yields nothing for `{address}`: {why}", rule.code))
            .resource(address)
            .help("say with `when:` which resources the rule is for"),
    })
}
