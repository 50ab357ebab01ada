use crate::cli::args::{Moment, parse_moment};
use crate::cli::error::CommandError;
use crate::dlq::{Condition, Coordinates, Filter, Fingerprint, Numbers, Text};
use crate::model::Timestamp;

/// Which dead letters are meant. Everything that is asked for must hold; each option may be repeated, and one of its values is
/// enough.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Which dead letters")]
pub struct FilterArgs {
    /// Of these partitions of the dead-letter topic: 3, 0..2
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    partition: Vec<Numbers>,

    /// With these offsets there: 17, 100..200, 100..
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    offset: Vec<Numbers>,

    /// These records alone: 3/1204
    #[arg(long, value_name = "PARTITION/OFFSET", value_delimiter = ',')]
    record: Vec<Coordinates>,

    /// Not older: 2026-11-25T15:00:00Z, 2026-11-25, or an age such as 2h
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    since: Option<Moment>,

    /// Older
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    until: Option<Moment>,

    /// With this key, in which `*` stands for anything
    #[arg(long, value_name = "TEXT")]
    key: Vec<Text>,

    /// With this header, or with one of this value; of several, all must be there
    #[arg(long, value_name = "NAME[=TEXT]")]
    header: Vec<String>,

    /// That come from this topic
    #[arg(long, value_name = "TEXT")]
    origin_topic: Vec<Text>,

    /// That come from these partitions
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    origin_partition: Vec<Numbers>,

    /// That had these offsets where they come from
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    origin_offset: Vec<Numbers>,

    /// That this consumer group could not process
    #[arg(long, value_name = "TEXT")]
    group: Vec<Text>,

    /// That failed with this class of exception, its cause included: `*TimeoutException`
    #[arg(long, value_name = "TEXT")]
    class: Vec<Text>,

    /// That failed for this reason, as `busctl dlq triage` names it
    #[arg(long, value_name = "FINGERPRINT", value_delimiter = ',')]
    fingerprint: Vec<Fingerprint>,

    /// Of which this expression in CEL is true: `value.price > 100 && headers.tenant == 'a'`. Records are decoded for it; one
    /// that cannot be, or of which it says nothing, is not meant. docs/dlq.md lists what it knows
    #[arg(long = "where", value_name = "EXPRESSION")]
    condition: Option<Condition>,
}

impl FilterArgs {
    /// The options that were given, in words, for the record.
    pub fn as_given(&self) -> Vec<String> {
        fn of<T: ToString>(name: &str, values: &[T]) -> Vec<String> {
            values.iter().map(|value| format!("--{name} {}", value.to_string())).collect()
        }
        let moment = |moment: &Option<Moment>| moment.iter().copied().collect::<Vec<_>>();
        [
            of("partition", &self.partition),
            of("offset", &self.offset),
            of("record", &self.record),
            of("since", &moment(&self.since)),
            of("until", &moment(&self.until)),
            of("key", &self.key),
            of("header", &self.header),
            of("origin-topic", &self.origin_topic),
            of("origin-partition", &self.origin_partition),
            of("origin-offset", &self.origin_offset),
            of("group", &self.group),
            of("class", &self.class),
            of("fingerprint", &self.fingerprint),
            of("where", self.condition.as_slice()),
        ]
        .concat()
    }

    /// What they mean now.
    pub fn filter(&self, now: Timestamp) -> Result<Filter, CommandError> {
        let headers = self.header.iter().map(|header| match header.split_once('=') {
            None => Ok((header.clone(), None)),
            Some((name, text)) => {
                let text = text.parse().map_err(|error| CommandError::usage(format!("--header {header}: {error}")))?;
                Ok((name.to_owned(), Some(text)))
            }
        });
        let moment = |moment: &Option<Moment>| moment.map(|moment| moment.before(now).unix_millis());
        Ok(Filter {
            partitions: self.partition.clone(),
            offsets: self.offset.clone(),
            records: self.record.iter().copied().collect(),
            since: moment(&self.since),
            until: moment(&self.until),
            keys: self.key.clone(),
            headers: headers.collect::<Result<_, CommandError>>()?,
            origin_topics: self.origin_topic.clone(),
            origin_partitions: self.origin_partition.clone(),
            origin_offsets: self.origin_offset.clone(),
            groups: self.group.clone(),
            classes: self.class.clone(),
            fingerprints: self.fingerprint.iter().copied().collect(),
            condition: self.condition.clone(),
        })
    }
}
