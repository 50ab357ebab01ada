use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use crate::model::{self, Timestamp};
use crate::render::Format;
use crate::render::findings::FindingsFormat;
use crate::source::closest;

/// Options of every command.
#[derive(Debug, Args)]
pub struct Global {
    /// Work as if started in this folder
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true, help_heading = "Global options")]
    pub directory: Option<PathBuf>,

    /// When to use colours: auto, always or never; NO_COLOR is heeded
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        global = true,
        hide_possible_values = true,
        help_heading = "Global options"
    )]
    pub color: ColorChoice,

    /// Say more: what is unmanaged, where every field comes from
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub verbose: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The form of the data on standard output.
#[derive(Debug, Args)]
pub struct FormatArg {
    /// The form of the data: text for people, json for programs, markdown for a pull-request comment
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
}

/// The forms of findings.
#[derive(Debug, Args)]
pub struct FindingsArgs {
    /// The form of the findings on standard output: text, json, jsonl, sarif, github, gitlab, junit, markdown, azure or
    /// rdjson
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_possible_values = true)]
    pub format: FindingsFormat,

    /// Write the findings to a file too, in this form. May be repeated
    #[arg(long, value_name = "FORMAT=FILE", value_parser = parse_report)]
    pub report: Vec<(FindingsFormat, PathBuf)>,
}

/// The form and the file of a report.
fn parse_report(text: &str) -> Result<(FindingsFormat, PathBuf), String> {
    let Some((word, file)) = text.split_once('=').filter(|(_, file)| !file.is_empty()) else {
        return Err("write FORMAT=FILE, as in sarif=findings.sarif".to_owned());
    };
    let format = FindingsFormat::from_str(word, false).map_err(|_| {
        let words: Vec<_> = FindingsFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
        let known: Vec<_> = words.iter().map(|word| word.get_name()).collect();
        let meant = closest(word, known.iter().copied()).map(|meant| format!(" (did you mean `{meant}`?)"));
        format!("there is no form `{word}`{}; forms are {}", meant.unwrap_or_default(), known.join(", "))
    })?;
    Ok((format, file.into()))
}

/// Parses one of a few words, which help and completions list. Of an option with `ignore_case`, capitals are taken too.
pub fn words<T: Copy + Send + Sync + 'static>(known: &'static [(&'static str, T)]) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(known.iter().map(|(word, _)| *word)).map(|text| {
        let found = known.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text));
        found.map(|(_, value)| *value).expect("the parser lets only these words through")
    })
}

/// Which cluster.
#[derive(Debug, Args)]
pub struct ClusterArg {
    /// The cluster; needed by what talks to one where the workspace has more
    #[arg(short, long, value_name = "NAME", env = "BUSCTL_CLUSTER")]
    pub cluster: Option<String>,
}

/// How long servers may take.
#[derive(Debug, Args)]
pub struct TimeoutArg {
    /// How long a server may take to answer a request
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_time)]
    pub timeout: Duration,
}

/// A moment as people say it.
#[derive(Debug, Clone, Copy)]
pub enum Moment {
    /// Then.
    At(Timestamp),
    /// So long ago.
    Ago(model::Duration),
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Moment::At(moment) => moment.fmt(f),
            Moment::Ago(age) => age.fmt(f),
        }
    }
}

impl Moment {
    /// When it is, seen from a moment.
    pub fn before(self, now: Timestamp) -> Timestamp {
        match self {
            Moment::At(moment) => moment,
            Moment::Ago(age) => now.before(age),
        }
    }
}

/// Reads a moment or an age.
pub fn parse_moment(text: &str) -> Result<Moment, String> {
    match (text.parse::<Timestamp>(), text.parse::<model::Duration>()) {
        (Ok(moment), _) => Ok(Moment::At(moment)),
        // A manifest takes a bare number for milliseconds; nobody who types one here means that.
        (_, Ok(age)) if age.0 >= 0 && !text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Moment::Ago(age)),
        (Err(error), _) => Err(format!("{error}, or an age such as 7d")),
    }
}

/// How much of a retention one run cuts.
#[derive(Debug, Args)]
pub struct RetentionStepArg {
    /// Cut a retention.ms by at most this much in one run; the plan says what remains
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    retention_step: Option<Duration>,
}

impl RetentionStepArg {
    /// The step, in the model's unit.
    pub fn step(&self) -> Option<crate::model::Duration> {
        self.retention_step.map(|step| crate::model::Duration(i64::try_from(step.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// A time as people write it: `30s`.
pub fn parse_time(text: &str) -> Result<Duration, String> {
    // A manifest takes a bare number for milliseconds, as Kafka does; who types one means seconds.
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!(
            "of which unit? write `{text}s` for seconds, or `{text}ms`, `{text}m`, `{text}h`, `{text}d`"
        ));
    }
    match text.parse::<crate::model::Duration>() {
        Ok(time) if time.0 > 0 => Ok(Duration::from_millis(time.0 as u64)),
        Ok(_) => Err("it must be longer than nothing".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_or_an_age() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().expect("a time");
        let shown = |text: &str| parse_moment(text).map(|moment| moment.before(now).to_string());
        assert_eq!(shown("2026-11-24").as_deref(), Ok("2026-11-24T00:00:00.000Z"));
        assert_eq!(shown("36h").as_deref(), Ok("2026-11-24T00:00:00.000Z"));
        for bad in ["yesterday", "unlimited", "-3d", "5"] {
            assert!(parse_moment(bad).is_err(), "{bad}");
        }
    }
}
