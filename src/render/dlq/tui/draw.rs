use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Clear, Paragraph, Row as Cells, Table, TableState, Wrap};

use super::dialog::{Dialog, Form};
use super::list::List;
use super::order::Action;
use super::rows::Row;
use super::state::{Place, State};
use crate::dlq::Verdict;
use crate::model::{counted, thousands};
use crate::render::plain;

/// How things are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Whether there are colours. Without them, bold and reversed letters tell as much.
    pub color: bool,
}

impl Theme {
    fn of(self, color: Color) -> Style {
        if self.color { Style::new().fg(color) } else { Style::new() }
    }

    fn verdict(self, verdict: Verdict) -> Style {
        self.of(match verdict {
            Verdict::Transient => Color::Green,
            Verdict::Schema => Color::Yellow,
            Verdict::Poison | Verdict::Untold => Color::Red,
        })
    }
}

/// What keys do.
const KEYS: [(&str, &str); 12] = [
    ("↑ ↓ PgUp PgDn Home End", "move"),
    ("← →", "move to the side in a record"),
    ("Enter", "open: queue, group, record"),
    ("Esc", "back; stops what is under way"),
    ("Space", "mark a group or a record"),
    ("a", "mark all that are shown, or none"),
    ("r", "send again what is marked, or what the cursor is on"),
    ("d", "give it up, for a reason and with an export"),
    ("/", "show only rows that have a text in them"),
    ("u", "look anew"),
    ("?", "this help"),
    ("q, Ctrl-C", "leave"),
];

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, state: &State, theme: Theme) {
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(1), Constraint::Min(0), Constraint::Length(2)]).areas(frame.area());
    frame.render_widget(Line::styled(line(&title(state)), Style::new().add_modifier(Modifier::BOLD)), head);
    match state.place {
        Place::Queues => {
            let style = |row: &super::QueueRow| match (&row.unseen, row.waiting) {
                (Some(_), _) => theme.of(Color::Red),
                (None, 0) => Style::new().add_modifier(Modifier::DIM),
                (None, _) => Style::new(),
            };
            let widths = [Constraint::Min(20), length(9), length(12), length(9), Constraint::Max(24)];
            list(frame, body, &state.queues, state, &|_| false, &style, &widths);
        }
        Place::Groups => {
            let is_marked = |row: &super::GroupRow| state.marked_groups.contains(&row.fingerprint);
            let style = |row: &super::GroupRow| theme.verdict(row.verdict);
            let widths = [length(12), length(9), length(9), length(5), Constraint::Max(28), Constraint::Min(20)];
            list(frame, body, &state.groups, state, &is_marked, &style, &widths);
        }
        Place::Records => {
            let is_marked = |row: &super::RecordRow| state.marked_records.contains(&row.at);
            let widths = [length(14), length(24), length(8), length(9), Constraint::Min(20)];
            list(frame, body, &state.records, state, &is_marked, &|_| Style::new(), &widths);
        }
        Place::Record => {
            let [top, left] = [state.top, state.left].map(|lines| u16::try_from(lines).unwrap_or(u16::MAX));
            frame.render_widget(Paragraph::new(text(&state.shown)).scroll((top, left)), body);
        }
    }
    frame.render_widget(Paragraph::new(status(state, theme)), foot);
    if let Some(dialog) = &state.dialog {
        self::dialog(frame, body, dialog, state, theme);
    }
}

fn length(length: u16) -> Constraint {
    Constraint::Length(length)
}

/// A text of somebody else, which a terminal must not obey.
fn line(text: &str) -> String {
    plain::line(text).into_owned()
}

fn text(text: &str) -> Text<'static> {
    Text::from(text.lines().map(|of| Line::raw(line(of))).collect::<Vec<_>>())
}

fn title(state: &State) -> String {
    let mut parts = vec![format!("dead letters on {}", state.cluster)];
    if state.place != Place::Queues {
        parts.extend(state.topic.clone());
    }
    if matches!(state.place, Place::Records | Place::Record) {
        parts.extend(state.group.map(|group| group.to_string()));
    }
    if state.place == Place::Record {
        parts.extend(state.record.map(|at| at.to_string()));
    }
    parts.join(" › ")
}

fn list<R: Row>(
    frame: &mut Frame<'_>,
    area: Rect,
    list: &List<R>,
    state: &State,
    is_marked: &dyn Fn(&R) -> bool,
    style: &dyn Fn(&R) -> Style,
    widths: &[Constraint],
) {
    let visible = list.visible(state.now);
    if visible.is_empty() && state.busy.is_none() {
        let why = if list.filter.is_empty() { "nothing waits here" } else { "nothing has that text in it" };
        frame.render_widget(Paragraph::new(why), area);
        return;
    }
    let rows = visible.iter().map(|row| {
        let mark = if is_marked(row) { "*" } else { " " };
        let cells = row.cells(state.now).into_iter().map(|cell| line(&cell));
        Cells::new([mark.to_owned()].into_iter().chain(cells)).style(style(row))
    });
    let head =
        Cells::new([""].into_iter().chain(R::HEAD.iter().copied())).style(Style::new().add_modifier(Modifier::BOLD));
    let widths = [length(1)].into_iter().chain(widths.iter().copied());
    let table = Table::new(rows, widths)
        .header(head)
        .row_highlight_style(Style::new().add_modifier(Modifier::REVERSED))
        .highlight_symbol(">");
    let mut cursor = TableState::default().with_selected((!visible.is_empty()).then_some(list.cursor));
    frame.render_stateful_widget(table, area, &mut cursor);
}

/// What is under way or was to be said, and which keys there are.
fn status(state: &State, theme: Theme) -> Text<'static> {
    let first = match (&state.busy, &state.notice) {
        (_, Some(notice)) => Line::styled(line(notice), theme.of(Color::Yellow)),
        (Some(busy), None) => {
            let mut text = format!("{} …", busy.what);
            if busy.read > 0 {
                text.push_str(&format!(" {}", counted(busy.read, "record")));
            }
            if !busy.said.is_empty() {
                text.push_str(&format!(" {}", line(&busy.said)));
            }
            text.push_str("  (Esc stops it)");
            Line::styled(text, theme.of(Color::Cyan))
        }
        (None, None) => Line::raw(standing(state)),
    };
    let keys = match state.place {
        Place::Queues => "Enter open  / filter  u update  ? help  q quit",
        Place::Groups | Place::Records => {
            "Enter open  Space mark  r send again  d give up  / filter  u update  Esc back  ? help  q quit"
        }
        Place::Record => "r send again  d give up  arrows scroll  Esc back  ? help  q quit",
    };
    let last = match state.is_filtering {
        true => Line::raw(format!("/{}▏", line(filter(state)))),
        false => Line::styled(keys, Style::new().add_modifier(Modifier::DIM)),
    };
    Text::from(vec![first, last])
}

fn filter(state: &State) -> &str {
    match state.place {
        Place::Queues => &state.queues.filter,
        Place::Groups => &state.groups.filter,
        Place::Records | Place::Record => &state.records.filter,
    }
}

/// How things stand: `1,204 wait in 3 groups; 7 settled before; 2 groups marked`.
fn standing(state: &State) -> String {
    let mut parts = match state.place {
        Place::Queues => {
            let waiting: u64 = state.queues.rows.iter().map(|queue| queue.waiting).sum();
            vec![format!("{} wait in {}", thousands(waiting), counted(state.queues.rows.len() as u64, "queue"))]
        }
        Place::Groups => {
            let waiting: u64 = state.groups.rows.iter().map(|group| group.count).sum();
            let groups = counted(state.groups.rows.len() as u64, "group");
            let mut parts = vec![format!("{} wait in {groups}", thousands(waiting))];
            if state.settled > 0 {
                parts.push(format!("{} settled before", thousands(state.settled)));
            }
            parts
        }
        Place::Records => {
            let of = state.group.and_then(|group| state.groups.rows.iter().find(|row| row.fingerprint == group));
            let all = of.map_or(0, |group| group.count);
            match state.records.rows.len() as u64 {
                shown if shown < all => vec![format!("the first {} of {}", thousands(shown), counted(all, "record"))],
                shown => vec![counted(shown, "record")],
            }
        }
        Place::Record => Vec::new(),
    };
    parts.extend(state.marked());
    if !filter(state).is_empty() {
        parts.push(format!("only those with `{}`", line(filter(state))));
    }
    parts.join("; ")
}

fn dialog(frame: &mut Frame<'_>, area: Rect, dialog: &Dialog, state: &State, theme: Theme) {
    let (title, lines, top, prompt) = match dialog {
        Dialog::Help => {
            let keys = KEYS.iter().map(|(key, does)| Line::raw(format!("{key:<24}{does}")));
            ("keys", keys.collect(), 0, None)
        }
        Dialog::Text { title, text, top } => (*title, text_lines(text), *top, None),
        Dialog::Form(form) => ("give up", form_lines(form), 0, None),
        Dialog::Confirm { order, preview, typed, top } => {
            let title = match order.action {
                Action::Redrive => "send again",
                Action::Discard { .. } => "give up",
            };
            let mut lines =
                vec![Line::raw(format!("{} of {}", order.chosen.told(), line(&order.topic))), Line::raw("")];
            if state.busy.is_none() {
                lines.extend(text_lines(preview));
                lines.extend([
                    Line::raw(""),
                    Line::styled(line(&order.command(&state.cluster)), Style::new().add_modifier(Modifier::DIM)),
                ]);
            }
            let ask = Span::styled("Type yes to do it, Esc to leave it: ", theme.of(Color::Yellow));
            let prompt = Line::from(vec![ask, Span::raw(format!("{typed}▏"))]);
            (title, lines, *top, state.busy.is_none().then_some(prompt))
        }
    };
    let block = Block::bordered().title(format!(" {title} "));
    frame.render_widget(Clear, area);
    // However long the text is, it is seen what is asked.
    let [inner, last] = Layout::vertical([Constraint::Min(0), Constraint::Length(u16::from(prompt.is_some()))])
        .areas(block.inner(area));
    frame.render_widget(block, area);
    let top = u16::try_from(top).unwrap_or(u16::MAX);
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }).scroll((top, 0)), inner);
    if let Some(prompt) = prompt {
        frame.render_widget(prompt, last);
    }
}

fn text_lines(of: &str) -> Vec<Line<'static>> {
    of.lines().map(|of| Line::raw(line(of))).collect()
}

fn form_lines(form: &Form) -> Vec<Line<'static>> {
    let field = |name: &str, value: &str, is_here: bool| {
        let cursor = if is_here { "▏" } else { "" };
        let style = if is_here { Style::new().add_modifier(Modifier::BOLD) } else { Style::new() };
        Line::styled(format!("{name:<8}{}{cursor}", line(value)), style)
    };
    vec![
        Line::raw(format!(
            "{}: why, and where they are kept. Enter goes on, Tab changes, Esc leaves it.",
            form.chosen.told()
        )),
        Line::raw(""),
        field("reason", &form.reason, !form.is_at_export),
        field("export", &form.export, form.is_at_export),
    ]
}
