use std::path::{Path, PathBuf};

use super::args::{ClusterArg, Global};
use super::error::CommandError;
use super::output;
use crate::adapters::{disk, git};
use crate::diag::{Diagnostic, Level};
use crate::model::{Commit, Date, Timestamp};
use crate::plan::{SavedPlan, SavedWorkspace};
use crate::policy;
use crate::render::findings::FindingsView;
use crate::render::{Style, View};
use crate::resources::cluster::ClusterSpec;
use crate::resources::{Desired, Workspace, WorkspaceFiles, load};

/// The workspace that a command works in.
pub struct Context {
    /// Its root.
    pub root: PathBuf,
    /// What its manifests say.
    pub workspace: Workspace,
    /// What is wrong with them as such: these findings leave the desired state unknown.
    pub loading: Vec<Diagnostic>,
    origin: Manifests,
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
    pub fn load(global: &Global) -> Result<&'static Self, CommandError> {
        Ok(Box::leak(Box::new(Self::open(global)?)))
    }

    /// Finds and loads the workspace for a command that does so again and again.
    pub fn open(global: &Global) -> Result<Self, CommandError> {
        let root = find_root(global)?;
        let files = disk::read_workspace(&root);
        Ok(Self::of(root, files))
    }

    /// Finds and loads the workspace with its sample records.
    pub fn open_with_fixtures(global: &Global) -> Result<Self, CommandError> {
        let root = find_root(global)?;
        let files = disk::read_workspace_with_fixtures(&root);
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

    fn of(root: PathBuf, files: WorkspaceFiles) -> Self {
        let (workspace, loading) = load(files);
        Self { root, workspace, loading, origin: Manifests::Folder }
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
        let names = || clusters.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match &arg.cluster {
            Some(name) => clusters.get(name.as_str()).ok_or_else(|| {
                let known = clusters.keys().map(|name| name.as_str());
                let error = CommandError::usage(format!("the workspace has no cluster `{name}`"));
                match crate::source::closest(name, known) {
                    Some(meant) => error.hint(format!("did you mean `{meant}`?")),
                    None => error.hint(format!("its clusters: {}", names())),
                }
            }),
            None if clusters.len() == 1 => Ok(clusters.values().next().expect("there is one")),
            None if clusters.is_empty() => Err(CommandError::usage("the workspace has no cluster")
                .hint("write one to clusters/NAME.yaml; it starts with `cluster: NAME`")),
            None => Err(CommandError::usage("the workspace has several clusters: say which one is meant")
                .hint(format!("--cluster NAME, one of: {}", names()))),
        }
    }

    /// Every finding about these clusters, with levels and waivers applied.
    pub fn findings(&self, clusters: &[&ClusterSpec]) -> Vec<Diagnostic> {
        self.leveled(policy::check(&self.workspace, clusters), clusters)
    }

    /// The same about one cluster whose desired state is there already, with what resolving it found.
    pub fn findings_of(&self, desired: &Desired<'_>, resolving: Vec<Diagnostic>) -> Vec<Diagnostic> {
        self.leveled(policy::check_resolved(desired, resolving), &[desired.cluster])
    }

    fn leveled(&self, broken: Vec<Diagnostic>, clusters: &[&ClusterSpec]) -> Vec<Diagnostic> {
        let mut findings = self.loading.clone();
        findings.extend(broken);
        if clusters.len() == self.workspace.clusters.len() {
            policy::apply_levels(findings, &self.workspace, today())
        } else {
            policy::apply_levels_to_part(findings, &self.workspace, clusters, today())
        }
    }

    /// Findings with the files that they point at.
    pub fn findings_view<'a>(&'a self, findings: &'a [Diagnostic]) -> FindingsView<'a> {
        FindingsView { findings, sources: &self.workspace.sources }
    }

    /// Shows findings beside data: on standard error, and those worth a warning only.
    pub fn print_findings(&self, findings: &[Diagnostic], global: &Global) {
        let shown: Vec<_> =
            findings.iter().filter(|finding| global.verbose || finding.level >= Level::Warn).cloned().collect();
        if !shown.is_empty() {
            let style = Style { color: output::stderr_color(global.color), width: output::width() };
            anstream::eprint!("{}", self.findings_view(&shown).text(style));
        }
    }

    /// Whether the manifests are so broken that what they mean is not known.
    pub fn is_broken(&self) -> bool {
        self.loading.iter().any(|finding| finding.level == Level::Error)
    }

    /// A path as people see it: relative to the root of the workspace.
    pub fn relative<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}

/// The root of the workspace that is meant.
fn find_root(global: &Global) -> Result<PathBuf, CommandError> {
    let start = match &global.directory {
        Some(folder) => folder.clone(),
        None => std::env::current_dir()
            .map_err(|error| CommandError::system(format!("could not find the present folder: {error}")))?,
    };
    let shown = start.display();
    let wrong = match std::fs::metadata(&start) {
        Ok(found) if found.is_dir() => None,
        Ok(_) => Some(format!("{shown} is no folder")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(format!("there is no folder {shown}")),
        Err(error) => Some(format!("could not look into the folder {shown}: {error}")),
    };
    if let Some(wrong) = wrong {
        return Err(CommandError::system(wrong).hint("-C takes the root of a workspace, or a folder in one"));
    }
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
