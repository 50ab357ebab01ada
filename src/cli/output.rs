use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::args::{ColorChoice, FindingsArgs, Global};
use super::error::{CommandError, Exit};
use crate::adapters::disk;
use crate::diag::{Findings, Level};
use crate::render::findings::{Report, Repository};
use crate::render::{Format, Style, View};

/// Whether standard output takes colours.
pub fn stdout_color(choice: ColorChoice) -> bool {
    color(choice, io::stdout().is_terminal())
}

/// Whether standard error takes colours.
pub fn stderr_color(choice: ColorChoice) -> bool {
    color(choice, io::stderr().is_terminal())
}

fn color(choice: ColorChoice, terminal: bool) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

/// Writes data to standard output. A reader that went away, as `head` does, is no error.
pub fn data(text: &str) -> Result<(), CommandError> {
    as_made(|out| out.write_all(text.as_bytes()))
}

/// The same with data that are made while they are written.
fn as_made(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CommandError> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(|error| CommandError::system(format!("could not write to standard output: {error}"))),
    }
}

/// Writes a file; a reader sees the old or the new one and nothing between.
pub fn file(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    disk::write_atomically(path, bytes)
        .map_err(|error| CommandError::system(format!("could not write {}: {error}", path.display())))
}

/// The same, of a file that tells how the bus is secured: it is its owner's alone.
pub fn private_file(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    disk::write_for_owner(path, bytes)
        .map_err(|error| CommandError::system(format!("could not write {}: {error}", path.display())))
}

/// Writes a result to standard output in the format that was asked for.
pub fn view(view: &impl View, format: Format, global: &Global) -> Result<(), CommandError> {
    data(&view.render(format, Style { color: stdout_color(global.color), width: width() }))
}

/// Writes findings to the files of the reports that were asked for, and to standard output.
pub fn report(
    report: &impl Report,
    args: &FindingsArgs,
    repository: &Repository,
    global: &Global,
) -> Result<(), CommandError> {
    let twice = |index: usize| args.report[..index].iter().any(|(_, earlier)| *earlier == args.report[index].1);
    if let Some(index) = (0..args.report.len()).find(|index| twice(*index)) {
        return Err(CommandError::usage(format!("two reports go to {}", args.report[index].1.display())));
    }
    for (format, path) in &args.report {
        is_for_reports(path, repository)?;
        let write = |out: &mut dyn Write| {
            report.write(*format, Style::PLAIN, repository, out)?;
            report.findings().findings.whole()
        };
        disk::write_as_made(path, write)
            .map_err(|error| CommandError::system(format!("could not write {}: {error}", path.display())))?;
    }
    let style = Style { color: stdout_color(global.color), width: width() };
    as_made(|out| report.write(args.format, style, repository, out))?;
    whole(report.findings().findings)
}

/// Fails where findings were lost on the way to where very many of them are kept, or back.
pub fn whole(findings: &Findings) -> Result<(), CommandError> {
    findings.whole().map_err(|error| {
        CommandError::system(error.to_string()).hint("make room there, or name another folder with TMPDIR")
    })
}

/// Refuses a report where a manifest is: one slip would overwrite what the bus is made of.
fn is_for_reports(path: &Path, repository: &Repository) -> Result<(), CommandError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let named = std::fs::canonicalize(folder).ok().zip(path.file_name()).map(|(folder, name)| folder.join(name));
    let behind = std::fs::canonicalize(path).ok();
    let root = std::fs::canonicalize(&repository.folder).unwrap_or_else(|_| repository.folder.clone());
    let is_manifest = |place: &PathBuf| {
        place.is_file() && place.strip_prefix(&root).is_ok_and(|inside| disk::is_workspace_file(inside, true))
    };
    match named.iter().chain(&behind).any(is_manifest) {
        true => Err(CommandError::usage(format!("{} is a file of the workspace, and no report", path.display()))
            .hint("name another file: a report takes the place of what is there")),
        false => Ok(()),
    }
}

/// Shows a result on standard error, as text, where standard output is for data of another kind.
pub fn view_beside_data(view: &impl View, global: &Global) {
    anstream::eprint!("{}", view.render(Format::Text, Style { color: stderr_color(global.color), width: width() }));
}

/// The columns of the terminal; a hundred where there is none.
pub fn width() -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0).max(40))
}

/// The exit code of findings: 3 where one is at level error.
pub fn exit_of(findings: &Findings) -> Exit {
    if findings.count(Level::Error) > 0 { Exit::Findings } else { Exit::Done }
}
