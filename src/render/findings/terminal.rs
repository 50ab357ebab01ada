//! Findings as a compiler shows them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};

use annotate_snippets::{Annotation, AnnotationKind, Group, Level as Title, Message, Origin, Renderer, Snippet};

use super::excerpt::Excerpt;
use super::lines::{Point, Texts};
use super::{Counts, FindingsView};
use crate::diag::{Diagnostic, Findings, Label, Level, Waiver};
use crate::plan::PlanFinding;
use crate::policy::UNAPPLIED;
use crate::render::words::number;
use crate::render::{Style, elided, paint::Paint, plain};
use crate::source::FileId;

/// Labels of one file share a frame while their lines are no further apart than this.
const TOGETHER: usize = 100;

/// Findings of one kind in the same files, up to which each is shown. Nobody reads the next ones before these are mended.
const MOST_ALIKE: usize = 50;

/// Findings that are shown at all.
const MOST_SHOWN: usize = 1_000;

/// The longest message, help or label, in characters.
const LONGEST: usize = 1_000;

/// Each finding with its lines, as far as somebody reads them, then the counts.
pub(super) fn write(view: FindingsView<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let texts = Texts::new(view.sources);
    let renderer = renderer(style);
    let Chosen { first, unapplied, left } = Chosen::of(view.findings);
    for level in [Level::Error, Level::Warn, Level::Info] {
        for finding in first.iter().filter(|finding| finding.level == level) {
            let (report, numbered) = report(finding, &texts, frame_width(style));
            let text = renderer.render(&report);
            write!(out, "{}\n\n", if numbered { text } else { with_margin(&text) })?;
        }
        for kind in unapplied.iter().filter(|kind| kind.first.level == level) {
            // It stands for several, which one waiver would not except.
            let mut finding = PlanFinding { waiver: None, ..PlanFinding::new(&kind.first, view.sources) };
            if kind.more > 0 {
                finding.message.push_str(&format!(" (and {} more like this)", kind.more));
            }
            writeln!(out, "{}", planned(&finding, style))?;
        }
    }
    if left > 0 {
        writeln!(out, "and {} more; `--format json` lists all of them\n", number(left))?;
    }
    let counts = Counts::of(view.findings);
    let paint = Paint::new(style);
    let line = counts.to_string();
    let line = match counts {
        Counts { errors: 1.., .. } => paint.bad(&line),
        Counts { warnings: 1.., .. } => paint.doubtful(&line),
        _ => paint.bold(&line),
    };
    writeln!(out, "{line}")
}

/// What is shown of very many findings.
#[derive(Default)]
struct Chosen<'f> {
    /// The first of each kind in the same files, and as many of these as are shown at all.
    first: Vec<Cow<'f, Diagnostic>>,
    /// What this version leaves undone: it is said at every run, and is no mistake whose lines somebody has to look at.
    unapplied: Vec<Unapplied<'f>>,
    /// How many others there are.
    left: usize,
}

/// Findings that say the same of something else. Kinds are told apart by what stands outside of backquotes.
struct Unapplied<'f> {
    kind: String,
    first: Cow<'f, Diagnostic>,
    /// How many there are beside the first one.
    more: usize,
}

impl<'f> Chosen<'f> {
    fn of(findings: &'f Findings) -> Self {
        let mut chosen = Self::default();
        let mut alike: HashMap<_, usize> = HashMap::new();
        for (_, finding) in findings.worst_first() {
            if finding.code == UNAPPLIED.code && finding.level != Level::Error {
                chosen.fold(finding);
            } else if chosen.first.len() < MOST_SHOWN {
                let files: Vec<FileId> = finding.labels.iter().map(|label| label.span.file).collect();
                let known = alike.entry((finding.code, finding.level, files)).or_default();
                *known += 1;
                match *known <= MOST_ALIKE {
                    true => chosen.first.push(finding),
                    false => chosen.left += 1,
                }
            } else {
                chosen.left += 1;
            }
        }
        chosen
    }

    fn fold(&mut self, finding: Cow<'f, Diagnostic>) {
        let kind: String = finding.message.split('`').step_by(2).collect();
        match self.unapplied.iter_mut().find(|known| known.kind == kind && known.first.level == finding.level) {
            Some(known) => known.more += 1,
            None => self.unapplied.push(Unapplied { kind, first: finding, more: 0 }),
        }
    }
}

/// A text of a finding on one line.
fn line(text: &str) -> String {
    plain::line(&elided(text, LONGEST)).into_owned()
}

/// A finding whose place is known in words only, as those in a plan.
pub(in crate::render) fn planned(finding: &PlanFinding, style: Style) -> String {
    let PlanFinding { code, level, message, help, place, waiver, .. } = finding;
    let mut group = Group::with_title(title(*level).primary_title(line(message)).id(plain::line(code)));
    if let Some(place) = place {
        let origin = Origin::path(plain::line(&place.file)).line(place.line as usize);
        group = group.element(origin.char_column(place.column as usize));
    }
    group = group
        .elements(help.as_ref().map(|help| Title::HELP.message(plain::lines(&elided(help, LONGEST)).into_owned())));
    group = group.elements(waiver.as_ref().map(proposed));
    let mut text = with_margin(&renderer(style).render(&[group]));
    text.push('\n');
    text
}

/// A waiver in one line, to be pasted.
fn proposed(waiver: &Waiver) -> Message<'static> {
    Title::HELP.with_name("waiver").message(plain::line(&waiver.to_string()).into_owned())
}

/// Where no line is shown there is no margin of line numbers, in which the arrow would stand.
fn with_margin(text: &str) -> String {
    text.replace('\n', "\n ")
}

fn renderer(style: Style) -> Renderer {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(frame_width(style))
}

/// Frames are of use only within these widths.
fn frame_width(style: Style) -> usize {
    style.width.clamp(40, 300)
}

fn title(level: Level) -> Title<'static> {
    match level {
        Level::Error => Title::ERROR,
        Level::Warn => Title::WARNING,
        Level::Info | Level::Off => Title::INFO,
    }
}

/// A finding in the terms of the frames' library, and whether it shows a line.
fn report<'a>(finding: &'a Diagnostic, texts: &Texts<'a>, width: usize) -> (Vec<Group<'a>>, bool) {
    let level = title(finding.level);
    let mut groups = vec![Group::with_title(level.clone().primary_title(line(&finding.message)).id(finding.code))];
    let append = |groups: &mut Vec<Group<'a>>, element: annotate_snippets::Element<'a>| {
        if let Some(group) = groups.pop() {
            groups.push(group.element(element));
        }
    };
    let mut numbered = false;
    for frame in frames(&finding.labels, texts, width) {
        numbered |= !matches!(frame.content, Content::Whole(_));
        let Some(path) = texts.path(frame.file).map(|path| plain::line(&path).into_owned()) else { continue };
        match frame.content {
            Content::Whole(text) => {
                append(&mut groups, Origin::path(path).into());
                if !text.is_empty() {
                    append(&mut groups, Title::NOTE.message(line(text)).into());
                }
            }
            // The frame cannot count the column where the start of the line is missing; it is said apart.
            Content::Cut { point, excerpt, label } => {
                let origin = Origin::path(path).line(point.line).char_column(point.column);
                append(&mut groups, origin.into());
                let snippet = Snippet::source(excerpt.text).line_start(point.line);
                let annotation = underline(excerpt.span, label, frame.main);
                groups.push(Group::with_level(level.clone()).element(snippet.annotation(annotation)));
            }
            Content::Lines { first, text, marks } => {
                let marks = marks.into_iter().map(|mark| underline(mark.span, mark.label, mark.main));
                append(&mut groups, Snippet::source(text).path(path).line_start(first).annotations(marks).into());
            }
        }
    }
    if let Some(cluster) = &finding.cluster {
        append(&mut groups, Title::NOTE.message(format!("on cluster {}", plain::line(cluster))).into());
    }
    if let Some(help) = &finding.help {
        append(&mut groups, Title::HELP.message(plain::lines(&elided(help, LONGEST)).into_owned()).into());
    }
    if let Some(waiver) = Waiver::of(finding) {
        append(&mut groups, proposed(&waiver).into());
    }
    (groups, numbered)
}

fn underline<'a>(span: std::ops::Range<usize>, label: &'a str, main: bool) -> Annotation<'a> {
    let kind = if main { AnnotationKind::Primary } else { AnnotationKind::Context };
    kind.span(span).label((!label.is_empty()).then(|| line(label)))
}

/// What is shown of one file at once.
struct Frame<'a> {
    file: FileId,
    main: bool,
    content: Content<'a>,
}

enum Content<'a> {
    /// The file as a whole, with what is to be said of it.
    Whole(&'a str),
    /// A part of a very long line.
    Cut { point: Point<'a>, excerpt: Excerpt, label: &'a str },
    /// Lines from the `first` on.
    Lines { first: usize, text: String, marks: Vec<Mark<'a>> },
}

struct Mark<'a> {
    span: std::ops::Range<usize>,
    label: &'a str,
    main: bool,
}

/// A label whose line can be shown from its start.
struct Short<'a> {
    file: FileId,
    point: Point<'a>,
    excerpt: Excerpt,
    label: &'a str,
    main: bool,
}

fn frames<'a>(labels: &'a [Label], texts: &Texts<'a>, width: usize) -> Vec<Frame<'a>> {
    let mut frames = Vec::new();
    let mut run: Vec<Short<'a>> = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        let (file, main, text) = (label.span.file, index == 0, label.text.as_str());
        let Some(point) = texts.point(file, label.span.start) else { continue };
        let whole = label.span.start == 0 && label.span.end == 0;
        let excerpt = Excerpt::new(point, label.span.end.saturating_sub(label.span.start) as usize, width);
        if whole || excerpt.cut {
            frames.extend(together(std::mem::take(&mut run), texts));
            let content = if whole { Content::Whole(text) } else { Content::Cut { point, excerpt, label: text } };
            frames.push(Frame { file, main, content });
            continue;
        }
        let near = |short: &Short<'_>| short.file == file && short.point.line.abs_diff(point.line) <= TOGETHER;
        if !run.iter().all(near) {
            frames.extend(together(std::mem::take(&mut run), texts));
        }
        run.push(Short { file, point, excerpt, label: text, main });
    }
    frames.extend(together(run, texts));
    frames
}

/// One frame for labels that stand near each other in a file.
fn together<'a>(run: Vec<Short<'a>>, texts: &Texts<'a>) -> Option<Frame<'a>> {
    let file = run.first()?.file;
    let first = run.iter().map(|short| short.point.line).min()?;
    let last = run.iter().map(|short| short.point.line).max()?;
    let mut text = String::new();
    let mut marks = Vec::new();
    for (line, between) in (first..=last).zip(texts.lines(file, first, last)) {
        let start = text.len();
        let here = || run.iter().filter(|short| short.point.line == line);
        // Two labels may show more and less of the end of a long line.
        match here().max_by_key(|short| short.excerpt.text.len()) {
            Some(short) => text.push_str(&short.excerpt.text),
            // Frames show a line between two others; a longer gap is folded, so what stands there does not matter.
            None => text.push_str(&plain::clipped(between, 200)),
        }
        marks.extend(here().map(|short| Mark {
            span: start + short.excerpt.span.start..start + short.excerpt.span.end,
            label: short.label,
            main: short.main,
        }));
        text.push('\n');
    }
    Some(Frame { file, main: run.iter().any(|short| short.main), content: Content::Lines { first, text, marks } })
}
