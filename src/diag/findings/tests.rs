use std::path::PathBuf;
use std::sync::Mutex;

use proptest::prelude::*;

use super::*;
use crate::diag::{Fix, Safety, WaiverTerms};
use crate::source::Span;

/// A spill in memory.
#[derive(Debug, Default)]
pub struct MemorySpill(Mutex<Vec<u8>>);

impl Spill for MemorySpill {
    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        let mut all = self.0.lock().expect("nobody panicked");
        let start = all.len() as u64;
        all.extend_from_slice(bytes);
        Ok(start)
    }

    fn read_at(&self, start: u64, bytes: &mut [u8]) -> io::Result<usize> {
        let all = self.0.lock().expect("nobody panicked");
        // As a disk may: less than was asked for.
        let part = &all[start as usize..][..bytes.len().min(100).min(all.len() - start as usize)];
        bytes[..part.len()].copy_from_slice(part);
        Ok(part.len())
    }
}

/// One that takes so many bytes, and one of which nothing can be read.
#[derive(Debug)]
struct Broken {
    takes: usize,
    gives: MemorySpill,
}

impl Spill for Broken {
    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        let start = self.gives.append(bytes)?;
        if start as usize + bytes.len() > self.takes { Err(io::Error::other("it is full")) } else { Ok(start) }
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("it cannot be read"))
    }
}

fn sources() -> Sources {
    let mut sources = Sources::default();
    // Not in the order of their paths, and one path twice.
    ["b.yaml", "a.yaml", "c.yaml", "a.yaml"].into_iter().for_each(|path| _ = sources.add(path, "x: 1\n"));
    sources
}

prop_compose! {
    fn finding()(
        code in prop::sample::select(vec!["BUS104", "BUS107", "ORG001"]),
        level in prop::sample::select(vec![Level::Off, Level::Info, Level::Warn, Level::Error]),
        message in "[ab\n\"ä]{0,2}",
        // One file was never read.
        places in prop::collection::vec((0u32..5, 0u32..3, 0u32..3, "[x\n]{0,1}"), 0..3),
        (help, resource, cluster) in (prop::option::of("[h\\\\]{0,2}"), prop::option::of("topic/[ab]"), prop::option::of("[cd]")),
        (fix, waiver) in (any::<bool>(), any::<bool>()),
    ) -> Diagnostic {
        let mut finding = Diagnostic::new(code, message).level(level);
        for (file, start, length, text) in places {
            finding = finding.at(Span { file: FileId(file), start, end: start + length }, text);
        }
        let span = Span { file: FileId(0), start: 1, end: 2 };
        let mend = || Fix::new(Safety::Guess, "write `x`").replace(span, "x").create(PathBuf::from("n.yaml"), "y");
        let waiver = waiver.then(|| WaiverTerms { expires: "2026-12-31".into(), owner: Some("team".into()) });
        Diagnostic { help, resource, cluster, waiver, ..finding.fix(fix.then(mend)) }
    }
}

proptest! {
    #[test]
    fn findings_are_the_same_in_whatever_part_they_are_in_memory(
        found in prop::collection::vec(finding(), 0..40),
        others in prop::collection::vec(finding(), 0..10),
        most in 1usize..50,
    ) {
        let sources = sources();
        let store = Store::spilling(&sources, most, MemorySpill::default());
        let (mut findings, mut appended) = (store.findings(), store.findings());
        findings.extend(found.iter().cloned());
        appended.extend(others.iter().cloned());
        findings.append(appended);

        let mut expected: Vec<Diagnostic> = found.into_iter().chain(others).collect();
        let order = Order::of(&sources);
        expected.sort_by(|a, b| order.compare(a, b));
        prop_assert_eq!(findings.len(), expected.len());
        prop_assert_eq!(findings.iter().map(Cow::into_owned).collect::<Vec<_>>(), expected.clone());

        let mut shown: Vec<_> = expected.iter().filter(|finding| finding.level != Level::Off).collect();
        shown.sort_by_key(|finding| std::cmp::Reverse(finding.level));
        let files: std::collections::BTreeSet<_> = shown.iter().filter_map(|finding| Some(finding.span()?.file)).collect();
        prop_assert_eq!((findings.shown(), findings.files()), (shown.len(), files.len()));
        let read: Vec<_> = findings.worst_first().collect();
        prop_assert_eq!(read.iter().map(|(_, finding)| &**finding).collect::<Vec<_>>(), shown);
        for (position, finding) in &read {
            prop_assert_eq!(findings.at(*position), Some(finding.clone()));
        }
        let spoken_of: std::collections::BTreeSet<_> =
            expected.iter().flat_map(|finding| &finding.labels).map(|label| label.span.file).collect();
        prop_assert_eq!(findings.spoken_of().collect::<std::collections::BTreeSet<_>>(), spoken_of);
        drop(read);
        prop_assert!(findings.whole().is_ok());
        prop_assert_eq!(findings.into_vec(), expected);
    }
}

#[test]
fn the_order_is_that_of_paths_and_places() {
    let order = Order::of(&sources());
    let at = |file, start| Diagnostic::new("BUS104", "").at(Span { file: FileId(file), start, end: start }, "");
    let mut findings = [
        Diagnostic::new("BUS104", "without a place"),
        at(2, 0),
        at(0, 0),
        at(3, 1),
        at(1, 2),
        at(3, 0),
        at(7, 0),
        at(1, 0),
    ];
    findings.sort_by(|a, b| order.compare(a, b));
    let places: Vec<_> = findings.iter().map(|it| it.span().map(|span| (span.file.0, span.start))).collect();
    let known = [(1, 0), (3, 0), (3, 1), (1, 2), (0, 0), (2, 0)].map(Some);
    assert_eq!(places, [&known[..], &[None, Some((7, 0))]].concat());
}

#[test]
fn what_cannot_be_written_stays_and_is_told() {
    let spill = Broken { takes: 1_000, gives: MemorySpill::default() };
    let mut findings = Store::spilling(&sources(), 5, spill).findings();
    findings.extend((0..100).map(|number| Diagnostic::new("BUS104", format!("finding {number}"))));
    assert_eq!(findings.whole().expect_err("there is no room").to_string(), "it is full");
    // Also to who goes on with none of them.
    assert!(findings.none().whole().is_err());
    assert_eq!((findings.len(), findings.count(Level::Error)), (100, 100));
}

#[test]
fn what_cannot_be_read_again_is_told() {
    let sources = sources();
    let spill = Broken { takes: usize::MAX, gives: MemorySpill::default() };
    let mut findings = Store::spilling(&sources, 5, spill).findings();
    findings.extend((0..12).map(|number| Diagnostic::new("BUS104", format!("finding {number}"))));
    assert!(findings.whole().is_ok());
    let mut others = Findings::listed([Diagnostic::new("BUS104", "another")], &sources);
    others.append(findings);
    assert_eq!(others.iter().count(), 3);
    assert_eq!(others.whole().expect_err("some are lost").to_string(), "it cannot be read");
}
