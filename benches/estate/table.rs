//! The table of what was measured.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Outcome;
use crate::measure::Costs;

/// One line of the table.
pub struct Row {
    /// How many topics, where that matters.
    pub topics: Option<usize>,
    /// The servers: none, Kafka, or Kafka and a registry.
    pub servers: &'static str,
    /// What was measured.
    pub what: &'static str,
    /// What the tool cost.
    pub tool: Costs,
    /// What the floor cost, where there is one.
    pub floor: Option<Costs>,
    /// What is to be reached.
    pub targets: Vec<Target>,
}

/// Something that is to be reached.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// A time from start to end.
    Within(Duration),
    /// A multiple of the floor's time.
    TimesFloor(f64),
    /// Less memory than this many megabytes.
    Megabytes(u64),
}

impl Target {
    fn is_reached(self, row: &Row) -> bool {
        match self {
            Target::Within(limit) => row.tool.wall() <= limit,
            Target::TimesFloor(limit) => row.ratio().is_some_and(|ratio| ratio <= limit),
            Target::Megabytes(limit) => row.tool.memory() < limit * 1_000_000,
        }
    }

    fn text(self) -> String {
        match self {
            Target::Within(limit) => format!("≤ {}", seconds(limit)),
            Target::TimesFloor(limit) => format!("≤ {limit} × floor"),
            Target::Megabytes(limit) => format!("< {limit} MB"),
        }
    }
}

impl Row {
    fn ratio(&self) -> Option<f64> {
        let floor = self.floor.as_ref()?.wall().as_secs_f64();
        Some(self.tool.wall().as_secs_f64() / floor)
    }

    fn targets(&self) -> String {
        let mark = |target: &Target| if target.is_reached(self) { "yes" } else { "**no**" };
        let texts = self.targets.iter().map(|target| format!("{}: {}", target.text(), mark(target)));
        texts.collect::<Vec<_>>().join("; ")
    }
}

/// The table in Markdown.
pub fn markdown(rows: &[Row]) -> String {
    let mut text = String::from(
        "| topics | servers | what | busctl | floor | ratio | CPU | floor's CPU | memory | to reach |\n\
         | ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n",
    );
    for row in rows {
        let of_floor = |cell: &dyn Fn(&Costs) -> String| row.floor.as_ref().map_or_else(|| "—".to_owned(), cell);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {:.1} MB | {} |",
            row.topics.map_or_else(|| "—".to_owned(), grouped),
            row.servers,
            row.what,
            seconds(row.tool.wall()),
            of_floor(&|floor| seconds(floor.wall())),
            row.ratio().map_or_else(|| "—".to_owned(), |ratio| format!("{ratio:.2}")),
            seconds(row.tool.cpu()),
            of_floor(&|floor| seconds(floor.cpu())),
            row.tool.memory() as f64 / 1e6,
            row.targets(),
        );
    }
    text
}

/// A time as people read it.
pub fn seconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1e3;
    match milliseconds {
        ..100.0 => format!("{milliseconds:.1} ms"),
        100.0..1_000.0 => format!("{milliseconds:.0} ms"),
        1_000.0..10_000.0 => format!("{:.2} s", milliseconds / 1e3),
        _ => format!("{:.1} s", milliseconds / 1e3),
    }
}

/// A number as people read it.
pub fn grouped(number: usize) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", grouped(number / 1_000), number % 1_000) }
}

/// What the numbers were measured on.
pub fn machine() -> String {
    let processors = std::thread::available_parallelism().map_or(0, |count| count.get());
    let model = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or("an unknown processor", |(_, name)| name.trim());
    format!("{processors} × {model}")
}

/// A page with marks, between which tables stand: `<!-- NAME: begin -->` and `<!-- NAME: end -->`.
pub struct Page {
    path: PathBuf,
    text: String,
}

impl Page {
    /// Reads a page.
    pub fn read(path: &Path) -> Outcome<Self> {
        let text = fs::read_to_string(path).map_err(|error| format!("could not read {}: {error}", path.display()))?;
        Ok(Self { path: path.to_owned(), text })
    }

    /// Fails where it has no marks of this name.
    pub fn check(&self, name: &str) -> Outcome<()> {
        self.around(name).map(drop)
    }

    /// Puts a text between the marks of a name.
    pub fn put(&mut self, name: &str, text: &str) -> Outcome<()> {
        let (before, after) = self.around(name)?;
        self.text = format!("{before}{text}{after}");
        Ok(())
    }

    /// What stands before and behind the text between the marks, the marks with it.
    fn around(&self, name: &str) -> Outcome<(&str, &str)> {
        let begin = format!("<!-- {name}: begin -->\n");
        let end = format!("<!-- {name}: end -->\n");
        let start = self.text.find(&begin).map(|at| at + begin.len());
        let places = start.and_then(|start| Some((start, start + self.text[start..].find(&end)?)));
        let (start, stop) =
            places.ok_or_else(|| format!("{} has no marks for the table `{name}`", self.path.display()))?;
        Ok((&self.text[..start], &self.text[stop..]))
    }

    /// Writes it.
    pub fn write(&self) -> Outcome<()> {
        Ok(fs::write(&self.path, &self.text)?)
    }
}
