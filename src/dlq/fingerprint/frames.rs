//! What a stack trace says of where an exception came from: of the root cause, which alone tells failures apart where a
//! framework wraps each of them.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// How many places in the code belong to a shape.
const FRAMES: usize = 3;

/// The class of the exception that all others of a trace come from; none where the trace names no cause.
pub(in crate::dlq) fn root_class(trace: &str) -> Option<&str> {
    let class = root(trace)?.split([':', '\n', '\r']).next()?.trim();
    Some(class).filter(|class| !class.is_empty() && !class.contains(' '))
}

/// The part of a trace that is about the root cause. Traces are long, and it stands near the end: lines are looked at from there.
fn root(trace: &str) -> Option<&str> {
    let mut end = trace.len();
    loop {
        let start = trace[..end].rfind('\n').map_or(0, |at| at + 1);
        if let Some(root) = trace[start..].trim_ascii_start().strip_prefix("Caused by: ") {
            return Some(root);
        }
        end = start.checked_sub(1)?;
    }
}

/// The innermost places of the root cause, without lines and without what runtimes generate.
pub(super) fn innermost(trace: &str) -> impl Iterator<Item = &str> {
    root(trace).unwrap_or(trace).lines().filter_map(frame).filter(|frame| !is_generated(frame)).take(FRAMES)
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
    use super::*;

    #[test]
    fn the_root_cause_tells() {
        let trace = "a.Outer: failed\n\tat framework.Loop.run(Loop.java:1)\nCaused by: b.Middle: x\n\tat m.M.m(M.java:2)\n\
                     Caused by: c.Root\n\tat jdk.internal.reflect.Direct.invoke(Direct.java:9)\n\
                     \tat app//com.acme.A$$Lambda$12.run(Unknown Source)\n\tat com.acme.A.first(A.java:10)\n\
                     \tat com.acme.B.second(B.java:20)\n\tat com.acme.C.third(C.java:30)\n\tat com.acme.D.fourth(D.java:40)\n";
        assert_eq!(root_class(trace), Some("c.Root"));
        let places: Vec<_> = innermost(trace).collect();
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
}
