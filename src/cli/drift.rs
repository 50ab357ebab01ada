use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::args::{ClusterArg, Global, TimeoutArg, parse_time, words};
use super::connect::{Systems, connect};
use super::context::{Context, now};
use super::error::{CommandError, Exit};
use super::interrupt::Interrupts;
use super::output;
use super::plan;
use super::planning::Planning;
use crate::model::counted;
use crate::plan::{Drift, LastApplied, Plan, drift};
use crate::ports::journal::{Event, Journal};
use crate::render::drift::DriftView;
use crate::render::{Format, Style, View};
use crate::resources::Desired;

/// The forms of drift: those of all data, and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DriftFormat {
    Of(Format),
    Prometheus,
}

const FORMATS: &[(&str, DriftFormat)] = &[
    ("text", DriftFormat::Of(Format::Text)),
    ("json", DriftFormat::Of(Format::Json)),
    ("markdown", DriftFormat::Of(Format::Markdown)),
    ("prometheus", DriftFormat::Prometheus),
];

/// Options of `drift`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    /// Look again each time this much has passed, until interrupted
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    watch: Option<Duration>,

    /// Write to this file, which is replaced in one step, instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// The form of the data: text, json, markdown, or prometheus for a textfile collector
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = words(FORMATS))]
    format: DriftFormat,
}

/// Tells what was changed outside Git from what waits to be applied.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let Some(pause) = args.watch else { return look(global, args).await };
    let interrupts = Interrupts::listen();
    loop {
        // A server that is away for a while does not end the watch.
        let looked = tokio::select! {
            looked = look(global, args) => looked,
            () = interrupts.interrupted() => return Ok(Exit::Done),
        };
        if let Err(error) = looked {
            error.print(global.color);
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = interrupts.interrupted() => return Ok(Exit::Done),
        }
    }
}

async fn look(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = Context::open()?;
    let cluster = context.cluster(&args.cluster)?;
    if context.is_broken() {
        context.print_findings(&context.findings(&[cluster])?, global)?;
        return Ok(Exit::Findings);
    }
    let (desired, _) = Desired::resolve(&context.workspace, cluster);
    let systems = connect(&context, cluster, args.timeout.timeout).await?;
    let (plan, applied) = measure(desired, &systems).await?;
    show(&drift(&plan, &applied), global, args)?;
    Ok(plan::exit_of(Exit::Done, &plan, true))
}

async fn measure(desired: Desired<'_>, systems: &Systems) -> Result<(Plan, LastApplied), CommandError> {
    let mut planning = Planning::new(desired, None);
    let journal = systems.journal();
    let (plan, applied, open) = tokio::join!(planning.plan_live(systems), journal.applied(), journal.open_intents());
    match open {
        Ok(open) => tell_unfinished(open),
        Err(failure) => anstream::eprintln!("warning: whether an apply was interrupted is not known: {failure}"),
    }
    let applied = applied?.into_iter().map(|(address, applied)| (address, applied.fields)).collect();
    let plan = plan?;
    for (failure, unseen) in plan.unseen() {
        let resources = counted(unseen.len() as u64, "resource");
        anstream::eprintln!("error: not compared, {resources} such as {}: {failure}", unseen[0].address);
        if let Some(hint) = &failure.hint {
            anstream::eprintln!(" help: {hint}");
        }
    }
    Ok((plan, applied))
}

/// Says which applies are under way or were interrupted: nobody has recorded yet what they did, so that it looks like somebody
/// else's.
fn tell_unfinished(open: Vec<Event>) {
    let mut applies: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for intent in open {
        applies.entry(intent.apply_id.clone()).or_default().push(intent);
    }
    for (apply, intents) in applies {
        let first = &intents[0];
        let address = first.address.as_ref().map(ToString::to_string).unwrap_or_default();
        let more = if intents.len() > 1 { format!(" and {} more", intents.len() - 1) } else { String::new() };
        let note = format!(
            "note: the apply {apply} by {} is under way or was interrupted, and had begun to change {address}{more}: what is told of \
             it as changed outside Git may be its work; `busctl audit --apply {apply}` lists it",
            first.origin.who
        );
        anstream::eprintln!("{}", crate::render::printable(&note));
    }
}

fn show(drift: &Drift, global: &Global, args: &Args) -> Result<(), CommandError> {
    let view = DriftView { drift };
    let style = match args.output {
        Some(_) => Style::PLAIN,
        None => Style { color: output::stdout_color(global.color), width: output::width() },
    };
    let text = match args.format {
        DriftFormat::Of(format) => view.render(format, style),
        DriftFormat::Prometheus => view.prometheus(now()),
    };
    match &args.output {
        Some(path) => output::file(path, text.as_bytes()),
        None => output::data(&text),
    }
}
