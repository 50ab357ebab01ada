use crate::diag::{Diagnostic, Level};
use crate::model::{Address, Pattern};
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};
use crate::resources::acl::GrantSpec;
use crate::resources::{Claim, Workspace};
use crate::source::Span;

const CATALOG: &str = "catalog/catalog.yaml";

/// BUS627.
pub static FOREIGN_PREFIX: Rule = Rule {
    code: "BUS627",
    name: "foreign-prefix",
    summary: "Names that start with a domain's prefix are that domain's",
    explanation: "A domain claims names by `prefixes:` in `catalog/`: a topic, group, transactional id or subject whose name \
starts with one is that domain's, and its team answers for it. Of several prefixes that a name starts with the longest \
counts. A name with somebody else's prefix takes what is theirs: their grants and retention rules by prefix would hold \
for it, and their alerts call the wrong people. Dead letters, which are named after the topic that they come from, may be \
the reader's. A pattern that covers a whole prefix of somebody else takes it too.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(CATALOG, Text(TWO_TEAMS)), ("topics/media/media.raw_ingest.v1.yaml", Text("owner: billing\n"))]),
    good: Example(&[
        (CATALOG, Text(TWO_TEAMS)),
        ("topics/media/media.raw_ingest.v1.yaml", Text("owner: media-platform\n")),
    ]),
    check: Check::Workspace(check_foreign),
};

const TWO_TEAMS: &str = "domains:
  media: { owner: media-platform, prefixes: [media., img.] }
teams:
  media-platform: { contacts: { email: media-platform@example.com } }
  billing: { contacts: { email: billing@example.com } }
";

fn check_foreign(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    if workspace.catalog.claims.is_empty() {
        return;
    }
    for topic in workspace.written_topics().filter(|topic| topic.is_present()) {
        let claim = workspace.catalog.claim_of(topic.topic.as_str());
        // Without a team of its own it has the domain's.
        if let (Some(claim), Some(owner)) = (claim, &topic.owner)
            && team_of(workspace, claim).is_some_and(|team| team != owner.as_str())
            && !is_of_reader(workspace, topic.topic.as_str(), owner.as_str())
        {
            let what = format!("`{}` is `{}`'s", topic.topic.value, owner.value);
            let finding = foreign(workspace, claim, &what, owner.span).resource(Address::topic(&topic.topic.value));
            findings.push(finding);
        }
    }
    for subject in workspace.subjects.values().filter(|subject| subject.is_present()) {
        let claim = workspace.catalog.claim_of(subject.subject.as_str());
        if let (Some(claim), Some(owner)) = (claim, &subject.owner)
            && team_of(workspace, claim).is_some_and(|team| team != owner.as_str())
        {
            let what = format!("the subject `{}` is `{}`'s", subject.subject.value, owner.value);
            let finding = foreign(workspace, claim, &what, owner.span);
            findings.push(finding.resource(Address::schema(&subject.subject.value)));
        }
    }
    for (service, asks) in &workspace.grants {
        let ids = asks.transactional_ids.iter().map(|id| ("transactional id", id.value.clone(), id.span));
        let names = groups(asks).map(|(name, span)| ("group", Pattern::literal(name), span)).chain(ids);
        for (kind, name, span) in names {
            let Some(claim) = taken(workspace, service, &name) else { continue };
            let what = format!("the {kind} `{name}` is the service `{service}`'s");
            findings.push(foreign(workspace, claim, &what, span).resource(format_args!("service/{service}")));
        }
    }
}

/// Whether a topic is for the dead letters of a service that the team answers for. It is named after the topic that they come
/// from, and is the reader's.
fn is_of_reader(workspace: &Workspace, topic: &str, team: &str) -> bool {
    let service = workspace.dead_letters_of(topic).and_then(|(_, service)| workspace.catalog.services.get(service));
    service.is_some_and(|service| service.owner.as_str() == team)
}

/// The groups that a service names, with their places. A Streams application's is the prefix of its topics too.
fn groups(asks: &GrantSpec) -> impl Iterator<Item = (String, Span)> {
    let of_topics = asks.consumes.iter().filter_map(|consumes| consumes.group.as_ref());
    let of_streams = asks.streams.iter().map(|streams| &streams.application_id);
    let of_connect = asks.connect.iter().map(|connect| &connect.worker);
    of_topics.chain(of_streams).chain(of_connect).map(|group| (group.value.to_string(), group.span))
}

/// What a service takes of another domain by a name or pattern.
fn taken<'w>(workspace: &'w Workspace, service: &str, name: &Pattern) -> Option<&'w Claim> {
    let spec = workspace.catalog.services.get(service)?;
    let is_theirs = |claim: &&Claim| match &spec.domain {
        Some(domain) => domain.as_str() == claim.domain,
        None => team_of(workspace, claim).is_none_or(|team| team == spec.owner.as_str()),
    };
    let text = name.to_string();
    let start = text.trim_end_matches('*');
    let covered = || {
        let mut claims = workspace.catalog.claims.iter();
        claims.find(|claim| text.ends_with('*') && claim.prefix.starts_with(start) && !is_theirs(claim))
    };
    workspace.catalog.claim_of(start).filter(|claim| !is_theirs(claim)).or_else(covered)
}

fn team_of<'w>(workspace: &'w Workspace, claim: &Claim) -> Option<&'w str> {
    workspace.catalog.domains.get(&claim.domain).map(|domain| domain.owner.as_str())
}

fn foreign(workspace: &Workspace, claim: &Claim, what: &str, span: Span) -> Diagnostic {
    let team = team_of(workspace, claim).unwrap_or_default();
    FOREIGN_PREFIX
        .finding(format!("{what}, and names that start with `{}` are `{}`'s", claim.prefix.value, claim.domain))
        .at(span, "")
        .at(claim.prefix.span, format!("claimed here; `{team}` answers for it"))
        .help(format!("take another name, or have `{}` own it", claim.domain))
}

/// BUS628.
pub static CLAIMED_TWICE: Rule = Rule {
    code: "BUS628",
    name: "prefix-claimed-twice",
    summary: "A prefix belongs to one domain, and is not empty",
    explanation: "Two domains that claim the same prefix both believe that its names are theirs. Only a longer prefix takes \
a part of a shorter one away: `media.` and `media.img.` may be two domains'. An empty prefix would claim every name.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(
        CATALOG,
        Text(
            "domains:\n  media: { owner: media-platform, prefixes: [media.] }\n  video: { owner: media-platform, prefixes: [media.] }\n",
        ),
    )]),
    good: Example(&[(
        CATALOG,
        Text(
            "domains:\n  media: { owner: media-platform, prefixes: [media.] }\n  video: { owner: media-platform, prefixes: [video.] }\n",
        ),
    )]),
    check: Check::Workspace(check_claims),
};

fn check_claims(workspace: &Workspace, findings: &mut Vec<Diagnostic>) {
    for (domain, spec) in &workspace.catalog.domains {
        let resource = format!("domain/{domain}");
        for prefix in &spec.prefixes {
            if prefix.is_empty() {
                let finding = CLAIMED_TWICE.finding(format!("`{domain}` claims every name")).at(prefix.span, "");
                findings.push(finding.help("write how the names start: `NAME.`").resource(&resource));
                continue;
            }
            let first = workspace.catalog.claims.iter().find(|claim| claim.prefix.value == prefix.value);
            if let Some(first) = first.filter(|first| first.prefix.span != prefix.span) {
                findings.push(
                    CLAIMED_TWICE
                        .finding(format!("`{}` is claimed twice", prefix.value))
                        .at(prefix.span, "again here")
                        .at(first.prefix.span, format!("`{}` claims it here", first.domain))
                        .help("keep one of the two, or make one of them longer")
                        .resource(&resource),
                );
            }
        }
    }
}
