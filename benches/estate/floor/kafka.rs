//! The fewest requests that tell what a plan must know of Kafka, and that create what an apply creates.

use std::thread;
use std::time::{Duration, Instant};

use super::wire::{Answer, Api, Body, Connection};
use crate::Outcome;
use crate::estate::{CONFIGS, Estate, PARTITIONS};

const METADATA: Api = (3, 12);
const CREATE_TOPICS: Api = (19, 7);
const DESCRIBE_ACLS: Api = (29, 3);
const CREATE_ACLS: Api = (30, 3);
const DESCRIBE_CONFIGS: Api = (32, 4);
const DESCRIBE_CLIENT_QUOTAS: Api = (48, 1);

/// Connections over which configs are read. A broker answers one request of each connection at a time.
const CONNECTIONS: usize = 4;

/// Topics whose configs one request asks for.
const TOPICS_PER_REQUEST: usize = 500;

/// Records that a controller takes in one request.
const RECORDS_PER_REQUEST: usize = 10_000;

/// How long after an answer without a topic the broker is asked again.
const PAUSE: Duration = Duration::from_millis(10);

/// How the broker is reached.
#[derive(Debug, Clone)]
pub struct Broker {
    /// `HOST:PORT`.
    pub bootstrap: String,
    /// The password of `admin`.
    pub password: String,
}

/// What a cluster holds.
#[derive(Debug, Default)]
pub struct Facts {
    /// Topics of the estate: Kafka and the tool have some of their own.
    pub topics: usize,
    /// Configs that are set on topics.
    pub overrides: usize,
    /// ACLs of the estate's services.
    pub acls: usize,
}

impl Broker {
    fn open(&self) -> Outcome<Connection> {
        Connection::open(&self.bootstrap, &self.password)
    }

    /// Reads everything that a plan needs: partitions, overrides, ACLs, quotas.
    pub fn read(&self, estate: Estate) -> Outcome<Facts> {
        let names: Vec<String> = estate.all().map(|topic| topic.name).collect();
        let mut shares: Vec<Vec<&[String]>> = vec![Vec::new(); CONNECTIONS];
        let size = TOPICS_PER_REQUEST.min(names.len().div_ceil(CONNECTIONS)).max(1);
        for (turn, chunk) in names.chunks(size).enumerate() {
            shares[turn % CONNECTIONS].push(chunk);
        }
        thread::scope(|scope| {
            let others = scope.spawn(|| self.read_others());
            let configs: Vec<_> =
                shares.into_iter().map(|share| scope.spawn(move || self.read_configs(&share))).collect();
            let mut facts = others.join().map_err(|_| "a thread panicked")??;
            for thread in configs {
                facts.overrides += thread.join().map_err(|_| "a thread panicked")??;
            }
            Ok(facts)
        })
    }

    fn read_others(&self) -> Outcome<Facts> {
        let mut connection = self.open()?;
        let mut body = Body::default();
        body.null().i8(0).i8(0).end();
        connection.send(METADATA, &body)?;
        let mut body = Body::default();
        body.i8(1).null().i8(1).null().null().i8(1).i8(1).end();
        connection.send(DESCRIBE_ACLS, &body)?;
        let mut body = Body::default();
        body.length(0).i8(0).end();
        connection.send(DESCRIBE_CLIENT_QUOTAS, &body)?;
        let topics = count_topics(&connection.receive()?)?;
        let acls = count_acls(&connection.receive()?)?;
        let quotas = connection.receive()?;
        let mut quotas = Answer::flexible(&quotas)?;
        quotas.i32()?;
        quotas.nothing_wrong("DescribeClientQuotas")?;
        Ok(Facts { topics, acls, overrides: 0 })
    }

    fn read_configs(&self, share: &[&[String]]) -> Outcome<usize> {
        if share.is_empty() {
            return Ok(0);
        }
        let mut connection = self.open()?;
        for chunk in share {
            let mut body = Body::default();
            body.length(chunk.len());
            for name in *chunk {
                body.i8(2).string(name).null().end();
            }
            body.i8(0).i8(0).end();
            connection.send(DESCRIBE_CONFIGS, &body)?;
        }
        let mut overrides = 0;
        for _ in share {
            overrides += count_overrides(&connection.receive()?)?;
        }
        Ok(overrides)
    }

    /// Creates topics and ACLs in the largest requests that a controller takes, and waits until the broker serves them.
    pub fn apply(&self, estate: Estate) -> Outcome<()> {
        let mut connection = self.open()?;
        let names: Vec<String> = estate.all().map(|topic| topic.name).collect();
        let records_of_topic = 2 + PARTITIONS as usize + CONFIGS.len();
        let chunks: Vec<_> = names.chunks(RECORDS_PER_REQUEST / records_of_topic).collect();
        for chunk in &chunks {
            connection.send(CREATE_TOPICS, &new_topics(chunk))?;
        }
        let acls = acls(estate);
        let requests: Vec<_> = acls.chunks(RECORDS_PER_REQUEST).collect();
        for chunk in &requests {
            let mut body = Body::default();
            body.length(chunk.len());
            for (kind, name, principal, operation) in *chunk {
                body.i8(*kind).string(name).i8(LITERAL).string(principal).string("*").i8(*operation).i8(ALLOW).end();
            }
            body.end();
            connection.send(CREATE_ACLS, &body)?;
        }
        for _ in &chunks {
            check_created(&connection.receive()?)?;
        }
        for _ in &requests {
            check_acls(&connection.receive()?)?;
        }
        self.wait(&mut connection, estate)
    }

    /// A broker takes over what the controller wrote in the order in which it was written: it serves everything once it
    /// serves the last topic and the last ACL.
    fn wait(&self, connection: &mut Connection, estate: Estate) -> Outcome<()> {
        let started = Instant::now();
        let last = estate.topic(estate.topics - 1).name;
        loop {
            let mut body = Body::default();
            body.length(1).raw(&[0; 16]).string(&last).end().i8(0).i8(0).end();
            connection.send(METADATA, &body)?;
            let mut acls = Body::default();
            let (kind, name, principal, operation) = last_acl(estate);
            acls.i8(kind).string(&name).i8(LITERAL).string(&principal).null().i8(operation).i8(ALLOW).end();
            connection.send(DESCRIBE_ACLS, &acls)?;
            let topics = count_topics(&connection.receive()?)?;
            let acls = count_acls(&connection.receive()?)?;
            if topics == 1 && acls == 1 {
                return Ok(());
            }
            if started.elapsed() > Duration::from_secs(600) {
                return Err("the broker does not serve what was created".into());
            }
            thread::sleep(PAUSE);
        }
    }
}

fn new_topics(names: &[String]) -> Body {
    let mut body = Body::default();
    body.length(names.len());
    for name in names {
        body.string(name).i32(PARTITIONS as i32).i16(1).length(0).length(CONFIGS.len());
        for (key, value) in CONFIGS {
            body.string(key).string(value).end();
        }
        body.end();
    }
    body.i32(60_000).i8(0).end();
    body
}

const TOPIC: i8 = 2;
const GROUP: i8 = 3;
const LITERAL: i8 = 3;
const ALLOW: i8 = 3;
const READ: i8 = 3;
const WRITE: i8 = 4;
const DESCRIBE: i8 = 8;

/// Resource type, name, principal, operation.
type Acl = (i8, String, String, i8);

fn acls(estate: Estate) -> Vec<Acl> {
    let mut acls = Vec::with_capacity(estate.acls());
    for (number, topic) in estate.all().enumerate() {
        let (producer, consumer) = (format!("User:{}", topic.producer), format!("User:{}", topic.consumer));
        for operation in [DESCRIBE, WRITE] {
            acls.push((TOPIC, topic.name.clone(), producer.clone(), operation));
        }
        if number < estate.services() {
            acls.push((GROUP, topic.consumer.clone(), consumer.clone(), READ));
        }
        for operation in [DESCRIBE, READ] {
            acls.push((TOPIC, topic.name.clone(), consumer.clone(), operation));
        }
    }
    acls
}

fn last_acl(estate: Estate) -> Acl {
    let topic = estate.topic(estate.topics - 1);
    (TOPIC, topic.name, format!("User:{}", topic.consumer), READ)
}

fn count_topics(frame: &[u8]) -> Outcome<usize> {
    let mut answer = Answer::flexible(frame)?;
    answer.i32()?;
    for _ in 0..answer.length()? {
        answer.i32()?;
        answer.string()?;
        answer.i32()?;
        answer.string()?;
        answer.end()?;
    }
    answer.string()?;
    answer.i32()?;
    let mut topics = 0;
    for _ in 0..answer.length()? {
        let error = answer.i16()?;
        let ours = Estate::has_topic(answer.string()?);
        answer.take(16)?;
        answer.i8()?;
        let partitions = answer.length()?;
        for _ in 0..partitions {
            answer.take(2 + 4 + 4 + 4)?;
            answer.numbers()?;
            answer.numbers()?;
            answer.numbers()?;
            answer.end()?;
        }
        answer.i32()?;
        answer.end()?;
        topics += usize::from(error == 0 && ours && partitions == PARTITIONS as usize);
    }
    Ok(topics)
}

fn count_acls(frame: &[u8]) -> Outcome<usize> {
    let mut answer = Answer::flexible(frame)?;
    answer.i32()?;
    answer.nothing_wrong("DescribeAcls")?;
    answer.string()?;
    let mut acls = 0;
    for _ in 0..answer.length()? {
        answer.i8()?;
        answer.string()?;
        answer.i8()?;
        for _ in 0..answer.length()? {
            acls += usize::from(Estate::has_principal(answer.string()?));
            answer.string()?;
            answer.take(2)?;
            answer.end()?;
        }
        answer.end()?;
    }
    Ok(acls)
}

fn count_overrides(frame: &[u8]) -> Outcome<usize> {
    let mut answer = Answer::flexible(frame)?;
    answer.i32()?;
    let mut overrides = 0;
    for _ in 0..answer.length()? {
        answer.nothing_wrong("DescribeConfigs")?;
        answer.string()?;
        answer.i8()?;
        answer.string()?;
        for _ in 0..answer.length()? {
            answer.string()?;
            answer.string()?;
            answer.i8()?;
            let source = answer.i8()?;
            answer.i8()?;
            if answer.length()? > 0 {
                return Err("synonyms were not asked for".into());
            }
            answer.i8()?;
            answer.string()?;
            answer.end()?;
            overrides += usize::from(source == 1);
        }
        answer.end()?;
    }
    Ok(overrides)
}

fn check_created(frame: &[u8]) -> Outcome<()> {
    let mut answer = Answer::flexible(frame)?;
    answer.i32()?;
    for _ in 0..answer.length()? {
        let name = answer.string()?;
        answer.take(16)?;
        answer.nothing_wrong(name)?;
        answer.string()?;
        answer.take(4 + 2)?;
        for _ in 0..answer.length()? {
            answer.string()?;
            answer.string()?;
            answer.take(3)?;
            answer.end()?;
        }
        answer.end()?;
    }
    Ok(())
}

fn check_acls(frame: &[u8]) -> Outcome<()> {
    let mut answer = Answer::flexible(frame)?;
    answer.i32()?;
    for _ in 0..answer.length()? {
        answer.nothing_wrong("CreateAcls")?;
        answer.string()?;
        answer.end()?;
    }
    Ok(())
}
