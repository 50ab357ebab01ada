//! A plan for somebody who decides in front of a terminal.

use std::collections::BTreeMap;

use super::PlanView;
use super::changes::{Shown, shown};
use super::text;
use crate::diag::Level;
use crate::model::{Kind, Risk};
use crate::plan::{Action, Change, FieldChange, Plan, PlanFinding, VerificationState};
use crate::render::findings::planned;
use crate::render::words::{counted, number, sentence, wrapped};
use crate::render::{Style, paint::Paint, plain};
use crate::source::Place;

/// Resources that could not be seen for one reason, and findings of one code, are listed up to this many.
const MOST_OF_ONE_KIND: usize = 20;

pub(super) fn render(view: PlanView<'_>, style: Style) -> String {
    let writer = Writer { out: String::new(), paint: Paint::new(style), style, verbose: view.verbose };
    writer.plan(view.plan)
}

struct Writer {
    out: String,
    paint: Paint,
    style: Style,
    verbose: bool,
}

impl Writer {
    fn plan(mut self, plan: &Plan) -> String {
        for shown in shown(plan, self.verbose) {
            match shown {
                Shown::One(change) => self.change(change),
                Shown::Grants { service, changes } => self.grants(service, &changes),
                Shown::Folded { kind, action, risk, count } => {
                    let sentence = format!(
                        "  … and {} more {}{} to {}, {risk} (--verbose lists them)",
                        number(count),
                        kind.as_str(),
                        if count == 1 { "" } else { "s" },
                        action.as_str(),
                    );
                    self.line(&self.paint.risk(risk, &sentence));
                }
            }
        }
        self.brokers(plan);
        self.verifications(plan);
        self.not_undone(plan);
        self.unmanaged(plan);
        self.findings(&plan.findings);
        self.incomplete(plan);
        self.gap();
        let summary = plain::line(&text::summary(plan)).into_owned();
        let summary = match plan.risk() {
            _ if !plan.complete => self.paint.bad(&summary),
            Risk::Safe => self.paint.bold(&summary),
            risk => self.paint.risk(risk, &summary),
        };
        self.line(&summary);
        if let Some(selected) = &plan.selected {
            let text = sentence("", &plain::line(&text::selected(selected)), "", self.style.width);
            self.out.push_str(&text);
        }
        self.out
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    /// An empty line between sections.
    fn gap(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    /// `~ topic/x  [disruptive]  (verified)  topics/x.yaml:1:8`
    fn header(&mut self, name: &str, change: &Change) {
        let mut line = format!("{} {}", text::sign(change.action), plain::line(name));
        line = self.paint.action(change.action, &line);
        if change.risk != Risk::Safe {
            line.push_str("  ");
            line.push_str(&self.paint.risk(change.risk, &format!("[{}]", change.risk)));
        }
        match change.verification.state {
            VerificationState::Offline => {}
            VerificationState::Refused => line = format!("{line}  {}", self.paint.bad("(refused)")),
            state => line = format!("{line}  {}", self.paint.dim(&format!("({})", text::verification(state)))),
        }
        line.push_str(&self.place(change.place.as_ref()));
        self.line(&line);
    }

    fn change(&mut self, change: &Change) {
        self.header(&change.address.to_string(), change);
        if self.verbose || change.action == Action::Update {
            let (shown, more) = text::fields(change, self.verbose);
            for field in shown {
                self.field(change, field);
            }
            if more > 0 {
                self.line(&format!("    … and {} (--verbose lists them)", counted(more, "more partition")));
            }
        } else {
            self.items(&text::compact(change));
        }
        self.consequences(change);
    }

    fn field(&mut self, change: &Change, field: &FieldChange) {
        let name = plain::clipped(text::field_name(&field.field), text::LONGEST_VALUE);
        let value = |value: &str| plain::clipped(value, text::LONGEST_VALUE).into_owned();
        let (before, after) = (text::value(field.before.as_ref()), text::value(field.after.as_ref()));
        let values = match (&field.before, &field.after) {
            (None, _) if change.action == Action::Create => value(&after),
            (_, None) if change.action == Action::Delete => value(&before),
            _ => format!("{} → {}", value(&before), value(&after)),
        };
        // Of a permission that goes, its name and value alone would read as if it were given.
        let line = match change.address.kind {
            Kind::Grant if field.after.is_none() => {
                format!(
                    "    {}{}",
                    plain::clipped(&text::permissions(std::slice::from_ref(field)).join("; "), text::LONGEST_VALUE),
                    self.place(field.place.as_ref())
                )
            }
            _ => format!("    {name}: {values}{}", self.place(field.place.as_ref())),
        };
        self.line(&line);
    }

    fn grants(&mut self, service: &str, changes: &[&Change]) {
        let Some(first) = changes.first() else { return };
        self.header(&format!("grant/{service}/… ({} grants)", changes.len()), first);
        for change in changes {
            let rest = text::split_grant(&change.address.name).1;
            let line = format!("{rest}: {}", text::permissions(&change.fields).join("; "));
            self.line(&format!("    {}", plain::clipped(&line, text::LONGEST_VALUE)));
        }
        self.consequences(first);
    }

    fn items(&mut self, items: &[String]) {
        if !items.is_empty() {
            let items: Vec<_> =
                items.iter().map(|item| plain::clipped(item, text::LONGEST_VALUE).into_owned()).collect();
            self.out.push_str(&wrapped(&items, ", ", "    ", self.style.width));
        }
    }

    /// What a change costs, and what the server says of it where it says no.
    fn consequences(&mut self, change: &Change) {
        for impact in &change.impact {
            let text = sentence("! ", &plain::line(impact), "    ", self.style.width);
            self.out.push_str(&self.paint.risk(change.risk, text.trim_end_matches('\n')));
            self.out.push('\n');
        }
        let state = change.verification.state;
        if state == VerificationState::Refused || self.verbose {
            let mark = format!("{}: ", text::verification(state));
            let text = sentence(&mark, &plain::line(&change.verification.reason), "    ", self.style.width);
            let text = text.trim_end_matches('\n');
            let text = if state == VerificationState::Refused { self.paint.bad(text) } else { self.paint.dim(text) };
            self.line(&text);
        }
        if self.verbose && !change.depends_on.is_empty() {
            let after: Vec<_> =
                change.depends_on.iter().map(|address| plain::line(&address.to_string()).into()).collect();
            let after = wrapped(&after, ", ", "    ", self.style.width);
            self.line(&self.paint.dim(&format!("    after {}", after.trim())));
        }
    }

    /// Each broker before and after.
    fn brokers(&mut self, plan: &Plan) {
        let Some(reassignment) = &plan.reassignment else { return };
        self.gap();
        self.line(&text::moved(reassignment));
        for share in &reassignment.brokers {
            self.line(&format!("    {}", plain::line(&text::share(share))));
        }
    }

    /// How far the changes are verified, each reason once.
    fn verifications(&mut self, plan: &Plan) {
        if self.verbose || plan.is_empty() {
            return;
        }
        let mut reasons: BTreeMap<(VerificationState, &str), usize> = BTreeMap::new();
        for change in &plan.changes {
            let verification = &change.verification;
            if verification.state != VerificationState::Refused {
                *reasons.entry((verification.state, &verification.reason)).or_default() += 1;
            }
        }
        self.gap();
        for ((state, reason), count) in reasons {
            let line = format!("{} {}: {}", number(count), text::verification(state), plain::line(reason));
            self.line(&self.paint.dim(&line));
        }
    }

    fn not_undone(&mut self, plan: &Plan) {
        if plan.not_undone.is_empty() {
            return;
        }
        self.gap();
        let count = counted(plan.not_undone.len(), "part");
        self.line(&self.paint.doubtful(&format!("NOT TAKEN BACK: {count}")));
        for part in &plan.not_undone {
            let text = sentence("", &plain::line(&text::not_undone(part)), "  ", self.style.width);
            self.out.push_str(&text);
        }
    }

    fn unmanaged(&mut self, plan: &Plan) {
        if plan.unmanaged.is_empty() {
            return;
        }
        self.gap();
        let count = counted(plan.unmanaged.len(), "unmanaged resource");
        let are = if plan.unmanaged.len() == 1 { "is" } else { "are" };
        if !self.verbose {
            self.line(&self.paint.dim(&format!("{count} {are} left alone (--verbose lists them)")));
            return;
        }
        self.line(&format!("{count} {are} left alone:"));
        for resource in &plan.unmanaged {
            let name = format!("  {} {}", plain::line(&resource.kind), plain::line(&resource.name));
            let line = format!("{name}  {}", self.paint.dim(&plain::line(&resource.reason)));
            self.line(&line);
        }
    }

    fn findings(&mut self, findings: &[PlanFinding]) {
        let mut of_code: BTreeMap<&str, usize> = BTreeMap::new();
        let mut ordered: Vec<_> = findings.iter().filter(|finding| finding.level != Level::Off).collect();
        ordered.sort_by_key(|finding| finding.level);
        for finding in ordered {
            let count = of_code.entry(&finding.code).or_default();
            *count += 1;
            if self.verbose || *count <= MOST_OF_ONE_KIND {
                self.gap();
                self.out.push_str(&planned(finding, self.style));
            }
        }
        of_code.retain(|_, count| *count > MOST_OF_ONE_KIND);
        if self.verbose {
            return;
        }
        for (code, count) in of_code {
            self.gap();
            let more = number(count - MOST_OF_ONE_KIND);
            self.line(&format!("… and {more} more findings {} (--verbose lists them)", plain::line(code)));
        }
    }

    fn incomplete(&mut self, plan: &Plan) {
        for (failure, unseen) in plan.unseen() {
            self.gap();
            let head = format!("NOT SEEN, NOT PLANNED: {}", counted(unseen.len(), "resource"));
            self.line(&self.paint.bad(&head));
            let text = sentence("", &plain::line(&failure.to_string()), "  ", self.style.width);
            self.out.push_str(&text);
            if let Some(hint) = &failure.hint {
                let text = sentence("help: ", &plain::line(hint), "  ", self.style.width);
                self.out.push_str(&text);
            }
            let most = if self.verbose { usize::MAX } else { MOST_OF_ONE_KIND };
            for resource in unseen.iter().take(most) {
                let address = resource.address.to_string();
                let line = format!("    {}{}", plain::line(&address), self.place(resource.place.as_ref()));
                self.line(&line);
            }
            if unseen.len() > most {
                self.line(&format!("    … and {} more (--verbose lists them)", number(unseen.len() - most)));
            }
        }
    }

    fn place(&self, place: Option<&Place>) -> String {
        place.map(|place| format!("  {}", self.paint.dim(&plain::line(&place.to_string())))).unwrap_or_default()
    }
}
