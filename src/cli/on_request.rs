//! What somebody asks of a cluster and no manifest says: planned and shown, and carried out where that is wanted.

use std::path::Path;

use super::connect::{Systems, connect};
use super::context::{Context, now};
use super::error::{CommandError, Exit};
use super::interrupt::Interrupts;
use super::planning::Planning;
use super::work::{RunArgs, Work, nothing_was_changed};
use super::{args::Global, args::TimeoutArg, output, saved};
use crate::adapters::secrets::SecretStores;
use crate::plan::{Plan, SavedPlan, SavedRebalance};
use crate::ports::journal::Journal;
use crate::render::Format;
use crate::render::plan::{PlanView, nothing_asked};
use crate::resources::Desired;
use crate::resources::cluster::ClusterSpec;

/// Of which cluster it is asked, and how it is carried out.
pub(super) struct Request<'a> {
    pub(super) global: &'a Global,
    pub(super) context: &'static Context,
    pub(super) cluster: &'static ClusterSpec,
    pub(super) timeout: &'a TimeoutArg,
    /// The most bytes a second for moves.
    pub(super) throttle: Option<u64>,
    /// Where the plan is saved, for `apply FILE`.
    pub(super) output: Option<&'a Path>,
    pub(super) run: &'a RunArgs,
}

/// What is wanted, and what carrying it out does beside the plan, in a sentence, where there is something.
pub(super) type Chosen = (Desired<'static>, Option<String>);

impl<'a> Request<'a> {
    /// One without a throttle, whose plan is not saved.
    pub(super) fn new(
        global: &'a Global,
        (context, cluster): (&'static Context, &'static ClusterSpec),
        timeout: &'a TimeoutArg,
        run: &'a RunArgs,
    ) -> Self {
        Self { global, context, cluster, timeout, throttle: None, output: None, run }
    }

    /// Looks at the cluster to find what is wanted, plans it, and carries it out where whoever asks agrees to the plan.
    pub(super) async fn run(
        &self,
        choose: impl AsyncFnOnce(&Systems) -> Result<Chosen, CommandError>,
        agrees: impl FnOnce(&Plan) -> Result<bool, CommandError>,
    ) -> Result<Exit, CommandError> {
        let interrupts = Interrupts::listen();
        let planned = async {
            let systems = connect(self.context, self.cluster, self.timeout.timeout).await?;
            systems.journal().prepare();
            // Before anything is read: who applies meanwhile moves it.
            let position = systems.journal().position().await.ok();
            let (desired, besides) = choose(&systems).await?;
            let mut planning = Planning::new(desired, None);
            let plan = planning.plan_live(&systems).await?;
            Ok::<_, CommandError>((systems, position, planning, plan, besides))
        };
        let (systems, position, mut planning, plan, besides) = tokio::select! {
            planned = planned => planned?,
            () = interrupts.interrupted() => return Err(nothing_was_changed()),
        };
        let yes = agrees(&plan)?;
        self.show(&plan, yes, besides.as_deref().filter(|_| plan.complete))?;
        if !plan.complete {
            anstream::eprintln!("nothing was changed: not everything could be seen");
            return Ok(Exit::CouldNot);
        }
        if !yes {
            self.tell_how_to_do(plan, &planning, besides.is_some()).await?;
            return Ok(Exit::Done);
        }
        if interrupts.stopped() {
            return Err(nothing_was_changed());
        }
        let work = Work {
            global: self.global,
            args: self.run,
            timeout: self.timeout.timeout,
            throttle: self.throttle,
            context: self.context,
            cluster: self.cluster,
            systems: &systems,
            position,
            interrupts: &interrupts,
            is_saved: false,
        };
        work.carry_out(plan, &mut planning).await
    }

    fn show(&self, plan: &Plan, yes: bool, besides: Option<&str>) -> Result<(), CommandError> {
        let view = PlanView { plan, verbose: self.global.verbose };
        let format = self.run.format.format;
        if format == Format::Text && plan.is_empty() && plan.complete && plan.findings.is_empty() {
            return output::data(&besides.map_or_else(|| nothing_asked(plan), |besides| format!("{besides}\n")));
        }
        besides.iter().for_each(|besides| anstream::eprintln!("{besides}"));
        match format {
            // Of what is not carried out, the plan is the data.
            format if !yes => output::view(&view, format, self.global),
            Format::Text => self.run.show(&view, Format::Text, self.global),
            _ => {
                output::view_beside_data(&view, self.global);
                Ok(())
            }
        }
    }

    async fn tell_how_to_do(&self, plan: Plan, planning: &Planning<'_>, more: bool) -> Result<(), CommandError> {
        let Some(file) = self.output else {
            if !plan.is_empty() || more {
                anstream::eprintln!("nothing was changed; to do it: --yes");
            }
            return Ok(());
        };
        let mut plan = SavedPlan::new(plan, now(), self.context.commit());
        plan.rebalance = SavedRebalance::of(&planning.desired);
        saved::write(file, &plan, None::<(&str, &SecretStores)>).await?;
        let file = file.display();
        anstream::eprintln!("saved to {file}; apply it with: busctl apply {file}");
        Ok(())
    }
}
