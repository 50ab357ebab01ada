use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap_complete::Shell;

use super::Cli;
use super::error::{CommandError, Exit};
use super::output;

/// The shells whose completions are kept in the repository.
const SHELLS: [Shell; 4] = [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell];

/// Options of `completions`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell
    #[arg(required_unless_present = "all")]
    shell: Option<Shell>,

    /// Write the completions of every shell and the man page into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "shell")]
    all: Option<PathBuf>,
}

/// Prints or writes completions and the man page.
pub fn run(args: &Args) -> Result<Exit, CommandError> {
    match (args.shell, &args.all) {
        (Some(shell), _) => output::data(&String::from_utf8_lossy(&completions(shell)))?,
        (None, Some(folder)) => write_all(folder)?,
        (None, None) => {}
    }
    Ok(Exit::Done)
}

fn write_all(folder: &Path) -> Result<(), CommandError> {
    files()?.iter().try_for_each(|(name, text)| output::file(&folder.join(name), text))
}

/// The completions of every shell and the man pages, by the names of their files.
pub fn files() -> Result<Vec<(String, Vec<u8>)>, CommandError> {
    let mut files: Vec<_> = SHELLS.map(|shell| (shell_file(shell), completions(shell))).into();
    man_pages(&mut Cli::command(), &mut files)
        .map_err(|error| CommandError::system(format!("could not write the man page: {error}")))?;
    Ok(files)
}

fn shell_file(shell: Shell) -> String {
    match shell {
        Shell::Bash => "busctl.bash".to_owned(),
        Shell::Zsh => "_busctl".to_owned(),
        Shell::Fish => "busctl.fish".to_owned(),
        _ => "_busctl.ps1".to_owned(),
    }
}

fn completions(shell: Shell) -> Vec<u8> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "busctl", &mut text);
    text
}

/// One page for the program and one for each command, as git has them.
fn man_pages(command: &mut clap::Command, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    page.flush()?;
    let name = command.get_display_name().unwrap_or("busctl").to_owned();
    pages.push((format!("{name}.1"), page));
    for sub in command.get_subcommands_mut() {
        man_pages(sub, pages)?;
    }
    Ok(())
}
