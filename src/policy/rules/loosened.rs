//! What a change does to the check itself.

mod ungoverned;

use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Level};
use crate::model::{Address, Duration, Rate, Risk};
use crate::policy::Content::{self, Text};
use crate::policy::{Base, Check, Example, Rule, custom, rule};
use crate::resources::Workspace;
use crate::resources::catalog::{DomainSpec, LimitsSpec};
use crate::resources::cluster::ClusterSpec;
use crate::resources::settings::{LevelsSpec, Over, PolicySpec, WaiverSpec};
use crate::source::{Span, Spanned};

const SETTINGS: &str = "busctl.yaml";

/// BUS711.
pub static LOOSENED: Rule = Rule {
    code: "BUS711",
    name: "check-loosened",
    summary: "A change that takes something out of the check is told",
    explanation: "A lower level of a rule, a new waiver, a rule of the bus's own that is gone, a higher limit or \
allowance of a domain, a prefix that it no longer claims, a field that is no longer tagged as personal data, a cluster that \
takes more risk without being asked, protects less or says that it is somewhere else, a text that is no longer taken for a \
secret, names that were refused; and what is no longer governed: a topic that somebody else manages from now on, a cluster or a \
registry that is to be found somewhere else, of which less is ours or whose brokers may have another id: each may be right, and each lets the same pull request pass that would have failed. Reviewers see \
it beside what it lets pass.",
    level: Level::Warn,
    floor: Level::Info,
    bad: Example(&[
        (SETTINGS, Text("rules: { BUS107: off }\n")),
        (SETTINGS, Content::Base("rules: { BUS107: warn }\n")),
    ]),
    good: Example(&[
        (SETTINGS, Text("rules: { BUS107: error }\n")),
        (SETTINGS, Content::Base("rules: { BUS107: warn }\n")),
    ]),
    check: Check::Base(check),
};

fn check(workspace: &Workspace, base: &Base<'_>, findings: &mut Vec<Diagnostic>) {
    // Of settings that cannot be read nobody knows what they say.
    if !workspace.knows_settings() || !base.workspace.knows_settings() {
        return;
    }
    levels(workspace, base, findings);
    waivers(workspace, base, findings);
    longest_waiver(workspace, base, findings);
    rules_of_its_own(workspace, base, findings);
    allowed_risk(workspace, base, findings);
    given_up(workspace, base, findings);
    allowances(workspace, base, findings);
    tags(workspace, base, findings);
    ungoverned::check(workspace, base, findings);
}

/// Rules whose level is lower on some cluster.
fn levels(workspace: &Workspace, base: &Base<'_>, findings: &mut Vec<Diagnostic>) {
    let both = [&workspace.settings, &base.workspace.settings];
    let written = both.into_iter().flat_map(|settings| settings.rules.keys().chain(settings.policy.keys()));
    let codes: BTreeSet<String> = written.map(|code| code.value.to_uppercase()).collect();
    for code in codes {
        let now = Asked::of(workspace, &code);
        let was = Asked::of(base.workspace, &code);
        let (Some(now), Some(was)) = (now, was) else { continue };
        let lower = workspace.clusters.values().find_map(|cluster| {
            let (is, before) = (now.on(cluster), was.on(cluster));
            (is < before).then_some((is, before))
        });
        let Some((is, before)) = lower else { continue };
        let message = format!("{code} counts less: its level becomes {}, it was {}", is.as_str(), before.as_str());
        let mut finding = LOOSENED.finding(message).help("see what it no longer finds, and why that is right");
        finding = now.span.into_iter().fold(finding, |finding, span| finding.at(span, ""));
        let label = format!("as {} has it", base.name);
        findings.push(was.span.into_iter().fold(finding, |finding, span| finding.at(span, &*label)));
    }
}

/// At which level a rule is asked.
struct Asked<'w> {
    /// Where nobody says another.
    own: Level,
    levels: Option<&'w LevelsSpec>,
    /// What says it.
    span: Option<Span>,
}

impl<'w> Asked<'w> {
    fn of(workspace: &'w Workspace, code: &str) -> Option<Self> {
        let named = |known: &Spanned<Box<str>>| known.value.eq_ignore_ascii_case(code);
        let settings = &workspace.settings;
        let custom = settings.policy.iter().find(|(known, _)| named(known));
        let own = rule(code).map(|rule| rule.level).or(custom.map(|(_, spec)| custom::level_of(spec)))?;
        let levels = settings.rules.iter().find(|(known, _)| named(known));
        let span = levels.map(|(code, _)| code.span).or(custom.map(|(code, _)| code.span));
        Some(Self { own, levels: levels.map(|(_, levels)| levels), span })
    }

    fn on(&self, cluster: &ClusterSpec) -> Level {
        self.levels.and_then(|levels| levels.on(cluster)).unwrap_or(self.own)
    }
}

fn waivers(workspace: &Workspace, base: &Base<'_>, findings: &mut Vec<Diagnostic>) {
    let known: BTreeSet<(&str, &str)> = base.workspace.settings.waivers.iter().map(|waiver| of(waiver)).collect();
    for waiver in workspace.settings.waivers.iter().filter(|waiver| !known.contains(&of(waiver))) {
        let WaiverSpec { code, resource, reason, expires, .. } = &waiver.value;
        let message = format!(
            "a waiver is new: {} no longer counts for `{}` until {} ({})",
            code.value, resource.value, expires.value, reason.value
        );
        findings.push(LOOSENED.finding(message).at(waiver.span, "").help("see that the reason holds, and the day"));
    }
}

/// That waivers may hold for longer.
fn longest_waiver(workspace: &Workspace, base: &Base<'_>, findings: &mut Vec<Diagnostic>) {
    let [now, was] = [&workspace.settings, &base.workspace.settings].map(|settings| settings.longest_waiver());
    let is_longer = match (now, was) {
        (Some(now), Some(was)) => now > was,
        (None, Some(_)) => true,
        (_, None) => false,
    };
    let shown =
        |longest: Option<Duration>| longest.map_or_else(|| "without end".to_owned(), |longest| longest.to_string());
    if is_longer {
        let message = format!("waivers may hold for longer: {}, it was {}", shown(now), shown(was));
        let written = workspace.settings.longest_waiver.map(|longest| longest.span);
        let finding = LOOSENED.finding(message).help("see that whoever set it agrees");
        findings.push(written.into_iter().fold(finding, |finding, span| finding.at(span, "")));
    }
}

fn of(waiver: &WaiverSpec) -> (&str, &str) {
    (&waiver.code.value, &waiver.resource.value)
}

/// Rules of the bus's own that are gone, or that are asked of something else.
fn rules_of_its_own(workspace: &Workspace, base: &Base<'_>, findings: &mut Vec<Diagnostic>) {
    for (code, was) in &base.workspace.settings.policy {
        let now = workspace.settings.policy.iter().find(|(known, _)| known.value.eq_ignore_ascii_case(&code.value));
        let (what, span) = match now {
            Some((_, now)) if asks(now) == asks(was) => continue,
            Some((now, _)) => ("asks something else than it did", Some(now.span)),
            None => ("is gone", None),
        };
        let finding = LOOSENED.finding(format!("the rule {} {what}", code.value));
        let finding = span.into_iter().fold(finding, |finding, span| finding.at(span, ""));
        let finding = finding.at(code.span, format!("as {} has it", base.name));
        findings.push(finding.help("see that what it kept away is still kept away"));
    }
}

/// What a rule asks, of what and where.
fn asks(spec: &PolicySpec) -> (Over, Option<&str>, &str, Vec<&str>) {
    let when = spec.when.as_ref().map(|when| when.value.trim());
    let clusters = spec.clusters.iter().map(|cluster| cluster.value.as_str()).collect();
    (spec.over.value, when, spec.check.value.trim(), clusters)
}

/// Limits and allowances of domains that are higher, or gone.
fn allowances(workspace: &Workspace, base: &Base<'_>, findings: &mut Vec<Diagnostic>) {
    for (name, domain) in &workspace.catalog.domains {
        let Some(before) = base.workspace.catalog.domains.get(name) else { continue };
        let now = bounds(&domain.value);
        for ((what, was), (_, is)) in bounds(&before.value).into_iter().zip(now) {
            let Some((was, shown, span)) = was else { continue };
            let (message, place) = match is {
                Some((is, _, _)) if is <= was => continue,
                Some((_, is, span)) => (format!("{what} of domain `{name}` becomes {is}, it was {shown}"), span),
                None => (format!("{what} of domain `{name}` is gone, it was {shown}"), domain.span),
            };
            let finding = LOOSENED.finding(message).at(place, "").at(span, format!("as {} has it", base.name));
            let finding = finding.resource(format!("domain/{name}"));
            findings.push(finding.help("see that whoever set it agrees"));
        }
    }
}

/// A bound: its value to compare, as people read it, and where it is written.
type Bound = Option<(i64, String, Span)>;

/// The bounds of a domain by what each is.
fn bounds(domain: &DomainSpec) -> [(&'static str, Bound); 7] {
    let limits = domain.limits.as_ref();
    let number = |of: fn(&LimitsSpec) -> Option<Spanned<u32>>| {
        limits.and_then(of).map(|limit| (i64::from(limit.value), limit.value.to_string(), limit.span))
    };
    // A time without an end is more than any other.
    let time = |time: Spanned<Duration>| {
        let value = if time.value.0 < 0 { i64::MAX } else { time.value.0 };
        (value, time.value.to_string(), time.span)
    };
    let quota = limits.and_then(|limits| limits.quota.as_ref());
    let rate = |rate: Spanned<Rate>| (rate.value.0, rate.value.to_string(), rate.span);
    [
        ("`limits.partitions`", number(|limits| limits.partitions)),
        ("`limits.total_partitions`", number(|limits| limits.total_partitions)),
        ("`limits.topics`", number(|limits| limits.topics)),
        ("`limits.retention`", limits.and_then(|limits| limits.retention).map(time)),
        ("`limits.quota.produce`", quota.and_then(|quota| quota.produce).map(rate)),
        ("`limits.quota.consume`", quota.and_then(|quota| quota.consume).map(rate)),
        ("`personal_data.retention`", domain.personal_data.as_ref().map(|allowance| time(allowance.retention))),
    ]
}

/// Fields that are no longer tagged as personal data, though they are there.
fn tags(workspace: &Workspace, base: &Base<'_>, findings: &mut Vec<Diagnostic>) {
    for topic in workspace.written_topics() {
        let name = &topic.topic.value;
        let Some(before) = base.workspace.topics.get(name) else { continue };
        let texts = |workspace: &Workspace, topic| {
            let files = workspace.schemas_of(topic);
            let files = files.iter().filter_map(|schema| schema.file);
            files.map(|schema| workspace.sources.file(schema.file).text.clone()).collect::<Vec<_>>()
        };
        let now = texts(workspace, topic);
        if now == texts(base.workspace, before) {
            continue;
        }
        let names = |workspace: &Workspace, topic| workspace.tagged_names(topic);
        let is: BTreeSet<String> = names(workspace, topic).into_iter().collect();
        let text = now.concat();
        // Of a field the name has that of its record in front.
        let is_there = |name: &str| text.contains(name.rsplit('.').next().unwrap_or(name));
        let had = names(base.workspace, before).into_iter();
        let lost = had.filter(|name| !is.contains(name) && is_there(name));
        for field in lost {
            let message = format!("`{name}`: `{field}` is no longer tagged as personal data, and still there");
            let finding = LOOSENED.finding(message).at(topic.topic.span, "").resource(Address::topic(name));
            findings.push(finding.help("put the tag back, or see that the field no longer holds any"));
        }
    }
}

fn allowed_risk(workspace: &Workspace, base: &Base<'_>, findings: &mut Vec<Diagnostic>) {
    let risk = |allow: Option<Spanned<Risk>>| allow.map_or(Risk::Safe, |allow| allow.value);
    for (name, cluster) in &workspace.clusters {
        let Some(before) = base.workspace.clusters.get(name) else { continue };
        let (Some(allow), was) = (cluster.allow, risk(before.allow)) else { continue };
        if allow.value > was {
            let message =
                format!("`{name}` takes more without being asked: `allow` becomes {}, it was {was}", allow.value);
            let finding = LOOSENED.finding(message).at(allow.span, "").resource(format!("cluster/{name}"));
            findings.push(finding.help("pass --allow to the one apply that needs it instead"));
        }
    }
}

/// What a cluster no longer protects, where it says that it is now, what domains no longer claim, and what is no secret any
/// more.
fn given_up(workspace: &Workspace, base: &Base<'_>, findings: &mut Vec<Diagnostic>) {
    let mut tell = |message: String, span: Span, was: Option<Span>, resource: Option<String>| {
        let finding = LOOSENED.finding(message).at(span, "").help("see that whoever set it agrees");
        let finding = was.into_iter().fold(finding, |finding, was| finding.at(was, format!("as {} has it", base.name)));
        findings.push(match resource {
            Some(resource) => finding.resource(resource),
            None => finding,
        });
    };
    for (name, cluster) in &workspace.clusters {
        let Some(before) = base.workspace.clusters.get(name) else { continue };
        let resource = || Some(format!("cluster/{name}"));
        for was in before.protect.iter().filter(|was| cluster.protect.iter().all(|now| now.value != was.value)) {
            let message = format!("`{name}` no longer protects `{}`", was.value);
            tell(message, cluster.cluster.span, Some(was.span), resource());
        }
        let area = |cluster: &ClusterSpec| cluster.residency.as_ref().map(|residency| residency.area.value);
        if let Some(residency) = &cluster.residency
            && area(cluster) != area(before)
        {
            let was = before.residency.as_ref().map(|residency| residency.area.span);
            let message =
                format!("`{name}` says that it is somewhere else: `residency` becomes {}", residency.area.value);
            tell(message, residency.area.span, was, resource());
        }
    }
    for (name, domain) in &workspace.catalog.domains {
        let Some(before) = base.workspace.catalog.domains.get(name) else { continue };
        for was in before.prefixes.iter().filter(|was| domain.prefixes.iter().all(|now| now.value != was.value)) {
            let message = format!("domain `{name}` no longer claims the prefix `{}`", was.value);
            tell(message, domain.span, Some(was.span), Some(format!("domain/{name}")));
        }
    }
    let known = &base.workspace.settings.not_secrets;
    let new = workspace.settings.not_secrets.iter().filter(|now| known.iter().all(|was| was.value != now.value));
    for now in new {
        tell("a text that looks like a secret no longer counts as one".to_owned(), now.span, None, None);
    }
}
