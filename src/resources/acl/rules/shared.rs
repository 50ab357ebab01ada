use crate::diag::{Diagnostic, Level};
use crate::model::Pattern;
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::Desired;
use crate::resources::topic::State;
use crate::source::Span;

/// BUS207.
pub static SHARED_ID: Rule = Rule {
    code: "BUS207",
    name: "shared-id",
    summary: "Groups, transactional ids and application ids belong to one service",
    explanation: "Two services in one group take each other's partitions away, each sees part of the records, and either \
can move the other's offsets. A transactional id that two producers use makes each fence the other. The application id of a \
Streams application is all of that and the prefix of its internal topics. The finding also speaks of a prefix that takes in \
what belongs to somebody else.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        ("acls/ingest-gateway.yaml", Text("transactional_ids: [ingest-*]\n")),
        ("acls/normalizer.yaml", Text("transactional_ids: [ingest-normalizer-*]\n")),
    ]),
    good: Example(&[
        ("acls/ingest-gateway.yaml", Text("transactional_ids: [ingest-gateway-*]\n")),
        ("acls/normalizer.yaml", Text("transactional_ids: [normalizer-*]\n")),
    ]),
    check: Check::Cluster(check),
};

/// A group or id, and whose it is.
struct Held<'d> {
    text: String,
    pattern: Pattern,
    owner: &'d str,
    is_role: bool,
    span: Span,
}

fn check(desired: &Desired<'_>, findings: &mut Vec<Diagnostic>) {
    let (mut groups, mut ids, prefixes) = collect(desired);
    overlaps("group", &mut groups, findings);
    overlaps("transactional id", &mut ids, findings);
    let topics = &desired.topics;
    for prefix in prefixes {
        let from =
            topics.range::<str, _>((std::ops::Bound::Included(prefix.text.as_str()), std::ops::Bound::Unbounded));
        let mut covered = from.map(|(_, topic)| topic).take_while(|topic| prefix.pattern.matches(topic.name.as_str()));
        // Topics of the application itself are declared as managed by it.
        let foreign =
            covered.find(|topic| desired.workspace.topics.get(&topic.name).is_some_and(|spec| !spec.is_internal()));
        if let Some(topic) = foreign {
            let message = format!("the application id of `{}` takes in the topic `{}`", prefix.owner, topic.name);
            findings.push(
                SHARED_ID
                    .finding(message)
                    .at(prefix.span, format!("it may write and delete every topic that starts with `{}`", prefix.text))
                    .at(topic.span, "this topic among them")
                    .help("choose an application id that no topic's name starts with")
                    .resource(format!("service/{}", prefix.owner)),
            );
        }
    }
}

type Collected<'d> = (Vec<Held<'d>>, Vec<Held<'d>>, Vec<Held<'d>>);

/// The groups, the transactional ids, and the prefixes of internal topics that services and roles have on a cluster.
fn collect<'d>(desired: &'d Desired<'_>) -> Collected<'d> {
    let (mut groups, mut ids, mut prefixes) = (Vec::new(), Vec::new(), Vec::new());
    let workspace = desired.workspace;
    for (service, grant) in &workspace.grants {
        let leaves = grant.state.is_some_and(|state| state.value == State::Absent);
        if leaves || !workspace.selects(&grant.clusters, desired.cluster) {
            continue;
        }
        let held = |pattern: Pattern, span: Span| Held::new(pattern, service, false, span);
        for consumes in &grant.consumes {
            let span = consumes.group.as_ref().map_or(consumes.topic.span, |group| group.span);
            groups.extend(grant.groups_of(consumes).into_iter().map(|group| held(Pattern::literal(group), span)));
        }
        ids.extend(grant.transactional_ids.iter().map(|id| held(id.value.clone(), id.span)));
        if let Some(streams) = &grant.streams {
            let (id, span) = (streams.application_id.value.to_string(), streams.application_id.span);
            ids.push(held(Pattern::prefix(format!("{id}-")), span));
            prefixes.push(held(Pattern::prefix(format!("{id}-")), span));
            groups.push(held(Pattern::literal(id), span));
        }
        if let Some(connect) = &grant.connect {
            let (worker, span) = (connect.worker.value.to_string(), connect.worker.span);
            ids.extend(connect.transactional_id().map(|id| held(Pattern::literal(id), span)));
            groups.push(held(Pattern::literal(worker), span));
            let connectors = connect.connectors.iter();
            groups.extend(connectors.map(|name| held(Pattern::literal(format!("connect-{}", name.value)), name.span)));
        }
    }
    for (name, role) in &workspace.catalog.roles {
        let held =
            |pattern: &crate::source::Spanned<Pattern>| Held::new(pattern.value.clone(), name, true, pattern.span);
        groups.extend(role.groups.iter().map(held));
        ids.extend(role.transactional_ids.iter().map(held));
    }
    (groups, ids, prefixes)
}

impl<'d> Held<'d> {
    fn new(pattern: Pattern, owner: &'d str, is_role: bool, span: Span) -> Self {
        let text = if pattern.is_everything() { String::new() } else { pattern.to_acl().0 };
        Self { text, pattern, owner, is_role, span }
    }

    fn is_same_owner(&self, other: &Self) -> bool {
        self.owner == other.owner && self.is_role == other.is_role
    }

    fn resource(&self) -> String {
        format!("{}/{}", if self.is_role { "role" } else { "service" }, self.owner)
    }
}

/// In the order of their texts, what a prefix takes in stands right behind it.
fn overlaps(what: &str, held: &mut [Held<'_>], findings: &mut Vec<Diagnostic>) {
    held.sort_by(|a, b| (&a.text, !is_open(&a.pattern), a.span).cmp(&(&b.text, !is_open(&b.pattern), b.span)));
    for (index, first) in held.iter().enumerate() {
        // Of `*` alone another rule speaks.
        if first.pattern.is_everything() {
            continue;
        }
        let mut covered = held[index + 1..].iter().take_while(|other| first.pattern.matches(&other.text));
        let Some(other) = covered.find(|other| !other.is_same_owner(first)) else { continue };
        let message = if first.pattern == other.pattern {
            format!("`{}` and `{}` have the same {what} `{}`", first.owner, other.owner, first.pattern)
        } else {
            format!(
                "the {what} `{}` of `{}` takes in `{}` of `{}`",
                first.pattern, first.owner, other.pattern, other.owner
            )
        };
        findings.push(
            SHARED_ID
                .finding(message)
                .at(first.span, format!("of `{}`", first.owner))
                .at(other.span, format!("of `{}`", other.owner))
                .help(format!("give each its own, by custom its name in front: `{}-…`", other.owner))
                .resource(first.resource()),
        );
    }
}

fn is_open(pattern: &Pattern) -> bool {
    pattern.to_acl().1 == crate::model::PatternType::Prefixed
}
