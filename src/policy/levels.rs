//! Levels and waivers of `busctl.yaml`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::rules::levels::{FIXED_RULE, UNKNOWN_CODE};
use super::rules::secrets::redact;
use super::waivers::{self, Waivers};
use super::{Rule, check, custom, rule, rules};
use crate::diag::{Code, Diagnostic, Level};
use crate::model::Date;
use crate::resources::Workspace;
use crate::resources::cluster::ClusterSpec;
use crate::resources::settings::LevelsSpec;
use crate::source::closest;

/// Gives findings the levels of `rules:` and takes away those that a waiver excepts. What is wrong with the waivers and
/// levels themselves is found here: expired and unused waivers, unknown codes, days that do not exist.
///
/// `findings` are all of a workspace: what the loader found and what [`check`](super::check) found for every cluster.
/// `today` is the day for which waivers must hold.
pub fn apply_levels(findings: Vec<Diagnostic>, workspace: &Workspace, today: Date) -> Vec<Diagnostic> {
    apply(findings, workspace, &workspace.clusters.values().collect::<Vec<_>>(), today, (true, None))
}

/// The same for findings that were made beside a base. They have the higher of the levels that the base and the workspace
/// give them: a change does not switch off what tells of it, nor what it breaks. The findings are those of `clusters`.
pub fn apply_levels_against(
    findings: Vec<Diagnostic>,
    workspace: &Workspace,
    base: &Workspace,
    clusters: &[&ClusterSpec],
    today: Date,
) -> Vec<Diagnostic> {
    apply(findings, workspace, clusters, today, (clusters.len() == workspace.clusters.len(), Some(base)))
}

/// The same for some of a workspace's findings, such as those of these clusters. A waiver that excepts none of them may
/// except others, and is not called unused.
pub fn apply_levels_to_part(
    findings: Vec<Diagnostic>,
    workspace: &Workspace,
    clusters: &[&ClusterSpec],
    today: Date,
) -> Vec<Diagnostic> {
    apply(findings, workspace, clusters, today, (false, None))
}

/// The same for findings that are made beside those of `validate`, of a live state or of sample records: only they are
/// answered, and not what is wrong with waivers and levels, which `validate` finds.
pub fn apply_levels_beside(
    findings: Vec<Diagnostic>,
    workspace: &Workspace,
    clusters: &[&ClusterSpec],
    today: Date,
) -> Vec<Diagnostic> {
    LevelsBeside::read(workspace, clusters, today).apply(findings)
}

/// What [`apply_levels_beside`] reads first, for those who have findings again and again.
pub struct LevelsBeside<'w> {
    workspace: &'w Workspace,
    clusters: Vec<&'w ClusterSpec>,
    waivers: Waivers<'w>,
    levels: Levels<'w>,
    today: Date,
}

impl<'w> LevelsBeside<'w> {
    /// Reads the levels and waivers of a workspace.
    pub fn read(workspace: &'w Workspace, clusters: &[&'w ClusterSpec], today: Date) -> Self {
        let (waivers, _) = Waivers::read(workspace, today);
        let levels = Levels::read(workspace, None, &mut Vec::new());
        Self { workspace, clusters: clusters.to_vec(), waivers, levels, today }
    }

    /// Gives findings their levels and takes away those that are waived.
    pub fn apply(&self, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let judged = findings.into_iter().filter(|finding| !self.waivers.excepts(finding)).collect();
        finish(judged, self.workspace, &self.levels, &self.clusters, self.today)
    }
}

fn apply(
    mut findings: Vec<Diagnostic>,
    workspace: &Workspace,
    clusters: &[&ClusterSpec],
    today: Date,
    (all, base): (bool, Option<&Workspace>),
) -> Vec<Diagnostic> {
    let (mut waivers, of_waivers) = Waivers::read(workspace, today);
    findings.retain(|finding| !waivers.except(finding));
    findings.extend(of_waivers);
    if all {
        findings.extend(waivers.unused());
    }
    let levels = Levels::read(workspace, base, &mut findings);
    finish(findings, workspace, &levels, clusters, today)
}

/// A rule as levels and waivers know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known<'w> {
    pub code: Code,
    pub name: &'w str,
    pub floor: Level,
    /// Whether it is found without a server.
    pub offline: bool,
    /// Whether all of it is found in the manifests alone, without a base that they are compared with.
    pub alone: bool,
}

impl Known<'_> {
    /// Its code and name: "BUS104 (…)".
    pub fn words(&self) -> String {
        if self.name.is_empty() { self.code.to_owned() } else { format!("{} ({})", self.code, self.name) }
    }
}

/// The rule with a code: one of ours, or of the workspace's own.
pub(super) fn known<'w>(workspace: &'w Workspace, code: &str) -> Option<Known<'w>> {
    if let Some(rule) = rule(code) {
        let Rule { code, name, floor, .. } = *rule;
        return Some(Known { code, name, floor, offline: rule.is_offline(), alone: rule.is_found_alone() });
    }
    let (code, spec) = custom::find(workspace, code)?;
    let name = spec.name.as_ref().map_or("", |name| name.value.as_str());
    let offline = !custom::is_over_changes(spec);
    Some(Known { code, name, floor: Level::Off, offline, alone: offline })
}

/// Whether manifests by themselves may have a finding with this code, and so the base that they are compared with too: what
/// only a comparison finds, no base has.
pub fn is_of_manifests(workspace: &Workspace, code: &str) -> bool {
    known(workspace, code).is_none_or(|rule| rule.offline)
}

/// Gives each finding its level on each of `clusters`. One that holds on clusters where the levels differ is told apart.
fn finish(
    mut judged: Vec<Diagnostic>,
    workspace: &Workspace,
    levels: &Levels<'_>,
    clusters: &[&ClusterSpec],
    today: Date,
) -> Vec<Diagnostic> {
    let mut apart = Vec::new();
    judged.retain_mut(|finding| match levels.says(finding.code) {
        false => true,
        true => is_one(finding, levels, clusters, &mut apart),
    });
    judged.extend(apart);
    judged.retain(|finding| finding.level != Level::Off);
    if !workspace.knows_settings() {
        judged.retain(|finding| rule(finding.code).is_some_and(Rule::is_fixed));
    }
    let expires: Arc<str> = waivers::suggested_end(workspace, today).to_string().into();
    judged.iter_mut().for_each(|finding| waivers::suggest(finding, workspace, &expires));
    redact(&mut judged, &workspace.sources);
    check::sort(&mut judged);
    judged
}

/// Gives a finding its level, where that is the same wherever it holds. Else `apart` gets one for each level.
fn is_one(
    finding: &mut Diagnostic,
    levels: &Levels<'_>,
    clusters: &[&ClusterSpec],
    apart: &mut Vec<Diagnostic>,
) -> bool {
    let holds = |cluster: &&&ClusterSpec| match &finding.cluster {
        Some(names) => names.split(", ").any(|name| name == cluster.cluster.as_str()),
        None => true,
    };
    let mut by_level: BTreeMap<Level, Vec<&str>> = BTreeMap::new();
    for cluster in clusters.iter().filter(holds) {
        let level = levels.of(finding, Some(cluster));
        by_level.entry(level).or_default().push(cluster.cluster.as_str());
    }
    match by_level.len() {
        // A workspace without clusters.
        0 => finding.level = levels.of(finding, None),
        1 => finding.level = by_level.into_keys().next().unwrap_or(finding.level),
        _ => {
            let of_level = |(level, clusters): (Level, Vec<&str>)| Diagnostic {
                level,
                cluster: Some(clusters.join(", ")),
                ..finding.clone()
            };
            apart.extend(by_level.into_iter().rev().map(of_level));
            return false;
        }
    }
    true
}

/// The levels that `rules:` gives.
struct Levels<'w> {
    now: BTreeMap<Code, &'w LevelsSpec>,
    /// What the base says, with its clusters; `None` where there is no base.
    base: Option<(BTreeMap<Code, &'w LevelsSpec>, &'w Workspace)>,
}

impl<'w> Levels<'w> {
    fn read(workspace: &'w Workspace, base: Option<&'w Workspace>, findings: &mut Vec<Diagnostic>) -> Self {
        let base = base.map(|base| (read_levels(base, &mut Vec::new()), base));
        Self { now: read_levels(workspace, findings), base }
    }

    /// Whether anything is said of a rule.
    fn says(&self, code: Code) -> bool {
        self.now.contains_key(code) || self.base.as_ref().is_some_and(|(base, _)| base.contains_key(code))
    }

    /// The level of a finding on a cluster, or where there is none.
    fn of(&self, finding: &Diagnostic, cluster: Option<&ClusterSpec>) -> Level {
        let on = |levels: &BTreeMap<Code, &LevelsSpec>, cluster: Option<&ClusterSpec>| {
            let said = levels.get(finding.code).and_then(|levels| match cluster {
                Some(cluster) => levels.on(cluster),
                None => levels.default.map(|level| level.value),
            });
            said.unwrap_or(finding.level)
        };
        let now = on(&self.now, cluster);
        match &self.base {
            Some((base, workspace)) => {
                let before = cluster.map(|new| workspace.clusters.get(new.cluster.as_str()).unwrap_or(new));
                now.max(on(base, before))
            }
            None => now,
        }
    }
}

fn read_levels<'w>(workspace: &'w Workspace, findings: &mut Vec<Diagnostic>) -> BTreeMap<Code, &'w LevelsSpec> {
    let mut levels = BTreeMap::new();
    for (code, spec) in &workspace.settings.rules {
        let Some(rule) = known(workspace, &code.value) else {
            findings.push(unknown_code(workspace, &code.value).at(code.span, ""));
            continue;
        };
        let least = rule.floor.as_str();
        let low = spec.all().filter(|level| level.value < rule.floor).map(|level| {
            let message = format!("{} cannot be set below {least}", rule.words());
            let help = format!("write `{}: {least}`, or leave the line out", rule.code);
            FIXED_RULE.finding(message).at(level.span, "").help(help)
        });
        let before = findings.len();
        findings.extend(low);
        if findings.len() == before {
            levels.insert(rule.code, spec);
        }
    }
    levels
}

pub(super) fn unknown_code(workspace: &Workspace, code: &str) -> Diagnostic {
    let by_name = rules().iter().find(|rule| rule.name == code).map(|rule| rule.code);
    let own = workspace.settings.policy.keys().map(|own| &*own.value);
    let near = || closest(code, rules().iter().map(|rule| rule.code).chain(own));
    let help = match by_name.or_else(near) {
        Some(code) => format!("did you mean `{code}`?"),
        None => "docs/rules.md lists every rule with its code; those of your own are below `policy:`".to_owned(),
    };
    UNKNOWN_CODE.finding(format!("`{code}` is not the code of a rule")).help(help)
}
