//! How many pairs of Avro schemas are checked in a second, on one thread, beside Apache Avro's own Java.
//!
//! Both go over the same pairs in turns. What they say of them is counted, and must be the same.

#[path = "../../../tests/support/avro_java.rs"]
mod avro_java;
mod generate;
mod java;

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use busctl::schema::{ParsedSchema, SchemaFormat, incompatibilities, parse_like_reference};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::measure;
use crate::{Outcome, Runs};
use generate::Size;
use java::Java;

/// Two texts.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The version before.
    pub old: String,
    /// The new version.
    pub new: String,
}

/// What is done with each pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Both texts are parsed, and compared.
    Texts,
    /// What was parsed before is compared.
    Schemas,
}

/// Once over all pairs.
#[derive(Debug, Clone, Copy)]
pub struct Lap {
    /// How long it took.
    pub time: Duration,
    /// How many are compatible.
    pub compatible: usize,
}

/// What is to be reached, in pairs a second.
const TARGET: f64 = 100_000.0;

/// Measures, and makes tables in Markdown of it: of small schemas and of larger ones.
pub fn measure(tool: &Path, runtime: &Runtime, runs: Runs, count: usize) -> Outcome<String> {
    let table = |size| measure_pairs(tool, runtime, runs, &generate::pairs(count, size));
    Ok(table(Size::Small)? + "\n" + &table(Size::Event)?)
}

fn measure_pairs(tool: &Path, runtime: &Runtime, runs: Runs, pairs: &[Pair]) -> Outcome<String> {
    let count = pairs.len();
    eprintln!("{count} pairs of Avro schemas");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("pairs.jsonl");
    let lines =
        pairs.iter().map(|pair| json!({ "format": "avro", "old": pair.old, "new": pair.new }).to_string() + "\n");
    fs::write(&file, lines.collect::<String>())?;
    let schemas = pairs.iter().map(|pair| Ok((parse(&pair.new)?, parse(&pair.old)?)));
    let schemas = schemas.collect::<Outcome<Vec<(ParsedSchema, ParsedSchema)>>>()?;
    let mut java = runtime.block_on(Java::start(folder.path(), &file))?;
    let bytes: usize = pairs.iter().map(|pair| pair.old.len() + pair.new.len()).sum();
    let mut table = format!(
        "{count} pairs of Avro schemas of {:.1} kB each, one thread, Apache Avro {} on Java beside it.\n\n\
         | pairs a second | busctl | Java | × Java | to reach |\n\
         | --- | ---: | ---: | ---: | --- |\n",
        bytes as f64 / (2.0 * count as f64) / 1e3,
        avro_java::version(),
    );
    for (what, name) in [(What::Texts, "both texts parsed and compared"), (What::Schemas, "parsed schemas compared")] {
        let ours = || match what {
            What::Texts => lap(pairs, |pair| Ok(compatible(&parse(&pair.new)?, &parse(&pair.old)?))),
            What::Schemas => lap(&schemas, |(new, old)| Ok(compatible(new, old))),
        };
        let (mut own, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..runs.warming + runs.reading {
            let (one, other) = (ours()?, java.lap(what)?);
            if one.compatible != other.compatible {
                let (one, other) = (one.compatible, other.compatible);
                return Err(format!("busctl finds {one} of {count} pairs compatible, Java {other}").into());
            }
            // Java is fast once it has seen the work for a while.
            if round >= runs.warming {
                own.push(one.time);
                theirs.push(other.time);
            }
        }
        let rate = |times| count as f64 / measure::median(times).as_secs_f64();
        let (own, theirs) = (rate(own), rate(theirs));
        let reached = if own >= TARGET { "yes" } else { "**no**" };
        let (own, theirs, ratio) = (thousands(own), thousands(theirs), own / theirs);
        // Writing to a string cannot fail.
        _ = writeln!(table, "| {name} | {own} | {theirs} | {ratio:.1} | ≥ {}: {reached} |", thousands(TARGET));
    }
    let arguments = ["schema", "check", "--pairs", &file.display().to_string()].map(str::to_owned);
    let mut times = Vec::new();
    for _ in 0..runs.reading {
        times.push(measure::run_to(tool, &arguments, SOME_ARE_INCOMPATIBLE)?.wall);
    }
    let rate = count as f64 / measure::median(times).as_secs_f64();
    _ = writeln!(table, "| `schema check --pairs`, from start to end | {} | — | — |  |", thousands(rate));
    Ok(table)
}

/// What the program ends with then.
const SOME_ARE_INCOMPATIBLE: i32 = 3;

fn parse(text: &str) -> Outcome<ParsedSchema> {
    Ok(parse_like_reference(SchemaFormat::Avro, text, &[])?)
}

fn compatible(new: &ParsedSchema, old: &ParsedSchema) -> bool {
    black_box(incompatibilities(new, old)).is_empty()
}

fn lap<T>(pairs: &[T], is_compatible: impl Fn(&T) -> Outcome<bool>) -> Outcome<Lap> {
    let mut compatible = 0;
    let started = Instant::now();
    for pair in pairs {
        compatible += usize::from(is_compatible(pair)?);
    }
    Ok(Lap { time: started.elapsed(), compatible })
}

fn thousands(rate: f64) -> String {
    let rate = rate.round() as u64;
    if rate < 1_000 { rate.to_string() } else { format!("{},{:03}", rate / 1_000, rate % 1_000) }
}
