use std::process::ExitCode;

use owo_colors::OwoColorize;

use super::args::ColorChoice;
use super::output;
use crate::diag::{Diagnostic, Findings};
use crate::ports::Failure;
use crate::render::findings::FindingsView;
use crate::render::{Style, View, printable};
use crate::source::Sources;

/// How the program ends (design: exit codes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// A server, a file or the network failed.
    CouldNot,
    /// There are changes, and the caller wants to know by the code.
    Changes,
    /// Findings at level error.
    Findings,
    /// Refused before the first write.
    Refused,
    /// Applied in part.
    Partly,
    /// Wrong usage.
    Usage,
    /// Interrupted before any write.
    Interrupted,
    /// What another program ended with (`busctl dev run`).
    Other(u8),
}

impl Exit {
    /// Where several hold: 1, then 3, 4, 5, 2.
    pub fn worst(exits: impl IntoIterator<Item = Exit>) -> Exit {
        let rank = |exit: &Exit| match exit {
            Exit::CouldNot => 0,
            Exit::Findings => 1,
            Exit::Refused => 2,
            Exit::Partly => 3,
            Exit::Changes => 4,
            Exit::Usage | Exit::Interrupted | Exit::Other(_) => 5,
            Exit::Done => 6,
        };
        exits.into_iter().min_by_key(rank).unwrap_or(Exit::Done)
    }
}

impl Exit {
    /// The code that the program ends with.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::CouldNot => 1,
            Exit::Changes => 2,
            Exit::Findings => 3,
            Exit::Refused => 4,
            Exit::Partly => 5,
            Exit::Usage => 64,
            Exit::Interrupted => 130,
            Exit::Other(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

/// Why a command ended without doing what it was asked for.
#[derive(Debug)]
pub struct CommandError {
    exit: Exit,
    message: String,
    hints: Vec<String>,
    /// What of manifests is wrong, with the files that it points at.
    findings: Option<Box<(Findings, Sources)>>,
}

impl CommandError {
    fn new(exit: Exit, message: String) -> Self {
        Self { exit, message, hints: Vec::new(), findings: None }
    }

    /// A file, a server or the machine failed.
    pub fn system(message: impl Into<String>) -> Self {
        Self::new(Exit::CouldNot, message.into())
    }

    /// What was given to be looked at is wrong, so much so that there is nothing to look at.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Exit::Findings, message.into())
    }

    /// Manifests that are needed cannot be read, for these findings in these files.
    pub fn unreadable(message: impl Into<String>, findings: Vec<Diagnostic>, sources: Sources) -> Self {
        let findings = Findings::listed(findings, &sources);
        Self { findings: Some(Box::new((findings, sources))), ..Self::invalid(message) }
    }

    /// The call or the workspace does not say what is needed.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message.into())
    }

    /// The tool will not do it.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, message.into())
    }

    /// The user stopped it before anything was written.
    pub fn interrupted(message: impl Into<String>) -> Self {
        Self::new(Exit::Interrupted, message.into())
    }

    /// Says what to do now.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same after something was done, which stays.
    pub fn partly(self) -> Self {
        Self { exit: Exit::Partly, ..self }
    }

    /// The same in other words.
    pub fn reworded(self, reword: impl Fn(&str) -> String) -> Self {
        let hints = self.hints.iter().map(|hint| reword(hint)).collect();
        Self { message: reword(&self.message), hints, ..self }
    }

    /// How the program ends.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// What is wrong and what to do, on one line.
    pub fn told(&self) -> String {
        let hints = self.hints.iter().map(|hint| format!(" (help: {hint})"));
        self.message.clone() + &hints.collect::<String>()
    }

    /// Prints it on standard error.
    pub fn print(&self, color: ColorChoice) {
        let style = output::stderr_color(color);
        if let Some((findings, sources)) = self.findings.as_deref() {
            let view = FindingsView { findings, sources };
            anstream::eprint!("{}", view.text(Style { color: style, width: output::width() }));
        }
        let head = if style { "error".red().bold().to_string() } else { "error".to_owned() };
        // Names from the command line and from files stand in both.
        anstream::eprintln!("{head}: {}", printable(&self.message));
        let help = if style { "help".cyan().bold().to_string() } else { "help".to_owned() };
        for hint in &self.hints {
            anstream::eprintln!(" {help}: {}", printable(hint));
        }
    }
}

impl From<Failure> for CommandError {
    fn from(failure: Failure) -> Self {
        let message = failure.to_string();
        Self { hints: failure.hint.into_iter().collect(), ..Self::system(message) }
    }
}
