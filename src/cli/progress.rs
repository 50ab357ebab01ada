use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::output;
use crate::apply::{MoveProgress, Outcome, Unthrottled, Watcher};
use crate::cli::args::ColorChoice;
use crate::model::{about_bytes, about_time, counted};
use crate::plan::Stage;
use crate::ports::Failure;
use crate::render::apply::{outcome_line, unthrottled};
use crate::render::moves::without;

/// Shows how an apply goes: a bar on a terminal, one line a change otherwise.
pub struct ApplyProgress {
    bar: Option<ProgressBar>,
    /// How far moves were, as it was said last.
    told: Option<String>,
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
        Self { bar, told: None }
    }

    /// Says what is being waited for.
    pub fn waiting(&self, message: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(message.to_owned()),
            None => anstream::eprintln!("{message}"),
        }
    }

    fn warn(&self, sentence: &str) {
        match &self.bar {
            Some(bar) => bar.println(format!("warning: {sentence}")),
            None => anstream::eprintln!("warning: {sentence}"),
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// How far moves are: `3 partitions are being moved; about 1.2GiB left, about 4m`.
pub fn moving(progress: &MoveProgress) -> String {
    let are = if progress.partitions == 1 { "is" } else { "are" };
    let mut text = format!("{} {are} being moved", counted(progress.partitions as u64, "partition"));
    if let Some(bytes) = progress.bytes {
        text.push_str(&format!("; about {} left", about_bytes(bytes)));
    }
    if let Some(time) = progress.time {
        text.push_str(&format!(", about {}", about_time(time)));
    }
    if !progress.waits_for.is_empty() {
        text.push_str(&format!("; not to be done {}", without(&progress.waits_for)));
    }
    text
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

    fn moving(&mut self, progress: &MoveProgress) {
        let text = moving(progress);
        match &self.bar {
            Some(bar) => bar.set_message(text),
            // Where nothing moves the same is not said again and again.
            None if self.told.as_ref() != Some(&text) => {
                anstream::eprintln!("{text}");
                self.told = Some(text);
            }
            None => {}
        }
    }

    fn unthrottled(&mut self, left: &[Unthrottled]) {
        unthrottled(left).iter().for_each(|sentence| self.warn(sentence));
    }

    fn not_throttled(&mut self, failure: &Failure) {
        self.warn(&format!("a broker that is back has no throttle yet, and is tried again: {failure}"));
    }

    fn outcome(&mut self, outcome: &Outcome) {
        match &self.bar {
            Some(bar) if outcome.error.is_some() => bar.println(outcome_line(outcome)),
            Some(_) => {}
            None => anstream::eprintln!("{}", outcome_line(outcome)),
        }
    }
}
