use proptest::prelude::*;

use crate::diag::Diagnostic;
use crate::render::findings::FindingsView;
use crate::render::{Style, View};
use crate::source::{FileId, Sources, Span};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_text_and_no_span_is_too_odd(
        texts in prop::collection::vec("(\\PC|[\\x00-\\x1f\\u{7f}-\\u{9f}]|\r\n|\t|\u{202e}|ä|x{300}){0,60}", 1..3),
        spans in prop::collection::vec((0u32..4, 0u32..200, 0u32..200, "(\\PC|[\\x00-\\x1f]){0,8}"), 0..4),
        message in "(\\PC|[\\x00-\\x1f]){0,30}",
        width in 0usize..300,
    ) {
        let mut sources = Sources::default();
        for (index, text) in texts.iter().enumerate() {
            sources.add(format!("f\u{1b}{index}.yaml"), text.as_str());
        }
        let mut finding = Diagnostic::new("BUS001", message.clone()).help(message.clone()).cluster(message);
        for (file, start, end, label) in spans {
            finding = finding.at(Span { file: FileId(file), start, end }, label);
        }
        let findings = [finding.clone(), finding];
        let view = FindingsView { findings: &findings, sources: &sources };
        let text = view.text(Style { color: false, width });
        prop_assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
        view.json();
        view.markdown();
    }
}
