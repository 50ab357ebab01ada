//! Floors: minimal programs that do what a command cannot do without. They run as processes of their own and share
//! nothing with the tool but libraries.

mod files;
mod kafka;
pub mod letters;
mod registry;
mod wire;

use std::fs;
use std::path::Path;

use crate::Outcome;
use crate::estate::{Estate, Servers};

/// What a floor does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Floor {
    /// Reads and parses the files of a workspace.
    Files,
    /// Reads what a plan must know.
    Read,
    /// Creates what an apply creates.
    Apply,
}

impl Floor {
    /// The arguments with which this program runs the floor.
    pub fn arguments(self, estate: Estate, folder: &Path, servers: &Servers) -> Vec<String> {
        let word = match self {
            Floor::Files => return vec!["floor-files".into(), folder.display().to_string()],
            Floor::Read => "floor-read",
            Floor::Apply => "floor-apply",
        };
        let mut arguments =
            vec![word.into(), estate.topics.to_string(), servers.bootstrap.clone(), servers.password_file.clone()];
        arguments.extend(servers.registry.clone());
        arguments
    }
}

/// Runs a floor, where the arguments are those of one.
pub fn run(arguments: &[String]) -> Option<Outcome<()>> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["floor-files", folder] => Some(files::read(Path::new(folder)).map(|files| println!("{files} files"))),
        [word @ ("floor-read" | "floor-apply"), topics, bootstrap, password_file, registry @ ..] => {
            let servers = Servers {
                bootstrap: (*bootstrap).to_owned(),
                password_file: (*password_file).to_owned(),
                registry: registry.first().map(|url| (*url).to_owned()),
            };
            Some(number(topics).and_then(|topics| {
                let estate = Estate { topics };
                if *word == "floor-read" { read(estate, &servers) } else { apply(estate, &servers) }
            }))
        }
        ["floor-consume", bootstrap, password_file, topic, count] => {
            let client = letters::Client { bootstrap, password_file };
            Some(number(count).and_then(|count| letters::consume(client, topic, count)))
        }
        ["floor-copy", bootstrap, password_file, from, count, to] => {
            let client = letters::Client { bootstrap, password_file };
            Some(number(count).and_then(|count| letters::copy(client, from, to, count)))
        }
        _ => None,
    }
}

fn number(text: &str) -> Outcome<usize> {
    text.parse().map_err(|_| format!("`{text}` is no number").into())
}

fn read(estate: Estate, servers: &Servers) -> Outcome<()> {
    let (facts, subjects) =
        both(servers, |broker| broker.read(estate), async |registry: &registry::Registry| registry.read(estate).await)?;
    println!("{facts:?}, {subjects:?} subjects");
    let subjects_missing = subjects.is_some_and(|subjects| subjects != estate.topics);
    if facts.topics != estate.topics
        || facts.acls != estate.acls()
        || facts.overrides != estate.topics * crate::estate::CONFIGS.len()
        || subjects_missing
    {
        return Err("this is not what the estate has".into());
    }
    Ok(())
}

fn apply(estate: Estate, servers: &Servers) -> Outcome<()> {
    both(servers, |broker| broker.apply(estate), async |registry: &registry::Registry| registry.apply(estate).await)?;
    Ok(())
}

/// Works on the broker and, where there is one, on the registry at the same time.
fn both<K: Send, R>(
    servers: &Servers,
    kafka: impl FnOnce(&kafka::Broker) -> Outcome<K> + Send,
    registry: impl AsyncFnOnce(&registry::Registry) -> Outcome<R>,
) -> Outcome<(K, Option<R>)> {
    let password = fs::read_to_string(&servers.password_file)?.trim().to_owned();
    let broker = kafka::Broker { bootstrap: servers.bootstrap.clone(), password };
    std::thread::scope(|scope| {
        let kafka = scope.spawn(|| kafka(&broker));
        let registry = match &servers.registry {
            Some(url) => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                Some(runtime.block_on(async { registry(&registry::Registry::new(url)?).await })?)
            }
            None => None,
        };
        Ok((kafka.join().map_err(|_| "a thread panicked")??, registry))
    })
}
