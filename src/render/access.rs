//! Who may do what, and why.

use std::collections::BTreeSet;

use super::inventory::{head, line, table};
use super::json::to_json;
use super::markdown::{Bounded, COMMENT_LIMIT, prose};
use super::words::counted;
use super::{Style, View, paint::Paint, plain};
use crate::model::{PatternType, thousands};
use crate::ports::kafka::{AclOperation, AclPermission};
use crate::resources::access::{About, Access, AccessEntry, Reason};
use crate::resources::acl::access::Operations;
use crate::resources::inventory::Cell;

/// What is kept for the line that says what did not fit.
const RESERVE: usize = 300;

/// Who may do what.
#[derive(Debug, Clone, Copy)]
pub struct AccessView<'a> {
    /// The answer.
    pub access: &'a Access,
}

impl View for AccessView<'_> {
    fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let mut out = format!("{}\n", paint.bold(&plain::line(&self.title())));
        let entries = &self.access.entries;
        if !entries.is_empty() {
            out.push('\n');
            let columns = self.columns();
            let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
            let rows: Vec<Vec<Cell>> = entries.iter().map(|entry| cells(&columns, entry)).collect();
            let paint_row = |index: usize, line: String| match &entries[index] {
                entry if !entry.allowed => paint.bad(&line),
                entry if is_by_hand(entry) => paint.doubtful(&line),
                _ => line,
            };
            table(&names, &rows, "  ", paint_row, &mut out);
        }
        out.push('\n');
        out.push_str(&format!("{}\n", paint.bold(&plain::line(&self.summary()))));
        out
    }

    /// The document itself; `docs/schemas/access.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self.access)
    }

    fn markdown(&self) -> String {
        let mut comment = Bounded::new(COMMENT_LIMIT);
        comment.push(&format!("### {}\n\n", prose(&self.title())), RESERVE);
        let columns = self.columns();
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let rows = self.access.entries.iter().map(|entry| line(&cells(&columns, entry)));
        let left_out = match self.access.entries.is_empty() {
            true => 0,
            false => comment.section(&head(&names), rows, "", RESERVE),
        };
        comment.push(&format!("\n{}\n", prose(&self.summary())), RESERVE);
        for note in &self.access.notes {
            comment.push(&format!("\n{}\n", prose(note)), RESERVE);
        }
        if left_out > 0 {
            comment.push(&format!("\n{} did not fit.\n", counted(left_out, "line")), 0);
        }
        comment.finish()
    }
}

/// A column of the table.
struct Column {
    name: &'static str,
    cell: fn(&AccessEntry) -> Cell,
}

fn cells(columns: &[Column], entry: &AccessEntry) -> Vec<Cell> {
    columns.iter().map(|column| (column.cell)(entry)).collect()
}

impl AccessView<'_> {
    /// Those that say something here: of a resource that is asked about, its name is in the title.
    fn columns(&self) -> Vec<Column> {
        let Access { about, on, entries, .. } = self.access;
        let is_somebody = !about.principals.is_empty();
        let mut columns = Vec::new();
        if !is_somebody {
            columns.push(Column { name: "client", cell: |entry| maybe(entry.client.as_ref()) });
        }
        if !is_somebody || about.principals.len() > 1 {
            columns.push(Column { name: "principal", cell: |entry| text(&entry.principal) });
        }
        if is_somebody && on.is_none() {
            columns.push(Column { name: "resource", cell: |entry| text(resource(entry)) });
        }
        columns
            .push(Column { name: "may", cell: |entry| if entry.allowed { text(operations(entry)) } else { text("") } });
        if entries.iter().any(|entry| !entry.allowed) {
            let denied = |entry: &AccessEntry| if entry.allowed { text("") } else { text(operations(entry)) };
            columns.push(Column { name: "may not", cell: denied });
        }
        if entries.iter().any(|entry| entry.host != "*") {
            columns.push(Column { name: "from", cell: |entry| text(if entry.host == "*" { "" } else { &entry.host }) });
        }
        columns.push(Column { name: "because", cell: |entry| text(because(entry)) });
        columns.push(Column { name: "asked for in", cell: |entry| text(origin(entry)) });
        if is_somebody && on.is_none() {
            columns.push(Column { name: "topics", cell: |entry| entry.topics.map_or(Cell::Nothing, Cell::Number) });
        }
        columns
    }

    fn title(&self) -> String {
        let Access { about, on, cluster, .. } = self.access;
        let named = |about: &About| format!("{} {}", about.kind, about.name);
        let on = on.as_ref().map(|on| format!(", {}", named(on))).unwrap_or_default();
        let principals = match about.principals.as_slice() {
            [only] if only.as_str() == about.name => String::new(),
            [] => String::new(),
            principals => {
                format!(" ({})", principals.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
            }
        };
        format!("{}{principals}{on} on {cluster}", named(about))
    }

    /// `3 principals may, 1 is denied something.`
    fn summary(&self) -> String {
        let Access { about, on, entries, authorizer, cluster, .. } = self.access;
        if !authorizer {
            return format!("{cluster} has no authorizer: everybody may do everything.");
        }
        let allowed: Vec<&AccessEntry> = entries.iter().filter(|entry| entry.allowed).collect();
        // Of a resource the lines are several for each principal, and principals are what is counted.
        let by_hand = allowed.iter().filter(|entry| is_by_hand(entry));
        let by_hand = match about.principals.is_empty() {
            true => by_hand.map(|entry| &entry.principal).collect::<BTreeSet<_>>().len(),
            false => by_hand.count(),
        };
        let by_hand = match by_hand {
            0 => String::new(),
            count => format!(
                " {} asked for by no manifest.",
                if count == 1 {
                    "1 of these is".to_owned()
                } else {
                    format!("{} of these are", thousands(count as u64))
                }
            ),
        };
        if !about.principals.is_empty() {
            let refused = on.is_some() && entries.iter().any(|entry| !entry.allowed);
            return match (allowed.len(), refused) {
                (0, _) => format!("{} may do nothing of it.", about.name),
                (_, true) => format!("{} may do this in part.{by_hand}", about.name),
                (_, false) => format!("{} may do this.{by_hand}", about.name),
            };
        }
        let who: BTreeSet<_> = allowed.iter().map(|entry| &entry.principal).collect();
        let everybody = match who.iter().any(|principal| principal.is_everybody()) {
            true => " `User:*` is everybody.",
            false => "",
        };
        match who.len() {
            0 => "Nobody may that is known here.".to_owned(),
            count => format!("{} may.{by_hand}{everybody}", counted(count, "principal")),
        }
    }
}

/// Whether an ACL allows it that no manifest asks for.
fn is_by_hand(entry: &AccessEntry) -> bool {
    entry.because == Reason::Acl && entry.place.is_none()
}

fn resource(entry: &AccessEntry) -> String {
    match entry.resource {
        Some(resource) => format!("{resource} {}", entry.name),
        None if entry.only_without_acl => "whatever has no ACL".to_owned(),
        None => "everything".to_owned(),
    }
}

fn operations(entry: &AccessEntry) -> String {
    let every = entry.resource.map(Operations::of);
    if entry.operations.contains(&AclOperation::All) || every == Some(Operations::these(&entry.operations)) {
        return "everything".to_owned();
    }
    AclOperation::listed(&entry.operations)
}

fn because(entry: &AccessEntry) -> String {
    match (entry.because, entry.acls.first()) {
        (Reason::Acl, Some(acl)) => {
            let what = match acl.permission {
                AclPermission::Allow => "allowed",
                AclPermission::Deny => "denied",
            };
            let how = match (acl.pattern, &*acl.name) {
                (PatternType::Literal, "*") => "by *".to_owned(),
                (PatternType::Literal, _) => "by name".to_owned(),
                (PatternType::Prefixed, prefix) => format!("by the prefix {prefix}*"),
            };
            let whom = if acl.principal == entry.principal { "" } else { ", as everybody" };
            format!("{what} {how}{whom}")
        }
        (Reason::Acl, None) | (Reason::NotAllowed, _) => "no ACL allows it".to_owned(),
        (Reason::SuperUser, _) => "super user".to_owned(),
        (Reason::Open, _) => "allow.everyone.if.no.acl.found".to_owned(),
        (Reason::NoAuthorizer, _) => "no authorizer".to_owned(),
    }
}

fn origin(entry: &AccessEntry) -> String {
    match &entry.place {
        Some(place) => place.to_string(),
        None if entry.leaving => "no manifest: the next apply takes it away".to_owned(),
        None if entry.because == Reason::Acl => "no manifest: by hand".to_owned(),
        None => String::new(),
    }
}

fn text(text: impl ToString) -> Cell {
    Cell::Text(text.to_string())
}

fn maybe(text: Option<&String>) -> Cell {
    text.map_or(Cell::Nothing, |text| Cell::Text(text.clone()))
}
