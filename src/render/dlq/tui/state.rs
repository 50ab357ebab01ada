use std::collections::BTreeSet;

use super::dialog::{Dialog, Form, Outcome, edit, scrolled};
use super::event::{Effect, Event, Key};
use super::list::List;
use super::order::{Action, Order};
use super::rows::{GroupRow, QueueRow, RecordRow};
use crate::dlq::{Coordinates, Fingerprint};
use crate::model::Timestamp;

/// Which list is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Queues,
    Groups,
    Records,
    Record,
}

/// What is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Busy {
    pub(super) what: &'static str,
    pub(super) read: u64,
    pub(super) said: String,
}

/// Everything that is seen.
#[derive(Debug)]
pub struct State {
    pub(super) cluster: String,
    pub(super) now: Timestamp,
    pub(super) place: Place,
    pub(super) topic: Option<String>,
    pub(super) queues: List<QueueRow>,
    pub(super) groups: List<GroupRow>,
    pub(super) records: List<RecordRow>,
    pub(super) settled: u64,
    /// Whose records are looked at.
    pub(super) group: Option<Fingerprint>,
    /// Which record is looked at, how it is shown, and the first line that is seen.
    pub(super) record: Option<Coordinates>,
    pub(super) shown: String,
    pub(super) top: usize,
    /// The first column of it that is seen.
    pub(super) left: usize,
    pub(super) marked_groups: BTreeSet<Fingerprint>,
    pub(super) marked_records: BTreeSet<Coordinates>,
    pub(super) dialog: Option<Dialog>,
    pub(super) is_filtering: bool,
    pub(super) busy: Option<Busy>,
    pub(super) notice: Option<String>,
    /// What stood in the form last.
    reason: String,
    export: Option<String>,
}

impl State {
    /// Before anything is known. With a `topic`, its groups are looked at first, else the queues.
    pub fn new(cluster: &str, topic: Option<String>, now: Timestamp) -> (Self, Vec<Effect>) {
        let mut state = Self {
            cluster: cluster.to_owned(),
            now,
            place: if topic.is_some() { Place::Groups } else { Place::Queues },
            topic,
            queues: List::new(),
            groups: List::new(),
            records: List::new(),
            settled: 0,
            group: None,
            record: None,
            shown: String::new(),
            top: 0,
            left: 0,
            marked_groups: BTreeSet::new(),
            marked_records: BTreeSet::new(),
            dialog: None,
            is_filtering: false,
            busy: None,
            notice: None,
            reason: String::new(),
            export: None,
        };
        let effects = state.refresh();
        (state, effects)
    }

    /// Whether an order is being carried out, which is not left alone.
    pub fn is_carrying(&self) -> bool {
        self.busy.as_ref().is_some_and(|busy| busy.what == CARRYING)
    }

    /// Takes in what happened; what is to be done now.
    pub fn handle(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        self.now = now;
        let was_carrying = self.is_carrying();
        let is_end = !matches!(event, Event::Key(_) | Event::Tick | Event::Read(_) | Event::Said(_));
        if is_end {
            self.busy = None;
            self.notice = None;
        }
        match event {
            Event::Key(key) => return self.press(key),
            Event::Tick => {}
            Event::Read(more) => {
                if let Some(busy) = &mut self.busy {
                    busy.read += more;
                }
            }
            Event::Said(said) => {
                if let Some(busy) = &mut self.busy {
                    busy.said = said;
                }
            }
            Event::Queues(rows) => self.queues.put(rows, now),
            Event::Groups { rows, settled } => {
                let there: BTreeSet<Fingerprint> = rows.iter().map(|row| row.fingerprint).collect();
                self.marked_groups.retain(|marked| there.contains(marked));
                self.groups.put(rows, now);
                (self.settled, self.place) = (settled, Place::Groups);
            }
            Event::Records(rows) => {
                self.records.put(rows, now);
                self.place = Place::Records;
            }
            Event::Shown(text) => {
                (self.shown, self.top, self.left, self.place) = (text, 0, 0, Place::Record);
            }
            Event::Preview(preview) => {
                if let Some(Dialog::Confirm { preview: shown, .. }) = &mut self.dialog {
                    *shown = preview;
                }
            }
            Event::Carried(text) => {
                self.dialog = Some(Dialog::text("done", text));
                self.marked_groups.clear();
                self.marked_records.clear();
                self.export = None;
                // What waits is another now.
                self.place = Place::Groups;
                return self.refresh();
            }
            Event::Stopped => {
                self.dialog = None;
                self.notice = Some("stopped".to_owned());
            }
            Event::Failed(why) => {
                self.dialog = Some(Dialog::text("it could not be done", why));
                if was_carrying {
                    // It may have settled some before, and written its file.
                    self.export = None;
                    self.place = Place::Groups;
                    return self.refresh();
                }
            }
        }
        Vec::new()
    }

    fn press(&mut self, key: Key) -> Vec<Effect> {
        self.notice = None;
        if key == Key::Interrupt {
            // What is sent is accounted for first.
            return vec![if self.is_carrying() { Effect::Stop } else { Effect::Quit }];
        }
        let is_reading = matches!(self.dialog, Some(Dialog::Help | Dialog::Text { .. }));
        if let Some(busy) = self.busy.as_ref().filter(|_| !is_reading) {
            if key == Key::Escape {
                return vec![Effect::Stop];
            }
            let moves = matches!(key, Key::Up | Key::Down | Key::PageUp | Key::PageDown | Key::Home | Key::End);
            if !moves || self.dialog.is_some() {
                self.notice = Some(format!("{}: Esc stops it", busy.what));
                return Vec::new();
            }
        }
        if let Some(dialog) = self.dialog.take() {
            return self.press_in_dialog(dialog, key);
        }
        if self.is_filtering {
            self.press_in_filter(key);
            return Vec::new();
        }
        self.press_in_list(key)
    }

    fn press_in_dialog(&mut self, dialog: Dialog, key: Key) -> Vec<Effect> {
        match dialog.press(key) {
            Outcome::Open(dialog) => self.dialog = Some(dialog),
            Outcome::Closed => {}
            Outcome::Missing(dialog, what) => {
                (self.dialog, self.notice) = (Some(dialog), Some(what.to_owned()));
            }
            Outcome::Filled(form) => {
                (self.reason, self.export) = (form.reason.clone(), Some(form.export.clone()));
                let order = form.order(self.topic.as_deref().unwrap_or_default());
                return self.preview(order);
            }
            Outcome::Agreed(order) => return self.begin(CARRYING, Effect::Carry(order)),
        }
        Vec::new()
    }

    fn press_in_filter(&mut self, key: Key) {
        const LONGEST: usize = 100;
        let now = self.now;
        let filter = match self.place {
            Place::Queues => &mut self.queues.filter,
            Place::Groups => &mut self.groups.filter,
            Place::Records | Place::Record => &mut self.records.filter,
        };
        match key {
            Key::Enter => self.is_filtering = false,
            Key::Escape => {
                filter.clear();
                self.is_filtering = false;
            }
            key => edit(filter, key, LONGEST),
        }
        self.queues.keep_inside(now);
        self.groups.keep_inside(now);
        self.records.keep_inside(now);
    }

    fn press_in_list(&mut self, key: Key) -> Vec<Effect> {
        match key {
            Key::Char('q') => vec![Effect::Quit],
            Key::Char('?') => {
                self.dialog = Some(Dialog::Help);
                Vec::new()
            }
            Key::Char('u') => self.refresh(),
            Key::Char('/') if self.place != Place::Record => {
                self.is_filtering = true;
                Vec::new()
            }
            Key::Escape | Key::Backspace => self.back(),
            Key::Enter => self.open(),
            Key::Char(' ') => {
                self.mark();
                Vec::new()
            }
            Key::Char('a') => {
                self.mark_all();
                Vec::new()
            }
            Key::Char('r') => match (self.chosen(), self.topic.clone()) {
                (Some(chosen), Some(topic)) => self.preview(Order { topic, action: Action::Redrive, chosen }),
                _ => self.nothing(),
            },
            Key::Char('d') => match (self.chosen(), &self.topic) {
                (Some(chosen), Some(topic)) => {
                    let export = self.export.clone().unwrap_or_else(|| format!("{topic}.jsonl"));
                    let form = Form { chosen, reason: self.reason.clone(), export, is_at_export: false };
                    self.dialog = Some(Dialog::Form(form));
                    Vec::new()
                }
                _ => self.nothing(),
            },
            key => {
                self.moved(key);
                Vec::new()
            }
        }
    }

    pub(super) fn moved(&mut self, key: Key) {
        match self.place {
            Place::Queues => self.queues.press(key, self.now),
            Place::Groups => self.groups.press(key, self.now),
            Place::Records => self.records.press(key, self.now),
            Place::Record => {
                const STEP: usize = 20;
                self.top = scrolled(self.top, key, &self.shown).unwrap_or(self.top);
                let widest = self.shown.lines().map(|line| line.chars().count()).max().unwrap_or(0);
                self.left = match key {
                    Key::Left => self.left.saturating_sub(STEP),
                    Key::Right if self.left + STEP < widest => self.left + STEP,
                    _ => self.left,
                };
            }
        }
    }

    fn nothing(&mut self) -> Vec<Effect> {
        self.notice = Some("open a queue and choose groups or records of it".to_owned());
        Vec::new()
    }

    /// Begins something, unless something else is under way.
    fn begin(&mut self, what: &'static str, effect: Effect) -> Vec<Effect> {
        self.busy = Some(Busy { what, read: 0, said: String::new() });
        vec![effect]
    }

    fn preview(&mut self, order: Order) -> Vec<Effect> {
        let confirm = Dialog::Confirm { order: order.clone(), preview: String::new(), typed: String::new(), top: 0 };
        self.dialog = Some(confirm);
        self.begin("looking at what it would do", Effect::Preview(order))
    }

    fn refresh(&mut self) -> Vec<Effect> {
        match (self.place, &self.topic, self.group, self.record) {
            (Place::Groups, Some(topic), _, _) => {
                let topic = topic.clone();
                self.begin("reading the queue", Effect::Groups { topic })
            }
            (Place::Records, _, Some(fingerprint), _) => self.begin("reading records", Effect::Records { fingerprint }),
            (Place::Record, Some(topic), _, Some(at)) => {
                let topic = topic.clone();
                self.begin("reading the record", Effect::Show { topic, at })
            }
            _ => self.begin("looking at the queues", Effect::Queues),
        }
    }

    fn open(&mut self) -> Vec<Effect> {
        match self.place {
            Place::Queues => {
                let Some(queue) = self.queues.current(self.now) else { return Vec::new() };
                let topic = queue.topic.clone();
                if self.topic.as_ref() != Some(&topic) {
                    (self.groups, self.records) = (List::new(), List::new());
                    self.marked_groups.clear();
                    self.marked_records.clear();
                    self.topic = Some(topic);
                }
                self.place = Place::Groups;
                self.refresh()
            }
            Place::Groups => {
                let Some(group) = self.groups.current(self.now) else { return Vec::new() };
                let fingerprint = group.fingerprint;
                if self.group != Some(fingerprint) {
                    self.records = List::new();
                    self.marked_records.clear();
                    self.group = Some(fingerprint);
                }
                self.begin("reading records", Effect::Records { fingerprint })
            }
            Place::Records => {
                let at = self.records.current(self.now).map(|record| record.at);
                let (Some(at), Some(topic)) = (at, self.topic.clone()) else { return Vec::new() };
                self.record = Some(at);
                self.begin("reading the record", Effect::Show { topic, at })
            }
            Place::Record => Vec::new(),
        }
    }

    fn back(&mut self) -> Vec<Effect> {
        self.place = match self.place {
            Place::Record => Place::Records,
            Place::Records => Place::Groups,
            Place::Groups | Place::Queues => Place::Queues,
        };
        if self.place == Place::Queues && self.queues.rows.is_empty() { self.refresh() } else { Vec::new() }
    }
}

/// What is under way while an order is carried out.
const CARRYING: &str = "settling dead letters";
