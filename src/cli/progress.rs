use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::output;
use crate::apply::{Outcome, Watcher};
use crate::cli::args::ColorChoice;
use crate::plan::Stage;
use crate::render::apply::outcome_line;

/// Shows how an apply goes: a bar on a terminal, one line a change otherwise.
pub struct ApplyProgress {
    bar: Option<ProgressBar>,
}

impl ApplyProgress {
    /// On standard error.
    pub fn new(color: ColorChoice) -> Self {
        let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
        let bar = terminal.then(|| {
            let bar = ProgressBar::new(0);
            let template = if output::stderr_color(color) {
                "{spinner:.cyan} {msg} {bar:30.cyan/dim} {pos}/{len} {elapsed}"
            } else {
                "{spinner} {msg} {bar:30} {pos}/{len} {elapsed}"
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self { bar }
    }

    /// Says what is being waited for.
    pub fn waiting(&self, message: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(message.to_owned()),
            None => anstream::eprintln!("{message}"),
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Watcher for ApplyProgress {
    fn stage(&mut self, stage: Stage, steps: usize) {
        if let Some(bar) = &self.bar {
            bar.set_message(stage.as_str());
            bar.set_length(steps as u64);
            bar.set_position(0);
        }
    }

    fn progress(&mut self, steps: usize) {
        if let Some(bar) = &self.bar {
            bar.inc(steps as u64);
        }
    }

    fn outcome(&mut self, outcome: &Outcome) {
        match &self.bar {
            Some(bar) if outcome.error.is_some() => bar.println(outcome_line(outcome)),
            Some(_) => {}
            None => anstream::eprintln!("{}", outcome_line(outcome)),
        }
    }
}
