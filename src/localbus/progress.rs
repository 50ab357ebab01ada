//! How the local bus tells what it is doing: to a terminal, to a log, or to nobody.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Who is told about the steps of starting and stopping a bus.
pub trait Progress: Send + Sync {
    /// A step begins, for example `starting Kafka 4.3.1`.
    fn step(&self, what: &str) -> Box<dyn Step>;

    /// Something that the user should know, for example that the broker restarts and why.
    fn note(&self, message: &str);
}

/// One step under way. Dropping it without [`Step::done`] means that it failed; the error tells the rest.
pub trait Step: Send + Sync {
    /// `done` of about `total` bytes have come. The total is an estimate and may be passed.
    fn bytes(&self, done: u64, total: u64);

    /// The step has succeeded; `result` says with what.
    fn done(self: Box<Self>, result: &str);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _what: &str) -> Box<dyn Step> {
        Box::new(Silent)
    }

    fn note(&self, _message: &str) {}
}

impl Step for Silent {
    fn bytes(&self, _done: u64, _total: u64) {}

    fn done(self: Box<Self>, _result: &str) {}
}

/// Spinners and bars on standard error where that is a terminal, otherwise one line as each step begins and one as it
/// ends.
#[derive(Debug)]
pub struct StandardError {
    bars: Option<MultiProgress>,
}

impl StandardError {
    /// Looks once whether standard error is a terminal.
    pub fn new() -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self { bars: terminal.then(MultiProgress::new) }
    }
}

impl Default for StandardError {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress for StandardError {
    fn step(&self, what: &str) -> Box<dyn Step> {
        let Some(bars) = &self.bars else {
            anstream::eprintln!("{what} ...");
            return Box::new(LineStep);
        };
        let bar = bars.add(ProgressBar::new_spinner());
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Box::new(BarStep { bar })
    }

    fn note(&self, message: &str) {
        match &self.bars {
            Some(bars) => bars.suspend(|| anstream::eprintln!("{message}")),
            None => anstream::eprintln!("{message}"),
        }
    }
}

struct LineStep;

impl Step for LineStep {
    fn bytes(&self, _done: u64, _total: u64) {}

    fn done(self: Box<Self>, result: &str) {
        anstream::eprintln!("{result}");
    }
}

struct BarStep {
    bar: ProgressBar,
}

impl Step for BarStep {
    fn bytes(&self, done: u64, total: u64) {
        if self.bar.length().is_none()
            && let Ok(style) = ProgressStyle::with_template("{spinner} {msg} [{bar:30}] {bytes}/{total_bytes}")
        {
            self.bar.set_style(style.progress_chars("=> "));
        }
        self.bar.set_length(total.max(done));
        self.bar.set_position(done);
    }

    fn done(self: Box<Self>, result: &str) {
        self.bar.set_style(ProgressStyle::default_spinner());
        self.bar.finish_with_message(result.to_owned());
    }
}

impl Drop for BarStep {
    fn drop(&mut self) {
        if !self.bar.is_finished() {
            self.bar.finish_and_clear();
        }
    }
}
