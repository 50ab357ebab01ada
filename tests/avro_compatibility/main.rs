//! Whether Avro schemas are valid and compatible, beside Apache Avro's own implementation, on random pairs.
//!
//! The same twenty thousand pairs each time. `BUSCTL_TEST_SEED` gives others, `BUSCTL_AVRO_PAIRS` more.

#[path = "../support/avro_java.rs"]
mod avro_java;
#[path = "../support/modules.rs"]
mod modules;

mod evolve;
mod generate;
mod knots;
mod random;
mod records;
mod reference;
mod shrink;
mod spoil;

use std::collections::BTreeMap;

use busctl::schema::{ResolvedReference, avro};
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
    /// What both may use the types of.
    pub reference: Option<String>,
}

/// What busctl says of a pair, in the reference's words.
fn ours(pair: &Pair) -> Answer {
    let reference = resolved(pair.reference.as_deref());
    let references = reference.as_slice();
    let is_valid = |text: &str| avro::parse_like_java(text, references).is_ok();
    let registered = |text: &str| avro::parse_registered(text, references);
    let (reader, writer) = (registered(&pair.reader), registered(&pair.writer));
    let found = match (&reader, &writer) {
        (Ok(reader), Ok(writer)) => avro::incompatibilities(reader, writer),
        _ => Vec::new(),
    };
    Answer {
        reader: is_valid(&pair.reader),
        writer: is_valid(&pair.writer),
        reader_registered: reader.is_ok(),
        writer_registered: writer.is_ok(),
        incompatibilities: found.iter().map(|found| format!("{} {}", found.code, found.path)).collect(),
        gave_up: None,
    }
}

fn resolved(text: Option<&str>) -> Option<ResolvedReference<'_>> {
    text.map(|text| ResolvedReference { name: "Reference", text })
}

/// Whether both say the same. Where the reference gives up, it has neither kind nor location, and ours says that two
/// names of a field are the writer's.
fn agree(ours: &Answer, reference: &Answer) -> bool {
    match reference.gave_up {
        Some(_) => {
            let is_named = matches!(&ours.incompatibilities[..], [only] if only.starts_with("NAME_MISMATCH "));
            let same = Answer { incompatibilities: reference.incompatibilities.clone(), ..ours.clone() };
            is_named && same == Answer { gave_up: None, ..reference.clone() }
        }
        None => ours == reference,
    }
}

fn random_pair(seed: u64) -> Pair {
    let mut random = Random::new(seed);
    // Most pairs are worth comparing: what is not valid is tried again. The others may be anything.
    let tries = if random.percent(75) { 30 } else { 1 };
    let reference = random.percent(15).then(|| choose(&mut random, &[], 30, &generate::schema));
    let names = reference.as_ref().map(evolve::named).unwrap_or_default();
    let reference = reference.map(|reference| reference.to_string());
    let used = resolved(reference.as_deref());
    let choose =
        |random: &mut Random, make: &dyn Fn(&mut Random) -> Value| choose(random, used.as_slice(), tries, make);
    let any = |random: &mut Random| match random.percent(12) {
        true => generate::knot(random),
        false => generate::schema_with(random, &names),
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
    let (reader, writer) = (spoil::text(&reader, &mut random), spoil::text(&writer, &mut random));
    Pair { reader, writer, reference }
}

/// Something valid, where that comes up in so many tries.
fn choose(
    random: &mut Random,
    references: &[ResolvedReference<'_>],
    tries: usize,
    make: &dyn Fn(&mut Random) -> Value,
) -> Value {
    let mut made = make(random);
    for _ in 1..tries {
        if avro::parse_like_java(&made.to_string(), references).is_ok() {
            break;
        }
        made = make(random);
    }
    made
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
                panic!("pair {seed}\n{least:#?}\nours   {ours:?}\ntheirs {theirs:?}");
            }
            tally.count(pair, answer);
        }
        first += seeds.len() as u64;
    }
    tally.assert_everything_was_tried(count);
}

/// How often each thing came up.
#[derive(Default)]
struct Tally(BTreeMap<String, u64>);

impl Tally {
    fn count(&mut self, pair: &Pair, answer: &Answer) {
        let is_valid = answer.reader_registered && answer.writer_registered;
        let mut came_up = vec![match answer {
            _ if !is_valid => "invalid",
            Answer { gave_up: Some(_), .. } => "given up",
            answer if answer.incompatibilities.is_empty() => "compatible",
            _ => "incompatible",
        }];
        came_up.extend((is_valid && !(answer.reader && answer.writer)).then_some("default of another type"));
        came_up.extend((is_valid && pair.reference.is_some()).then_some("with a reference"));
        came_up.extend(answer.incompatibilities.iter().filter_map(|found| found.split(' ').next()));
        for what in came_up {
            *self.0.entry(what.to_owned()).or_default() += 1;
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
            ("default of another type", 50),
            ("with a reference", 500),
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
