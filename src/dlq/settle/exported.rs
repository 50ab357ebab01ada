use std::ops::ControlFlow;

use super::run::Run;
use crate::dlq::{Export, Settled, Shape, Told};
use crate::ports::Failure;
use crate::ports::records::RecordSource;

/// The dead letters that were exported before any of them is given up.
pub(super) struct Exported {
    /// Which ones.
    pub letters: Settled,
    /// Whether there were more, which a limit left out.
    pub is_cut: bool,
}

/// Exports all that a run is to give up, for an export that is kept as a whole or not at all.
pub(super) fn export_all(
    source: &impl RecordSource,
    of: &Run<'_>,
    export: &mut dyn Export,
) -> Result<Exported, Failure> {
    let (origin, mut shape) = (of.queue.presumed_origin(), Shape::default());
    let mut exported = Exported { letters: Settled::default(), is_cut: false };
    let mut count = 0;
    source.scan(&of.queue.topic, of.stretches, &mut |letter| {
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
    export.sync()?;
    Ok(exported)
}
