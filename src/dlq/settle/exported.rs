use std::ops::ControlFlow;

use super::run::Run;
use super::{Done, Progress, Stop};
use crate::dlq::{Export, Settled, Shape, Told};
use crate::ports::Failure;
use crate::ports::records::RecordSource;

/// How many records are read between two looks at whether to go on.
const STEP: u64 = 1_024;

/// The dead letters that were exported before any of them is given up.
pub(super) struct ExportedBefore {
    /// Which ones.
    pub letters: Settled,
    /// Whether there were more, which a limit left out.
    pub is_cut: bool,
}

/// Exports all that a run is to give up, for an export that is kept as a whole or not at all. Where it is not to go on, nothing of it
/// is kept.
pub(super) fn export_all(
    source: &impl RecordSource,
    of: &Run<'_>,
    export: &mut dyn Export,
    progress: &mut dyn Progress,
) -> Result<ControlFlow<Stop, ExportedBefore>, Failure> {
    let (origin, mut shape, nothing) = (of.queue.presumed_origin(), Shape::default(), Done::default());
    let mut exported = ExportedBefore { letters: Settled::default(), is_cut: false };
    let (mut records, mut count, mut stopped) = (0_u64, 0, None);
    source.scan(&of.queue.topic, of.stretches, &mut |letter| {
        records += 1;
        if records.is_multiple_of(STEP) {
            stopped = progress.committed(&nothing).break_value();
        }
        if stopped.is_some() {
            return Ok(ControlFlow::Break(()));
        }
        let waits = letter.is_whole() && !of.settled.contains(letter.partition, letter.offset);
        if !waits || !of.filter.takes(letter, &Told::of(letter), origin, &mut shape) {
            return Ok(ControlFlow::Continue(()));
        }
        if of.limits.max.is_some_and(|max| count >= max) {
            exported.is_cut = true;
            return Ok(ControlFlow::Break(()));
        }
        count += 1;
        exported.letters.insert(letter.partition, letter.offset);
        export.write(letter)?;
        Ok(ControlFlow::Continue(()))
    })?;
    // Once it is complete, it is there for good.
    if let Some(stop) = stopped.or_else(|| progress.committed(&nothing).break_value()) {
        return Ok(ControlFlow::Break(stop));
    }
    export.sync()?;
    Ok(ControlFlow::Continue(exported))
}
