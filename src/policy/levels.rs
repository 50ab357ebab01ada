//! Levels and waivers of `busctl.yaml`.

use std::collections::BTreeMap;

use super::rules::levels::{EXPIRED_WAIVER, FIXED_RULE, MALFORMED_WAIVER, UNKNOWN_CODE, UNUSED_WAIVER};
use super::rules::secrets::redact;
use super::{Rule, check, rule, rules};
use crate::diag::{Code, Diagnostic, Level};
use crate::model::{Date, Pattern};
use crate::resources::Workspace;
use crate::resources::settings::WaiverSpec;
use crate::source::{Spanned, closest};

/// Gives findings the levels of `rules:` and takes away those that a waiver excepts. What is wrong with the waivers and
/// levels themselves is found here: expired and unused waivers, unknown codes, days that do not exist.
///
/// `findings` are all of a workspace: what the loader found and what [`check`](super::check) found for every cluster.
/// `today` is the day for which waivers must hold.
pub fn apply_levels(findings: Vec<Diagnostic>, workspace: &Workspace, today: Date) -> Vec<Diagnostic> {
    apply(findings, workspace, today, true)
}

/// The same for some of a workspace's findings, such as those of one cluster or of a live state. A waiver that excepts
/// none of them may except others, and is not called unused.
pub fn apply_levels_to_part(findings: Vec<Diagnostic>, workspace: &Workspace, today: Date) -> Vec<Diagnostic> {
    apply(findings, workspace, today, false)
}

/// The same for findings that are made beside those of `validate`, of a live state or of sample records: only they are
/// answered, and not what is wrong with waivers and levels, which `validate` finds.
pub fn apply_levels_beside(findings: Vec<Diagnostic>, workspace: &Workspace, today: Date) -> Vec<Diagnostic> {
    let (mut waivers, _) = read_waivers(workspace, today);
    let levels = read_levels(workspace, &mut Vec::new());
    let mut judged: Vec<_> = findings.into_iter().filter(|finding| !waive(finding, &mut waivers)).collect();
    redact(&mut judged, &workspace.sources);
    set_levels(&mut judged, &levels);
    judged
}

fn set_levels(findings: &mut Vec<Diagnostic>, levels: &BTreeMap<Code, Level>) {
    for finding in findings.iter_mut() {
        if let Some(level) = levels.get(finding.code) {
            finding.level = *level;
        }
    }
    findings.retain(|finding| finding.level != Level::Off);
    check::sort(findings);
}

fn apply(findings: Vec<Diagnostic>, workspace: &Workspace, today: Date, all: bool) -> Vec<Diagnostic> {
    let (mut waivers, mut judged) = read_waivers(workspace, today);
    for finding in findings {
        if !waive(&finding, &mut waivers) {
            judged.push(finding);
        }
    }
    if all {
        let unused = waivers.values().flatten().filter(|waiver| !waiver.used && waiver.rule.is_offline());
        judged.extend(unused.map(|waiver| waiver.unused()));
    }
    let levels = read_levels(workspace, &mut judged);
    redact(&mut judged, &workspace.sources);
    set_levels(&mut judged, &levels);
    judged
}

/// A waiver that can be applied.
struct Waiver<'w> {
    spec: &'w Spanned<WaiverSpec>,
    rule: &'static Rule,
    resource: Pattern,
    expired: bool,
    used: bool,
}

fn read_waivers(workspace: &Workspace, today: Date) -> (BTreeMap<Code, Vec<Waiver<'_>>>, Vec<Diagnostic>) {
    let mut waivers: BTreeMap<Code, Vec<Waiver<'_>>> = BTreeMap::new();
    let mut findings = Vec::new();
    for spec in &workspace.settings.waivers {
        let Some(rule) = rule(&spec.code.value) else {
            findings.push(unknown_code(&spec.code.value).at(spec.code.span, ""));
            continue;
        };
        if rule.is_fixed() {
            let message = format!("{} ({}) cannot be waived", rule.code, rule.name);
            findings.push(
                FIXED_RULE.finding(message).at(spec.code.span, "").help("mend what it finds, and remove the waiver"),
            );
            continue;
        }
        let expires = match spec.expires.value.parse::<Date>() {
            Ok(expires) => expires,
            Err(error) => {
                let finding = MALFORMED_WAIVER.finding(format!("{error}, so the waiver does not hold"));
                findings
                    .push(finding.at(spec.expires.span, "").help("write the last day on which it holds: YYYY-MM-DD"));
                continue;
            }
        };
        let Some(resource) = read_resource(&spec.resource.value) else {
            let message = format!("`{}` is not a resource's address, so the waiver does not hold", spec.resource.value);
            let help = "write KIND/NAME as findings show it, such as topic/media.raw_ingest.v1; a trailing `*` takes \
                        every name that starts so";
            findings.push(MALFORMED_WAIVER.finding(message).at(spec.resource.span, "").help(help));
            continue;
        };
        let expired = expires < today;
        if expired {
            findings.push(
                EXPIRED_WAIVER
                    .finding(format!("the waiver of {} for `{}` ended on {expires}", rule.code, spec.resource.value))
                    .at(spec.expires.span, "its last day")
                    .help("mend what it excepts and remove it, or have it reviewed again with a later day"),
            );
        }
        waivers.entry(rule.code).or_default().push(Waiver { spec, rule, resource, expired, used: false });
    }
    (waivers, findings)
}

/// An address, or the start of addresses with a trailing `*`. The kind is always written out.
fn read_resource(text: &str) -> Option<Pattern> {
    let (kind, _) = text.split_once('/')?;
    let known = ["cluster", "grant", "quota", "registry", "role", "schema", "service", "topic"];
    if known.contains(&kind) { text.parse().ok() } else { None }
}

/// Whether a waiver excepts the finding; marks each that speaks of it as used.
fn waive(finding: &Diagnostic, waivers: &mut BTreeMap<Code, Vec<Waiver<'_>>>) -> bool {
    let (Some(waivers), Some(resource)) = (waivers.get_mut(finding.code), finding.resource.as_deref()) else {
        return false;
    };
    let mut waived = false;
    for waiver in waivers.iter_mut().filter(|waiver| waiver.resource.matches(resource)) {
        waiver.used = true;
        waived |= !waiver.expired;
    }
    waived
}

impl Waiver<'_> {
    fn unused(&self) -> Diagnostic {
        UNUSED_WAIVER
            .finding(format!(
                "nothing of `{}` breaks {} ({})",
                self.spec.resource.value, self.rule.code, self.rule.name
            ))
            .at(self.spec.resource.span, "this waiver excepts nothing")
            .help("remove the waiver; what it excepted is mended, or its resource has another address")
    }
}

fn read_levels(workspace: &Workspace, findings: &mut Vec<Diagnostic>) -> BTreeMap<Code, Level> {
    let mut levels = BTreeMap::new();
    for (code, level) in &workspace.settings.rules {
        match rule(&code.value) {
            None => findings.push(unknown_code(&code.value).at(code.span, "")),
            Some(rule) if level.value < rule.floor => {
                let least = rule.floor.as_str();
                let message = format!("{} ({}) cannot be set below {least}", rule.code, rule.name);
                let help = format!("write `{}: {least}`, or leave the line out", rule.code);
                findings.push(FIXED_RULE.finding(message).at(level.span, "").help(help));
            }
            Some(rule) => {
                levels.insert(rule.code, level.value);
            }
        }
    }
    levels
}

fn unknown_code(code: &str) -> Diagnostic {
    let by_name = rules().iter().find(|rule| rule.name == code);
    let near = || closest(code, rules().iter().map(|rule| rule.code));
    let help = match by_name.map(|rule| rule.code).or_else(near) {
        Some(code) => format!("did you mean `{code}`?"),
        None => "docs/rules.md lists every rule with its code".to_owned(),
    };
    UNKNOWN_CODE.finding(format!("`{code}` is not the code of a rule")).help(help)
}
