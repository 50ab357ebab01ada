//! Whether Avro schemas are valid and compatible, beside Apache Avro's own implementation, on random pairs.
//!
//! The same twenty thousand pairs each time. `BUSCTL_TEST_SEED` gives others, `BUSCTL_AVRO_PAIRS` more.

#[path = "../support/modules.rs"]
mod modules;

mod evolve;
mod generate;
mod knots;
mod random;
mod reference;
mod shrink;
mod spoil;

use std::collections::BTreeMap;

use busctl::schema::avro;
use random::Random;
use reference::{Answer, Reference};
use serde_json::Value;

/// Two schemas as texts.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What reads.
    pub reader: String,
    /// What has written.
    pub writer: String,
}

/// What busctl says of a pair, in the reference's words.
fn ours(pair: &Pair) -> Answer {
    let (reader, writer) = (avro::parse_like_java(&pair.reader, &[]), avro::parse_like_java(&pair.writer, &[]));
    let found = match (&reader, &writer) {
        (Ok(reader), Ok(writer)) => avro::incompatibilities(reader, writer),
        _ => Vec::new(),
    };
    Answer {
        reader: reader.is_ok(),
        writer: writer.is_ok(),
        incompatibilities: found.iter().map(|found| format!("{} {}", found.code, found.path)).collect(),
        gave_up: None,
    }
}

/// Whether both say the same. Where the reference gives up, there is no kind and no location, and ours says why it
/// cannot be read.
fn agree(ours: &Answer, reference: &Answer) -> bool {
    match reference.gave_up {
        Some(_) => ours.reader && ours.writer && ours.incompatibilities.len() == 1,
        None => ours == reference,
    }
}

fn random_pair(seed: u64) -> Pair {
    let mut random = Random::new(seed);
    // Most pairs are worth comparing: what is not valid is tried again. The others may be anything.
    let tries = if random.percent(75) { 30 } else { 1 };
    let is_valid = |schema: &Value| avro::parse_like_java(&schema.to_string(), &[]).is_ok();
    let choose = |random: &mut Random, make: &dyn Fn(&mut Random) -> Value| {
        let mut made = make(random);
        for _ in 1..tries {
            if is_valid(&made) {
                break;
            }
            made = make(random);
        }
        made
    };
    let any = |random: &mut Random| {
        if random.percent(12) { generate::knot(random) } else { generate::schema(random) }
    };
    let writer = choose(&mut random, &any);
    let mut reader = if random.percent(12) { choose(&mut random, &any) } else { writer.clone() };
    for _ in 0..random.below(7) {
        reader = choose(&mut random, &|random| {
            let mut changed = reader.clone();
            evolve::change(&mut changed, random);
            changed
        });
    }
    let mut writer = writer;
    if tries == 1 && random.percent(70) {
        spoil::spoil(if random.percent(50) { &mut reader } else { &mut writer }, &mut random);
    }
    // Both ways round: what was added to one is what the other lacks.
    if random.percent(50) {
        std::mem::swap(&mut reader, &mut writer);
    }
    Pair { reader: spoil::text(&reader, &mut random), writer: spoil::text(&writer, &mut random) }
}

#[tokio::test]
async fn agrees_with_the_reference_on_random_pairs() {
    modules::assert_none_is_forgotten(file!());
    let number = |name: &str, default: u64| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let (seed, count) = (number("BUSCTL_TEST_SEED", 0), number("BUSCTL_AVRO_PAIRS", 20_000));
    let mut reference = Reference::start().await;
    let mut tally = Tally::default();
    let mut first = seed.wrapping_mul(1 << 32);
    let end = first + count;
    while first < end {
        let seeds: Vec<u64> = (first..end.min(first + 5_000)).collect();
        let pairs: Vec<Pair> = seeds.iter().map(|seed| random_pair(*seed)).collect();
        let answers = reference.ask_all(&pairs);
        for ((seed, pair), answer) in seeds.iter().zip(&pairs).zip(&answers) {
            if !agree(&ours(pair), answer) {
                let least = shrink::least(pair.clone(), |pair| !agree(&ours(pair), &reference.ask(pair)));
                let (ours, theirs) = (ours(&least), reference.ask(&least));
                let Pair { reader, writer } = least;
                panic!("pair {seed}\nreader {reader}\nwriter {writer}\nours   {ours:?}\ntheirs {theirs:?}");
            }
            tally.count(answer);
        }
        first += seeds.len() as u64;
    }
    tally.assert_everything_was_tried(count);
}

/// How often each thing came up.
#[derive(Default)]
struct Tally(BTreeMap<String, u64>);

impl Tally {
    fn count(&mut self, answer: &Answer) {
        let verdict = match answer {
            Answer { reader: false, .. } | Answer { writer: false, .. } => "invalid",
            Answer { gave_up: Some(_), .. } => "given up",
            answer if answer.incompatibilities.is_empty() => "compatible",
            _ => "incompatible",
        };
        *self.0.entry(verdict.to_owned()).or_default() += 1;
        for found in &answer.incompatibilities {
            *self.0.entry(found.split(' ').next().unwrap_or_default().to_owned()).or_default() += 1;
        }
    }

    /// Fails where the pairs have become so alike that they show nothing.
    fn assert_everything_was_tried(&self, pairs: u64) {
        println!("{:#?}", self.0);
        for (what, least_in_ten_thousand) in [
            ("invalid", 1_500),
            ("compatible", 2_000),
            ("incompatible", 3_000),
            ("given up", 50),
            ("NAME_MISMATCH", 300),
            ("FIXED_SIZE_MISMATCH", 50),
            ("MISSING_ENUM_SYMBOLS", 50),
            ("READER_FIELD_MISSING_DEFAULT_VALUE", 200),
            ("TYPE_MISMATCH", 1_000),
            ("MISSING_UNION_BRANCH", 500),
        ] {
            let tried = self.0.get(what).copied().unwrap_or(0);
            assert!(tried * 10_000 >= least_in_ten_thousand * pairs, "{what}: {tried} of {pairs} pairs");
        }
    }
}
