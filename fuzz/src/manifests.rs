//! What must hold of the files of a workspace, whatever stands in them. A fuzz target tries it with what libFuzzer thinks
//! of, and `tests/fuzz.rs` with all that is kept of that.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::diag::{Diagnostic, Findings, Level, Safety, Store, Waiver, fingerprints, mend};
use super::model::Date;
use super::plan::{Plan, make_plan};
use super::policy::{Base, BaseState, apply_levels, check, check_against};
use super::render::findings::{FindingsFormat, FindingsView, Report, Repository};
use super::render::plan::PlanView;
use super::render::{Style, View};
use super::resources::format::{NotFormatted, format_manifest, is_same};
use super::resources::{Desired, FOLDERS, Live, Workspace, WorkspaceFiles, load, load_with_base};
use super::source::{FileId, SHORTEST, Sources, Span, parse_yaml};

/// A line of an input that starts so names the file that follows; what stands before the first one is `busctl.yaml`.
const FILE: &str = "%% ";

/// In front of the name: the file is not of the workspace, but of what it is compared with.
const BASE: &str = "main:";

/// Findings of an input of some thousand bytes, and bytes that all of them say.
const MOST_FINDINGS: usize = 20_000;
const MOST_SAID: usize = 16 << 20;

/// So often fixes may make room for the next ones, as in `validate --fix`.
const MOST_ROUNDS: usize = 100;

/// Rules of how a manifest is written. Formatting mends what they find.
const STYLE: [&str; 1] = ["BUS651"];

/// Tries an input.
pub fn hold(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let input = Input::read(text);
    let seen = Seen::of(&input);
    has_clear_findings(&seen);
    is_shown(&seen);
    assert_eq!(Seen::of(&input).findings, seen.findings, "looking again finds something else");
    is_planned(&input, &seen);
    is_formatted(&input, &seen);
    // As `validate --fix` and `validate --fix --fix-consent` do.
    is_mended(&input, &[Safety::Safe], &seen);
    is_mended(&input, &[Safety::Safe, Safety::Consent], &seen);
    // A guess may be wrong, and `validate --fix` drops it then.
    mended(&seen, &[Safety::Safe, Safety::Consent, Safety::Guess]);
}

/// The files of a workspace, and those of the one that it is compared with.
#[derive(Clone)]
struct Input {
    files: WorkspaceFiles,
    base: Option<WorkspaceFiles>,
}

impl Input {
    fn read(text: &str) -> Self {
        let (mut files, mut base) = (BTreeMap::new(), BTreeMap::new());
        let (mut is_of_base, mut path, mut content) = (false, PathBuf::from("busctl.yaml"), String::new());
        for line in text.split_inclusive('\n').chain([FILE]) {
            let Some(name) = line.strip_prefix(FILE) else {
                content.push_str(line);
                continue;
            };
            let content = std::mem::take(&mut content);
            if is_of_workspace(&path) {
                if is_of_base { &mut base } else { &mut files }.insert(path, content);
            }
            let name = name.trim_end();
            is_of_base = name.starts_with(BASE);
            path = name.strip_prefix(BASE).unwrap_or(name).into();
        }
        // What the base does not say apart is there as in the workspace.
        let below = files.iter().map(|(path, text)| (path.clone(), text.clone()));
        let base = (!base.is_empty()).then(|| below.chain(base).collect());
        Self { files: workspace_files(files), base: base.map(workspace_files) }
    }

    /// The same with other texts, or files, in it.
    fn with(&self, texts: impl IntoIterator<Item = (PathBuf, String)>) -> Self {
        let mut changed = self.clone();
        changed.files.texts.extend(texts.into_iter().map(|(path, text)| (path, Ok(Arc::from(text)))));
        changed
    }

    fn manifests(&self) -> impl Iterator<Item = (&Path, &str)> {
        let texts = self.files.texts.iter().filter(|(path, _)| path.extension().is_some_and(|name| name == "yaml"));
        texts.filter_map(|(path, text)| Some((path.as_path(), &**text.as_ref().ok()?)))
    }
}

/// Whether a workspace can have such a file: one with a plain name in one of its folders.
fn is_of_workspace(path: &Path) -> bool {
    let is_plain = |part| matches!(part, Component::Normal(name) if !name.as_encoded_bytes().starts_with(b"."));
    let is_in = |folder: &&str| path.starts_with(folder) && path != Path::new(folder);
    path.components().all(is_plain) && (path == Path::new("busctl.yaml") || FOLDERS.iter().chain(&["docs"]).any(is_in))
}

fn workspace_files(files: BTreeMap<PathBuf, String>) -> WorkspaceFiles {
    let (documents, texts): (Vec<_>, Vec<_>) = files.into_iter().partition(|(path, _)| path.starts_with("docs"));
    WorkspaceFiles {
        texts: texts.into_iter().map(|(path, text)| (path, Ok(text.into()))).collect(),
        documents: documents.into_iter().map(|(path, _)| path).collect::<BTreeSet<_>>(),
    }
}

/// Code, level, message, resource and clusters of a finding.
type Said<'s> = (&'s str, Level, &'s str, Option<&'s str>, Option<&'s str>);

/// What is found in an input.
struct Seen {
    workspace: Workspace,
    base: Option<Workspace>,
    /// Of the manifests as such, before levels and waivers.
    loading: Vec<Diagnostic>,
    /// All, with levels and waivers.
    findings: Vec<Diagnostic>,
}

impl Seen {
    fn of(input: &Input) -> Self {
        let (workspace, loading, base) = match input.base.clone() {
            Some(base) => {
                let [(workspace, loading), (base, _)] = load_with_base(input.files.clone(), base, "main");
                (workspace, loading, Some(base))
            }
            None => {
                let (workspace, loading) = load(input.files.clone());
                (workspace, loading, None)
            }
        };
        let clusters: Vec<_> = workspace.clusters.values().collect();
        let store = Store::in_memory(&workspace.sources);
        let mut found = check(&workspace, &clusters, &store);
        if let Some(base) = &base {
            let base = BaseState::Manifests(Base { name: "main", workspace: base });
            found.append(check_against(&workspace, &clusters, base, &store));
        }
        have_places(&loading, &workspace.sources);
        found.iter().for_each(|finding| have_places(std::slice::from_ref(&*finding), &workspace.sources));
        found.extend(loading.iter().cloned());
        let findings = apply_levels(found, &workspace, today()).into_vec();
        Self { workspace, base, loading, findings }
    }

    /// How many findings leave it unknown what the manifests ask for.
    fn unreadable(&self) -> usize {
        self.loading.iter().filter(|finding| finding.level == Level::Error).count()
    }

    /// What is said, wherever, and how often.
    fn said(&self) -> BTreeMap<Said<'_>, usize> {
        let mut said = BTreeMap::new();
        for finding in self.findings.iter().filter(|finding| !STYLE.contains(&finding.code)) {
            let Diagnostic { code, level, message, resource, cluster, .. } = finding;
            *said.entry((*code, *level, message.as_str(), resource.as_deref(), cluster.as_deref())).or_default() += 1;
        }
        said
    }
}

fn today() -> Date {
    "2026-06-01".parse().expect("a day")
}

/// Every place is one in its file, and between characters.
#[track_caller]
fn have_places(findings: &[Diagnostic], sources: &Sources) {
    let is_inside = |span: Span, finding: &Diagnostic| {
        let file = sources.get(span.file).unwrap_or_else(|| panic!("a place in no file: {finding:?}"));
        let text = file.text.get(span.start as usize..span.end as usize);
        assert!(text.is_some(), "no characters of {}: {finding:?}", file.shown());
    };
    for finding in findings {
        finding.labels.iter().for_each(|label| is_inside(label.span, finding));
        finding.fix.iter().flat_map(|fix| &fix.edits).for_each(|edit| is_inside(edit.span, finding));
    }
}

fn has_clear_findings(seen: &Seen) {
    let Seen { workspace, findings, .. } = seen;
    have_places(findings, &workspace.sources);
    assert!(findings.len() <= MOST_FINDINGS, "{} findings", findings.len());
    let secrets: Vec<&str> = workspace
        .sources
        .all()
        .flat_map(|file| file.known_hidden().map(|secret| &file.text[secret.range.clone()]))
        // Stars between two texts may make one that is a secret elsewhere.
        .filter(|secret| secret.len() >= SHORTEST && !secret.contains('*'))
        .collect();
    let mut said = 0;
    for finding in findings {
        let Diagnostic { level, message, labels, help, .. } = finding;
        assert!(*level != Level::Off && !message.is_empty(), "{finding:?}");
        let texts = [message].into_iter().chain(help).chain(labels.iter().map(|label| &label.text));
        for text in texts {
            said += text.len();
            assert!(!secrets.iter().any(|secret| text.contains(secret)), "a secret is told: {finding:?}");
        }
        if let Some(waiver) = Waiver::of(finding) {
            let (documents, problems) = parse_yaml(FileId(0), &format!("waivers:\n  {waiver}\n"));
            assert!(problems.is_empty() && documents.len() == 1, "no waiver to paste: {waiver}");
        }
    }
    assert!(said <= MOST_SAID, "{} findings say {said} bytes", findings.len());
    let prints = fingerprints(findings, &workspace.sources);
    assert_eq!(prints.len(), findings.len());
    assert_eq!(prints.iter().collect::<BTreeSet<_>>().len(), prints.len(), "two findings have one fingerprint");
}

/// Each form can be written, and programs can read those that are JSON.
fn is_shown(seen: &Seen) {
    let sources = &seen.workspace.sources;
    let view = FindingsView { findings: &Findings::listed(seen.findings.iter().cloned(), sources), sources };
    let repository = Repository { root: "/bus".into(), folder: "/bus/deploy".into(), stand_in: "busctl.yaml".into() };
    for format in <FindingsFormat as clap::ValueEnum>::value_variants() {
        let mut bytes = Vec::new();
        view.write(*format, Style::PLAIN, &repository, &mut bytes).expect("memory takes everything");
        let text = String::from_utf8(bytes).expect("text");
        let is_readable = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
        match format {
            FindingsFormat::Jsonl => {
                assert_eq!(text.lines().count(), seen.findings.len());
                assert!(text.lines().all(is_readable), "{text}");
            }
            FindingsFormat::Json | FindingsFormat::Sarif | FindingsFormat::Gitlab | FindingsFormat::Rdjson => {
                assert!(is_readable(&text), "{text}");
            }
            _ => {}
        }
    }
}

/// Plans from nothing, and from what it is compared with, can be made and shown. What is as declared needs none.
fn is_planned(input: &Input, seen: &Seen) {
    let mut empty = input.files.clone();
    empty.texts.retain(|path, _| path.starts_with("clusters") || path == Path::new("busctl.yaml"));
    let (empty, _) = load(empty);
    for cluster in seen.workspace.clusters.values() {
        let (desired, _) = Desired::resolve(&seen.workspace, cluster);
        for from in [Some(&empty), seen.base.as_ref()].into_iter().flatten() {
            let Some(before) = from.clusters.get(&cluster.cluster.value) else { continue };
            let live = Live::as_declared(&Desired::resolve(from, before).0);
            can_be_shown(&make_plan(&desired, &live, today()));
        }
        let plan = make_plan(&desired, &Live::as_declared(&desired), today());
        can_be_shown(&plan);
        assert_eq!(plan.changes, [], "what is as declared differs");
    }
}

fn can_be_shown(plan: &Plan) {
    for verbose in [false, true] {
        let view = PlanView { plan, verbose };
        assert!(!view.text(Style::PLAIN).is_empty() && !view.markdown().is_empty());
        let read: Plan = serde_json::from_str(&view.json()).expect("a plan that can be read");
        assert_eq!(PlanView { plan: &read, verbose }.json(), view.json());
    }
}

/// What is formatted means the same, and formatting it again changes nothing.
fn is_formatted(input: &Input, seen: &Seen) {
    let mut formatted = Vec::new();
    for (path, text) in input.manifests() {
        let shown = match format_manifest(Some(path), text) {
            Ok(shown) => shown,
            Err(NotFormatted::Broken(findings)) => {
                assert!(
                    findings
                        .iter()
                        .flat_map(|finding| &finding.labels)
                        .all(|label| { text.get(label.span.start as usize..label.span.end as usize).is_some() })
                );
                continue;
            }
            Err(NotFormatted::Left(_)) => continue,
        };
        assert_eq!(format_manifest(Some(path), &shown).as_ref(), Ok(&shown), "formatted anew it is another one");
        let [before, after] = [text, &shown].map(|text| parse_yaml(FileId(0), text).0);
        assert!(before.len() == after.len() && before.iter().zip(&after).all(|(a, b)| is_same(a, b)), "{shown}");
        if shown != text {
            formatted.push((path.to_owned(), shown));
        }
    }
    if formatted.is_empty() {
        return;
    }
    let after = Seen::of(&input.with(formatted));
    assert_eq!(seen.said(), after.said(), "formatted it means something else");
}

/// Applies what may be mended until nothing is left. It comes to an end, and leaves nothing unreadable that was not.
fn is_mended(input: &Input, allowed: &[Safety], seen: &Seen) {
    let mut input = input.clone();
    let mut before = seen.unreadable();
    let mut texts = mended(seen, allowed);
    for _ in 0..MOST_ROUNDS {
        if texts.is_empty() {
            return;
        }
        input = input.with(texts);
        let next = Seen::of(&input);
        assert!(
            next.unreadable() <= before,
            "a fix makes manifests unreadable: {:#?}\n{:#?}",
            next.loading,
            input.files
        );
        before = next.unreadable();
        texts = mended(&next, allowed);
    }
    panic!("after {MOST_ROUNDS} rounds there is something to mend: {texts:#?}");
}

/// The new texts of files, where something may be mended.
fn mended(seen: &Seen, allowed: &[Safety]) -> BTreeMap<PathBuf, String> {
    let fixes = seen.findings.iter().filter_map(|finding| finding.fix.as_deref());
    let fixes: Vec<_> = fixes.filter(|fix| allowed.contains(&fix.safety)).collect();
    let mended = mend(fixes.iter().copied(), &seen.workspace.sources);
    assert!(fixes.is_empty() || !mended.applied.is_empty(), "no fix can be applied: {fixes:#?}");
    mended.texts
}
