use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::args::{ClusterArg, Global};
use super::error::CommandError;
use super::output;
use crate::adapters::secrets::LocalSecrets;
use crate::adapters::vault::Vault;
use crate::adapters::{disk, git};
use crate::diag::{Code, Diagnostic, Findings, Level, Store, Waiver, intern};
use crate::model::{Commit, Date, Timestamp, counted};
use crate::plan::{PlanFinding, SavedPlan, SavedWorkspace};
use crate::policy::{self, BaseState};
use crate::ports::vault::VaultConnection;
use crate::render::findings::{FindingsView, Repository};
use crate::render::{Style, View};
use crate::resources::cluster::ClusterSpec;
use crate::resources::{Desired, Workspace, WorkspaceFiles, load, load_with_base};
use crate::source::{Sources, Span};

/// The workspace that a command works in.
pub struct Context {
    /// Its root.
    pub root: PathBuf,
    /// What its manifests say.
    pub workspace: Workspace,
    /// What is wrong with them as such: these findings leave the desired state unknown.
    pub loading: Vec<Diagnostic>,
    origin: Manifests,
    vaults: Mutex<Vec<Vault>>,
}

/// The workspace as another commit has it.
pub struct Base {
    /// What people call it.
    pub name: String,
    /// The commit.
    pub commit: String,
    /// Whether the commit has no workspace here.
    pub is_empty: bool,
    /// What its manifests say.
    pub workspace: Workspace,
    /// What is wrong with them as such.
    pub loading: Vec<Diagnostic>,
}

/// Whether sample records are read too, which only contract tests need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Samples {
    /// They are.
    Read,
    /// They are not.
    Leave,
}

impl Samples {
    fn read(self, root: &Path) -> WorkspaceFiles {
        match self {
            Self::Read => disk::read_workspace_with_fixtures(root),
            Self::Leave => disk::read_workspace(root),
        }
    }
}

/// What manifests were read from.
enum Manifests {
    /// The files below the root.
    Folder,
    /// A signed plan, which names the commit that it was made from.
    Saved(Option<Commit>),
}

impl Context {
    /// Finds and loads the workspace. It is kept to the end of the program, which is that of the command: taking ten
    /// thousand manifests apart before would be a tenth of the time.
    pub fn load() -> Result<&'static Self, CommandError> {
        Ok(Box::leak(Box::new(Self::open()?)))
    }

    /// Finds and loads the workspace for a command that does so again and again.
    pub fn open() -> Result<Self, CommandError> {
        Self::open_with(Samples::Leave)
    }

    /// Finds and loads the workspace.
    pub fn open_with(samples: Samples) -> Result<Self, CommandError> {
        let root = find_root()?;
        let files = samples.read(&root);
        Ok(Self::of(root, files))
    }

    /// Loads the workspace that a signed plan carries. Files that it refers to are looked for from the present folder.
    pub fn of_saved(workspace: SavedWorkspace, commit: Option<Commit>) -> &'static Self {
        let context = Self::of(PathBuf::from("."), workspace.into_files());
        Box::leak(Box::new(Self { origin: Manifests::Saved(commit), ..context }))
    }

    /// Loads a workspace that is not on the disk yet.
    pub fn of_files(root: &Path, files: WorkspaceFiles) -> Self {
        Self::of(root.to_owned(), files)
    }

    /// Finds and loads the workspace with that of another commit: the last one that `reference` and what is checked out have
    /// in common.
    pub fn open_with_base(reference: &str, samples: Samples) -> Result<(Self, Base), CommandError> {
        let root = find_root()?;
        // Git looks for the base while the files are read.
        let (files, found) = std::thread::scope(|scope| {
            let found = scope.spawn(|| git::find_base(&root, reference));
            (samples.read(&root), found.join())
        });
        let found = found.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let read = found.and_then(|found| git::read_base(&root, found, &files, samples == Samples::Read));
        let read = read.map_err(|error| {
            CommandError::system(format!("could not read the base `git:{reference}`: {error}")).hint(error.hint)
        })?;
        let is_empty = !read.files.texts.contains_key(Path::new(disk::SETTINGS_FILE));
        let [(workspace, loading), (base, found)] = load_with_base(files, read.files, reference);
        let context = Self { root, workspace, loading, origin: Manifests::Folder, vaults: Mutex::default() };
        let name = reference.to_owned();
        let base = Base { name, commit: read.commit, is_empty, workspace: base, loading: found };
        Ok((context, base))
    }

    fn of(root: PathBuf, files: WorkspaceFiles) -> Self {
        let (workspace, loading) = load(files);
        Self { root, workspace, loading, origin: Manifests::Folder, vaults: Mutex::default() }
    }

    /// The Vault that is reached so, logged in to once, whatever is read from it for however many clusters.
    pub fn shared_vault(&self, connection: VaultConnection) -> Vault {
        let mut vaults = self.vaults.lock().unwrap_or_else(PoisonError::into_inner);
        match vaults.iter().find(|vault| *vault.connection() == connection) {
            Some(vault) => vault.clone(),
            None => {
                let local = LocalSecrets::new(&self.root).within(connection.timeout);
                let vault = Vault::new(connection, local);
                vaults.push(vault.clone());
                vault
            }
        }
    }

    /// The state of the repository that the manifests are from, where they are from one.
    pub fn commit(&self) -> Option<Commit> {
        match &self.origin {
            Manifests::Folder => git::commit(&self.root),
            Manifests::Saved(commit) => commit.clone(),
        }
    }

    /// The cluster that is meant: the one of a saved plan where there is one.
    pub fn cluster_of(&self, arg: &ClusterArg, saved: Option<&SavedPlan>) -> Result<&ClusterSpec, CommandError> {
        let Some(saved) = saved else { return self.cluster(arg) };
        let planned = &saved.plan.cluster;
        match &arg.cluster {
            Some(named) if named != planned => Err(CommandError::usage(format!(
                "the plan was made for cluster `{planned}`, and --cluster names `{named}`"
            ))),
            _ => self.cluster(&ClusterArg { cluster: Some(planned.clone()) }),
        }
    }

    /// The cluster that is meant: the one that is named, or the only one.
    pub fn cluster(&self, arg: &ClusterArg) -> Result<&ClusterSpec, CommandError> {
        let clusters = &self.workspace.clusters;
        let names = || self.cluster_names().into_iter().collect::<Vec<_>>().join(", ");
        match &arg.cluster {
            Some(name) => clusters.get(name.as_str()).ok_or_else(|| {
                if let Some(unreadable) = self.unreadable_cluster(name) {
                    return unreadable;
                }
                let known = clusters.keys().map(|name| name.as_str());
                let error = CommandError::usage(format!("the workspace has no cluster `{name}`"));
                match crate::source::closest(name, known) {
                    Some(meant) => error.hint(format!("did you mean `{meant}`?")),
                    None => error.hint(format!("its clusters: {}", names())),
                }
            }),
            None if clusters.len() == 1 && self.cluster_names().len() == 1 => match self.unreadable_clusters() {
                // It may be of another one.
                Some(unreadable) => Err(unreadable),
                None => Ok(clusters.values().next().expect("there is one")),
            },
            None if clusters.is_empty() => Err(self.unreadable_clusters().unwrap_or_else(|| {
                CommandError::usage("the workspace has no cluster")
                    .hint("write one to clusters/NAME.yaml; it starts with `cluster: NAME`")
            })),
            None => Err(CommandError::usage("the workspace has several clusters: say which one is meant")
                .hint(format!("--cluster NAME, one of: {}", names()))),
        }
    }

    /// The cluster that is named, or else all.
    pub fn clusters(&self, arg: &ClusterArg) -> Result<Vec<&ClusterSpec>, CommandError> {
        match &arg.cluster {
            Some(_) => Ok(vec![self.cluster(arg)?]),
            None => Ok(self.workspace.clusters.values().collect()),
        }
    }

    /// Every finding about these clusters, with levels and waivers applied.
    ///
    /// # Errors
    ///
    /// There are very many, and they could not be kept.
    pub fn findings(&self, clusters: &[&ClusterSpec]) -> Result<Findings, CommandError> {
        leveled(&self.workspace, &self.loading, clusters, |store| policy::check(&self.workspace, clusters, store))
    }

    /// The same about one cluster whose desired state is there already, with what resolving it found.
    pub fn findings_of(&self, desired: &Desired<'_>, resolving: Vec<Diagnostic>) -> Result<Findings, CommandError> {
        let check = |store: &Store| policy::check_resolved(desired, resolving, store);
        leveled(&self.workspace, &self.loading, &[desired.cluster], check)
    }

    /// Every finding about these clusters, with what the change from a base brings.
    pub fn findings_against(&self, clusters: &[&ClusterSpec], state: BaseState<'_>) -> Result<Findings, CommandError> {
        let check = |store: &Store| policy::check_against(&self.workspace, clusters, state, store);
        match state {
            BaseState::Manifests(base) => {
                let findings = found(&self.workspace, &self.loading, check);
                all_of(policy::apply_levels_against(findings, &self.workspace, base.workspace, clusters, today()))
            }
            BaseState::Live { .. } => leveled(&self.workspace, &self.loading, clusters, check),
        }
    }

    /// What a plan of a cluster found, as a finding of the workspace.
    pub fn diagnostic(&self, finding: &PlanFinding, cluster: impl ToString) -> Diagnostic {
        let mut diagnostic = Diagnostic::new(intern(&finding.code), finding.message.clone()).level(finding.level);
        let span = finding.place.as_ref().and_then(|place| self.workspace.sources.span_of(place));
        diagnostic = span.into_iter().fold(diagnostic, |diagnostic, span| diagnostic.at(span, ""));
        diagnostic.help.clone_from(&finding.help);
        diagnostic.resource.clone_from(&finding.resource);
        diagnostic.waiver = finding.waiver.as_ref().map(Waiver::terms);
        diagnostic.cluster(cluster)
    }

    /// Findings with the files that they point at.
    pub fn findings_view<'a>(&'a self, findings: &'a Findings) -> FindingsView<'a> {
        FindingsView { findings, sources: &self.workspace.sources }
    }

    /// Where the workspace lies in its repository; one that is in none is taken for a repository itself.
    pub fn repository(&self) -> Repository {
        repository(&self.root)
    }

    /// Shows findings beside data: on standard error, and those worth a warning only.
    ///
    /// # Errors
    ///
    /// There are very many, and not all could be kept until now.
    pub fn print_findings(&self, findings: &Findings, global: &Global) -> Result<(), CommandError> {
        let mut shown = findings.none();
        let is_shown = |finding: &Diagnostic| global.verbose || finding.level >= Level::Warn;
        shown.extend(findings.iter().filter(|finding| is_shown(finding)).map(Cow::into_owned));
        if !shown.is_empty() {
            let style = Style { color: output::stderr_color(global.color), width: output::width() };
            anstream::eprint!("{}", self.findings_view(&shown).text(style));
        }
        output::whole(&shown)
    }

    /// The same of what is wrong with the manifests as such.
    pub fn print_loading(&self, global: &Global) -> Result<(), CommandError> {
        self.print_findings(&Findings::listed(self.loading.iter().cloned(), &self.workspace.sources), global)
    }

    /// Whether the manifests are so broken that what they mean is not known.
    pub fn is_broken(&self) -> bool {
        self.loading.iter().any(|finding| finding.level == Level::Error)
    }

    /// The errors for which these files cannot be read, in whole or in part, by the place of the first one. `None` where all
    /// can.
    pub fn errors_in(&self, is_meant: impl Fn(&Path) -> bool) -> Option<String> {
        let sources = &self.workspace.sources;
        let errors = self.loading.iter().filter(|finding| finding.level == Level::Error);
        let mut spans: Vec<Span> = errors.filter_map(Diagnostic::span).collect();
        spans.retain(|span| is_meant(&sources.file(span.file).path));
        spans.sort_unstable_by_key(|span| (span.file, span.start));
        spans.dedup_by_key(|span| span.file);
        let (first, others) = spans.split_first()?;
        let place = self.workspace.place(*first);
        Some(match others.len() {
            0 => format!("the error at {place}"),
            count => format!("the errors at {place} and in {}", counted(count as u64, "other file")),
        })
    }

    /// A path as people see it: relative to the root of the workspace.
    pub fn relative<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}

impl Base {
    /// Whether the schemas of a topic or a subject are those that it has in `workspace` too.
    pub fn has_same_schema(&self, workspace: &Workspace, name: &str) -> bool {
        let texts = |workspace: &Workspace| {
            let declared = workspace.declared_schemas().filter(|schema| schema.address().name.as_str() == name);
            let texts = declared.map(|schema| workspace.sources.file(schema.file.file).text.clone());
            texts.collect::<Vec<_>>()
        };
        texts(workspace) == texts(&self.workspace)
    }

    /// Whether it has the file of a finding, as it is.
    pub fn has_file(&self, finding: &Diagnostic) -> bool {
        finding.span().is_some_and(|span| {
            let sources = &self.workspace.sources;
            sources.get(span.file).is_some_and(|file| sources.find(&file.path) == Some(span.file))
        })
    }

    /// Whether its manifests are so broken that what they mean is not known.
    pub fn is_broken(&self) -> bool {
        self.is_empty || self.loading.iter().any(|finding| finding.level == Level::Error)
    }

    /// The findings of some codes that its manifests have by themselves about the clusters of these names; others may be
    /// among them.
    ///
    /// # Errors
    ///
    /// There are very many, and they could not be kept.
    pub fn findings(&self, clusters: &[&ClusterSpec], codes: BTreeSet<Code>) -> Result<Findings, CommandError> {
        let names = clusters.iter().map(|cluster| cluster.cluster.as_str());
        let clusters: Vec<_> = names.filter_map(|name| self.workspace.clusters.get(name)).collect();
        let check = |store: &Store| policy::check_for(&self.workspace, &clusters, codes, store);
        leveled(&self.workspace, &self.loading, &clusters, check)
    }
}

/// So many findings of each list stay in memory: about three megabytes. Fewer are slower where there are many, and few
/// workspaces have more.
const MOST_IN_MEMORY: usize = 4_096;

/// Where the findings of a command are kept.
pub fn store(sources: &Sources) -> Store {
    Store::spilling(sources, MOST_IN_MEMORY, disk::SpillFile::default())
}

/// What a check found, with what is wrong with the manifests as such.
fn found(workspace: &Workspace, loading: &[Diagnostic], check: impl FnOnce(&Store) -> Findings) -> Findings {
    let mut findings = store(&workspace.sources).findings();
    findings.extend(loading.iter().cloned());
    let broken = check(findings.store());
    findings.append(broken);
    findings
}

fn leveled(
    workspace: &Workspace,
    loading: &[Diagnostic],
    clusters: &[&ClusterSpec],
    check: impl FnOnce(&Store) -> Findings,
) -> Result<Findings, CommandError> {
    let findings = found(workspace, loading, check);
    all_of(match clusters.len() == workspace.clusters.len() {
        true => policy::apply_levels(findings, workspace, today()),
        false => policy::apply_levels_to_part(findings, workspace, clusters, today()),
    })
}

/// Findings of which none was lost.
fn all_of(findings: Findings) -> Result<Findings, CommandError> {
    output::whole(&findings).map(|()| findings)
}

/// Where a folder lies in its repository.
pub fn repository(folder: &Path) -> Repository {
    Repository {
        root: git::root(folder).unwrap_or_else(|| folder.to_owned()),
        folder: folder.to_owned(),
        stand_in: disk::SETTINGS_FILE.into(),
    }
}

/// Goes to the folder of `-C`, as if the program had been started there: the workspace is looked for from it, and so is each
/// file that an option names.
pub fn enter(folder: &Path) -> Result<(), CommandError> {
    let shown = folder.display();
    std::env::set_current_dir(folder).map_err(|error| {
        let wrong = match error.kind() {
            ErrorKind::NotADirectory => format!("{shown} is no folder"),
            ErrorKind::NotFound => format!("there is no folder {shown}"),
            _ => format!("could not go to the folder {shown}: {error}"),
        };
        CommandError::system(wrong).hint("-C takes the root of a workspace, or a folder in one")
    })
}

/// The root of the workspace that is meant: the present folder, or one above it.
pub(super) fn find_root() -> Result<PathBuf, CommandError> {
    let start = std::env::current_dir()
        .map_err(|error| CommandError::system(format!("could not find the present folder: {error}")))?;
    disk::find_root(&start).map_err(|error| {
        CommandError::system(error.to_string()).hint(format!(
            "run busctl in a workspace, or name one with -C; a workspace has a {} at its root",
            disk::SETTINGS_FILE
        ))
    })
}

/// The present moment.
pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::of_unix_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The present day, in UTC.
pub fn today() -> Date {
    Date::of_unix_seconds(now().unix_millis() / 1000)
}
