use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use super::found::Found;
use super::{FindingsView, azure, github, gitlab, json, junit, rdjson, sarif};
use crate::render::{Style, View};

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum FindingsFormat {
    /// For people in front of a terminal
    #[default]
    Text,
    /// A document with a `format_version` and a published JSON Schema
    Json,
    /// A line of JSON for each finding, as in the document
    Jsonl,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub's pull requests, in the log of a workflow
    Github,
    /// A Code Quality report of GitLab
    Gitlab,
    /// Test results as Jenkins, GitLab and others read them
    Junit,
    /// A comment on a pull request
    Markdown,
    /// Issues of Azure Pipelines, in the log of a pipeline
    Azure,
    /// The diagnostic format of reviewdog
    Rdjson,
}

impl FindingsFormat {
    /// Whether people read it where it is written, as they read a log.
    pub fn is_log(self) -> bool {
        matches!(self, Self::Text | Self::Github | Self::Azure)
    }

    /// Whether it can hold more than findings.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Text | Self::Json | Self::Markdown)
    }
}

/// Where the files of findings lie in their repository: what reads the forms for machines counts paths from its root.
#[derive(Debug, Clone, Default)]
pub struct Repository {
    /// The repository's root, an absolute path.
    pub root: PathBuf,
    /// The folder that the paths of the findings start from, an absolute path.
    pub folder: PathBuf,
    /// The file, in that folder, that a finding without a place is shown at: most readers take no finding without one.
    pub stand_in: PathBuf,
}

impl Repository {
    /// A path as counted from the root. What lies outside of the repository keeps its absolute path.
    pub(super) fn path(&self, path: &Path) -> String {
        let full = without_dots(&self.folder.join(path));
        full.strip_prefix(&self.root).unwrap_or(&full).to_string_lossy().into_owned()
    }
}

/// A path without `.` and `..`, as far as names tell.
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// A result whose data are findings: it can be written in every form of them.
pub trait Report: View {
    /// The findings.
    fn findings(&self) -> FindingsView<'_>;

    /// As [`View::text`], written as it is made.
    fn write_text(&self, style: Style, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.text(style).as_bytes())
    }

    /// As [`View::json`], written as it is made.
    fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.json().as_bytes())
    }

    /// Writes it in a form.
    fn write(
        &self,
        format: FindingsFormat,
        style: Style,
        repository: &Repository,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let found = || Found::new(self.findings(), repository);
        match format {
            FindingsFormat::Text => self.write_text(style, out),
            FindingsFormat::Json => self.write_json(out),
            FindingsFormat::Jsonl => json::write_lines(self.findings(), out),
            FindingsFormat::Markdown => out.write_all(self.markdown().as_bytes()),
            FindingsFormat::Sarif => sarif::write(&found(), out),
            FindingsFormat::Github => github::write(&found(), out),
            FindingsFormat::Gitlab => gitlab::write(&found(), out),
            FindingsFormat::Junit => junit::write(&found(), out),
            FindingsFormat::Azure => azure::write(&found(), out),
            FindingsFormat::Rdjson => rdjson::write(&found(), out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_counted_from_the_root_of_the_repository() {
        let repository =
            Repository { root: "/repo".into(), folder: "/repo/deploy/bus".into(), stand_in: "busctl.yaml".into() };
        let shown = |path: &str| repository.path(Path::new(path));
        assert_eq!(shown("topics/a.yaml"), "deploy/bus/topics/a.yaml");
        assert_eq!(shown("../x/./a.avsc"), "deploy/x/a.avsc");
        assert_eq!(shown("/repo/a.avsc"), "a.avsc");
        assert_eq!(shown("../../../a.avsc"), "/a.avsc");
        assert_eq!(Repository::default().path(Path::new("../a.avsc")), "../a.avsc");
    }
}
