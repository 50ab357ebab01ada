//! The gate on pull requests: how long it takes to tell what a branch brings, and what memory a finding takes.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::estate::{Estate, Servers, Topic};
use crate::floor::Floor;
use crate::measure::{self, Costs};
use crate::table::{grouped, seconds};
use crate::{Bench, Outcome, Runs};

/// What is promised of `validate --against`.
const LIMIT: Duration = Duration::from_secs(1);

/// The most that one more finding may take, in bytes, once there are thousands: what tells it from others and where it is
/// kept, not what it says.
const MOST_PER_FINDING: f64 = 60.0;

const EXIT_FINDINGS: i32 = 3;

/// The branch that others start from.
const MAIN: &str = "main";

/// What a branch changes.
struct PullRequest {
    /// What is said of it in the table.
    name: &'static str,
    /// Its branch.
    branch: &'static str,
    /// Makes the changes.
    write: fn(Estate, &Path) -> Outcome<()>,
    /// Codes that the gate must find, with how often at least: fast because it sees nothing is not fast.
    finds: fn(Estate) -> Vec<(&'static str, usize)>,
}

const PULL_REQUESTS: [PullRequest; 2] = [
    PullRequest {
        name: "one topic, one schema, one grant",
        branch: "few",
        write: change_few,
        finds: |_| vec![("BUS703", 1), ("BUS706", 1)],
    },
    PullRequest {
        name: "a class' retention, which every topic has",
        branch: "class",
        write: |_, folder| replace(&folder.join("busctl.yaml"), "retention: 30d", "retention: 20d"),
        finds: |estate| vec![("BUS703", estate.topics)],
    },
];

/// A topic keeps less, a schema gets a field, and another service reads a topic in place of the one that did.
fn change_few(estate: Estate, folder: &Path) -> Outcome<()> {
    let [kept, extended, handed, next] = [0, 1, 2, 3].map(|next| estate.topic(estate.topics / 2 + next));
    let manifest = |topic: &Topic| folder.join(format!("topics/{}/{}.yaml", topic.domain, topic.name));
    replace(&manifest(&kept), "config:\n", "config:\n  retention.ms: 14d\n")?;
    let schema = folder.join(format!("schemas/{}/{}.avsc", extended.domain, extended.name));
    let field = r#"{ "name": "reason", "type": ["null", "string"], "default": null, "doc": "Why it was made." },"#;
    replace(&schema, "\"fields\": [\n", &format!("\"fields\": [\n    {field}\n"))?;
    let (from, to) = (&handed.consumer, &next.consumer);
    replace(&manifest(&handed), &format!("service: {from},"), &format!("service: {to},"))?;
    let read = format!("  - {}\n", handed.name);
    replace(&folder.join(format!("acls/{from}.yaml")), &read, "")?;
    replace(&folder.join(format!("acls/{to}.yaml")), "consumes:\n", &format!("consumes:\n{read}"))
}

fn replace(file: &Path, old: &str, new: &str) -> Outcome<()> {
    let text = fs::read_to_string(file)?;
    if !text.contains(old) {
        return Err(format!("{} has no `{old}`", file.display()).into());
    }
    Ok(fs::write(file, text.replacen(old, new, 1))?)
}

/// Runs git without what the user has set.
fn git(folder: &Path, arguments: &[&str]) -> Outcome<()> {
    let output = Command::new("git")
        .args(["-c", "user.name=bench", "-c", "user.email=bench@bench.example"])
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("could not run git: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("git {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)).into()),
    }
}

/// Makes a repository of a workspace, packed as a clone is, with a branch for each pull request.
fn commit(estate: Estate, folder: &Path) -> Outcome<()> {
    git(folder, &["init", "-q", "-b", MAIN])?;
    git(folder, &["add", "."])?;
    git(folder, &["commit", "-q", "-m", "Declare the estate"])?;
    for request in &PULL_REQUESTS {
        git(folder, &["checkout", "-q", "-b", request.branch, MAIN])?;
        (request.write)(estate, folder)?;
        git(folder, &["commit", "-q", "-a", "-m", request.name])?;
    }
    git(folder, &["repack", "-a", "-d", "-q"])
}

impl Bench {
    /// Measures pull requests in an estate, and findings in it, and makes tables in Markdown of both.
    pub fn gate(&self, estate: Estate, folder: &Path, runs: Runs) -> Outcome<String> {
        eprintln!("pull requests, {} topics", estate.topics);
        estate.write(folder)?;
        estate.connect(folder, &Servers::nowhere())?;
        commit(estate, folder)?;
        let mut table = String::from(
            "| topics | pull request | `validate --against` | `validate` | × | floor | × | CPU | memory | to reach |\n\
             | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n",
        );
        for request in &PULL_REQUESTS {
            git(folder, &["checkout", "-q", request.branch])?;
            self.is_seen(request, estate, folder)?;
            self.pull_request(request, estate, folder, runs, &mut table)?;
        }
        git(folder, &["checkout", "-q", MAIN])?;
        Ok(format!("{table}\n{}", self.memory(estate, folder, runs)?))
    }

    fn against(folder: &Path) -> Vec<String> {
        ["-C", &folder.display().to_string(), "validate", "--against", "git:main"].map(str::to_owned).to_vec()
    }

    /// Fails where the gate does not find what a pull request brings.
    fn is_seen(&self, request: &PullRequest, estate: Estate, folder: &Path) -> Outcome<()> {
        let output = Command::new(&self.tool).args(Self::against(folder)).args(["--format", "jsonl"]).output()?;
        let said = String::from_utf8(output.stdout)?;
        for (code, least) in (request.finds)(estate) {
            let found = said.lines().filter(|line| line.contains(&format!("\"{code}\""))).count();
            if found < least {
                return Err(format!("{}: {code} is found {found} times, not {least}\n{said}", request.name).into());
            }
        }
        Ok(())
    }

    fn pull_request(
        &self,
        request: &PullRequest,
        estate: Estate,
        folder: &Path,
        runs: Runs,
        table: &mut String,
    ) -> Outcome<()> {
        let mut costs = [Costs::default(), Costs::default(), Costs::default()];
        for round in 0..runs.reading {
            // Who is first changes from round to round.
            for turn in 0..costs.len() {
                let who = (round + turn) % costs.len();
                costs[who].add(match who {
                    0 => measure::run(&self.tool, &Self::against(folder))?,
                    1 => self.run_tool(folder, &["validate"])?,
                    _ => self.run_floor(Floor::Files, estate, folder, &Servers::nowhere())?,
                });
            }
        }
        let [against, plain, floor] = costs;
        let times = |other: &Costs| against.wall().as_secs_f64() / other.wall().as_secs_f64();
        let reached = if against.wall() <= LIMIT { "yes" } else { "**no**" };
        // Writing to a string cannot fail.
        _ = writeln!(
            table,
            "| {} | {} | {} | {} | {:.2} | {} | {:.2} | {} | {:.1} MB | ≤ {}: {reached} |",
            grouped(estate.topics),
            request.name,
            seconds(against.wall()),
            seconds(plain.wall()),
            times(&plain),
            seconds(floor.wall()),
            times(&floor),
            seconds(against.cpu()),
            against.memory() as f64 / 1e6,
            seconds(LIMIT),
        );
        Ok(())
    }

    /// The memory of reports with more and more findings. The workspace is the same but for which topics its rules speak of.
    fn memory(&self, estate: Estate, folder: &Path, runs: Runs) -> Outcome<String> {
        let settings = fs::read_to_string(folder.join("busctl.yaml"))?;
        let topics = [estate.topics / 1_000, estate.topics / 10, estate.topics].map(|topics| topics.max(1));
        let [few, some, all] = topics.map(|topics| grouped(topics * RULES));
        let mut table = format!(
            "| report of findings | {few} | {some} | {all} | each one more | time with {all} | to reach |\n\
             | --- | ---: | ---: | ---: | ---: | ---: | --- |\n"
        );
        for format in ["text", "jsonl", "sarif", "junit"] {
            let mut costs = Vec::new();
            for topics in topics {
                fs::write(folder.join("busctl.yaml"), format!("{settings}{}", rules(estate, topics)))?;
                costs.push(self.findings(folder, format, runs)?);
            }
            let [least, middle, most] = [0, 1, 2].map(|index: usize| costs[index].memory() as f64);
            // The first thousands are in memory.
            let more = ((topics[2] - topics[1]) * RULES).max(1) as f64;
            let each = (most - middle) / more;
            let reached = if each <= MOST_PER_FINDING { "yes" } else { "**no**" };
            // Writing to a string cannot fail.
            _ = writeln!(
                table,
                "| `--format {format}` | {:.1} MB | {:.1} MB | {:.1} MB | {:.0} B | {} | ≤ {:.0} B: {reached} |",
                least / 1e6,
                middle / 1e6,
                most / 1e6,
                each,
                seconds(costs[2].wall()),
                MOST_PER_FINDING,
            );
        }
        fs::write(folder.join("busctl.yaml"), settings)?;
        Ok(table)
    }

    fn findings(&self, folder: &Path, format: &str, runs: Runs) -> Outcome<Costs> {
        let mut costs = Costs::default();
        let folder = folder.display().to_string();
        let arguments = ["-C", &folder, "validate", "--format", format].map(str::to_owned);
        for _ in 0..runs.writing {
            costs.add(measure::run_to(&self.tool, &arguments, EXIT_FINDINGS)?);
        }
        Ok(costs)
    }
}

/// Findings of each topic that the rules speak of.
const RULES: usize = 10;

/// Rules of the bus's own that so many topics break. All are asked of every topic.
fn rules(estate: Estate, topics: usize) -> String {
    let last = estate.topic(topics - 1).name;
    let mut text = String::from("policy:\n");
    for number in 0..RULES {
        text.push_str(&format!(
            "  BENCH{number}:\n\
             \x20   over: topic\n\
             \x20   name: bench-{number}\n\
             \x20   when: topic.name <= '{last}'\n\
             \x20   check: topic.partitions > {}\n\
             \x20   message: \"`{{topic.name}}` has {{topic.partitions}} partitions, and {} are the fewest that readers can share\"\n\
             \x20   help: \"write `partitions: {}` or more\"\n",
            number + 1,
            number + 2,
            number + 2,
        ));
    }
    text
}
