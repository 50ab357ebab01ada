use crate::diag::{Diagnostic, Level};
use crate::model::{Address, Pattern, TopicName};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::ports::kafka::{AclOperation, AclPermission, AclResourceType};
use crate::resources::Workspace;
use crate::resources::acl::{GrantSpec, RawAclSpec};
use crate::resources::topic::{State, TopicSpec};
use crate::source::Spanned;

pub(super) const NORMALIZER: &str = "acls/normalizer.yaml";
/// The waiver of the raw ACL that the examples have.
pub(super) const REVIEWED: &str = "waivers:
  - code: BUS203
    resource: grant/normalizer/cluster/kafka-cluster
    reason: Reviewed in CR-2077; the next version of the client does without it.
    expires: 2026-11-30
    owner: media-platform
";
const RAW: &str = "raw:
  - resource: cluster
    name: kafka-cluster
    operation: describe
    reason: Its start-up check asks for the brokers.
";

/// BUS203.
pub static RAW_ACL: Rule = Rule {
    code: "BUS203",
    name: "raw-acl",
    summary: "A raw ACL has a waiver",
    explanation: "Producers get Write and Describe on their topics, consumers Read and Describe and Read on their group, \
transactional producers their ids, Streams applications and Connect workers what Kafka's documentation says they need. A \
raw ACL is everything that none of these expresses. Each one is reviewed: it has a waiver in `busctl.yaml` with a reason and \
a last day, for the address that the finding shows.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(NORMALIZER, Text(RAW))]),
    good: Example(&[(NORMALIZER, Text(RAW)), ("busctl.yaml", Text(REVIEWED))]),
    check: Check::Workspace(check_raw),
};

fn check_raw(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for (service, raw) in entries(workspace) {
        let permission = raw.permission.map_or(AclPermission::Allow, |permission| permission.value);
        let message = format!(
            "`{service}` has a raw ACL: {permission} {} on {} {}",
            raw.operation.value, raw.resource.value, raw.name.value
        );
        let address = address(service, raw);
        findings.push(
            RAW_ACL
                .finding(message)
                .at(raw.span, "")
                .help(format!(
                    "express it by `consumes`, `produces`, `streams` or `connect`, or waive it in busctl.yaml: code: BUS203, \
                     resource: {address}"
                ))
                .resource(address),
        );
    }
}

/// The raw ACLs of services that stay.
pub(super) fn entries(workspace: &Workspace) -> impl Iterator<Item = (&String, &Spanned<RawAclSpec>)> {
    let staying = |grant: &GrantSpec| grant.state.is_none_or(|state| state.value == State::Present);
    let services = workspace.grants.iter().filter(move |(_, grant)| staying(grant));
    services.flat_map(|(service, grant)| grant.raw.iter().map(move |raw| (service, raw)))
}

/// The address of the grant that a raw ACL makes.
pub(super) fn address(service: &str, raw: &RawAclSpec) -> Address {
    Address::grant(service, format_args!("{}/{}", raw.resource.value, raw.name.value))
}

/// BUS206.
pub static BYPASSED_CONSENT: Rule = Rule {
    code: "BUS206",
    name: "bypassed-consent",
    summary: "A raw ACL gives no more of a declared topic than its owner agreed to",
    explanation: "A raw ACL needs no consent of the topic's owner, so it must not be the way around it: reading or writing \
a declared topic goes through `consumes` and `produces` and the topic's own list. Changing a declared topic or its configs \
is for Git alone.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        (
            NORMALIZER,
            Text(
                "raw:
  - resource: topic
    name: media.raw_ingest.v1
    operation: write
    reason: It sends records back to where they came from.
",
            ),
        ),
        (
            "busctl.yaml",
            Text(
                "waivers:
  - code: BUS203
    resource: grant/normalizer/topic/media.raw_ingest.v1
    reason: Reviewed in CR-2077.
    expires: 2026-11-30
    owner: media-platform
",
            ),
        ),
    ]),
    good: Example(&[
        (NORMALIZER, Text("produces: [media.raw_ingest.v1]\n")),
        ("topics/media/media.raw_ingest.v1.yaml", Text("producers: [ingest-gateway, normalizer]\n")),
    ]),
    check: Check::Workspace(check_consent),
};

fn check_consent(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for (service, raw) in entries(workspace) {
        let allows = raw.permission.is_none_or(|permission| permission.value == AclPermission::Allow);
        if !allows || raw.resource.value != AclResourceType::Topic {
            continue;
        }
        let Some(topic) = covered(workspace, &raw.name.value).find(|topic| widens(topic, service, raw.operation.value))
        else {
            continue;
        };
        let operation = raw.operation.value;
        let message = match operation {
            AclOperation::Read | AclOperation::Write | AclOperation::All => {
                format!("a raw ACL lets `{service}` {operation} `{}`, whose owner did not agree", topic.topic.value)
            }
            _ => format!("a raw ACL lets `{service}` change `{}` ({operation}) past Git", topic.topic.value),
        };
        findings.push(
            BYPASSED_CONSENT
                .finding(message.replace(" all `", " do everything with `"))
                .at(raw.name.span, "granted here")
                .at(topic.topic.span, "this topic is declared")
                .help("use `consumes` or `produces` and have the topic's owner name the service")
                .resource(address(service, raw)),
        );
    }
}

/// The declared topics that a pattern takes in.
fn covered<'w>(workspace: &'w Workspace, pattern: &Pattern) -> impl Iterator<Item = &'w TopicSpec> {
    let (name, _) = pattern.to_acl();
    let start = if pattern.is_everything() { String::new() } else { name };
    let from =
        workspace.topics.range::<str, _>((std::ops::Bound::Included(start.as_str()), std::ops::Bound::Unbounded));
    let pattern = pattern.clone();
    from.map(|(name, topic): (&TopicName, _)| (name, topic))
        .take_while(move |(name, _)| pattern.matches(name.as_str()))
        .map(|(_, topic)| topic)
        .filter(|topic| topic.is_present())
}

fn widens(topic: &TopicSpec, service: &str, operation: AclOperation) -> bool {
    match operation {
        AclOperation::Read => !topic.names_consumer(service),
        AclOperation::Write => !topic.names_producer(service),
        AclOperation::All
        | AclOperation::Alter
        | AclOperation::AlterConfigs
        | AclOperation::Create
        | AclOperation::Delete => true,
        _ => false,
    }
}
