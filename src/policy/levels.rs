//! Levels and waivers of `busctl.yaml`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::rules::levels::{FIXED_RULE, UNKNOWN_CODE};
use super::rules::secrets::Redaction;
use super::waivers::{self, Waivers};
use super::{Rule, custom, rule, rules};
use crate::diag::{Code, Diagnostic, Findings, Level, Order};
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
pub fn apply_levels(findings: Findings, workspace: &Workspace, today: Date) -> Findings {
    apply(findings, workspace, &workspace.clusters.values().collect::<Vec<_>>(), today, (true, None))
}

/// The same for findings that were made beside a base. They have the higher of the levels that the base and the workspace
/// give them: a change does not switch off what tells of it, nor what it breaks. The findings are those of `clusters`.
pub fn apply_levels_against(
    findings: Findings,
    workspace: &Workspace,
    base: &Workspace,
    clusters: &[&ClusterSpec],
    today: Date,
) -> Findings {
    apply(findings, workspace, clusters, today, (clusters.len() == workspace.clusters.len(), Some(base)))
}

/// The same for some of a workspace's findings, such as those of these clusters. A waiver that excepts none of them may
/// except others, and is not called unused.
pub fn apply_levels_to_part(
    findings: Findings,
    workspace: &Workspace,
    clusters: &[&ClusterSpec],
    today: Date,
) -> Findings {
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
    judge: Judge<'w>,
    waivers: Waivers<'w>,
    order: Order,
}

impl<'w> LevelsBeside<'w> {
    /// Reads the levels and waivers of a workspace.
    pub fn read(workspace: &'w Workspace, clusters: &[&'w ClusterSpec], today: Date) -> Self {
        let (waivers, _) = Waivers::read(workspace, today);
        let levels = Levels::read(workspace, None, &mut Vec::new());
        let order = Order::of(&workspace.sources);
        Self { judge: Judge::new(workspace, levels, clusters, today), waivers, order }
    }

    /// Gives findings their levels and takes away those that are waived.
    pub fn apply(&self, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let mut judged = Vec::new();
        for finding in findings.into_iter().filter(|finding| !self.waivers.excepts(finding)) {
            self.judge.judge(finding, &mut judged);
        }
        let files: BTreeSet<_> =
            judged.iter().flat_map(|finding| &finding.labels).map(|label| label.span.file).collect();
        if let Some(redaction) = Redaction::of(files.into_iter(), &self.judge.workspace.sources) {
            judged.iter_mut().for_each(|finding| redaction.clean(finding));
        }
        judged.sort_by(|a, b| self.order.compare(a, b));
        judged
    }
}

fn apply(
    findings: Findings,
    workspace: &Workspace,
    clusters: &[&ClusterSpec],
    today: Date,
    (all, base): (bool, Option<&Workspace>),
) -> Findings {
    let (mut waivers, mut of_policy) = Waivers::read(workspace, today);
    let levels = Levels::read(workspace, base, &mut of_policy);
    let judge = Judge::new(workspace, levels, clusters, today);
    let mut judged = findings.none();
    for finding in findings {
        if !waivers.except(&finding) {
            judge.judge(finding, &mut judged);
        }
    }
    let unused = waivers.unused().filter(|_| all);
    of_policy.into_iter().chain(unused).for_each(|finding| judge.judge(finding, &mut judged));
    let Some(redaction) = Redaction::of(judged.spoken_of(), &workspace.sources) else { return judged };
    let mut redacted = judged.none();
    redacted.extend(judged.into_iter().map(|mut finding| {
        redaction.clean(&mut finding);
        finding
    }));
    redacted
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

/// What a finding means here: its level, and the waiver that would silence it.
struct Judge<'w> {
    workspace: &'w Workspace,
    levels: Levels<'w>,
    clusters: Vec<&'w ClusterSpec>,
    /// The last day of waivers that are proposed.
    expires: Arc<str>,
}

impl<'w> Judge<'w> {
    fn new(workspace: &'w Workspace, levels: Levels<'w>, clusters: &[&'w ClusterSpec], today: Date) -> Self {
        let expires = waivers::suggested_end(workspace, today).to_string().into();
        Self { workspace, levels, clusters: clusters.to_vec(), expires }
    }

    /// Adds a finding to those that were judged. One that holds on clusters where the levels differ is told apart; one that is
    /// switched off is left out.
    fn judge(&self, mut finding: Diagnostic, judged: &mut impl Extend<Diagnostic>) {
        if !self.workspace.knows_settings() && !rule(finding.code).is_some_and(Rule::is_fixed) {
            return;
        }
        let mut by_level = self.by_level(&finding);
        match by_level.len() {
            0 | 1 => {
                finding.level = by_level.pop_first().map_or_else(|| self.level_of(&finding), |(level, _)| level);
                judged.extend(self.told(finding));
            }
            _ => judged.extend(by_level.into_iter().rev().filter_map(|(level, clusters)| {
                self.told(Diagnostic { level, cluster: Some(clusters.join(", ")), ..finding.clone() })
            })),
        }
    }

    /// On which clusters it has which level.
    fn by_level(&self, finding: &Diagnostic) -> BTreeMap<Level, Vec<&'w str>> {
        let mut by_level: BTreeMap<Level, Vec<&str>> = BTreeMap::new();
        if !self.levels.says(finding.code) {
            return by_level;
        }
        let holds = |cluster: &&&ClusterSpec| match &finding.cluster {
            Some(names) => names.split(", ").any(|name| name == cluster.cluster.as_str()),
            None => true,
        };
        for cluster in self.clusters.iter().filter(holds) {
            let level = self.levels.of(finding, Some(cluster));
            by_level.entry(level).or_default().push(cluster.cluster.as_str());
        }
        by_level
    }

    /// The level where there is no cluster, or nothing is said of it by cluster.
    fn level_of(&self, finding: &Diagnostic) -> Level {
        self.levels.of(finding, None)
    }

    fn told(&self, mut finding: Diagnostic) -> Option<Diagnostic> {
        waivers::suggest(&mut finding, self.workspace, &self.expires);
        (finding.level != Level::Off).then_some(finding)
    }
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
