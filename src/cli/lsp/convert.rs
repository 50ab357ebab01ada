//! Findings and answers in the words of the protocol.

use std::ops::Range;
use std::path::Path;

use gen_lsp_types as lsp;

use super::session::Session;
use crate::diag::Level;
use crate::lsp::{Completion, CompletionKind, Completions, Encoding, Finding, LineTable, Position};
use crate::policy;

/// Findings for which an editor greys out what they are about.
const UNNECESSARY: [&str; 2] = ["unused-waiver", "unused-schema-file"];

/// A range of a text.
pub fn range(text: &str, lines: &LineTable, span: Range<usize>, encoding: Encoding) -> lsp::Range {
    let place = |at| {
        let Position { line, column } = lines.position(text, at, encoding);
        lsp::Position { line, character: column }
    };
    lsp::Range { start: place(span.start), end: place(span.end) }
}

/// Findings of a file.
pub fn diagnostics(session: &Session, text: &str, findings: &[Finding], encoding: Encoding) -> Vec<lsp::Diagnostic> {
    let lines = LineTable::new(text);
    findings.iter().map(|finding| diagnostic(session, text, &lines, finding, encoding)).collect()
}

fn diagnostic(
    session: &Session,
    text: &str,
    lines: &LineTable,
    finding: &Finding,
    encoding: Encoding,
) -> lsp::Diagnostic {
    let mut message = finding.message.clone();
    if let Some(cluster) = &finding.cluster {
        message.push_str(&format!(" (on {cluster})"));
    }
    if !finding.label.is_empty() {
        message.push_str(&format!("\n{}", finding.label));
    }
    if let Some(help) = &finding.help {
        message.push_str(&format!("\nhelp: {help}"));
    }
    // Of a file as a whole: its first line.
    let span = match &finding.span {
        span if *span == (0..0) => 0..text.find(['\r', '\n']).unwrap_or(text.len()),
        span => span.clone(),
    };
    let related = finding.related.iter().map(|related| lsp::DiagnosticRelatedInformation {
        location: lsp::Location {
            uri: session.uri(&related.path).into(),
            range: range(&related.text, &LineTable::new(&related.text), related.span.clone(), encoding),
        },
        message: if related.label.is_empty() { "see here".to_owned() } else { related.label.clone() },
    });
    let related: Vec<_> = related.collect();
    let rule = policy::rule(finding.code);
    let is_unnecessary = rule.is_some_and(|rule| UNNECESSARY.contains(&rule.name));
    lsp::Diagnostic {
        range: range(text, lines, span, encoding),
        severity: Some(match finding.level {
            Level::Error => lsp::DiagnosticSeverity::Error,
            Level::Warn => lsp::DiagnosticSeverity::Warning,
            Level::Info | Level::Off => lsp::DiagnosticSeverity::Information,
        }),
        code: Some(lsp::Code::String(finding.code.to_owned())),
        code_description: rule.and_then(|rule| page(session, rule)).map(|href| lsp::CodeDescription { href }),
        source: Some("busctl".to_owned()),
        message: lsp::Message::String(message),
        tags: is_unnecessary.then(|| vec![lsp::DiagnosticTag::Unnecessary]),
        related_information: (!related.is_empty()).then_some(related),
        data: None,
    }
}

/// The page of a rule, where the workspace keeps the pages.
fn page(session: &Session, rule: &policy::Rule) -> Option<lsp::Uri> {
    let path = "docs/rules.md";
    let known = session.known.as_ref()?;
    known.workspace.has_document(path).then(|| format!("{}#{}", session.uri(Path::new(path)), rule.anchor()).into())
}

/// What may stand at a place.
pub fn completions(text: &str, found: Completions, encoding: Encoding) -> lsp::CompletionList {
    let range = range(text, &LineTable::new(text), found.span, encoding);
    let item = |(index, item): (usize, Completion)| lsp::CompletionItem {
        kind: Some(match item.kind {
            CompletionKind::Key => lsp::CompletionItemKind::Property,
            CompletionKind::Word => lsp::CompletionItemKind::EnumMember,
            CompletionKind::Name => lsp::CompletionItemKind::Reference,
            CompletionKind::File => lsp::CompletionItemKind::File,
        }),
        detail: (!item.detail.is_empty()).then_some(item.detail),
        documentation: (!item.doc.is_empty()).then(|| markdown(item.doc).into()),
        sort_text: Some(format!("{index:04}")),
        filter_text: Some(item.label.clone()),
        text_edit: Some(lsp::TextEdit { range, new_text: item.insert }.into()),
        label: item.label,
        ..lsp::CompletionItem::default()
    };
    lsp::CompletionList {
        is_incomplete: found.is_incomplete,
        items: found.items.into_iter().enumerate().map(item).collect(),
        ..lsp::CompletionList::default()
    }
}

/// A text in Markdown.
pub fn markdown(value: String) -> lsp::MarkupContent {
    lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value }
}
