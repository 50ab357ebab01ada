use super::against::{Base, Comparison};
use crate::diag::{Code, Diagnostic, Level};
use crate::resources::client_config::rules::Checked;
use crate::resources::{Desired, Workspace};

/// A rule: what it is, why it is, and how it is checked. Its page, `busctl explain` and its tests are made from it.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its stable code: `BUS101`.
    pub code: Code,
    /// Its name: a few words in kebab case.
    pub name: &'static str,
    /// What it asks for, one sentence without a full stop.
    pub summary: &'static str,
    /// Why it exists and what to do, in Markdown.
    pub explanation: &'static str,
    /// The level of its findings where a finding does not say otherwise.
    pub level: Level,
    /// The lowest level that `rules:` can give it; [`Level::Error`] also refuses waivers.
    pub floor: Level,
    /// A workspace that breaks this rule and no other.
    pub bad: Example,
    /// The same workspace, mended.
    pub good: Example,
    /// Who finds what breaks it.
    pub check: Check,
}

/// Who finds what breaks a rule.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// The loader, while it reads and decodes manifests and resolves them.
    Loader,
    /// A function of everything that the manifests say.
    Workspace(fn(&Workspace, &mut Vec<Diagnostic>)),
    /// A function of what the manifests mean on one cluster.
    Cluster(fn(&Desired<'_>, &mut Vec<Diagnostic>)),
    /// The function of another rule, which does in one go what both need.
    With(Code),
    /// The same, with what it is compared with: earlier versions that are kept, and the one of a base where there is one.
    Earlier(Code),
    /// The rules of the bus's own, while they are read and asked.
    Custom,
    /// The comparison with a live state.
    Live,
    /// A function of what the manifests mean on one cluster and of what they are compared with.
    Change(fn(&Comparison<'_>, &mut Vec<Diagnostic>)),
    /// A function of two workspaces: the present one, and the one that it is compared with.
    Base(fn(&Workspace, &Base<'_>, &mut Vec<Diagnostic>)),
    /// The contract tests, which read sample records: `schema test` alone runs them.
    Samples,
    /// A function of a client's configuration: `client-check` alone asks it.
    Client(fn(&Checked<'_>, &mut Vec<Diagnostic>)),
    /// The reader of clients' configurations.
    ClientFile,
    /// The application of levels and waivers.
    Levels,
}

/// An example: files that are laid over the [base workspace](super::BASE).
#[derive(Debug, Clone, Copy)]
pub struct Example(pub &'static [(&'static str, Content)]);

/// A file of an example.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// Its text. Of a manifest that the base has too, only the top-level keys that differ. Empty: the file is not there.
    Text(&'static str),
    /// It cannot be read, and why.
    Unreadable(&'static str),
    /// Not a file of the workspace: the live state, as `busctl snapshot` saves it. What it leaves out is as in a cluster
    /// that has everything that the manifests ask for.
    Live(&'static str),
    /// The file as it is in the base that the workspace is compared with; what is not given is there as in the base
    /// workspace.
    Base(&'static str),
    /// Not a file either: what the registry answers to a question at this path of its API.
    Answer(&'static str),
    /// Not a file of the workspace: the configuration of a client, which `client-check` reads.
    Client(&'static str),
}

impl Rule {
    /// A finding of this rule, at its level.
    pub fn finding(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.code, message).level(self.level)
    }

    /// Whether `rules:` and waivers leave it as it is.
    pub fn is_fixed(&self) -> bool {
        self.floor == Level::Error
    }

    /// Whether `validate` finds what breaks it, given every cluster: it asks no server, reads no sample
    /// records and compares with nothing.
    pub fn is_offline(&self) -> bool {
        !matches!(
            self.check,
            Check::Live | Check::Samples | Check::Change(_) | Check::Base(_) | Check::Client(_) | Check::ClientFile
        )
    }

    /// Whether `validate` finds all that breaks it without a base, so that it knows what waivers except.
    pub fn is_found_alone(&self) -> bool {
        self.is_offline() && !matches!(self.check, Check::Earlier(_))
    }
}
