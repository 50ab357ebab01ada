use super::ask::{Ask, Check, Question};
use super::made;
use crate::cli::args::{Global, words};
use crate::cli::error::{CommandError, Exit};
use crate::resources::Workspace;
use crate::resources::scaffold::{NewTopic, NoScaffold, is_tended, known_client, new_topic, new_topic_name};
use crate::schema::SchemaFormat;

/// Options of `new topic`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its name
    #[arg(value_name = "TOPIC")]
    topic: Option<String>,

    /// Its class in busctl.yaml, which gives cleanup and retention
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,

    /// What one record means, and when it is written
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,

    /// The team that answers for it; by default the owner of its domain
    #[arg(long, value_name = "TEAM")]
    owner: Option<String>,

    /// What orders the records: the field or fields of the key, or `none`
    #[arg(long, value_name = "FIELDS")]
    key: Option<String>,

    /// Number of partitions; by default what the bus says
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    partitions: Option<u32>,

    /// A service that writes it. May be repeated
    #[arg(long = "producer", value_name = "SERVICE")]
    producers: Vec<String>,

    /// A service or role that reads it. May be repeated
    #[arg(long = "consumer", value_name = "SERVICE")]
    consumers: Vec<String>,

    /// A consumer that has dead letters: their topic, and that it may write it, follow from that. May be repeated
    #[arg(long, value_name = "SERVICE")]
    dlq: Vec<String>,

    /// The role that looks after the dead letters; by default the one that looks after those of other topics
    #[arg(long, value_name = "ROLE")]
    dlq_reader: Option<String>,

    /// Why records are kept as long as they are
    #[arg(long, value_name = "TEXT")]
    retention_rationale: Option<String>,

    /// The change request that asks for it
    #[arg(long, value_name = "REFERENCE")]
    change_request: Option<String>,

    /// A cluster, environment or label that it is for; by default all. May be repeated
    #[arg(long = "on", value_name = "CLUSTER")]
    clusters: Vec<String>,

    /// The format of its schema
    #[arg(long, value_name = "FORMAT", default_value = "avro", value_parser = words(FORMATS))]
    schema: SchemaFormat,
}

const FORMATS: &[(&str, SchemaFormat)] =
    &[("avro", SchemaFormat::Avro), ("json", SchemaFormat::Json), ("protobuf", SchemaFormat::Protobuf)];

/// Writes a topic with all that belongs to it.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let context = made::loaded(global)?;
    let workspace = &context.workspace;
    let mut ask = Ask::new();
    let pattern = workspace.settings.topic_pattern.to_string();
    let is_new = |name: &str| new_topic_name(workspace, name).map(drop);
    let is_client = |client: &str| known_client(workspace, client);
    let name = format!("Name, as {pattern}");
    let name = ask.text(args.topic.as_ref(), &Question::open("TOPIC", &name).checked(&is_new))?;
    let classes: Vec<&str> = workspace.settings.classes.keys().map(String::as_str).collect();
    let class = match classes.is_empty() {
        true => args.class.clone(),
        false => Some(ask.text(args.class.as_ref(), &Question::among("--class CLASS", "Class", classes))?),
    };
    let description =
        ask.text(args.description.as_ref(), &Question::open("--description TEXT", "What does one record mean?"))?;
    let key = "Key: the fields that order the records, or none";
    let key = ask.text(args.key.as_ref(), &Question::open("--key FIELDS", key))?;
    let producers = "Producers, with commas between them";
    let producers = ask.list(&args.producers, &Question::open("--producer SERVICE", producers).checked(&is_client))?;
    let consumers = "Consumers, with commas between them";
    let mut consumers = match (args.consumers.is_empty(), args.dlq.is_empty()) {
        (true, false) => Vec::new(),
        _ => ask.list(&args.consumers, &Question::open("--consumer SERVICE", consumers).checked(&is_client))?,
    };
    let dead_letters = "Which of them have dead letters, with commas between them";
    let is_consumer = |service: &str| match consumers.iter().any(|consumer| consumer == service) {
        true => Ok(()),
        false => {
            let help = format!("take some of {}", consumers.join(", "));
            Err(NoScaffold::new(format!("`{service}` is none of its consumers"), help))
        }
    };
    // Who is named to have dead letters is a consumer by that.
    let check: &Check<'_> = if args.dlq.is_empty() { &is_consumer } else { &is_client };
    let question = Question::open("--dlq SERVICE", dead_letters).or("").checked(check);
    let dead_letters = ask.list(&args.dlq, &question)?;
    // Who has dead letters reads.
    consumers.extend(dead_letters.iter().filter(|service| !args.consumers.contains(service)).cloned());
    let dead_letters_to = match &args.dlq_reader {
        None if !dead_letters.is_empty() && !is_tended(workspace, &name) => {
            let roles = workspace.catalog.roles.keys().map(String::as_str);
            let question = Question::among("--dlq-reader ROLE", "Role that looks after the dead letters", roles);
            let role = ask.text(None, &question.or(reader_of_others(workspace).unwrap_or_default()))?;
            Some(role).filter(|role| !role.is_empty())
        }
        given => given.clone(),
    };
    let rationale = "Why are records kept as long as they are?";
    let rationale = Question::open("--retention-rationale TEXT", rationale);
    let retention_rationale = ask.text(args.retention_rationale.as_ref(), &rationale)?;
    let change_request = Question::open("--change-request REFERENCE", "The change request that asks for it");
    let change_request = ask.text(args.change_request.as_ref(), &change_request)?;
    ask.finish()?;
    let new = NewTopic {
        name,
        class,
        description,
        owner: args.owner.clone(),
        key,
        partitions: args.partitions,
        producers,
        consumers,
        dead_letters,
        dead_letters_to,
        retention_rationale,
        change_request,
        clusters: args.clusters.clone(),
        format: Some(args.schema),
    };
    made::write_new(context, new_topic(workspace, &new)?, global)?;
    Ok(Exit::Done)
}

/// The role that looks after the dead letters of other topics, where it is one for all of them.
fn reader_of_others(workspace: &Workspace) -> Option<&str> {
    let mut tending = workspace.catalog.roles.iter().filter(|(_, role)| role.dlq.is_some());
    let one = tending.next().map(|(name, _)| name.as_str());
    one.filter(|_| tending.next().is_none())
}
