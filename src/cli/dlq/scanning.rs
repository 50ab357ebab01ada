use indicatif::{ProgressBar, ProgressStyle};

use crate::ports::records::Stretch;

/// How far records are read: a bar on a terminal, nothing otherwise.
pub struct Scanning(Option<ProgressBar>);

impl Scanning {
    /// On standard error. What is read of partitions may be less than their offsets tell: some are no records.
    pub fn new(stretches: &[Stretch]) -> Self {
        let offsets = stretches.iter().map(|stretch| u64::try_from(stretch.to - stretch.from).unwrap_or(0)).sum();
        let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
        Self(terminal.then(|| {
            let bar = ProgressBar::new(offsets);
            if let Ok(style) = ProgressStyle::with_template("reading {bar:30} {human_pos}/{human_len} {per_sec} {eta}")
            {
                bar.set_style(style);
            }
            bar
        }))
    }

    /// The same where it is not known how many there are.
    pub fn open() -> Self {
        let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
        Self(terminal.then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("reading {human_pos} {per_sec}") {
                bar.set_style(style);
            }
            bar
        }))
    }

    /// So many more were read.
    pub fn more(&self, records: u64) {
        if let Some(bar) = &self.0 {
            bar.inc(records);
        }
    }
}

impl Drop for Scanning {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
