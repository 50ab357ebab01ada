//! Waivers of `busctl.yaml`, and the one that would silence a finding.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::levels::{Known, known, unknown_code};
use super::rules::levels::{EXPIRED_WAIVER, FIXED_RULE, MALFORMED_WAIVER, OPEN_WAIVER, UNUSED_WAIVER};
use crate::diag::{Code, Diagnostic, Level, WaiverTerms};
use crate::model::{Date, Duration, Kind, Pattern};
use crate::resources::Workspace;
use crate::resources::settings::WaiverSpec;
use crate::source::Spanned;

/// How long a waiver holds that a finding proposes, where the bus allows it.
const SUGGESTED_DAYS: i64 = 90;

/// The last day of a waiver that a finding proposes.
pub(super) fn suggested_end(workspace: &Workspace, today: Date) -> Date {
    let longest = workspace.settings.longest_waiver().and_then(Duration::days);
    today.plus_days(longest.map_or(SUGGESTED_DAYS, |days| days.min(SUGGESTED_DAYS)))
}

/// What findings are about beside what plans change.
const OTHER_KINDS: [&str; 5] = ["cluster", "domain", "registry", "role", "service"];

/// The waivers of a workspace that can be applied, by code.
pub(super) struct Waivers<'w>(BTreeMap<Code, Vec<Waiver<'w>>>);

/// A waiver that can be applied.
struct Waiver<'w> {
    spec: &'w Spanned<WaiverSpec>,
    rule: Known<'w>,
    resource: Pattern,
    expired: bool,
    used: bool,
}

impl<'w> Waivers<'w> {
    /// Reads them; what is wrong with them gives findings.
    pub fn read(workspace: &'w Workspace, today: Date) -> (Self, Vec<Diagnostic>) {
        let mut waivers: BTreeMap<Code, Vec<Waiver<'_>>> = BTreeMap::new();
        let mut findings = Vec::new();
        for spec in &workspace.settings.waivers {
            if let Some(waiver) = Waiver::read(spec, workspace, today, &mut findings) {
                let known = waivers.entry(waiver.rule.code).or_default();
                // One that ended is told as such, and a new one takes its place.
                let first = known.iter().find(|first| first.resource == waiver.resource && !first.expired);
                findings.extend(first.filter(|_| !waiver.expired).map(|first| waiver.twice(first)));
                known.push(waiver);
            }
        }
        (Self(waivers), findings)
    }

    /// Whether a waiver excepts the finding; marks each that speaks of it as used.
    pub fn except(&mut self, finding: &Diagnostic) -> bool {
        let (Some(waivers), Some(resource)) = (self.0.get_mut(finding.code), finding.resource.as_deref()) else {
            return false;
        };
        let mut waived = false;
        for waiver in waivers.iter_mut().filter(|waiver| waiver.resource.matches(resource)) {
            waiver.used = true;
            waived |= !waiver.expired;
        }
        waived
    }

    /// Whether a waiver excepts the finding, where nobody asks which ones were used.
    pub fn excepts(&self, finding: &Diagnostic) -> bool {
        let (Some(waivers), Some(resource)) = (self.0.get(finding.code), finding.resource.as_deref()) else {
            return false;
        };
        waivers.iter().any(|waiver| !waiver.expired && waiver.resource.matches(resource))
    }

    /// What excepted nothing, of rules that need neither a server nor a base.
    pub fn unused(&self) -> impl Iterator<Item = Diagnostic> {
        self.0.values().flatten().filter(|waiver| !waiver.used && waiver.rule.alone).map(Waiver::unused)
    }
}

impl<'w> Waiver<'w> {
    fn read(
        spec: &'w Spanned<WaiverSpec>,
        workspace: &'w Workspace,
        today: Date,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let Some(rule) = known(workspace, &spec.code.value) else {
            findings.push(unknown_code(workspace, &spec.code.value).at(spec.code.span, ""));
            return None;
        };
        if rule.floor == Level::Error {
            let message = format!("{} cannot be waived", rule.words());
            findings.push(
                FIXED_RULE.finding(message).at(spec.code.span, "").help("mend what it finds, and remove the waiver"),
            );
            return None;
        }
        let expires = match spec.expires.value.parse::<Date>() {
            Ok(expires) => expires,
            Err(error) => {
                let finding = MALFORMED_WAIVER.finding(format!("{error}, so the waiver does not hold"));
                findings
                    .push(finding.at(spec.expires.span, "").help("write the last day on which it holds: YYYY-MM-DD"));
                return None;
            }
        };
        let Some(resource) = read_resource(&spec.resource.value) else {
            let message = format!("`{}` is not a resource's address, so the waiver does not hold", spec.resource.value);
            let help = "write KIND/NAME as findings show it, such as topic/media.raw_ingest.v1; a trailing `*` takes \
                        every name that starts so";
            findings.push(MALFORMED_WAIVER.finding(message).at(spec.resource.span, "").help(help));
            return None;
        };
        // The one that a finding proposes is pasted before anybody has written why.
        let reason = spec.reason.value.trim();
        if reason.is_empty() {
            let message = format!("the waiver of {} gives no reason, so it does not hold", rule.code);
            findings.push(MALFORMED_WAIVER.finding(message).at(spec.reason.span, "").help("write why it is excepted"));
            return None;
        }
        if matches!(reason, "…" | "...") {
            let message = format!("the waiver of {} for `{}` does not say why yet", rule.code, spec.resource.value);
            let finding = MALFORMED_WAIVER.finding(message).level(Level::Warn).at(spec.reason.span, "");
            findings.push(finding.help("write why it is excepted: a reviewer reads nothing else"));
        }
        let expired = expires < today;
        if expired {
            findings.push(
                EXPIRED_WAIVER
                    .finding(format!("the waiver of {} for `{}` ended on {expires}", rule.code, spec.resource.value))
                    .at(spec.expires.span, "its last day")
                    .help("mend what it excepts and remove it, or have it reviewed again with a later day"),
            );
        } else {
            findings.extend(open(spec, rule, workspace, (expires, today)));
        }
        Some(Self { spec, rule, resource, expired, used: false })
    }

    fn twice(&self, first: &Self) -> Diagnostic {
        UNUSED_WAIVER
            .finding(format!("`{}` has two waivers of {}", self.spec.resource.value, self.rule.words()))
            .at(self.spec.resource.span, "this one excepts nothing more")
            .at(first.spec.resource.span, "the first one")
            .help("keep one of the two, with the reason and the day that hold")
    }

    fn unused(&self) -> Diagnostic {
        UNUSED_WAIVER
            .finding(format!("nothing of `{}` breaks {}", self.spec.resource.value, self.rule.words()))
            .at(self.spec.resource.span, "this waiver excepts nothing")
            .help("remove the waiver; what it excepted is mended, or its resource has another address")
    }
}

/// What a waiver leaves open that holds: who answers for it, or when it ends.
fn open(
    spec: &Spanned<WaiverSpec>,
    rule: Known<'_>,
    workspace: &Workspace,
    (expires, today): (Date, Date),
) -> Vec<Diagnostic> {
    let which = format!("the waiver of {} for `{}`", rule.code, spec.resource.value);
    let mut found = Vec::new();
    if spec.owner.is_none() {
        let finding = OPEN_WAIVER.finding(format!("{which} has no owner")).at(spec.span, "");
        let owner = owner_of(&spec.resource.value, workspace).unwrap_or("TEAM");
        found.push(finding.help(format!("write the team that mends what it excepts: `owner: {owner}`")));
    }
    let longest = workspace.settings.longest_waiver();
    if let Some((longest, days)) = longest.and_then(|longest| Some((longest, longest.days()?)))
        && expires > today.plus_days(days)
    {
        let message = format!("{which} holds until {expires}, longer than {longest} from today");
        let finding = OPEN_WAIVER.finding(message).at(spec.expires.span, "its last day");
        let help = format!("write {} or an earlier day, or say `longest_waiver` in busctl.yaml", today.plus_days(days));
        found.push(finding.help(help));
    }
    found
}

/// An address, or the start of addresses with a trailing `*`. The kind is always written out.
fn read_resource(text: &str) -> Option<Pattern> {
    let (kind, _) = text.split_once('/')?;
    let is_known = OTHER_KINDS.contains(&kind) || Kind::WORDS.iter().any(|(word, _)| *word == kind);
    if is_known { text.parse().ok() } else { None }
}

/// Gives a finding the waiver that would silence it, where one may.
pub(super) fn suggest(finding: &mut Diagnostic, workspace: &Workspace, expires: &Arc<str>) {
    let Some(resource) = finding.resource.as_deref().filter(|resource| read_resource(resource).is_some()) else {
        return;
    };
    if known(workspace, finding.code).is_none_or(|rule| rule.floor == Level::Error) {
        return;
    }
    finding.waiver =
        Some(WaiverTerms { expires: expires.clone(), owner: owner_of(resource, workspace).map(Into::into) });
}

/// The team that answers for what an address names.
pub(crate) fn owner_of<'w>(address: &str, workspace: &'w Workspace) -> Option<&'w str> {
    let (kind, name) = address.split_once('/')?;
    let catalog = &workspace.catalog;
    match kind {
        "topic" => workspace.owner_of(workspace.topics.get(name)?),
        "service" | "grant" | "role" | "client-config" => {
            let name = name.split('/').next()?;
            let service = catalog.services.get(name).map(|service| service.owner.as_str());
            service.or_else(|| catalog.roles.get(name).map(|role| role.owner.as_str()))
        }
        "domain" => catalog.domains.get(name).map(|domain| domain.owner.as_str()),
        "schema" => {
            let own = workspace.subjects.get(name).and_then(|own| own.owner.as_ref()).map(|owner| owner.as_str());
            own.or_else(|| {
                let topic = name.strip_suffix("-value").or_else(|| name.strip_suffix("-key"))?;
                workspace.owner_of(workspace.topics.get(topic)?)
            })
        }
        _ => None,
    }
}
