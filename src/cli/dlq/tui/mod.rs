mod child;
mod keys;
mod work;

use std::io::{self, IsTerminal};
use std::time::Duration;

use ratatui::DefaultTerminal;
use ratatui::crossterm::event;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use self::work::Work;
use crate::cli::args::{ClusterArg, Global, TimeoutArg};
use crate::cli::connect::{check_cluster_id, connect_to_kafka};
use crate::cli::context::{Context, now};
use crate::cli::error::{CommandError, Exit};
use crate::cli::output::stdout_color;
use crate::model::TopicName;
use crate::ports::kafka::KafkaAdmin;
use crate::render::dlq::tui::{Effect, Event, State, Theme, draw};

/// How long what is under way may take to stop when the program is told to end.
const LAST_TIME: Duration = Duration::from_secs(10);

/// Options of `dlq tui`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The dead-letter topic to begin with; by default the list of all
    topic: Option<TopicName>,

    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,
}

/// Looks through queues in a terminal.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(CommandError::usage("this takes a terminal, and there is none")
            .hint("`busctl dlq list`, `triage`, `show` and `stats` say the same to files and pipes"));
    }
    let context = Context::load()?;
    let cluster = context.cluster(&args.cluster)?;
    // Who has to log in is asked while there is a line to answer on.
    let kafka = connect_to_kafka(context, cluster, args.timeout.timeout).await?;
    check_cluster_id(context, cluster, &kafka.cluster().await?.id)?;
    drop(kafka);
    let theme = Theme { color: stdout_color(global.color) };
    let (state, effects) = State::new(cluster.cluster.as_str(), args.topic.as_ref().map(ToString::to_string), now());
    let (tell, told) = unbounded_channel();
    let work = Work::new(cluster.cluster.as_str(), args.timeout.timeout, tell.clone());
    let ends = Ends::listen()?;
    let mut screen = Screen::open()?;
    listen_to_the_keyboard(tell);
    run_until_the_end(&mut screen.0, state, effects, work, told, ends, theme).await
}

async fn run_until_the_end(
    terminal: &mut DefaultTerminal,
    mut state: State,
    mut effects: Vec<Effect>,
    mut work: Work,
    mut told: UnboundedReceiver<Event>,
    mut ends: Ends,
    theme: Theme,
) -> Result<Exit, CommandError> {
    loop {
        let drawn = terminal.draw(|frame| draw(frame, &state, theme));
        drawn.map_err(|error| CommandError::system(format!("could not draw in the terminal: {error}")))?;
        for effect in effects.drain(..) {
            match effect {
                Effect::Quit => return Ok(Exit::Done),
                Effect::Stop => work.stop(),
                effect => work.begin(effect),
            }
        }
        let event = tokio::select! {
            Some(event) = told.recv() => event,
            broken = work.broken() => std::panic::resume_unwind(broken),
            () = ends.told() => {
                // What is settled stays so; what is under way is finished.
                if state.is_carrying() {
                    work.stop();
                    tokio::time::timeout(LAST_TIME, work.ended()).await.ok();
                }
                return Ok(Exit::Interrupted);
            }
        };
        effects = state.handle(event, now());
        // What is there already is taken in before it is drawn: who holds a key down does not wait for each step.
        while effects.is_empty() {
            let Ok(event) = told.try_recv() else { break };
            effects = state.handle(event, now());
        }
    }
}

/// The terminal while it is ours. However it ends, it is given back as it was: also where something panics.
struct Screen(DefaultTerminal);

impl Screen {
    fn open() -> Result<Self, CommandError> {
        ratatui::try_init()
            .map(Self)
            .map_err(|error| CommandError::system(format!("could not take over the terminal: {error}")))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

/// The signals that end a program.
struct Ends([Signal; 3]);

impl Ends {
    fn listen() -> Result<Self, CommandError> {
        let listen =
            |kind| signal(kind).map_err(|error| CommandError::system(format!("could not listen for signals: {error}")));
        Ok(Self([listen(SignalKind::terminate())?, listen(SignalKind::hangup())?, listen(SignalKind::interrupt())?]))
    }

    async fn told(&mut self) {
        let [terminate, hangup, interrupt] = &mut self.0;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

fn listen_to_the_keyboard(tell: UnboundedSender<Event>) {
    // Reading blocks, and ends with the program.
    std::thread::spawn(move || {
        while let Ok(event) = event::read() {
            if let Some(told) = keys::told(&event)
                && tell.send(told).is_err()
            {
                break;
            }
        }
    });
}
