use std::collections::{BTreeMap, BTreeSet};

use super::{brokers, default_factor};
use crate::diag::{Diagnostic, Level};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::cluster::{NodeRole, NodeSpec};
use crate::source::{Span, Spanned};

const CLUSTER: &str = "clusters/production.yaml";

/// BUS403.
pub static NODES: Rule = Rule {
    code: "BUS403",
    name: "nodes",
    summary: "The nodes can carry the replicas, survive the loss of a rack, and agree",
    explanation: "Each node has an id of its own. Topics cannot have more replicas than there are brokers. With fewer racks \
than replicas two replicas of a partition share a rack and are lost with it, which is a warning. So is an even number of \
controllers: it survives no more losses than one controller fewer, and costs a vote more.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(
        CLUSTER,
        Text(
            "kafka:
  deployment: self_managed
  authorizer: standard
  super_users: [{ principal: User:CN=kafka, reason: The brokers. }]
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 1, rack: c, roles: [broker, controller] }
",
        ),
    )]),
    good: Example(&[(
        CLUSTER,
        Text(
            "kafka:
  deployment: self_managed
  authorizer: standard
  super_users: [{ principal: User:CN=kafka, reason: The brokers. }]
  nodes:
    - { id: 0, rack: a, roles: [broker, controller] }
    - { id: 1, rack: b, roles: [broker, controller] }
    - { id: 2, rack: c, roles: [broker, controller] }
",
        ),
    )]),
    check: Check::Cluster(check),
};

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let Some(kafka) = desired.cluster.kafka.as_ref().filter(|kafka| !kafka.nodes.is_empty()) else { return };
    let nodes = &kafka.nodes;
    let mut found = same_ids(nodes);
    found.extend(replicas(desired, nodes));
    let controllers = nodes.iter().filter(|node| node.roles.iter().any(|role| role.value == NodeRole::Controller));
    let controllers: Vec<_> = controllers.collect();
    if let (false, Some(last)) = (controllers.len() % 2 == 1, controllers.last()) {
        let count = controllers.len();
        found.push(
            NODES
                .finding(format!("{count} controllers survive the loss of {}, as {} would", (count - 1) / 2, count - 1))
                .level(Level::Warn)
                .at(last.span, "")
                .help("use an odd number of controllers, three or five"),
        );
    }
    findings.extend(found.into_iter().map(|finding| finding.resource(desired.cluster.address())));
}

fn same_ids(nodes: &[Spanned<NodeSpec>]) -> Vec<Diagnostic> {
    let mut known: BTreeMap<i32, Span> = BTreeMap::new();
    let again = nodes.iter().filter_map(|node| known.insert(node.id.value, node.id.span).map(|first| (node, first)));
    let finding = |(node, first): (&Spanned<NodeSpec>, Span)| {
        NODES
            .finding(format!("two nodes have the id {}", node.id.value))
            .at(node.id.span, "again here")
            .at(first, "first here")
            .help("give each node an id of its own")
    };
    again.map(finding).collect()
}

fn replicas(desired: &Desired<'_>, nodes: &[Spanned<NodeSpec>]) -> Option<Diagnostic> {
    let name = &desired.cluster.cluster.value;
    let factor = default_factor(desired);
    let count = brokers(nodes).count();
    let (place, replicas) = (factor.span().unwrap_or(desired.cluster.cluster.span), factor.value as usize);
    if count < replicas {
        let help = match count {
            0 => "give a node `roles: [broker]`".to_owned(),
            _ => format!("write `defaults: {{ replication_factor: {count} }}` in its manifest, or declare all brokers"),
        };
        let declared = if count == 1 { "1 broker".to_owned() } else { format!("{count} brokers") };
        let message =
            format!("topics of `{name}` have {replicas} replicas of each partition, and it declares {declared}");
        return Some(NODES.finding(message).at(place, "").help(help));
    }
    let racks: BTreeSet<&str> = brokers(nodes).filter_map(|node| Some(node.rack.as_ref()?.value.as_str())).collect();
    // Without any rack it is not known where the nodes stand.
    if racks.is_empty() || racks.len() >= replicas {
        return None;
    }
    let message =
        format!("{replicas} replicas share the racks {} of `{name}`", racks.into_iter().collect::<Vec<_>>().join(", "));
    let place = nodes.first().map_or(place, |node| node.span);
    let help = "spread the brokers over as many racks as there are replicas, and name each node's";
    Some(NODES.finding(message).level(Level::Warn).at(place, "").help(help))
}
