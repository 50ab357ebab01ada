//! What a stack trace says of where an exception came from: of the root cause, which alone tells failures apart where a
//! framework wraps each of them.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use memchr::memmem::Finder;

use super::BETWEEN;
use super::message::without_particulars;

/// How many places in the code belong to a shape.
const FRAMES: usize = 3;

/// How many ends of traces are remembered, and how long one may be, in bytes.
const REMEMBERED: usize = 16;
const LONGEST_REMEMBERED: usize = 64 << 10;

/// The class of the exception that all others of a trace come from; none where the trace names no cause.
pub(in crate::dlq) fn root_class(trace: &str) -> Option<&str> {
    class(root(trace)?)
}

/// The class of the exception that a part of a trace begins with.
pub(super) fn class(part: &str) -> Option<&str> {
    let class = part.split([':', '\n', '\r']).next()?.trim();
    Some(class).filter(|class| !class.is_empty() && !class.contains(' '))
}

/// The part of a trace that is about the root cause: that behind the last line which names a cause.
pub(super) fn root(trace: &str) -> Option<&str> {
    const CAUSE: &str = "Caused by: ";
    static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(CAUSE));
    let begins_a_line = |at: &usize| {
        let before = trace.as_bytes()[..*at].iter().rev().find(|byte| **byte == b'\n' || !byte.is_ascii_whitespace());
        before.is_none_or(|byte| *byte == b'\n')
    };
    let last = FINDER.find_iter(trace.as_bytes()).filter(begins_a_line).last()?;
    Some(&trace[last + CAUSE.len()..])
}

/// The innermost places of a part of a trace, without lines and without what runtimes generate.
fn innermost(part: &str) -> impl Iterator<Item = &str> {
    part.lines().filter_map(frame).filter(|frame| !is_generated(frame)).take(FRAMES)
}

/// What traces end with and the places in the code that this makes: a queue has millions of records that failed in a few ways, and
/// their traces differ in the first line alone, by the message in it.
#[derive(Debug, Default)]
pub(super) struct Places {
    known: Vec<(Box<str>, Box<str>)>,
    oldest: usize,
}

impl Places {
    /// Adds the innermost places of a part of a trace, each with [`BETWEEN`] behind it.
    pub(super) fn put(&mut self, part: &str, into: &mut String) {
        let message = part.split_inclusive('\n').take_while(|line| frame(line).is_none()).map(str::len).sum::<usize>();
        let end = &part[message..];
        if let Some((_, places)) = self.known.iter().find(|(known, _)| **known == *end) {
            return into.push_str(places);
        }
        let from = into.len();
        for place in innermost(end) {
            without_particulars(place, into);
            into.push(BETWEEN);
        }
        if end.len() <= LONGEST_REMEMBERED {
            let found = (end.into(), into[from..].into());
            match self.known.get_mut(self.oldest) {
                Some(place) => *place = found,
                None => self.known.push(found),
            }
            self.oldest = (self.oldest + 1) % REMEMBERED;
        }
    }
}

/// The place that a line names: `at PLACE(FILE:LINE)` as Java, Scala and JavaScript write it, `File "F", line N, in PLACE` as
/// Python does.
fn frame(line: &str) -> Option<&str> {
    let line = line.trim();
    match line.strip_prefix("at ") {
        Some(place) => Some(place.split('(').next()?.trim()),
        None if line.starts_with("File \"") => Some(line.rsplit_once(", in ")?.1),
        None => None,
    }
    .filter(|place| !place.is_empty())
}

/// Proxies, lambdas and reflection have other names in every run.
fn is_generated(frame: &str) -> bool {
    static PARTS: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let parts =
            ["$$", "$Proxy", "GeneratedMethodAccessor", "jdk.internal.reflect.", "java.lang.reflect.", "sun.reflect."];
        AhoCorasick::new(parts).expect("six words are few enough")
    });
    PARTS.is_match(frame)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_root_cause_tells() {
        let trace = "a.Outer: failed\n\tat framework.Loop.run(Loop.java:1)\nCaused by: b.Middle: x\n\tat m.M.m(M.java:2)\n\
                     Caused by: c.Root\n\tat jdk.internal.reflect.Direct.invoke(Direct.java:9)\n\
                     \tat app//com.acme.A$$Lambda$12.run(Unknown Source)\n\tat com.acme.A.first(A.java:10)\n\
                     \tat com.acme.B.second(B.java:20)\n\tat com.acme.C.third(C.java:30)\n\tat com.acme.D.fourth(D.java:40)\n";
        assert_eq!(root_class(trace), Some("c.Root"));
        let places: Vec<_> = innermost(root(trace).unwrap()).collect();
        assert_eq!(places, ["com.acme.A.first", "com.acme.B.second", "com.acme.C.third"]);
    }

    #[test]
    fn other_languages() {
        let python = "Traceback (most recent call last):\n  File \"/app/x.py\", line 3, in handle\n    raise E\nE: no";
        assert_eq!(innermost(python).collect::<Vec<_>>(), ["handle"]);
        let node = "TypeError: x\n    at handle (/app/index.js:3:7)\n    at async run (/app/index.js:9:1)";
        assert_eq!(innermost(node).collect::<Vec<_>>(), ["handle", "async run"]);
        assert_eq!((root_class(python), root_class(""), root_class("Caused by: ")), (None, None, None));
    }

    #[test]
    fn a_cause_is_named_at_the_beginning_of_a_line() {
        assert_eq!(root_class("a.A: not Caused by: b.B\n \tCaused by: c.C: Caused by: d.D"), Some("c.C"));
        assert_eq!(root_class("a.A: Caused by: b.B"), None);
    }

    proptest! {
        #[test]
        fn what_is_remembered_is_what_would_be_found(
            traces in vec("(a\\.A: (x|at y)\n)?(\tat [ab]\\.[ab](\\(A:[0-9]\\))?\r?\n){0,5}(Caused by: b\\.B: z\nq\n)?(at c\n)?", 0..60),
        ) {
            let mut places = Places::default();
            for trace in traces {
                let (mut told, mut expected) = (String::new(), String::new());
                places.put(&trace, &mut told);
                for place in innermost(&trace) {
                    without_particulars(place, &mut expected);
                    expected.push(BETWEEN);
                }
                prop_assert_eq!(told, expected);
            }
        }
    }
}
