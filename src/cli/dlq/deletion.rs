//! Deletes the beginning of a queue from the log, once everything in it has met its fate.

use std::collections::BTreeMap;

use super::queue::OpenQueue;
use crate::cli::args::{FormatArg, Global, TimeoutArg};
use crate::cli::connect::Systems;
use crate::cli::consent::ConsentArgs;
use crate::cli::context::now;
use crate::cli::error::{CommandError, Exit};
use crate::cli::on_request::Request;
use crate::cli::truncate::{look, refuse_what_is_not_ours};
use crate::cli::work::RunArgs;
use crate::dlq::settle::undecided;
use crate::dlq::{Filter, Ledger, Settled, Shape, Told};
use crate::model::{Pattern, Risk, counted};
use crate::plan::Plan;
use crate::ports::records::{Record, Stretch};
use crate::resources::inventory::{Asked, needs};
use crate::resources::topic::Truncation;
use crate::resources::{Desired, impact};

/// The beginning of a queue that is to be deleted.
pub struct Deletion<'a> {
    /// The queue.
    pub open: &'a OpenQueue,
    /// What is given up before. It bounds what is deleted by its partitions and offsets.
    pub filter: &'a Filter,
    /// Whether it is agreed to.
    pub consent: &'a ConsentArgs,
}

impl Deletion<'_> {
    /// The parts that are to go: each from the first record that is there.
    fn stretches(&self) -> Vec<Stretch> {
        let (_, last) = self.filter.stretch().into_inner();
        let up_to = |stretch: &Stretch| Stretch { to: stretch.to.min(last.saturating_add(1)), ..*stretch };
        let meant = self.open.stretches.iter().filter(|stretch| self.filter.has_partition(stretch.partition));
        meant.map(up_to).filter(|stretch| stretch.from < stretch.to).collect()
    }

    /// Refuses before anything is given up what would be refused afterwards. Returns how many offsets would go.
    pub async fn check(&self) -> Result<u64, CommandError> {
        let open = self.open;
        refuse_what_is_not_ours(open.context, open.cluster, &open.queue.topic)?;
        if self.consent.is_given() {
            self.consent.check_risk(Risk::Destructive, "to delete records from the log", open.cluster)?;
        }
        look(open.context, open.cluster, &open.kafka, &open.queue.topic).await?;
        let (origin, mut shape) = (open.queue.presumed_origin(), Shape::default());
        self.refuse_undecided(&open.ledger.settled, &mut |letter| {
            letter.is_whole() && self.filter.takes(letter, &Told::of(letter), origin, &mut shape)
        })?;
        Ok(self.stretches().iter().map(|stretch| stretch.to.abs_diff(stretch.from)).sum())
    }

    fn refuse_undecided(
        &self,
        settled: &Settled,
        is_given_up: &mut dyn FnMut(&Record<'_>) -> bool,
    ) -> Result<(), CommandError> {
        let open = self.open;
        let found = tokio::task::block_in_place(|| {
            undecided(&open.kafka, &open.queue.topic, &self.stretches(), &mut |letter| {
                settled.contains(letter.partition, letter.offset) || is_given_up(letter)
            })
        })?;
        let Some(found) = found else { return Ok(()) };
        let (wait, first) = (if found.count == 1 { "waits" } else { "wait" }, found.first);
        Err(CommandError::refused(format!(
            "nothing is deleted: {} {wait} among these, the first at partition {}, offset {}",
            counted(found.count, "dead letter"),
            first.partition,
            first.offset
        ))
        .hint("settle them first, or delete only what is before them: --partition and --offset ..NUMBER"))
    }

    /// Deletes them, under the lock of the cluster and with a record in the audit, as `busctl truncate` does.
    pub async fn carry_out(
        &self,
        timeout: &TimeoutArg,
        format: FormatArg,
        global: &Global,
    ) -> Result<Exit, CommandError> {
        let open = self.open;
        // What was given up is read again: the ledger alone says what has met its fate.
        let ledger = tokio::task::block_in_place(|| Ledger::read(&open.kafka, open.id))?;
        self.refuse_undecided(&ledger.settled, &mut |_| false).map_err(CommandError::partly)?;
        let run = RunArgs::usual(format);
        let (context, cluster) = (open.context, open.cluster);
        let request = Request::new(global, (context, cluster), timeout, &run);
        let agrees = |plan: &Plan| self.consent.check(plan, cluster, Risk::Safe).map(|()| true);
        request.run(async |systems| Ok((self.desired(systems).await?, None)), agrees).await
    }

    async fn desired(&self, systems: &Systems) -> Result<Desired<'static>, CommandError> {
        let (open, topic) = (self.open, &self.open.queue.topic);
        let live = look(open.context, open.cluster, &systems.kafka, topic).await?;
        if live.topics.get(topic).and_then(|found| found.id) != Some(open.id) {
            return Err(CommandError::refused(format!("{topic} was created again meanwhile: nothing was deleted")));
        }
        let asked = Asked::Topics(Pattern::literal(topic.as_str()));
        let facts = impact::observe(&systems.kafka, &needs(&asked, &live), now()).await;
        let up_to: BTreeMap<u32, i64> = self
            .stretches()
            .iter()
            .filter_map(|stretch| Some((u32::try_from(stretch.partition).ok()?, stretch.to)))
            .collect();
        let truncation = Truncation::new(topic.clone(), &up_to, &facts);
        Ok(Desired::of_records(&open.context.workspace, open.cluster, Some(truncation)))
    }
}
