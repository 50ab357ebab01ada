//! Measures busctl on estates of many topics, each time beside a floor: a minimal program that does what the command
//! cannot do without; and how many pairs of schemas are checked in a second, beside the reference implementation.
//! `scripts/bench` runs it; docs/performance.md holds what it measured.
//!
//! Tool and floor run alternately, because a machine is not equally fast all the time, and medians are compared.

mod bus;
mod editor;
mod estate;
mod floor;
mod gate;
mod letters;
mod measure;
#[path = "../../tests/support/memory.rs"]
mod memory;
mod schemas;
mod table;

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use tokio::runtime::Runtime;

use bus::Bus;
use estate::{Estate, Servers};
use floor::Floor;
use measure::{Cost, Costs};
use table::{Page, Row, Target, machine};

/// What a part of a benchmark comes to.
pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const SIZES: [usize; 3] = [100, 1_000, 10_000];

/// How often each thing is run.
#[derive(Debug, Clone, Copy)]
struct Runs {
    /// `--help`.
    help: usize,
    /// What only reads.
    reading: usize,
    /// What a compiler at work makes faster, before it counts.
    warming: usize,
    /// What writes, each time on servers of its own.
    writing: usize,
}

const MEASURING: Runs = Runs { help: 25, reading: 7, warming: 20, writing: 3 };
const QUICK: Runs = Runs { help: 25, reading: 3, warming: 10, writing: 1 };

/// Enough to see that tool and floors still do their work and agree on the result.
const TRYING: Runs = Runs { help: 1, reading: 1, warming: 0, writing: 1 };
const TRIED_SIZE: usize = 20;

/// Topics of the estates of schemas, of an editor and of pull requests; and pairs of schemas.
const FIXED_SIZE: usize = 10_000;
const PAIRS: usize = 2_000;
const TRIED_PAIRS: usize = 100;

const USAGE: &str =
    "usage: scripts/bench [--quick] [--no-registry] [--no-apply] [schemas | editor | gate | dlq | TOPICS…]

TOPICS          sizes of estates; by default 100, 1000 and 10000, and then docs/performance.md is written anew
schemas         measure schemas alone: pairs, and versions in Git; writes their tables of docs/performance.md anew
editor          measure an editor's session alone; writes its table of docs/performance.md anew
gate            measure the gate on pull requests alone; writes its tables of docs/performance.md anew
dlq             measure dead letters alone; writes their table of docs/performance.md anew
--quick         three runs of what reads and one of what writes, in place of seven and three
--no-registry   measure on Kafka alone
--no-apply      apply once, unmeasured, and measure what only reads

Without `--bench`, which `cargo bench` adds, everything runs once on a small estate: `cargo test --bench estate`.";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some(outcome) = floor::run(&arguments) {
        return exit(outcome);
    }
    match Options::parse(&arguments) {
        Some(options) => exit(bench(&options)),
        None => {
            eprintln!("{USAGE}");
            ExitCode::from(64)
        }
    }
}

fn exit(outcome: Outcome<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    sizes: Vec<usize>,
    registry: bool,
    apply: bool,
    runs: Runs,
    /// Whether estates are measured.
    estates: bool,
    /// Whether schemas are.
    schemas: bool,
    /// Whether an editor's session is.
    editor: bool,
    /// Whether the gate on pull requests is.
    gate: bool,
    /// Whether dead letters are.
    letters: bool,
    /// Whether the tables are those of the page.
    complete: bool,
}

impl Options {
    fn parse(arguments: &[String]) -> Option<Self> {
        let (sizes, runs) = (Vec::new(), TRYING);
        let mut options = Self {
            sizes,
            registry: true,
            apply: true,
            runs,
            estates: true,
            schemas: true,
            editor: true,
            gate: true,
            letters: true,
            complete: false,
        };
        let (mut measures, mut quick, mut parts) = (false, false, Vec::new());
        for word in arguments {
            match word.as_str() {
                "--bench" => measures = true,
                "--quick" => quick = true,
                "--no-registry" => options.registry = false,
                "--no-apply" => options.apply = false,
                part @ ("schemas" | "editor" | "gate" | "dlq") => parts.push(part),
                size => options.sizes.push(size.parse().ok().filter(|size| *size > 0)?),
            }
        }
        if measures {
            options.runs = if quick { QUICK } else { MEASURING };
        }
        if !parts.is_empty() && !options.sizes.is_empty() {
            return None;
        }
        let is_asked = |part: &str| options.sizes.is_empty() && (parts.is_empty() || parts.contains(&part));
        (options.schemas, options.editor, options.gate) = (is_asked("schemas"), is_asked("editor"), is_asked("gate"));
        options.letters = is_asked("dlq");
        options.estates = parts.is_empty();
        options.complete = measures && !quick && options.sizes.is_empty() && options.registry && options.apply;
        if options.sizes.is_empty() {
            options.sizes = if measures { SIZES.to_vec() } else { vec![TRIED_SIZE] };
        }
        Some(options)
    }

    /// How many dead letters.
    fn letters(&self) -> letters::Sizes {
        match self.runs.warming > 0 {
            true => letters::Sizes { triaged: 1_000_000, sent: 300_000 },
            false => letters::Sizes { triaged: 3_000, sent: 1_500 },
        }
    }

    /// The size of an estate where it cannot be asked for.
    fn fixed_size(&self) -> usize {
        if self.runs.warming > 0 { FIXED_SIZE } else { TRIED_SIZE }
    }
}

fn bench(options: &Options) -> Outcome<()> {
    // Read first: a page that cannot take the tables is better known before the measuring than behind it.
    let mut page = Page::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md"))?;
    [ESTATES, SCHEMAS, EDITOR, GATE, LETTERS].iter().try_for_each(|name| page.check(name))?;
    let bench = Bench {
        tool: PathBuf::from(env!("CARGO_BIN_EXE_busctl")),
        floor: env::current_exe()?,
        runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
        folder: tempfile::tempdir()?,
    };
    let mut show = |name: &str, table: String| {
        println!("{table}");
        page.put(name, &table)?;
        if options.complete { page.write() } else { Ok(()) }
    };
    if options.schemas {
        show(SCHEMAS, bench.schemas(options)?)?;
    }
    if options.editor {
        show(EDITOR, bench.editor(options)?)?;
    }
    if options.gate {
        let (estate, folder) = (Estate { topics: options.fixed_size() }, bench.folder.path().join("gate"));
        let tables = bench.gate(estate, &folder, options.runs)?;
        std::fs::remove_dir_all(folder)?;
        show(GATE, format!("{}.\n\n{tables}", machine()))?;
    }
    if options.letters {
        let folder = bench.folder.path().join("letters");
        let table = bench.letters(options.letters(), &folder, options.runs)?;
        std::fs::remove_dir_all(folder)?;
        show(LETTERS, format!("{}, {}, on one machine.\n\n{table}", machine(), Bus::kafka_version()))?;
    }
    if options.estates {
        show(ESTATES, bench.estates(options)?)?;
    }
    Ok(())
}

/// The names of the tables in the page.
const ESTATES: &str = "measured";
const SCHEMAS: &str = "schemas";
const EDITOR: &str = "editor";
const GATE: &str = "gate";
const LETTERS: &str = "dlq";

/// How long an apply waits until the brokers serve what it wrote; as long as the floor does.
const PATIENCE: &str = "10m";

/// A plan that ends with a failure where anything is left to do.
const NOTHING_TO_DO: [&str; 2] = ["plan", "--detailed-exitcode"];

struct Bench {
    tool: PathBuf,
    floor: PathBuf,
    runtime: Runtime,
    folder: tempfile::TempDir,
}

impl Bench {
    fn estates(&self, options: &Options) -> Outcome<String> {
        let mut rows = vec![self.help(options.runs)?];
        for topics in &options.sizes {
            let estate = Estate { topics: *topics };
            eprintln!("{topics} topics");
            self.size(estate, options, &mut rows)?;
        }
        let servers = Bus::versions();
        Ok(format!("{}, {servers}, all on one machine.\n\n{}", machine(), table::markdown(&rows)))
    }

    fn schemas(&self, options: &Options) -> Outcome<String> {
        let (topics, count) = (options.fixed_size(), if options.runs.warming > 0 { PAIRS } else { TRIED_PAIRS });
        let pairs = schemas::measure(&self.tool, &self.runtime, options.runs, count)?;
        let estate = Estate { topics };
        let folder = self.folder.path().join("versions");
        estate.write(&folder)?;
        estate.write_versions(&folder)?;
        let limit = Target::Within(Duration::from_secs(1));
        let row =
            self.validate("validate, five versions of each schema", estate, &folder, options.runs, vec![limit])?;
        std::fs::remove_dir_all(folder)?;
        Ok(format!("{}.\n\n{pairs}\n{}", machine(), table::markdown(&[row])))
    }

    fn editor(&self, options: &Options) -> Outcome<String> {
        let (estate, folder) = (Estate { topics: options.fixed_size() }, self.folder.path().join("editor"));
        estate.write(&folder)?;
        let rows = editor::measure(&self.tool, estate, &folder, options.runs.reading)?;
        std::fs::remove_dir_all(folder)?;
        Ok(format!("{}.\n\n{}", machine(), table::markdown(&rows)))
    }

    fn help(&self, runs: Runs) -> Outcome<Row> {
        let mut tool = Costs::default();
        for _ in 0..runs.help {
            tool.add(measure::run(&self.tool, &["--help".to_owned()])?);
        }
        let targets = vec![Target::Within(Duration::from_millis(10))];
        Ok(Row { topics: None, servers: "—", what: "--help", tool, floor: None, targets })
    }

    fn size(&self, estate: Estate, options: &Options, rows: &mut Vec<Row>) -> Outcome<()> {
        let folder = self.folder.path().join(estate.topics.to_string());
        estate.write(&folder)?;
        let targets =
            if estate.topics == 10_000 { vec![Target::Within(Duration::from_millis(500))] } else { Vec::new() };
        rows.push(self.validate("validate", estate, &folder, options.runs, targets)?);
        self.on_servers(estate, &folder, false, options, rows)?;
        if options.registry {
            self.on_servers(estate, &folder, true, options, rows)?;
        }
        Ok(std::fs::remove_dir_all(folder)?)
    }

    fn validate(
        &self,
        what: &'static str,
        estate: Estate,
        folder: &Path,
        runs: Runs,
        targets: Vec<Target>,
    ) -> Outcome<Row> {
        let nobody = Servers::nowhere();
        estate.connect(folder, &nobody)?;
        self.alternate(what, "none", estate, runs.reading, targets, |who| match who {
            Who::Tool => self.run_tool(folder, &["validate"]),
            Who::Floor => self.run_floor(Floor::Files, estate, folder, &nobody),
        })
    }

    /// Applies from empty, and reads what was applied.
    fn on_servers(
        &self,
        estate: Estate,
        folder: &Path,
        registry: bool,
        options: &Options,
        rows: &mut Vec<Row>,
    ) -> Outcome<()> {
        let servers = if registry { "Kafka, registry" } else { "Kafka" };
        let mut kept: Option<Bus> = None;
        let mut apply = |who: Who| -> Outcome<Cost> {
            // What was kept is closed before the next is started: there is no memory for both.
            if let Some(bus) = kept.take() {
                bus.close(&self.runtime);
            }
            let bus = Bus::start(&self.runtime, registry)?;
            estate.connect(folder, &bus.servers)?;
            let nothing = Estate { topics: 0 };
            self.run_floor(Floor::Read, nothing, folder, &bus.servers)?;
            let cost = match who {
                Who::Tool => self.run_tool(folder, &["apply", "--yes", "--settle", PATIENCE]),
                Who::Floor => self.run_floor(Floor::Apply, estate, folder, &bus.servers),
            }?;
            // Each looks at what the other made, so that neither is fast because it does less.
            match who {
                Who::Tool => self.run_floor(Floor::Read, estate, folder, &bus.servers),
                Who::Floor => self.run_tool(folder, &NOTHING_TO_DO),
            }?;
            kept = Some(bus);
            Ok(cost)
        };
        if options.apply {
            let mut targets = Vec::new();
            if estate.topics == 10_000 {
                targets.push(Target::TimesFloor(1.5));
            }
            if estate.topics == 1_000 && !registry {
                targets.extend([Target::Within(Duration::from_millis(880)), Target::Megabytes(40)]);
            }
            let runs = options.runs.writing;
            rows.push(self.alternate("apply from empty", servers, estate, runs, targets, &mut apply)?);
        } else {
            apply(Who::Tool)?;
        }
        let bus = kept.ok_or("the servers are gone")?;
        let mut targets = Vec::new();
        if estate.topics == 10_000 {
            targets.extend([Target::TimesFloor(1.5), Target::Megabytes(150)]);
        }
        if estate.topics == 1_000 && !registry {
            targets.extend([Target::Within(Duration::from_millis(110)), Target::Megabytes(40)]);
        }
        let read = |who: Who, tool: &[&str]| match who {
            Who::Tool => self.run_tool(folder, tool),
            Who::Floor => self.run_floor(Floor::Read, estate, folder, &bus.servers),
        };
        // Both once without counting, so that the servers have their programs compiled.
        read(Who::Tool, &NOTHING_TO_DO)?;
        read(Who::Floor, &NOTHING_TO_DO)?;
        let runs = options.runs.reading;
        let plan = |who| read(who, &NOTHING_TO_DO);
        rows.push(self.alternate("plan, nothing to do", servers, estate, runs, targets, plan)?);
        // The registry is not asked for topics: with one it takes as long.
        if !registry {
            for list in ["topics", "groups", "services"] {
                rows.push(self.list(list, servers, estate, runs, |who| read(who, &[list]))?);
            }
        } else {
            rows.push(self.list("schemas", servers, estate, runs, |who| read(who, &["schemas"]))?);
        }
        // Beside the estate, which would be taken for the workspace otherwise.
        let adopted = self.folder.path().join("adopted");
        let targets = if estate.topics == 10_000 { vec![Target::Within(Duration::from_secs(10))] } else { Vec::new() };
        let import = |who| match who {
            Who::Tool => {
                // Each time a workspace that was not there: an import into one that has everything writes nothing.
                if adopted.exists() {
                    std::fs::remove_dir_all(&adopted)?;
                }
                std::fs::create_dir(&adopted)?;
                let arguments = bus.servers.import_arguments();
                self.run_tool(&adopted, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
            }
            Who::Floor => self.run_floor(Floor::Read, estate, folder, &bus.servers),
        };
        rows.push(self.alternate("import", servers, estate, runs, targets, import)?);
        let file = folder.join("snapshot.json").display().to_string();
        let snapshot = ["snapshot", "-o", &file];
        rows.push(self.alternate("snapshot", servers, estate, runs, Vec::new(), |who| read(who, &snapshot))?);
        bus.close(&self.runtime);
        Ok(())
    }

    fn list(
        &self,
        what: &'static str,
        servers: &'static str,
        estate: Estate,
        runs: usize,
        run: impl FnMut(Who) -> Outcome<Cost>,
    ) -> Outcome<Row> {
        let targets = if estate.topics == 10_000 { vec![Target::Within(Duration::from_secs(2))] } else { Vec::new() };
        self.alternate(what, servers, estate, runs, targets, run)
    }

    fn alternate(
        &self,
        what: &'static str,
        servers: &'static str,
        estate: Estate,
        runs: usize,
        targets: Vec<Target>,
        mut run: impl FnMut(Who) -> Outcome<Cost>,
    ) -> Outcome<Row> {
        eprintln!("{what}, servers: {servers}");
        let (mut tool, mut floor) = (Costs::default(), Costs::default());
        for round in 0..runs {
            // Who is first changes too: the second may find the servers warmer. The last one of an odd number of rounds is
            // the tool, so that what it made is there to be read.
            let order = if round % 2 == 0 { [Who::Floor, Who::Tool] } else { [Who::Tool, Who::Floor] };
            for who in order {
                let costs = match who {
                    Who::Tool => &mut tool,
                    Who::Floor => &mut floor,
                };
                costs.add(run(who)?);
            }
        }
        Ok(Row { topics: Some(estate.topics), servers, what, tool, floor: Some(floor), targets })
    }

    fn run_tool(&self, folder: &Path, command: &[&str]) -> Outcome<Cost> {
        let folder = folder.display().to_string();
        let arguments: Vec<String> =
            ["-C", &folder].into_iter().chain(command.iter().copied()).map(str::to_owned).collect();
        measure::run(&self.tool, &arguments)
    }

    fn run_floor(&self, floor: Floor, estate: Estate, folder: &Path, servers: &Servers) -> Outcome<Cost> {
        measure::run(&self.floor, &floor.arguments(estate, folder, servers))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Tool,
    Floor,
}
